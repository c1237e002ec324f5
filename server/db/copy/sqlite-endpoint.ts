import 'server-only'
import { existsSync, statSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { AppError } from '@/lib/errors'
import { clock } from '@/server/timing/clock'
import { COPY_MARK } from '../known-migrations'
import { LEASE_MS } from '../jobs/run-leases'
import { requireOwnLog } from '../sqlite/foreign-log'
import { isLocked } from '../sqlite/result-code'
import { prepareFile } from '../sqlite/prepare-file'
import { toBatches } from './batches'
import { COPIED_TABLES, type CopiedTable, MIGRATIONS_TABLE } from '../copied-tables'
import type { Column, CopyRow, CopyEndpoint, CopyTarget, TargetState } from './copy-endpoint'

const LOCK_TIMEOUT_MS = 200

/**
 * A database file to copy from, which no other process has open.
 *
 * @throws {AppError} database-busy while a process has it open, not-found when it is missing
 */
export function openSqliteSource(file: string): CopyEndpoint {
  if (!existsSync(file)) throw new AppError('not-found', `The database ${file} does not exist. Nothing was changed.`)
  const endpoint = new SqliteEndpoint(file)
  endpoint.requireNoWorker()
  return endpoint
}

/** A database file to copy into. `prepare` creates it. */
export function openSqliteTarget(file: string): CopyTarget {
  return new SqliteEndpoint(file)
}

class SqliteEndpoint implements CopyTarget {
  readonly kind = 'sqlite'
  readonly name: string
  readonly #file: string
  #database: DatabaseSync | null = null

  constructor(file: string) {
    this.name = file
    this.#file = file
    if (hasContent(file)) this.#open()
  }

  /** Refuses if a worker has just written a heartbeat: it may not have noticed yet that it has to stop. */
  requireNoWorker(): void {
    const database = this.#opened
    if (!hasTable(database, 'workers')) return
    const sql = 'SELECT id FROM workers WHERE seen_at_ms > ? AND seen_at_ms <= ?'
    const worker = database.prepare(sql).get(clock.nowMs() - LEASE_MS, clock.nowMs() + LEASE_MS)
    if (worker === undefined) return
    void this.close()
    throw new AppError(
      'database-busy',
      `A worker used ${this.#file} less than ${LEASE_MS / 1000} seconds ago. Nothing was changed. Stop Lakeshore, wait that long, and start the copy again.`,
    )
  }

  async readColumns({ name }: CopiedTable): Promise<Column[]> {
    if (!this.#database) return []
    const columns = this.#opened.prepare('SELECT name, type FROM pragma_table_info(?) ORDER BY name').all(name)
    return columns.map(({ name, type }) => ({ name: String(name), kind: type === 'INTEGER' ? 'integer' : 'text' }))
  }

  async *readRows(table: CopiedTable, columns: readonly Column[], after: CopyRow | null = null) {
    const key = table.key.map(quoteIdentifier)
    const afterKey = after ? `WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})` : ''
    const order = key.map((column) => `${column} COLLATE BINARY`).join(', ')
    const sql = `SELECT ${columns.map(({ name }) => quoteIdentifier(name)).join(', ')} FROM ${table.name} ${afterKey} ORDER BY ${order}`
    yield* toBatches(
      prepareExactStatement(this.#opened, sql).iterate(
        ...toInputs(after ?? []),
      ) as Iterable<unknown> as Iterable<CopyRow>,
    )
  }

  async readLastKey(table: CopiedTable): Promise<CopyRow | null> {
    const key = table.key.map(quoteIdentifier)
    const order = key.map((column) => `${column} COLLATE BINARY DESC`).join(', ')
    const statement = prepareExactStatement(
      this.#opened,
      `SELECT ${key.join(', ')} FROM ${table.name} ORDER BY ${order} LIMIT 1`,
    )
    const [row] = statement.all() as unknown[] as CopyRow[]
    return row ?? null
  }

  async isDamagedText(table: CopiedTable, column: string, key: CopyRow): Promise<boolean> {
    const keyCondition = table.key.map((name) => `${quoteIdentifier(name)} IS ?`).join(' AND ')
    const sql = `SELECT ${quoteIdentifier(column)}, CAST(${quoteIdentifier(column)} AS BLOB) FROM ${table.name} WHERE ${keyCondition}`
    const [row] = prepareExactStatement(this.#opened, sql).all(...toInputs(key)) as unknown[] as CopyRow[]
    const [text, bytes] = row ?? []
    // A key that cannot be read cannot be looked up either.
    return !(typeof text === 'string' && bytes instanceof Uint8Array && Buffer.from(text).equals(bytes))
  }

  async readState(): Promise<TargetState> {
    if (!this.#database) return { kind: 'unused' }
    if (hasTable(this.#opened, MIGRATIONS_TABLE.name)) {
      const sql = 'SELECT name FROM lakeshore_migrations WHERE substr(name, 1, ?) = ?'
      const mark = this.#opened.prepare(sql).get(COPY_MARK.length, COPY_MARK)
      if (mark) return { kind: 'begun', mark: String(mark.name) }
    }
    const used = COPIED_TABLES.find(
      ({ name }) =>
        hasTable(this.#opened, name) && this.#opened.prepare(`SELECT 1 FROM ${name} LIMIT 1`).get() !== undefined,
    )
    return used ? { kind: 'used', table: used.name } : { kind: 'unused' }
  }

  async prepare(): Promise<void> {
    await this.close()
    prepareFile(this.#file)
    this.#open()
  }

  async writeMark(mark: string): Promise<void> {
    this.#opened
      .prepare('INSERT INTO lakeshore_migrations (name, applied_at_ms) VALUES (?, ?)')
      .run(mark, clock.nowMs())
  }

  async insert({ name }: CopiedTable, columns: readonly Column[], rows: readonly CopyRow[]): Promise<void> {
    this.#transact(() => this.#insert(name, columns, rows))
  }

  async finish(columns: readonly Column[], migrations: readonly CopyRow[]): Promise<void> {
    this.#transact(() => {
      this.#opened.exec('DELETE FROM lakeshore_migrations')
      this.#insert(MIGRATIONS_TABLE.name, columns, migrations)
    })
  }

  async close(): Promise<void> {
    this.#database?.close()
    this.#database = null
  }

  get #opened(): DatabaseSync {
    if (!this.#database) throw new Error(`${this.#file} is not open`)
    return this.#database
  }

  /**
   * In exclusive mode SQLite lets no other process open the file, from the first read until the connection is closed.
   */
  #open(): void {
    requireOwnLog(this.#file)
    const database = new DatabaseSync(this.#file, { timeout: LOCK_TIMEOUT_MS })
    try {
      database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT')
    } catch (error) {
      database.close()
      if (!isLocked(error)) throw error
      throw new AppError(
        'database-busy',
        `A process has ${this.#file} open. Nothing was changed. Stop Lakeshore and every other program that uses the file, and start the copy again.`,
        { cause: error },
      )
    }
    this.#database = database
  }

  #transact(work: () => void): void {
    this.#opened.exec('BEGIN IMMEDIATE')
    try {
      work()
      this.#opened.exec('COMMIT')
    } catch (error) {
      if (this.#opened.isTransaction) this.#opened.exec('ROLLBACK')
      throw error
    }
  }

  #insert(table: string, columns: readonly Column[], rows: readonly CopyRow[]): void {
    const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ')
    const sql = `INSERT INTO ${table} (${names}) VALUES (${columns.map(() => '?').join(', ')})`
    const statement = this.#opened.prepare(sql)
    for (const row of rows) statement.run(...toInputs(row))
  }
}

function hasContent(file: string): boolean {
  return (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0
}

function hasTable(database: DatabaseSync, name: string): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
}

function prepareExactStatement(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql)
  statement.setReadBigInts(true)
  statement.setReturnArrays(true)
  return statement
}

function toInputs(row: CopyRow): SQLInputValue[] {
  return [...row]
}

function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
