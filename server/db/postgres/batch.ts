import 'server-only'
import type { Connection, PoolClient, Submittable } from 'pg'
import { clock, type Timer } from '@/server/timing/clock'
import type { SqlValue } from '../database'

export type BatchStatement = { sql: string; params: readonly SqlValue[] }

/** `rows` have their values as PostgreSQL writes them. */
export type BatchResult = { rowCount: number; rows: (string | null)[][] }

/** The results of the completed statements, in order, and the error of the next one; null: all completed. */
export type BatchOutcome = { results: BatchResult[]; error: unknown }

/** `pg` would otherwise abort the whole batch after the time of one statement. */
const NO_TIMEOUT_MS = 2 ** 31 - 1

/**
 * Sends all statements at once and receives the answers as they come. The server runs the statements in order, and
 * stops at the first one that fails.
 *
 * @param answerTimeoutMs how long it may take from one answer to the next
 */
export function runBatch(
  client: PoolClient,
  statements: readonly BatchStatement[],
  answerTimeoutMs: number,
): Promise<BatchOutcome> {
  return new Promise((resolve) => void client.query(new Batch(statements, answerTimeoutMs, resolve)))
}

/** A query for `pg`, which calls these members as the server answers. */
class Batch implements Submittable {
  /** Called by `pg`, which replaces it. */
  callback: (error: unknown) => void
  readonly query_timeout = NO_TIMEOUT_MS
  readonly #statements: readonly BatchStatement[]
  readonly #answerTimer: Timer
  readonly #results: BatchResult[] = []
  #rows: (string | null)[][] = []

  constructor(
    statements: readonly BatchStatement[],
    answerTimeoutMs: number,
    onOutcome: (outcome: BatchOutcome) => void,
  ) {
    this.#statements = statements
    this.#answerTimer = clock.after(answerTimeoutMs, () => this.handleError(new Error('Query read timeout')))
    this.callback = (error) => {
      this.#answerTimer.cancel()
      onOutcome({ results: this.#results, error })
    }
  }

  /**
   * After a failed statement the server skips to `sync`, so there is only one, at the end. At each `flush` it sends the
   * answers so far, without being waited for.
   */
  submit(connection: Connection): void {
    connection.stream.cork()
    for (const { sql, params } of this.#statements) {
      connection.parse({ name: '', text: sql, types: [] }, true)
      connection.bind({ values: params.map(toText) }, true)
      connection.execute(null, true)
      connection.flush()
    }
    connection.sync()
    connection.stream.uncork()
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#rows.push(fields)
  }

  /** @param message such as `INSERT 0 1`, or `BEGIN` */
  handleCommandComplete({ text }: { text: string }): void {
    this.#results.push({ rowCount: Number(/\d+$/.exec(text)?.[0] ?? 0), rows: this.#rows })
    this.#rows = []
    this.#answerTimer.restart()
  }

  handleError(error: unknown): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(null)
  }
}

function toText(value: SqlValue): string | Buffer | null {
  if (value === null) return null
  return value instanceof Uint8Array ? Buffer.from(value) : String(value)
}
