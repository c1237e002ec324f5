import 'server-only'
import { AppError } from '@/lib/errors'
import { untilAborted } from '@/lib/until-aborted'
import type { CatalogKind } from '@/server/catalog/catalog-client'

/** How long one answer drawn from several catalogs waits for each that is not Lakeshore's own. */
export const FLEET_WAIT_MS = 5_000

type Known = { readonly name: string; readonly kind: CatalogKind }

/** Time for each catalog of an answer: all reads of one catalog spend from the same, and nobody waits for it longer. */
export class Patience {
  readonly #signal: AbortSignal
  readonly #waitMs: number
  readonly #byCatalog = new Map<string, AbortSignal>()

  /** @param signal of the one who asks */
  constructor(signal: AbortSignal, waitMs = FLEET_WAIT_MS) {
    this.#signal = signal
    this.#waitMs = waitMs
  }

  /**
   * Work that asks a catalog, given up when its time is over, whether or not the work listens to the signal.
   *
   * @throws {AppError} catalog-unavailable when the time was over first
   */
  async spend<Result>(catalog: Known, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const signal = this.#signalOf(catalog)
    try {
      return await untilAborted(work(signal), signal)
    } catch (cause) {
      if (!signal.aborted || this.#signal.aborted) throw cause
      throw new AppError('catalog-unavailable', `${catalog.name} did not answer within ${this.#waitMs / 1000} s.`, {
        cause,
      })
    }
  }

  #signalOf({ name, kind }: Known): AbortSignal {
    if (kind === 'embedded') return this.#signal
    const known = this.#byCatalog.get(name)
    if (known) return known
    const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#waitMs)])
    this.#byCatalog.set(name, signal)
    return signal
  }
}
