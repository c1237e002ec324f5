import { AsyncDuckDB, VoidLogger } from '@duckdb/duckdb-wasm'
import { RecordBatchReader, type RecordBatch, type Table, tableFromIPC } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import { ZONE_SCHEMA } from '@/lib/query/duckdb/zones/macro'

/** A running DuckDB that does one thing at a time. Its own failures are thrown with DuckDB's message. */
export type Engine = {
  /** For small results; it cannot be interrupted. */
  query(sql: string): Promise<Table>
  /** Runs a prepared statement with values for its placeholders, all of them texts. */
  runPrepared(sql: string, values: readonly string[]): Promise<void>
  /**
   * Batches as they arrive, until the reader stops or all have been read.
   *
   * @throws {AppError} cancelled within 2 s of `signal`; an engine that does not stop by then is ended
   */
  stream(sql: string, signal: AbortSignal): AsyncGenerator<RecordBatch, void>
  /** Appends an Arrow IPC stream to a table in schema `held`, casting to its types. The buffer is transferred. */
  insert(table: string, ipc: Uint8Array): Promise<void>
  /** False after it was ended; every call is then `cancelled`. */
  readonly isRunning: boolean
  /** It has calendars and time zones itself (ICU), so statements need no macros in place of them. */
  readonly hasTimeZones?: boolean
  end(): void
}

const WORKER_URL = '/duckdb/duckdb-browser-eh.worker.js'
const WASM_URL = '/duckdb/duckdb-eh.wasm'
const STOP_TIMEOUT_MS = 2000

/**
 * Isolates the engine: no extension is fetched or loaded, no file or URL is read. The schemas separate the empty tables
 * for plans (`shadow`), the loaded columns (`held`), what queries see (`lake`) and macros for time zones.
 */
export const ENGINE_SETTINGS = [
  'SET errors_as_json = true',
  'SET autoinstall_known_extensions = false',
  'SET autoload_known_extensions = false',
  'SET enable_external_access = false',
  'CREATE SCHEMA shadow',
  'CREATE SCHEMA held',
  'CREATE SCHEMA lake',
  `CREATE SCHEMA IF NOT EXISTS ${ZONE_SCHEMA}`,
]

/** DuckDB-WASM from our own origin, in its own worker. Takes about two seconds. */
export async function startEngine(): Promise<Engine> {
  const worker = new Worker(WORKER_URL)
  const database = new AsyncDuckDB(new VoidLogger(), worker)
  let isRunning = true
  let rejectEnded: (reason: AppError) => void = () => {}
  /** Rejects when the engine ends; otherwise calls to its worker would wait forever. */
  const ended = new Promise<never>((_, reject) => {
    rejectEnded = reject
  })
  ended.catch(() => {
    // Calls that wait for the engine receive the failure; without any, this prevents an unhandled rejection.
  })
  const end = (reason: AppError) => {
    if (!isRunning) return
    isRunning = false
    worker.terminate()
    rejectEnded(reason)
  }
  worker.addEventListener('error', (event) => {
    end(new AppError('internal', `DuckDB in this browser stopped: ${event.message}`))
  })
  const whileRunning = <T>(work: Promise<T>): Promise<T> => Promise.race([ended, work])

  const connect = async () => {
    await whileRunning(database.instantiate(WASM_URL))
    await whileRunning(database.open({ allowUnsignedExtensions: false }))
    const connection = await whileRunning(database.connect())
    return connection.useUnsafe((_, connectionId) => connectionId)
  }
  const id = await connect().catch((error: unknown) => {
    // A later start has a worker of its own.
    end(new AppError('internal', 'DuckDB did not start.', { cause: error }))
    throw error
  })
  const query = async (sql: string) => tableFromIPC(await whileRunning(database.runQuery(id, sql)))
  for (const setting of ENGINE_SETTINGS) await query(setting)

  async function* streamMessages(sql: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
    let isOpen = true
    const endUnlessStopped = () => {
      const timer = setTimeout(() => {
        if (isOpen) end(new AppError('cancelled', 'The query was cancelled.'))
      }, STOP_TIMEOUT_MS)
      ended.catch(() => clearTimeout(timer))
    }
    signal.addEventListener('abort', endUnlessStopped, { once: true })
    try {
      let header = await whileRunning(database.startPendingQuery(id, sql, true))
      while (header === null) {
        if (signal.aborted) throw new AppError('cancelled', 'The query was cancelled.')
        header = await whileRunning(database.pollPendingQuery(id))
      }
      yield header
      for (;;) {
        if (signal.aborted) throw new AppError('cancelled', 'The query was cancelled.')
        const message = await whileRunning(database.fetchQueryResults(id))
        if (message === null) continue
        if (message.length === 0) return
        yield message
      }
    } finally {
      // Also when the reader stops early: the query that still runs is cancelled.
      if (isRunning) await whileRunning(database.cancelPendingQuery(id))
      isOpen = false
      signal.removeEventListener('abort', endUnlessStopped)
    }
  }

  return {
    query,
    async runPrepared(sql, values) {
      const statement = await whileRunning(database.createPrepared(id, sql))
      try {
        await whileRunning(database.runPrepared(id, statement, [...values]))
      } finally {
        if (isRunning) await whileRunning(database.closePrepared(id, statement))
      }
    },
    async *stream(sql, signal) {
      const reader = await RecordBatchReader.from(streamMessages(sql, signal))
      try {
        for await (const batch of reader) yield batch
      } finally {
        await reader.cancel()
      }
    },
    insert: (table, ipc) =>
      whileRunning(database.insertArrowFromIPCStream(id, ipc, { schema: 'held', name: table, create: false })),
    get isRunning() {
      return isRunning
    },
    end: () => end(new AppError('cancelled', 'The query was cancelled.')),
  }
}
