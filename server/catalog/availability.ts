import 'server-only'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'
import { clock } from '@/server/timing/clock'

/** Counted from the end of the last probe. */
const PROBE_INTERVAL_MS = 5_000
const FAILURE_LIFETIME_MS = 5 * 60_000
/**
 * A request to one catalog alone waits longer for it. After such a timeout, later requests fail at once for this time.
 */
const TIMEOUT_COOLDOWN_MS = 10_000
const MAX_PROBE_MS = 5_000
/** A catalog that is back mostly answers within this time. A slower probe continues after its caller has returned. */
const PROBE_WAIT_MS = 500

type AvailabilityDeps = {
  /** Sends any request to the catalog. */
  probe: (signal: AbortSignal) => Promise<unknown>
  nowMs: () => number
  probeWaitMs?: number
}

type Failure = { detail: string; atMs: number }

/**
 * Whether one client's catalog answered lately, so that pages that combine many catalogs do not wait for an unreachable
 * one each time. It lives as long as the client: for one version of a connection and one person's credentials.
 */
export class Availability {
  readonly #probe: AvailabilityDeps['probe']
  readonly #nowMs: AvailabilityDeps['nowMs']
  readonly #probeWaitMs: number
  #responseCount = 0
  #lastFailure: Failure | null = null
  #lastTimeout: Failure | null = null
  #probing: Promise<void> | null = null

  constructor({ probe, nowMs, probeWaitMs = PROBE_WAIT_MS }: AvailabilityDeps) {
    this.#probe = probe
    this.#nowMs = nowMs
    this.#probeWaitMs = probeWaitMs
  }

  /** Responses received so far; {@link recordFailure} takes the count from before the request. */
  get responseCount(): number {
    return this.#responseCount
  }

  recordResponse(): void {
    this.#responseCount += 1
    this.reset()
  }

  /** Lets the next request reach the catalog at once, although the last one timed out: a person retries. */
  reset(): void {
    this.#lastFailure = null
    this.#lastTimeout = null
  }

  /**
   * Records that a caller gave up. It has no effect if a response arrived since the caller began: the catalog is up.
   */
  recordFailure(detail: string, responseCountBefore: number): void {
    if (this.#responseCount === responseCountBefore) this.#lastFailure = { detail, atMs: this.#nowMs() }
  }

  /**
   * Runs work that needs this catalog alone. For 10 seconds after such work timed out, it fails at once without a
   * request. After that, requests reach the catalog as usual.
   *
   * @throws {AppError} catalog-unavailable, with the facts `attemptStartedAtMs` and `askedAgainAtMs`; what the work throws
   */
  async guard<Result>(isTimeout: (error: unknown) => error is AppError, work: () => Promise<Result>): Promise<Result> {
    this.#rejectAfterTimeout()
    const responseCount = this.#responseCount
    try {
      return await work()
    } catch (error) {
      if (isTimeout(error) && this.#responseCount === responseCount) {
        this.recordFailure(error.message, responseCount)
        this.#lastTimeout = this.#lastFailure
      }
      throw error
    }
  }

  #rejectAfterTimeout(): void {
    if (this.#lastTimeout === null) return
    const { detail, atMs } = this.#lastTimeout
    const remainingMs = atMs + TIMEOUT_COOLDOWN_MS - this.#nowMs()
    // The remaining time exceeds the cooldown when the clock was set back.
    if (remainingMs <= 0 || remainingMs > TIMEOUT_COOLDOWN_MS) return
    throw new AppError('catalog-unavailable', `${detail} Lakeshore retries in ${Math.ceil(remainingMs / 1000)} s.`, {
      facts: { attemptStartedAtMs: atMs, askedAgainAtMs: atMs + TIMEOUT_COOLDOWN_MS },
    })
  }

  /**
   * Fails at once while the catalog is known to be unreachable. A caller that comes some time after the last probe
   * starts the next one, and all callers share it.
   *
   * @throws {AppError} catalog-unavailable, with the fact `attemptStartedAtMs`
   */
  async requireAvailable(): Promise<void> {
    const ageMs = this.#nowMs() - (this.#lastFailure?.atMs ?? Number.NEGATIVE_INFINITY)
    if (ageMs >= FAILURE_LIFETIME_MS) return
    if (ageMs >= PROBE_INTERVAL_MS) this.#probing ??= this.#runProbe()
    // The probe itself never rejects. When it outlasts the wait, the last known failure decides.
    if (this.#probing) await rejectOnAbort(this.#probing, clock.deadline(this.#probeWaitMs)).catch(() => {})
    this.#throwLastFailure()
  }

  #throwLastFailure(): void {
    if (this.#lastFailure === null) return
    const { detail, atMs } = this.#lastFailure
    throw new AppError('catalog-unavailable', detail, { facts: { attemptStartedAtMs: atMs } })
  }

  /** Records why the probe failed. A refusal counts as a response. */
  async #runProbe(): Promise<void> {
    const responseCountBefore = this.#responseCount
    const signal = clock.deadline(MAX_PROBE_MS)
    try {
      await rejectOnAbort(this.#probe(signal), signal)
    } catch (error) {
      this.recordFailure(
        error instanceof AppError ? error.message : (this.#lastFailure?.detail ?? ''),
        responseCountBefore,
      )
    } finally {
      this.#probing = null
    }
  }
}
