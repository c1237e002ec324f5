import 'server-only'
import { AppError } from '@/lib/errors'
import { rejectOnAbort } from '@/lib/reject-on-abort'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { clock } from '@/server/timing/clock'

/** How long one answer that covers several catalogs waits for each external catalog. */
export const CATALOG_TIMEOUT_MS = 5_000

type BudgetedCatalog = Pick<CatalogClient, 'name' | 'kind' | 'availability'>
/** `answerCount`: how many responses the catalog had given before its budget started. */
type CatalogBudget = { signal: AbortSignal; answerCount: number }

/**
 * Time budgets for the catalogs of one answer. All reads of one catalog share a budget. A catalog that just failed to
 * answer gets no time at all.
 */
export class TimeBudget {
  readonly #signal: AbortSignal
  readonly #timeoutMs: number
  readonly #byCatalog = new Map<string, CatalogBudget>()

  /** @param signal aborted when the client leaves */
  constructor(signal: AbortSignal, timeoutMs = CATALOG_TIMEOUT_MS) {
    this.#signal = signal
    this.#timeoutMs = timeoutMs
  }

  /**
   * Runs work that calls a catalog and gives up when the catalog's time budget is used up, even if the work ignores the
   * signal.
   *
   * @throws {AppError} catalog-unavailable when the budget was used up first, or the catalog was already unavailable
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
    const signal = AbortSignal.any([this.#signal, clock.deadline(this.#timeoutMs)])
    const budget = { signal, answerCount: availability?.responseCount ?? 0 }
    this.#byCatalog.set(name, budget)
    return budget
  }
}
