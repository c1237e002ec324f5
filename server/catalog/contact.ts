import 'server-only'
import { AppError } from '@/lib/errors'
import { untilAborted } from '@/lib/until-aborted'

/** Counted from the end of the last try. */
const TRIED_AGAIN_AFTER_MS = 5_000
const REMEMBERED_MS = 5 * 60_000
/** Who asks for this catalog alone waits for it longer, and is then spared that for a while. */
const SILENT_MS = 10_000
const LONGEST_TRY_MS = 5_000
/** A catalog that is back mostly answers within this; a try that takes longer goes on behind the one who asked. */
const AWAITED_MS = 500

type Parts = {
  /** Asks the catalog for something, whatever it is. */
  ask: (signal: AbortSignal) => Promise<unknown>
  nowMs: () => number
  awaitedMs?: number
}

type Missed = { detail: string; atMs: number }

/**
 * What one client last heard of its catalog, so that answers drawn from many catalogs do not wait for a dead one again
 * and again. It lives as long as the client: for one version of a connection and one person's credentials.
 */
export class Contact {
  readonly #ask: Parts['ask']
  readonly #nowMs: Parts['nowMs']
  readonly #awaitedMs: number
  #answerCount = 0
  #missed: Missed | null = null
  #silent: Missed | null = null
  #trying: Promise<void> | null = null

  constructor({ ask, nowMs, awaitedMs = AWAITED_MS }: Parts) {
    this.#ask = ask
    this.#nowMs = nowMs
    this.#awaitedMs = awaitedMs
  }

  /** Answers heard so far, to tell {@link miss} by. */
  get answerCount(): number {
    return this.#answerCount
  }

  hear(): void {
    this.#answerCount += 1
    this.forget()
  }

  /** The next request reaches the catalog at once, although it was silent a moment ago: a person tries again. */
  forget(): void {
    this.#missed = null
    this.#silent = null
  }

  /** Somebody gave up. If anything was heard since they began, the catalog is there all the same. */
  miss(detail: string, answerCountBefore: number): void {
    if (this.#answerCount === answerCountBefore) this.#missed = { detail, atMs: this.#nowMs() }
  }

  /**
   * Work that asks this catalog alone. While it was silent a moment ago it is not asked; afterwards it is, as if
   * nothing had been.
   *
   * @throws {AppError} catalog-unavailable, with the facts `triedAtMs` and `askedAgainAtMs`; what the work throws
   */
  async ask<Result>(isSilence: (error: unknown) => error is AppError, work: () => Promise<Result>): Promise<Result> {
    this.#refuseSilent()
    const answerCount = this.#answerCount
    try {
      return await work()
    } catch (error) {
      if (isSilence(error) && this.#answerCount === answerCount) {
        this.miss(error.message, answerCount)
        this.#silent = this.#missed
      }
      throw error
    }
  }

  #refuseSilent(): void {
    if (this.#silent === null) return
    const { detail, atMs } = this.#silent
    const leftMs = atMs + SILENT_MS - this.#nowMs()
    // More than all of it is left where the clock was put back.
    if (leftMs <= 0 || leftMs > SILENT_MS) return
    throw new AppError('catalog-unavailable', `${detail} It is asked again in ${Math.ceil(leftMs / 1000)} s.`, {
      facts: { triedAtMs: atMs, askedAgainAtMs: atMs + SILENT_MS },
    })
  }

  /**
   * Ends at once while the catalog is not heard of. Who asks a while after the last try makes the next one, for all.
   *
   * @throws {AppError} catalog-unavailable, with the fact `triedAtMs`
   */
  async require(): Promise<void> {
    const agoMs = this.#nowMs() - (this.#missed?.atMs ?? Number.NEGATIVE_INFINITY)
    if (agoMs >= REMEMBERED_MS) return
    if (agoMs >= TRIED_AGAIN_AFTER_MS) this.#trying ??= this.#try()
    // The try itself never fails; that it takes longer is no news: what was last heard then decides.
    if (this.#trying) await untilAborted(this.#trying, AbortSignal.timeout(this.#awaitedMs)).catch(() => {})
    this.#refuse()
  }

  #refuse(): void {
    if (this.#missed === null) return
    const { detail, atMs } = this.#missed
    throw new AppError('catalog-unavailable', detail, { facts: { triedAtMs: atMs } })
  }

  /** How it failed is kept for those who ask; a refusal is an answer. */
  async #try(): Promise<void> {
    const before = this.#answerCount
    const signal = AbortSignal.timeout(LONGEST_TRY_MS)
    try {
      await untilAborted(this.#ask(signal), signal)
    } catch (error) {
      this.miss(error instanceof AppError ? error.message : (this.#missed?.detail ?? ''), before)
    } finally {
      this.#trying = null
    }
  }
}
