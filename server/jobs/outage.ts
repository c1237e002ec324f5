import 'server-only'
import { backoffMs } from '@/lib/backoff'
import { AppError, type ErrorCode } from '@/lib/errors'
import type { Log } from '@/server/log'
import { clock } from '@/server/timing/clock'

/**
 * A worker loop survives a database or a disk that refuses for a while: it retries later, less and less often, and logs
 * only when the state changes.
 */

/** Short enough that work resumes soon after there is space again. */
const BACKOFF = { firstMs: 500, maxMs: 5_000 }

/** Tracks the failures of a loop, from one attempt to the next. */
export class Outage {
  readonly #log: Log
  readonly #doing: string
  #code: ErrorCode | null = null
  #failures = 0

  /** @param doing the work of the loop, for the log: "looking for work" */
  constructor(log: Log, doing: string) {
    this.#log = log

    this.#doing = doing
  }

  /**
   * @returns how long to wait before the next attempt, in milliseconds
   * @throws the error itself when it is not an expected failure
   */
  recordFailure(error: unknown): number {
    if (!(error instanceof AppError)) throw error
    if (error.code === this.#code) this.#log.debug('still fails', { doing: this.#doing, code: error.code })
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

/** Does the work once, retrying while the database or the disk refuses, until the signal is aborted. */
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
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
}
