import 'server-only'

/** How long the adapter waits for what. Only tests have other times than the usual ones. */
export type PostgresTimeouts = {
  /** How long a read is attempted again while the database does not answer. */
  readBudgetMs: number
  /** How long a write is attempted again while the database does not answer or transactions collide. */
  writeBudgetMs: number
  /** How long the outcome of a COMMIT is looked up whose answer was lost. */
  lookUpBudgetMs: number
  /** A connection that is not there after this long is not waited for. */
  connectTimeoutMs: number
  /** What the server may need, beyond the time of a statement, to say that it gave the statement up. */
  answerGraceMs: number
}

export const DEFAULT_TIMEOUTS: PostgresTimeouts = {
  readBudgetMs: 10_000,
  writeBudgetMs: 10_000,
  lookUpBudgetMs: 20_000,
  connectTimeoutMs: 5_000,
  answerGraceMs: 2_000,
}
