import 'server-only'
import { AppError, isDatabaseError } from '@/lib/errors'
import { entryLabel } from '@/lib/names/identifiers'
import {
  type DuePartitions,
  failedPartitionsChange,
  readDuePartitions,
} from '@/server/db/facts/partitions/due-partitions'
import { takeLease } from '@/server/db/facts/leases'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'
import type { ByteBudget } from '../byte-budget'
import { isOutage } from '../catalog-outage'
import { type PartitionServices, readTablePartitions } from './read-partitions'

/** Reads the commits of tables by partition. One process does it at a time. */

export type PartitionReaderServices = PartitionServices & Pick<Services, 'log'>

export const PARTITIONS_LEASE = 'facts partitions'
const LEASE_MS = 3 * 60_000
const TABLES_AT_ONCE = 20
const TIME_LIMIT_MS = 60_000
/** Commits in so short a time are read together. */
const SETTLING_MS = 5_000
const IDLE_MS = 3_000
/** After each step it rests as many times as long as the step took. */
const REST = 2
const MAX_REST_MS = 30_000
/** A table, or all tables of a catalog that does not answer, are left alone for so long. */
const FAILED_MS = 10 * 60_000
const CATALOG_PAUSE_MS = 60_000
/** A table that was dropped or renamed, and whose history does not say so yet. */
const MISSING_MS = 30_000

export class PartitionReader {
  readonly #services: PartitionReaderServices
  readonly #budget: ByteBudget
  readonly #pausedCatalogs = new Map<string, number>()

  /** @param budget for manifests */
  constructor(services: PartitionReaderServices, budget: ByteBudget) {
    this.#services = services
    this.#budget = budget
  }

  /** @returns how long to rest */
  async step(owner: string, signal: AbortSignal): Promise<number> {
    const { database } = this.#services
    if (!(await takeLease(database, PARTITIONS_LEASE, { owner, leaseMs: LEASE_MS }))) return IDLE_MS
    const startedAtMs = clock.elapsedMs()
    const count = await this.run(signal)
    const restMs = Math.min(MAX_REST_MS, (clock.elapsedMs() - startedAtMs) * REST)
    return count === 0 ? IDLE_MS : restMs
  }

  /** Reads the tables that are due. @returns how many it tried to read */
  async run(signal: AbortSignal): Promise<number> {
    const { database } = this.#services
    const nowMs = clock.elapsedMs()
    for (const [catalog, untilMs] of this.#pausedCatalogs) if (untilMs <= nowMs) this.#pausedCatalogs.delete(catalog)
    if (!this.#budget.hasLeft()) return 0
    const due = await readDuePartitions(database, {
      readBeforeMs: database.nowMs() - SETTLING_MS,
      except: [...this.#pausedCatalogs.keys()],
      limit: TABLES_AT_ONCE,
    })
    for (const table of due) await this.#read(table, signal)
    return due.length
  }

  async #read(due: DuePartitions, signal: AbortSignal): Promise<void> {
    // Its catalog may have been found not to answer while the table waited.
    if (this.#pausedCatalogs.has(due.table.catalog)) return
    const limit = clock.deadline(TIME_LIMIT_MS)
    try {
      const both = AbortSignal.any([signal, limit])
      const isRead = await readTablePartitions(this.#services, due, { budget: this.#budget, signal: both })
      if (!isRead) await this.#retryLater(due, MISSING_MS)
    } catch (error) {
      if (signal.aborted || isDatabaseError(error)) throw error
      await this.#handleFailure(due, limit.aborted ? timeoutError() : error)
    }
  }

  async #handleFailure(due: DuePartitions, error: unknown): Promise<void> {
    const { log } = this.#services
    const table = entryLabel(due.table)
    const { catalog } = due.table
    if (!(error instanceof AppError)) log.error(error, { doing: 'reading the partitions of a table', catalog, table })
    else log.debug('the partitions of a table were not read', { catalog, table, reason: error.message })
    if (isOutage(error) || (error instanceof AppError && error.code === 'credentials-required')) {
      this.#pausedCatalogs.set(catalog, clock.elapsedMs() + CATALOG_PAUSE_MS)
      return
    }
    await this.#retryLater(due, FAILED_MS)
  }

  async #retryLater({ id }: DuePartitions, pauseMs: number): Promise<void> {
    const { database } = this.#services
    await database.commit([failedPartitionsChange(id, database.nowMs() + pauseMs)])
  }
}

function timeoutError(): AppError {
  return new AppError('storage-unavailable', 'The manifests of the table could not be read within a minute.')
}
