import 'server-only'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'

/** Counted from the end of the last try. */
const PROBE_INTERVAL_MS = 5_000
const FAILURE_LIFETIME_MS = 5 * 60_000
/** Who asks for this catalog alone waits for it longer, and is then spared that for a while. */
const TIMEOUT_COOLDOWN_MS = 10_000
const MAX_PROBE_MS = 5_000
/** A catalog that is back mostly answers within this; a try that takes longer goes on behind the one who asked. */
const PROBE_WAIT_MS = 500

type AvailabilityDeps = {
  /** Asks the catalog for something, whatever it is. */
  probe: (signal: AbortSignal) => Promise<unknown>
  nowMs: () => number
  probeWaitMs?: number
}

type Failure = { detail: string; atMs: number }

/**
 * What one client last heard of its catalog, so that answers drawn from many catalogs do not wait for a dead one again
 * and again. It lives as long as the client: for one version of a connection and one person's credentials.
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

  /** Answers heard so far, to tell {@link recordFailure} by. */
  get responseCount(): number {
    return this.#responseCount
  }

  recordResponse(): void {
    this.#responseCount += 1
    this.reset()
  }

  /** The next request reaches the catalog at once, although it was silent a moment ago: a person tries again. */
  reset(): void {
    this.#lastFailure = null
    this.#lastTimeout = null
  }

  /** Somebody gave up. If anything was heard since they began, the catalog is there all the same. */
  recordFailure(detail: string, responseCountBefore: number): void {
    if (this.#responseCount === responseCountBefore) this.#lastFailure = { detail, atMs: this.#nowMs() }
  }

  /**
   * Work that asks this catalog alone. While it was silent a moment ago it is not asked; afterwards it is, as if
   * nothing had been.
   *
   * @throws {AppError} catalog-unavailable, with the facts `triedAtMs` and `askedAgainAtMs`; what the work throws
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
    // More than all of it is left where the clock was put back.
    if (remainingMs <= 0 || remainingMs > TIMEOUT_COOLDOWN_MS) return
    throw new AppError('catalog-unavailable', `${detail} It is asked again in ${Math.ceil(remainingMs / 1000)} s.`, {
      facts: { triedAtMs: atMs, askedAgainAtMs: atMs + TIMEOUT_COOLDOWN_MS },
    })
  }

  /**
   * Ends at once while the catalog is not heard of. Who asks a while after the last try makes the next one, for all.
   *
   * @throws {AppError} catalog-unavailable, with the fact `triedAtMs`
   */
  async requireAvailable(): Promise<void> {
    const ageMs = this.#nowMs() - (this.#lastFailure?.atMs ?? Number.NEGATIVE_INFINITY)
    if (ageMs >= FAILURE_LIFETIME_MS) return
    if (ageMs >= PROBE_INTERVAL_MS) this.#probing ??= this.#runProbe()
    // The try itself never fails; that it takes longer is no news: what was last heard then decides.
    if (this.#probing) await rejectOnAbort(this.#probing, AbortSignal.timeout(this.#probeWaitMs)).catch(() => {})
    this.#throwLastFailure()
  }

  #throwLastFailure(): void {
    if (this.#lastFailure === null) return
    const { detail, atMs } = this.#lastFailure
    throw new AppError('catalog-unavailable', detail, { facts: { triedAtMs: atMs } })
  }

  /** How it failed is kept for those who ask; a refusal is an answer. */
  async #runProbe(): Promise<void> {
    const responseCountBefore = this.#responseCount
    const signal = AbortSignal.timeout(MAX_PROBE_MS)
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
