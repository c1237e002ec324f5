import 'server-only'
import { ulid } from 'ulid'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import { clock, type Timer } from '@/server/timing/clock'
import { type Change, type Database, type Query, UnexpectedChanges } from '../database'
import { REPLACED_DETAIL } from '../replaced-detail'
import { compileChange, compileQuery } from '../statement'
import { pauseBeforeRetry, TimeBudget } from '../time-budget'
import type { ServerClock } from './clock'
import { lookUpCommit, deleteOldFences } from './commit-fences'
import type { Connections } from './connections'
import { POSTGRES } from './dialect'
import { classifyFailure } from './failures'
import type { PostgresTimeouts } from './timeouts'
import { type AuditEntry, attemptTransaction, OlderDatabase, type Statement } from './transaction'

const RETRY_AFTER_SECONDS = 2
/** How many writes may wait for a connection, or for their next attempt. */
const MAX_WAITING_WRITES = 1_000
const POLL_MS = 250
const TIDY_FENCES_EVERY_MS = 10 * 60_000

/** A database that `openPostgres` opened. */
export class PostgresDatabase implements Database {
  readonly pollMs = POLL_MS
  readonly #connections: Connections
  readonly #clock: ServerClock
  readonly #timeouts: PostgresTimeouts
  readonly #log: Log
  readonly #maxPendingWrites: number
  readonly #tidyTimer: Timer
  /** The newest audit entry that this process has seen. */
  #lastEntry: AuditEntry | null
  /** Once set, writes are refused, even if the database is replaced again. */
  #replaced: OlderDatabase | null = null
  #pendingWrites = 0
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | null = null

  constructor(opened: {
    connections: Connections
    clock: ServerClock
    lastEntry: AuditEntry | null
    timeouts: PostgresTimeouts
    poolSize: number
    log: Log
  }) {
    this.#connections = opened.connections
    this.#clock = opened.clock
    this.#lastEntry = opened.lastEntry
    this.#timeouts = opened.timeouts
    this.#log = opened.log
    this.#maxPendingWrites = opened.poolSize + MAX_WAITING_WRITES
    this.#tidyTimer = clock
      .every(TIDY_FENCES_EVERY_MS, () => {
        this.#track(() => deleteOldFences(this.#connections)).catch((error: unknown) =>
          this.#log.error(error, { doing: 'removing old commit fences' }),
        )
      })
      .unref()
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  read<Row>(query: Query<Row>): Promise<Row[]> {
    return this.#track(() => this.#read(query))
  }

  commit(changes: readonly Change[]): Promise<number[]> {
    return this.#track(() => this.#commit(changes))
  }

  /** Waits for pending reads and writes, then closes. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#clock.stop()
    this.#tidyTimer.cancel()
    await Promise.allSettled(this.#running)
    await this.#connections.end()
  }

  async #track<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#closing) throw new AppError('database-unavailable', 'The database is closed.')
    const running = work()
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  async #read<Row>(query: Query<Row>): Promise<Row[]> {
    const { sql, params } = compileQuery(query, POSTGRES, this.nowMs())
    const budget = new TimeBudget(this.#timeouts.readBudgetMs)
    for (let attempts = 1; ; attempts += 1) {
      try {
        const { rows } = await this.#connections.use((client) => client.query(sql, [...params]))
        return rows as Row[]
      } catch (error) {
        const failure = classifyFailure(error)
        if (failure.kind === 'refused') throw failure.error
        if (failure.kind !== 'transient') throw error
        if (!(await pauseBeforeRetry(budget, attempts))) throw unavailableError(error, this.#timeouts)
      }
    }
  }

  async #commit(changes: readonly Change[]): Promise<number[]> {
    if (this.#pendingWrites >= this.#maxPendingWrites)
      throw busyError(null, `${MAX_WAITING_WRITES} changes are already waiting for the database.`)
    this.#pendingWrites += 1
    try {
      return await this.#commitWithinBudget(changes.map((change) => compileChange(change, POSTGRES, this.nowMs())))
    } finally {
      this.#pendingWrites -= 1
    }
  }

  async #commitWithinBudget(statements: readonly Statement[]): Promise<number[]> {
    const budget = new TimeBudget(this.#timeouts.writeBudgetMs)
    for (let attempts = 1; ; attempts += 1) {
      if (this.#replaced) throw replacedError(this.#replaced)
      let lastError: unknown = null
      try {
        const changes = await this.#attempt(statements)
        if (changes) return changes
      } catch (error) {
        if (error instanceof UnexpectedChanges || error instanceof AppError) throw error
        const failure = classifyFailure(error)
        if (failure.kind === 'refused') throw failure.error
        if (failure.kind !== 'transient') throw error
        lastError = error
      }
      if (!(await pauseBeforeRetry(budget, attempts))) {
        const seconds = this.#timeouts.writeBudgetMs / 1000
        throw busyError(lastError, `The database did not accept the change within ${seconds} seconds.`)
      }
    }
  }

  /**
   * @returns null when the transaction was certainly not applied, although its COMMIT was sent
   * @throws {AppError} commit-state-unknown, database-replaced
   */
  async #attempt(statements: readonly Statement[]): Promise<number[] | null> {
    const commitId = ulid()
    const attemptOptions = {
      commitId,
      lastEntry: this.#lastEntry,
      answerTimeoutMs: this.#connections.answerTimeoutMs,
    }
    const attempt = await this.#connections
      .use((client) => attemptTransaction(client, statements, attemptOptions))
      .catch((error: unknown) => {
        if (!(error instanceof OlderDatabase)) throw error
        this.#replaced = error
        throw replacedError(error)
      })
    if (attempt.kind === 'unknown') {
      const { insertedAtMs, cause } = attempt
      const budgetMs = this.#timeouts.lookUpBudgetMs
      if (!(await lookUpCommit(this.#connections, { commitId, insertedAtMs, budgetMs, cause, log: this.#log })))
        return null
    }
    if ((attempt.lastEntry?.seq ?? 0) > (this.#lastEntry?.seq ?? 0)) this.#lastEntry = attempt.lastEntry
    return attempt.changes
  }
}

function busyError(cause: unknown, reason: string): AppError {
  return new AppError('database-busy', `${reason} Nothing was changed. Try again.`, {
    cause,
    facts: { pauseSeconds: RETRY_AFTER_SECONDS },
  })
}

function unavailableError(cause: unknown, { readBudgetMs }: PostgresTimeouts): AppError {
  return new AppError('database-unavailable', `The database did not answer within ${readBudgetMs / 1000} seconds.`, {
    cause,
    facts: { pauseSeconds: RETRY_AFTER_SECONDS },
  })
}

function replacedError(cause: OlderDatabase): AppError {
  return new AppError('database-replaced', `${REPLACED_DETAIL} (${cause.message})`, { cause })
}
