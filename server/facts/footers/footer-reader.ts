import 'server-only'
import pMap from 'p-map'
import { AppError, isDatabaseError } from '@/lib/errors'
import { entryLabel } from '@/lib/names/identifiers'
import { type DueTable, readDueTables } from '@/server/db/facts/storage/due-storage'
import { failedStorageChange } from '@/server/db/facts/storage/known-storage'
import { takeLease } from '@/server/db/facts/leases'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'
import { ByteBudget } from '../byte-budget'
import { isOutage } from '../catalog-outage'
import { type MeasureServices, measureTable } from './measure-table'

/** Reads the footers of new data files, for what the bytes of tables are made of. One process does it at a time. */

export type FootersServices = MeasureServices & Pick<Services, 'log'>

export const FOOTERS_LEASE = 'facts footers'
const LEASE_MS = 3 * 60_000
const TABLES_AT_ONCE = 20
const CONCURRENCY = 2
const TIME_LIMIT_MS = 60_000
/** For all footers, and the manifests of `PartitionReader`. */
const BYTES_PER_MINUTE = 128 * 1024 * 1024
/** Commits in so short a time cost one measurement. */
const SETTLING_MS = 10_000
const IDLE_MS = 3_000
/** After each step it rests as many times as long as the step took, so it takes a third of a core at most. */
const REST = 2
const MAX_REST_MS = 30_000
/** A table, or all tables of a catalog that does not answer, are left alone for so long. */
const FAILED_MS = 10 * 60_000
const CATALOG_PAUSE_MS = 60_000
/** A table that was dropped or renamed, and whose history does not say so yet. */
const MISSING_MS = 30_000
/** Further ones that failed are tried again at once. */
const MAX_FAILED = 20_000

export class FooterReader {
  readonly #services: FootersServices
  /** For all that the process reads of files. */
  readonly budget: ByteBudget
  readonly #pausedCatalogs = new Map<string, number>()
  /** Tables that could not be measured, and when they are tried again; others have that in their row. */
  readonly #failed = new Map<number, number>()

  constructor(services: FootersServices, { bytesPerMinute = BYTES_PER_MINUTE }: { bytesPerMinute?: number } = {}) {
    this.#services = services
    this.budget = new ByteBudget(bytesPerMinute)
  }

  /** @returns how long to rest */
  async step(owner: string, signal: AbortSignal): Promise<number> {
    const { database } = this.#services
    if (!(await takeLease(database, FOOTERS_LEASE, { owner, leaseMs: LEASE_MS }))) return IDLE_MS
    const startedAtMs = clock.elapsedMs()
    const count = await this.run(signal)
    const restMs = Math.min(MAX_REST_MS, (clock.elapsedMs() - startedAtMs) * REST)
    return count === 0 ? IDLE_MS : restMs
  }

  /** Measures the tables that are due. @returns how many it tried to measure */
  async run(signal: AbortSignal): Promise<number> {
    const { database } = this.#services
    const nowMs = clock.elapsedMs()
    for (const [catalog, untilMs] of this.#pausedCatalogs) if (untilMs <= nowMs) this.#pausedCatalogs.delete(catalog)
    for (const [id, untilMs] of this.#failed) if (untilMs <= nowMs) this.#failed.delete(id)
    if (!this.budget.hasLeft()) return 0
    const found = await readDueTables(database, {
      measuredBeforeMs: database.nowMs() - SETTLING_MS,
      except: [...this.#pausedCatalogs.keys()],
      // Tables that were never measured come first, also those that failed.
      limit: TABLES_AT_ONCE + this.#failed.size,
    })
    const due = found.filter(({ id }) => !this.#failed.has(id)).slice(0, TABLES_AT_ONCE)
    await pMap(due, (table) => this.#measure(table, signal), { concurrency: CONCURRENCY })
    return due.length
  }

  async #measure(due: DueTable, signal: AbortSignal): Promise<void> {
    // Its catalog may have been found not to answer while the table waited.
    if (this.#pausedCatalogs.has(due.table.catalog)) return
    const limit = clock.deadline(TIME_LIMIT_MS)
    try {
      const both = AbortSignal.any([signal, limit])
      const isMeasured = await measureTable(this.#services, due, { budget: this.budget, signal: both })
      if (!isMeasured) this.#failed.set(due.id, clock.elapsedMs() + MISSING_MS)
    } catch (error) {
      if (signal.aborted || isDatabaseError(error)) throw error
      await this.#handleFailure(due, limit.aborted ? timeoutError() : error)
    }
  }

  async #handleFailure(due: DueTable, error: unknown): Promise<void> {
    const { database, log } = this.#services
    const table = entryLabel(due.table)
    const { catalog } = due.table
    if (!(error instanceof AppError)) log.error(error, { doing: 'reading the footers of a table', catalog, table })
    else log.debug('the footers of a table were not read', { catalog, table, reason: error.message })
    if (isOutage(error) || (error instanceof AppError && error.code === 'credentials-required')) {
      this.#pausedCatalogs.set(catalog, clock.elapsedMs() + CATALOG_PAUSE_MS)
      return
    }
    const problem = error instanceof AppError ? error.message : 'The files could not be read.'
    const retryAtMs = database.nowMs() + FAILED_MS
    const [stored] = await database.commit([failedStorageChange(due.id, { retryAtMs, problem })])
    if (stored === 0 && this.#failed.size < MAX_FAILED) this.#failed.set(due.id, clock.elapsedMs() + FAILED_MS)
  }
}

function timeoutError(): AppError {
  return new AppError('storage-unavailable', 'The files of the table could not be read within a minute.')
}
