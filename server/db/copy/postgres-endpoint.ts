import 'server-only'
import { Pool, type PoolClient } from 'pg'
import { AppError } from '@/lib/errors'
import { clock } from '@/server/timing/clock'
import { COPY_MARK } from '../known-migrations'
import { parseAddress, describeAddress } from '../postgres/address'
import { quoteIdentifier } from '../postgres/connections'
import { describeError } from '../postgres/failures'
import { MIGRATION_LOCK, prepareSchema } from '../postgres/prepare'
import { nextBatchRowCount } from './batches'
import { COPIED_TABLES, type CopiedTable, MIGRATIONS_TABLE } from '../copied-tables'
import type { Column, CopyRow, CopyValue, CopyTarget, TargetState } from './copy-endpoint'

const CONNECT_TIMEOUT_MS = 10_000
/** The first rows show the size of a row; the next fetches have as many as fit the limits of a batch. */
const FIRST_FETCH_ROWS = 50

const COLUMN_KINDS: Readonly<Record<string, Column['kind']>> = {
  int4: 'integer',
  int8: 'integer',
  text: 'text',
  varchar: 'text',
}

/**
 * A database on a PostgreSQL server to copy from or into. An advisory lock on the server keeps Lakeshore from starting
 * on it.
 *
 * @throws {AppError} database-busy while a process of Lakeshore is connected, database-unavailable
 */
export async function openPostgresEndpoint({ url, schema }: { url: string; schema: string }): Promise<CopyTarget> {
  const name = `${describeAddress(url)} (schema ${schema})`
  const pool = new Pool({
    ...parseAddress(url),
    max: 1,
    application_name: 'lakeshore state copy',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    types: { getTypeParser: () => (text: string) => text },
  })
  pool.on('error', () => undefined) // the caller of the connection gets the reason
  try {
    const client = await pool.connect()
    client.on('error', () => undefined) // as above
    const endpoint = new PostgresEndpoint({ pool, client, name, schema })
    await endpoint.begin()
    return endpoint
  } catch (error) {
    await pool.end()
    if (error instanceof AppError) throw error
    throw unavailableError(name, error)
  }
}

class PostgresEndpoint implements CopyTarget {
  readonly kind = 'postgres'
  readonly name: string
  readonly #pool: Pool
  readonly #client: PoolClient
  readonly #schema: string

  constructor({ pool, client, name, schema }: { pool: Pool; client: PoolClient; name: string; schema: string }) {
    this.name = name
    this.#pool = pool
    this.#client = client
    this.#schema = schema
  }

