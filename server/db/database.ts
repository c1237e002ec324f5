import 'server-only'

/** What both databases can hold. 64-bit integers travel as bigint or text, never as a rounded number. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** A question to the database, made by a noun of `server/db`. What it says is for an adapter alone. */
export abstract class Query<Row> {
  /** Never set: what a row is belongs to the query's type. */
  declare protected readonly rows: { first: Row | undefined; all: readonly Row[] }
}

/**
 * One statement of a transaction, made by a noun of `server/db`. It may expect a number of rows: where it changes
 * another number, the whole transaction is undone.
 */
export abstract class Change {
  declare protected readonly isChange: true
}

/**
 * The state of Lakeshore: the catalog's two tables and our own, so that a commit and its audit row are one
 * transaction. SQLite holds it for one machine, PostgreSQL for many.
 */
export type Database = {
  /**
   * Rows of a query, in its order. Integers beyond 2^53 throw: select them as text.
   *
   * @throws {AppError} database-unavailable when the database could not be reached within the time budget
   */
  read<Row>(query: Query<Row>): Promise<Row[]>
  /**
   * Makes all changes in one transaction, durable before it resolves.
   *
   * @returns how many rows each change changed
   * @throws {UnexpectedChanges} when a change changed another number of rows than it expected; nothing was changed
   * @throws {AppError} database-busy when the transaction certainly did not apply within the time budget: the
   *   database was locked, in conflict or out of reach. invalid-request for a text that the database cannot hold,
   *   storage-full. Nothing was changed by any of these. commit-state-unknown when nobody can say whether the
   *   transaction applied
   */
  commit(changes: readonly Change[]): Promise<number[]>
  /** The database's clock, in milliseconds since 1970: what leases, expiries and pauses are measured by. */
  nowMs(): number
  close(): Promise<void>
}

/** A compare-and-swap that lost: change `index` found another number of rows than it expected. */
export class UnexpectedChanges extends Error {
  override readonly name = 'UnexpectedChanges'
  readonly index: number
  readonly changes: number

  constructor(index: number, changes: number) {
    super(`change ${index} changed ${changes} rows`)
    this.index = index
    this.changes = changes
  }
}
