import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { Log } from '@/server/log'
import { pause } from './pause'

/**
 * A loop of the worker outlives a database or a disk that refuses for a while: it looks again later, less and less
 * often, and logs only when the state changes.
 */

/** Short enough that work goes on soon after there is room again. */
const BACKOFF = { firstMs: 500, maxMs: 5_000 }

/** How a loop fares, from one look to the next. */
export class Outage {
  readonly #log: Log
  readonly #doing: string
  #code: ErrorCode | null = null
  #failures = 0

  /** @param doing what the loop does, for the log: "looking for work" */
  constructor(log: Log, doing: string) {
    this.#log = log

    this.#doing = doing
  }

  /**
   * @returns how long to wait before the next look, in milliseconds
   * @throws the error itself when it is not an expected failure
   */
  recordFailure(error: unknown): number {
    if (!(error instanceof AppError)) throw error
    if (error.code === this.#code) this.#log.debug('is still refused', { doing: this.#doing, code: error.code })
    else this.#log.error(error, { doing: this.#doing, code: error.code })
    this.#code = error.code
    const pauseMs = backoffMs(BACKOFF, this.#failures, 0)
    this.#failures += 1
    return pauseMs
  }

  recordSuccess(): void {
    if (this.#code !== null) this.#log.info('works again', { doing: this.#doing, failures: this.#failures })
    this.#code = null
    this.#failures = 0
  }
}

/** Does something once, as soon as the database and the disk let it; until the signal. */
export async function retryUntilDone(
  log: Log,
  work: () => Promise<void>,
  { doing, signal }: { doing: string; signal: AbortSignal },
): Promise<void> {
  const outage = new Outage(log, doing)
  while (!signal.aborted) {
    try {
      await work()
      outage.recordSuccess()
      return
    } catch (error) {
      await pause(outage.recordFailure(error), signal)
    }
  }
}
