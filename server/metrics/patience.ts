import 'server-only'
import { AppError } from '@/lib/errors'
import { untilAborted } from '@/lib/until-aborted'
import type { CatalogClient } from '@/server/catalog/catalog-client'

/** How long one answer drawn from several catalogs waits for each that is not Lakeshore's own. */
export const FLEET_WAIT_MS = 5_000

type Known = Pick<CatalogClient, 'name' | 'kind' | 'contact'>
/** `answerCount`: what was heard from the catalog before its time began. */
type Spell = { signal: AbortSignal; answerCount: number }

/**
 * Time for each catalog of an answer: all reads of one catalog spend from the same, and nobody waits for it longer. For
 * one that was not heard of a moment ago, nobody waits at all.
 */
export class Patience {
  readonly #signal: AbortSignal
  readonly #waitMs: number
  readonly #byCatalog = new Map<string, Spell>()

  /** @param signal of the one who asks */
  constructor(signal: AbortSignal, waitMs = FLEET_WAIT_MS) {
    this.#signal = signal
    this.#waitMs = waitMs
  }

  /**
   * Work that asks a catalog, given up when its time is over, whether or not the work listens to the signal.
   *
   * @throws {AppError} catalog-unavailable when the time was over first, or the catalog was not heard of before
   */
  async spend<Result>(catalog: Known, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    await catalog.contact?.require()
    const { signal, answerCount } = this.#spellOf(catalog)
    try {
      return await untilAborted(work(signal), signal)
    } catch (cause) {
      if (this.#signal.aborted) throw cause
      const error = signal.aborted ? this.#tooLate(catalog.name, cause) : cause
      if (error instanceof AppError && error.code === 'catalog-unavailable') {
        catalog.contact?.miss(error.message, answerCount)
      }
      throw error
    }
  }

  #tooLate(name: string, cause: unknown): AppError {
    return new AppError('catalog-unavailable', `${name} did not answer within ${this.#waitMs / 1000} s.`, { cause })
  }

  #spellOf({ name, kind, contact }: Known): Spell {
    if (kind === 'embedded') return { signal: this.#signal, answerCount: 0 }
    const known = this.#byCatalog.get(name)
    if (known) return known
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#waitMs)])
    const spell = { signal, answerCount: contact?.answerCount ?? 0 }
    this.#byCatalog.set(name, spell)
    return spell
  }
}
