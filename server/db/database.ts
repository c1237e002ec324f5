import 'server-only'

/** Values that both databases can store. 64-bit integers are passed as bigint or text, never as a rounded number. */
export type SqlValue = null | number | bigint | string | Uint8Array

/** A query, built by a module of `server/db`. Only an adapter can read what it contains. */
export abstract class Query<Row> {
  /** Never set: it carries the row type of the query. */
  declare protected readonly rows: { first: Row | undefined; all: readonly Row[] }
}

/**
 * One statement of a transaction, built by a module of `server/db`. It may expect a number of rows: if it changes
 * another number, the whole transaction is rolled back.
 */
export abstract class Change {
  declare protected readonly isChange: true
}

/**
 * The state of Lakeshore: the catalog's two tables and our own, so that a commit and its audit row are one transaction.
 * SQLite stores it for one machine, PostgreSQL for many.
 */
export type Database = {
  /**
   * Returns the rows of a query, in its order. Integers beyond 2^53 throw: select them as text.
   *
   * @throws {AppError} database-unavailable when the database could not be reached within the time budget
   */
  read<Row>(query: Query<Row>): Promise<Row[]>
  /**
   * Makes all changes in one transaction, which is durable before the promise resolves.
   *
   * @returns how many rows each change changed
   * @throws {UnexpectedChanges} when a change changed another number of rows than it expected; nothing was changed
   * @throws {AppError} database-busy when the transaction was certainly not applied within the time budget: the
   *   database was locked, in conflict or out of reach. invalid-request for a text that the database cannot store,
   *   storage-full. None of these changes anything. commit-state-unknown when it is unknown whether the transaction was
   *   applied
   */
  commit(changes: readonly Change[]): Promise<number[]>
  /** Says that a commit follows soon: what it needs may take as long to start as the commit itself. */
  prepareToCommit?(): void
  /** The database's clock, in milliseconds since 1970. Leases, expiries and pauses are measured by it. */
  nowMs(): number
  /** How often a program may look for changes of others, in milliseconds: a file costs less than a server. */
  readonly pollMs: number
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
