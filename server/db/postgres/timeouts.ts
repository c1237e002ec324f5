import 'server-only'

/** The adapter's time limits. Only tests change the defaults. */
export type PostgresTimeouts = {
  /** How long a read is retried while the database does not answer. */
  readBudgetMs: number
  /** How long a write is retried while the database does not answer or transactions collide. */
  writeBudgetMs: number
  /** How long the outcome of a COMMIT without an answer is looked up. */
  lookUpBudgetMs: number
  /** How long the adapter waits for a new connection. */
  connectTimeoutMs: number
  /** How much longer than a statement's own timeout the client waits, so that the server can report the timeout. */
  answerGraceMs: number
}

export const DEFAULT_TIMEOUTS: PostgresTimeouts = {
  readBudgetMs: 10_000,
  writeBudgetMs: 10_000,
  lookUpBudgetMs: 20_000,
  connectTimeoutMs: 5_000,
  answerGraceMs: 2_000,
}
