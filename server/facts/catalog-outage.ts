import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'

/** A catalog that does not answer, from the first failed request to the last. */
const BACKOFF = { firstMs: 5_000, maxMs: 5 * 60_000 }
const MAX_RETRY_AFTER_MS = 60 * 60_000
/** Tables may fail while their catalog answers; after so many in a row it counts as down. */
const MAX_FAILURES_IN_A_ROW = 3

/** Whether a failure says nothing about a table: the catalog does not answer, or refuses the credentials. */
export function isOutage(error: unknown): boolean {
  return error instanceof AppError && (error.code === 'catalog-unavailable' || error.code === 'catalog-refused')
}

/** Whether a catalog answers, and when the next request may be sent if it does not. */
export class CatalogOutage {
  readonly #log: Log
  readonly #catalog: string
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #count = 0
  #failuresInARow = 0
  #problem: { code: ErrorCode; detail: string } | null = null

  constructor(log: Log, catalog: string) {
    this.#log = log
    this.#catalog = catalog
  }

  get isPaused(): boolean {
    return clock.elapsedMs() < this.#pausedUntilMs
  }

  /** Null: the catalog answers. */
  get problem(): { code: ErrorCode; detail: string } | null {
    return this.#problem
  }

  recordResponse(): void {
    if (this.#problem !== null) {
      this.#log.info('a catalog is read again for the history of its tables', { catalog: this.#catalog })
    }
    this.#problem = null
    this.#count = 0
    this.#failuresInARow = 0
  }

  /** A request about one table got no response. The next ones may. */
  recordFailure(error: AppError): void {
    this.#failuresInARow += 1
    const isCertain = error.code === 'catalog-refused' || error.facts['retryAfterMs'] !== undefined
    if (isCertain || this.#failuresInARow >= MAX_FAILURES_IN_A_ROW) this.pause(error)
  }

  /** Sends the catalog nothing for a while, less and less often as long as it does not answer. */
  pause({ code, message, facts }: AppError): void {
    if (this.#problem === null) {
      const entry = { catalog: this.#catalog, reason: message }
      this.#log.warning('a catalog cannot be read for the history of its tables', entry)
    }
    this.#problem = { code, detail: message }
    // Requests that fail together count once.
    const isFirst = !this.isPaused
    const pauseMs = isFirst ? backoffMs(BACKOFF, this.#count) : 0
    if (isFirst) this.#count += 1
    this.pauseFor(Math.max(pauseMs, Math.min(Number(facts['retryAfterMs'] ?? 0), MAX_RETRY_AFTER_MS)))
  }

  /** For a reason that is not the catalog's. */
  pauseFor(pauseMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.elapsedMs() + pauseMs)
  }
}
