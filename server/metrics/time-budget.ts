import 'server-only'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'
import type { CatalogClient } from '@/server/catalog/catalog-client'

/** How long one answer drawn from several catalogs waits for each that is not Lakeshore's own. */
export const CATALOG_TIMEOUT_MS = 5_000

type BudgetedCatalog = Pick<CatalogClient, 'name' | 'kind' | 'availability'>
/** `answerCount`: what was heard from the catalog before its time began. */
type CatalogBudget = { signal: AbortSignal; answerCount: number }

/**
 * Time for each catalog of an answer: all reads of one catalog spend from the same, and nobody waits for it longer. For
 * one that was not heard of a moment ago, nobody waits at all.
 */
export class TimeBudget {
  readonly #signal: AbortSignal
  readonly #timeoutMs: number
  readonly #byCatalog = new Map<string, CatalogBudget>()

  /** @param signal of the one who asks */
  constructor(signal: AbortSignal, timeoutMs = CATALOG_TIMEOUT_MS) {
    this.#signal = signal
    this.#timeoutMs = timeoutMs
  }

  /**
   * Work that asks a catalog, given up when its time is over, whether or not the work listens to the signal.
   *
   * @throws {AppError} catalog-unavailable when the time was over first, or the catalog was not heard of before
   */
  async spend<Result>(catalog: BudgetedCatalog, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    await catalog.availability?.requireAvailable()
    const { signal, answerCount } = this.#budgetFor(catalog)
    try {
      return await rejectOnAbort(work(signal), signal)
    } catch (cause) {
      if (this.#signal.aborted) throw cause
      const error = signal.aborted ? this.#timeoutError(catalog.name, cause) : cause
      if (error instanceof AppError && error.code === 'catalog-unavailable') {
        catalog.availability?.recordFailure(error.message, answerCount)
      }
      throw error
    }
  }

  #timeoutError(name: string, cause: unknown): AppError {
    return new AppError('catalog-unavailable', `${name} did not answer within ${this.#timeoutMs / 1000} s.`, { cause })
  }

  #budgetFor({ name, kind, availability }: BudgetedCatalog): CatalogBudget {
    if (kind === 'embedded') return { signal: this.#signal, answerCount: 0 }
    const existing = this.#byCatalog.get(name)
    if (existing) return existing
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#timeoutMs)])
    const budget = { signal, answerCount: availability?.responseCount ?? 0 }
    this.#byCatalog.set(name, budget)
    return budget
  }
}