  /** Takes the lock, which the connection holds until it ends. */
  async begin(): Promise<void> {
    await this.#query('SET statement_timeout = 0')
    await this.#query('SET idle_in_transaction_session_timeout = 0')
    await this.#query(`SET search_path TO ${quoteIdentifier(this.#schema)}`)
    const [locked] = await this.#query('SELECT pg_try_advisory_lock(hashtext($1), hashtext($2))', [
      MIGRATION_LOCK,
      this.#schema,
    ])
    const [others] = await this.#query(
      `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'lakeshore'`,
    )
    if (locked?.[0] === 't' && others?.[0] === '0') return
    const reason =
      locked?.[0] === 't'
        ? `Lakeshore has ${others?.[0]} connections to ${this.name}. Stop it`
        : `Another process is copying ${this.name} or changing its tables. Wait for it`
    this.#client.release(true)
    throw new AppError('database-busy', `${reason}, and start the copy again. Nothing was changed.`)
  }

  async readColumns({ name }: CopiedTable): Promise<Column[]> {
    const rows = await this.#query(
      `SELECT attname, typname FROM pg_attribute JOIN pg_type ON pg_type.oid = atttypid
        WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attname COLLATE "C"`,
      [name],
    )
    return rows.map(([column, type]) => {
      const kind = COLUMN_KINDS[String(type)]
      if (!kind)
        throw new AppError('not-supported', `${name}.${column} of ${this.name} has type ${type}, not Lakeshore’s.`)
      return { name: String(column), kind }
    })
  }

  async *readRows(table: CopiedTable, columns: readonly Column[], after: CopyRow | null = null) {
    const key = keyColumns(table, columns)
    const afterKey = after ? `WHERE (${key.join(', ')}) > (${key.map((_, i) => `$${i + 1}`).join(', ')})` : ''
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ')
    await this.#query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    try {
      await this.#query(
        `DECLARE rows NO SCROLL CURSOR FOR SELECT ${names} FROM ${table.name} ${afterKey} ORDER BY ${key.join(', ')}`,
        after ? after.map(toText) : [],
      )
      for (let count = FIRST_FETCH_ROWS; ; ) {
        const rows = await this.#query(`FETCH ${count} FROM rows`)
        if (rows.length === 0) break
        yield rows.map((row) => row.map((text, i) => toCopyValue(text, columns[i])))
        count = nextBatchRowCount(rows)
      }
    } finally {
      await this.#query('ROLLBACK')
    }
  }

  async readLastKey(table: CopiedTable, columns: readonly Column[]): Promise<CopyRow | null> {
    const key = keyColumns(table, columns)
    const names = table.key.map(quoteIdentifier).join(', ')
    const order = key.map((column) => `${column} DESC`).join(', ')
    const [row] = await this.#query(`SELECT ${names} FROM ${table.name} ORDER BY ${order} LIMIT 1`)
    return (
      row?.map((text, i) =>
        toCopyValue(
          text,
          columns.find(({ name }) => name === table.key[i]),
        ),
      ) ?? null
    )
  }

  /** PostgreSQL refuses text that is not UTF-8. */
  async isDamagedText(): Promise<boolean> {
    return false
  }

  async readState(): Promise<TargetState> {
    if (await this.#hasTable(MIGRATIONS_TABLE.name)) {
      const [mark] = await this.#query('SELECT name FROM lakeshore_migrations WHERE starts_with(name, $1)', [COPY_MARK])
      if (mark) return { kind: 'begun', mark: String(mark[0]) }
    }
    for (const { name } of COPIED_TABLES) {
      if (!(await this.#hasTable(name))) continue
      if ((await this.#query(`SELECT 1 FROM ${name} LIMIT 1`)).length > 0) return { kind: 'used', table: name }
    }
    return { kind: 'unused' }
  }

  async prepare(): Promise<void> {
    await prepareSchema(this.#client, this.#schema).catch((error: unknown) => {
      if (error instanceof AppError) throw error
      throw unavailableError(this.name, error)
    })
  }

  async writeMark(mark: string): Promise<void> {
    await this.#query('INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES ($1, $2)', [
      mark,
      String(clock.nowMs()),
    ])
  }

  async insert(table: CopiedTable, columns: readonly Column[], rows: readonly CopyRow[]): Promise<void> {
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ')
    const arrays = columns.map(({ kind }, i) => `$${i + 1}::${kind === 'integer' ? 'bigint' : 'text'}[]`).join(', ')
    const sql = `INSERT INTO ${table.name} (${names}) SELECT * FROM unnest(${arrays})`
    const values = columns.map((_, i) => rows.map((row) => toText(row[i] ?? null)))
    await this.#query(sql, values)
  }

  async finish(columns: readonly Column[], migrations: readonly CopyRow[]): Promise<void> {
    await this.#query('BEGIN')
    await this.#query('DELETE FROM lakeshore_migrations')
    await this.insert(MIGRATIONS_TABLE, columns, migrations)
    await this.#query(
      "SELECT setval(pg_get_serial_sequence('audit', 'seq'), max(seq)) FROM audit HAVING max(seq) IS NOT NULL",
    )
    await this.#query('COMMIT')
  }

  async close(): Promise<void> {
    this.#client.release(true)
    await this.#pool.end()
  }

  async #hasTable(name: string): Promise<boolean> {
    const [found] = await this.#query('SELECT to_regclass($1)::text', [name])
    return (found?.[0] ?? null) !== null
  }

  async #query(text: string, values: unknown[] = []): Promise<(string | null)[][]> {
    try {
      const { rows } = await this.#client.query<(string | null)[]>({ text, values, rowMode: 'array' })
      return rows
    } catch (error) {
      throw unavailableError(this.name, error)
    }
  }
}

/** Compared by bytes, whatever the collation of the table. */
function keyColumns({ key }: CopiedTable, columns: readonly Column[]): string[] {
  return key.map((name) => {
    const isText = columns.find((column) => column.name === name)?.kind === 'text'
    return isText ? `${quoteIdentifier(name)} COLLATE "C"` : quoteIdentifier(name)
  })
}

function toCopyValue(text: string | null, column: Column | undefined): CopyValue {
  return text !== null && column?.kind === 'integer' ? BigInt(text) : text
}

function toText(value: CopyValue): string | null {
  if (value instanceof Uint8Array) throw new Error('PostgreSQL’s tables have no column for bytes')
  return value === null ? null : String(value)
}

function unavailableError(name: string, cause: unknown): AppError {
  return new AppError('database-unavailable', `${name} cannot be used: ${describeError(cause)}`, { cause })
}
