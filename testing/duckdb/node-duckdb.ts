import { createRequire } from 'node:module'
import path from 'node:path'

/** DuckDB-WASM, the same WebAssembly as in the browser, in this process. For tests. */
export type NodeDuckdb = {
  /** The answer as Arrow IPC. */
  run(sql: string): Uint8Array
  /** Runs a prepared statement with values for its placeholders. */
  runPrepared(sql: string, values: readonly string[]): void
  insert(table: { schema?: string; name: string }, ipc: Uint8Array): void
}

type Bindings = {
  instantiate(progress: () => void): Promise<unknown>
  /** Closes the database and opens another one. */
  reset(): void
  connect(): { useUnsafe<T>(use: (bindings: Bindings, connection: number) => T): T }
  runQuery(connection: number, sql: string): Uint8Array
  createPrepared(connection: number, sql: string): number
  runPrepared(connection: number, statement: number, values: readonly string[]): Uint8Array
  closePrepared(connection: number, statement: number): void
  insertArrowFromIPCStream(
    connection: number,
    ipc: Uint8Array,
    options: { schema?: string; name: string; create: boolean },
  ): void
}
type Blocking = {
  createDuckDB(bundles: unknown, logger: unknown, runtime: unknown): Promise<Bindings>
  VoidLogger: new () => unknown
  NODE_RUNTIME: unknown
}

let shared: Promise<Bindings> | null = null

/**
 * The DuckDB of this process without anything that an earlier caller did: its connection no longer works. To start one
 * takes two seconds of the processor.
 */
export async function resetNodeDuckdb(): Promise<NodeDuckdb> {
  shared ??= instantiate()
  const database = await shared
  database.reset()
  return connect(database)
}

/** Another DuckDB, for tests that need several at a time. */
export async function startNodeDuckdb(): Promise<NodeDuckdb> {
  return connect(await instantiate())
}

async function instantiate(): Promise<Bindings> {
  const require = createRequire(import.meta.url)
  const dist = path.dirname(require.resolve('@duckdb/duckdb-wasm/dist/duckdb-eh.wasm'))
  const blocking: Blocking = require(path.join(dist, 'duckdb-node-blocking.cjs'))
  const bundle = { mainModule: path.join(dist, 'duckdb-eh.wasm'), mainWorker: '' }
  const database = await blocking.createDuckDB(
    { mvp: bundle, eh: bundle },
    new blocking.VoidLogger(),
    blocking.NODE_RUNTIME,
  )
  await database.instantiate(() => {})
  return database
}

function connect(database: Bindings): NodeDuckdb {
  return database.connect().useUnsafe((bindings, connection) => ({
    run: (sql) => bindings.runQuery(connection, sql),
    runPrepared: (sql, values) => {
      const statement = bindings.createPrepared(connection, sql)
      bindings.runPrepared(connection, statement, values)
      bindings.closePrepared(connection, statement)
    },
    insert: (table, ipc) => bindings.insertArrowFromIPCStream(connection, ipc, { ...table, create: false }),
  }))
}
