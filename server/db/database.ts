import 'server-only'

/** What SQLite can hold. 64-bit integers travel as bigint or text, never as a rounded number. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** One statement of a transaction. Where `expectedChanges` is set and differs, the whole transaction is undone. */
export type Statement = { sql: string; params?: readonly SqlValue[]; expectedChanges?: number }

/**
 * The one database file of a home: the catalog's two tables and our own state, so that a commit and its audit
 * row are one transaction. Reads are synchronous and short; writes run in a worker thread, one transaction after
 * another, each fsynced before it answers.
 */
export type Database = {
  /** Rows of a query, in its order. Integers beyond 2^53 throw: select them as text. */
  read<Row extends Record<string, SqlValue>>(sql: string, params?: readonly SqlValue[]): Row[]
  /**
   * Runs all statements in one transaction (`BEGIN IMMEDIATE`), durable before it resolves.
   *
   * @returns rows changed by each statement
   * @throws {UnexpectedChanges} when a statement changed another number of rows than it expected; nothing was changed
   * @throws {AppError} catalog-unavailable when the file stayed locked by another process, storage-full; nothing was
   *   changed. commit-state-unknown when the writer died or COMMIT itself failed
   */
  transact(statements: readonly Statement[]): Promise<number[]>
  close(): Promise<void>
}

/** As of `AppError`: the database is one for the process, which may hold this module twice. */
const BRAND = Symbol.for('lakeshore.UnexpectedChanges')

/** A compare-and-swap that lost: statement `index` found another number of rows than it expected. */
export class UnexpectedChanges extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && BRAND in value
  }

  readonly [BRAND] = true
  override readonly name = 'UnexpectedChanges'
  readonly index: number
  readonly changes: number

  constructor(index: number, changes: number) {
    super(`statement ${index} changed ${changes} rows`)
    this.index = index
    this.changes = changes
  }
}
