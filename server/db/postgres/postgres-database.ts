import 'server-only'
import { ulid } from 'ulid'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import { type Change, type Database, type Query, UnexpectedChanges } from '../database'
import { REPLACED_DETAIL } from '../replaced'
import { compileChange, compileQuery } from '../statement'
import { pauseBeforeRetry, TimeBudget } from '../time-budget'
import type { ServerClock } from './clock'
import { lookUpCommit, tidyMarks } from './commit-marks'
import type { Connections } from './connections'
import { POSTGRES } from './dialect'
import { failureOf } from './failures'
import type { PostgresTimes } from './times'
import { type AuditEntry, attemptTransaction, OlderDatabase, type Statement } from './transaction'

const RETRY_AFTER_SECONDS = 2
/** Writes that may wait for a connection, or for their next attempt. */
const MAX_WAITING_WRITES = 1_000
const TIDY_MARKS_EVERY_MS = 10 * 60_000

/** What `openPostgres` opened. */
export class PostgresDatabase implements Database {
  readonly #connections: Connections
  readonly #clock: ServerClock
  readonly #times: PostgresTimes
  readonly #log: Log
  readonly #maxWrites: number
  readonly #tidying: NodeJS.Timeout
  /** Of the audit, when this process saw it last. */
  #lastEntry: AuditEntry | null
  /** From then on nothing is written, whatever the database has by now. */
  #replaced: OlderDatabase | null = null
  #writes = 0
  readonly #running = new Set<Promise<unknown>>()
  #closing: Promise<void> | null = null

  constructor(opened: {
    connections: Connections
    clock: ServerClock
    lastEntry: AuditEntry | null
    times: PostgresTimes
    poolSize: number
    log: Log
  }) {
    this.#connections = opened.connections
    this.#clock = opened.clock
    this.#lastEntry = opened.lastEntry
    this.#times = opened.times
    this.#log = opened.log
    this.#maxWrites = opened.poolSize + MAX_WAITING_WRITES
    this.#tidying = setInterval(() => {
      this.#run(() => tidyMarks(this.#connections)).catch((error: unknown) =>
        this.#log.error(error, { doing: 'removing old marks of transactions' }),
      )
    }, TIDY_MARKS_EVERY_MS).unref()
  }

  nowMs(): number {
    return this.#clock.nowMs()
  }

  read<Row>(query: Query<Row>): Promise<Row[]> {
    return this.#run(() => this.#read(query))
  }

  commit(changes: readonly Change[]): Promise<number[]> {
    return this.#run(() => this.#commit(changes))
  }

  /** Lets what was asked for finish. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#clock.stop()
    clearInterval(this.#tidying)
    await Promise.allSettled(this.#running)
    await this.#connections.end()
  }

  async #run<Result>(work: () => Promise<Result>): Promise<Result> {
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
    const { sql, params } = compileQuery(query, POSTGRES, () => this.nowMs())
    const budget = new TimeBudget(this.#times.readBudgetMs)
    for (let attempts = 1; ; attempts += 1) {
      try {
        const { rows } = await this.#connections.use((client) => client.query(sql, [...params]))
        return rows as Row[]
      } catch (error) {
        const failure = failureOf(error)
        if (failure.kind === 'refused') throw failure.error
        if (failure.kind !== 'transient') throw error
        if (!(await pauseBeforeRetry(budget, attempts))) throw unavailable(error, this.#times)
      }
    }
  }

  async #commit(changes: readonly Change[]): Promise<number[]> {
    if (this.#writes >= this.#maxWrites)
      throw busy(null, `${MAX_WAITING_WRITES} changes wait for the database already.`)
    this.#writes += 1
    try {
      return await this.#commitWithinBudget(
        changes.map((change) => compileChange(change, POSTGRES, () => this.nowMs())),
      )
    } finally {
      this.#writes -= 1
    }
  }

  async #commitWithinBudget(statements: readonly Statement[]): Promise<number[]> {
    const budget = new TimeBudget(this.#times.writeBudgetMs)
    for (let attempts = 1; ; attempts += 1) {
      if (this.#replaced) throw replaced(this.#replaced)
      let lastError: unknown = null
      try {
        const changes = await this.#attempt(statements)
        if (changes) return changes
      } catch (error) {
        if (error instanceof UnexpectedChanges || error instanceof AppError) throw error
        const failure = failureOf(error)
        if (failure.kind === 'refused') throw failure.error
        if (failure.kind !== 'transient') throw error
        lastError = error
      }
      if (!(await pauseBeforeRetry(budget, attempts))) {
        const seconds = this.#times.writeBudgetMs / 1000
        throw busy(lastError, `The database did not take the change within ${seconds} seconds.`)
      }
    }
  }

  /**
   * @returns null when the transaction certainly did not apply, though its COMMIT was sent
   * @throws {AppError} commit-state-unknown, database-replaced
   */
  async #attempt(statements: readonly Statement[]): Promise<number[] | null> {
    const mark = ulid()
    const attempted = { mark, lastEntry: this.#lastEntry, answerTimeoutMs: this.#connections.answerTimeoutMs }
    const attempt = await this.#connections
      .use((client) => attemptTransaction(client, statements, attempted))
      .catch((error: unknown) => {
        if (!(error instanceof OlderDatabase)) throw error
        this.#replaced = error
        throw replaced(error)
      })
    if (attempt.kind === 'unknown') {
      const { markedAtMs, cause } = attempt
      const budgetMs = this.#times.lookUpBudgetMs
      if (!(await lookUpCommit(this.#connections, { mark, markedAtMs, budgetMs, cause, log: this.#log }))) return null
    }
    if ((attempt.lastEntry?.seq ?? 0) > (this.#lastEntry?.seq ?? 0)) this.#lastEntry = attempt.lastEntry
    return attempt.changes
  }
}

function busy(cause: unknown, why: string): AppError {
  return new AppError('database-busy', `${why} Nothing was changed; try again.`, {
    cause,
    facts: { pauseSeconds: RETRY_AFTER_SECONDS },
  })
}

function unavailable(cause: unknown, { readBudgetMs }: PostgresTimes): AppError {
  return new AppError('database-unavailable', `The database did not answer within ${readBudgetMs / 1000} seconds.`, {
    cause,
    facts: { pauseSeconds: RETRY_AFTER_SECONDS },
  })
}

function replaced(cause: OlderDatabase): AppError {
  return new AppError('database-replaced', `${REPLACED_DETAIL} (${cause.message})`, { cause })
}
