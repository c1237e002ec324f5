import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { PartitionDay, type PartitionSum, OTHER_PARTITIONS } from '@/lib/facts/partition-day'
import {
  isZeroAmounts,
  type PartitionChange,
  type PartitionTerms,
  restOfTerms,
  toPartitionTerms,
} from '@/lib/facts/partition-terms'
import { TERMS } from '@/lib/facts/terms'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { ManifestSource } from '@/lib/scan/snapshot-manifests'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { Change } from '@/server/db/database'
import {
  type DuePartitions,
  NO_SPEC,
  type PartitionProgress,
  partitionProgressChange,
} from '@/server/db/facts/partitions/due-partitions'
import { type ListedFact, readNextFacts } from '@/server/db/facts/partitions/listed-facts'
import {
  partitionDayChanges,
  type PartitionDaySum,
  readPartitionDays,
} from '@/server/db/facts/partitions/partition-days'
import { readUnlistedFacts, unchangedHistoryChange } from '@/server/db/facts/partitions/unlisted-facts'
import { toDay } from '@/server/db/facts/sum-tables'
import { tryCommit } from '@/server/db/try-commit'
import type { Services } from '@/server/services'
import { clock } from '@/server/timing/clock'
import { createManifestSource } from '@/server/table/files/live-files'
import type { ByteBudget } from '../byte-budget'
import { readCommitPartitions } from './commit-partitions'

export type PartitionServices = Pick<Services, 'catalogs' | 'database' | 'manifestCache'>

/** So many rows of a history are stored together. */
const FACTS_AT_ONCE = 25
const PERIODS_PER_STATEMENT = 500

/** The next rows are read another time, long before the limit of the caller. */
const MAX_DURATION_MS = 15_000

/** The partitions of a commit whose files are so stay unknown. Other failures may end. */
const LASTING: readonly ErrorCode[] = [
  'file-missing',
  'file-damaged',
  'too-large',
  'not-supported',
  'format-unsupported',
  'read-restricted',
]

type ReadOptions = { budget: ByteBudget; signal: AbortSignal }

/**
 * Reads the facts of a table by partition, from the last one that was read, and stores their sums by day. What is beyond
 * the budget is left for the next time.
 *
 * @returns false if its catalog has no such table now, which its history does not have yet
 * @throws {AppError} as loading the table and reading its manifests, unless their files are missing, damaged or too large
 */
export async function readTablePartitions(
  services: PartitionServices,
  due: DuePartitions,
  options: ReadOptions,
): Promise<boolean> {
  const { database } = services
  const { known } = due
  // Without a new spec a table that has no partitions does not get any.
  if (known !== null && !known.isPartitioned && known.specId === due.specId) {
    await tryCommit(database, [partitionProgressChange(due.id, known, { ...known, seq: due.seq })])
    return true
  }
  const loaded = due.droppedAtMs === null ? await loadTable(services, due, options) : null
  if (due.droppedAtMs === null && loaded === null) return false
  const isPartitioned = loaded === null ? known?.isPartitioned === true : hasPartitions(loaded.metadata)
  if (!isPartitioned) {
    // A dropped table may come back.
    const specId = loaded === null ? NO_SPEC : due.specId
    const progress = { seq: due.seq, specId, isPartitioned }
    await tryCommit(database, [partitionProgressChange(due.id, known, progress)])
    return true
  }
  await new Reading(services, due, loaded, options).run()
  return true
}

async function loadTable(
  { catalogs }: PartitionServices,
  { table, tableUuid }: DuePartitions,
  { signal }: ReadOptions,
): Promise<LoadedTable | null> {
  const loaded = await nullIfNotFound(async () =>
    (await catalogs.openForSearch(table.catalog)).loadTable(table, { signal }),
  )
  return loaded?.metadata.tableUuid === tableUuid ? loaded : null
}

function hasPartitions({ partitionSpecs }: TableMetadata): boolean {
  return partitionSpecs.some(({ fields }) => fields.some(({ transform }) => transform !== 'void'))
}

class Reading {
  readonly #services: PartitionServices
  readonly #due: DuePartitions
  readonly #metadata: TableMetadata | null
  readonly #source: ManifestSource | null
  readonly #options: ReadOptions
  readonly #startedAtMs = clock.elapsedMs()

  /** @param loaded null: the table was dropped */
  constructor(services: PartitionServices, due: DuePartitions, loaded: LoadedTable | null, options: ReadOptions) {
    this.#services = services
    this.#due = due
    this.#options = options
    this.#metadata = loaded?.metadata ?? null
    this.#source = loaded && openSource(services, loaded, options)
  }

  async run(): Promise<void> {
    const { signal, budget } = this.#options
    const { known, specId } = this.#due
    // A table that has partitions only now: its earlier commits are read, too.
    let progress: PartitionProgress | null = known
    let seq = known?.isPartitioned === true ? known.seq : 0
    while (budget.hasLeft() && !this.#isLate()) {
      signal.throwIfAborted()
      const facts = await readNextFacts(this.#services.database, this.#due.id, { after: seq, limit: FACTS_AT_ONCE })
      const [first] = facts
      const isGap = (first?.seq ?? this.#due.seq + 1) > seq + 1
      const stored = isGap ? await this.#toGap(seq, first) : await this.#toSums(facts)
      if (stored === null) return
      const next: Omit<PartitionProgress, 'revision'> = { seq: stored.seq, specId, isPartitioned: true }
      const changes = [
        partitionProgressChange(this.#due.id, progress, next),
        ...stored.guards,
        ...(await this.#dayChanges(stored.sums)),
      ]
      // Another process has read more of it, or the history has been continued.
      if (!(await tryCommit(this.#services.database, changes))) return
      progress = { ...next, revision: (progress?.revision ?? 0) + 1 }
      seq = next.seq
    }
  }

  /** Facts that are no longer listed one by one. */
  async #toGap(seq: number, first: ListedFact | undefined) {
    const { database } = this.#services
    const sums = await readUnlistedFacts(database, this.#due.id, seq)
    return { seq: (first?.seq ?? this.#due.seq + 1) - 1, sums, guards: [unchangedHistoryChange(this.#due)] }
  }

  /** @returns null if there are no more facts */
  async #toSums(facts: readonly ListedFact[]) {
    const sums: PartitionDaySum[] = []
    let seq: number | null = null
    for (const fact of facts) {
      // One commit at least, so that reading goes on.
      if (seq !== null && (this.#isLate() || !this.#options.budget.hasLeft())) break
      this.#options.signal.throwIfAborted()
      sums.push(...(await this.#sumFact(fact)))
      ;({ seq } = fact)
    }
    return seq === null ? null : { seq, sums, guards: [] as Change[] }
  }

  #isLate(): boolean {
    return clock.elapsedMs() - this.#startedAtMs > MAX_DURATION_MS
  }

  async #sumFact(fact: ListedFact): Promise<PartitionDaySum[]> {
    const period = toDay(fact.atMs)
    const changes = await this.#readChanges(fact)
    const named = [...changes].map(([partition, change]) => ({ partition, terms: toPartitionTerms(fact, change) }))
    const rest = restOfTerms(
      fact,
      named.map(({ terms }) => terms),
    )
    return [
      ...named.flatMap(({ partition, terms }) => toSums(partition, terms, 0)),
      ...toSums(OTHER_PARTITIONS, rest, 1),
    ].map((sum) => ({ ...sum, period }))
  }

  /** The files of a commit by partition; empty where they are not known. */
  async #readChanges({ kind, snapshotId }: ListedFact): Promise<ReadonlyMap<string, PartitionChange>> {
    const isOfCommit = kind === 'commit' || kind === 'taken-back' || kind === 'put-back'
    if (!isOfCommit || snapshotId === null || this.#metadata === null || this.#source === null) return new Map()
    try {
      return (await readCommitPartitions(this.#metadata, snapshotId, this.#source)) ?? new Map()
    } catch (error) {
      if (this.#options.signal.aborted || !(error instanceof AppError) || !LASTING.includes(error.code)) throw error
      return new Map()
    }
  }

  /** The sums with those that the days have. */
  async #dayChanges(sums: readonly PartitionDaySum[]): Promise<Change[]> {
    const { database } = this.#services
    const { id } = this.#due
    const byPeriod = Map.groupBy(sums, ({ period }) => period)
    const periods = [...byPeriod.keys()].sort((a, b) => a - b)
    const changes: Change[] = []
    for (let start = 0; start < periods.length; start += PERIODS_PER_STATEMENT) {
      const batch = periods.slice(start, start + PERIODS_PER_STATEMENT)
      const stored = Map.groupBy(await readPartitionDays(database, id, batch), ({ period }) => period)
      const after = batch.flatMap((period) => {
        const day = new PartitionDay()
        for (const part of [stored.get(period), byPeriod.get(period)]) day.add(part ?? [])
        return day.toSums().map((sum) => ({ ...sum, period }))
      })
      changes.push(...partitionDayChanges(id, batch, after))
    }
    return changes
  }
}

function toSums(partition: string, terms: PartitionTerms, unread: number): PartitionSum[] {
  return TERMS.flatMap((term) => {
    const amounts = terms[term]
    return amounts === undefined || isZeroAmounts(amounts) ? [] : [{ partition, term, ...amounts, unread }]
  })
}

/** Null: the catalog restricts what may be read of the table, so its partitions are not known. */
function openSource(
  { manifestCache }: PartitionServices,
  table: LoadedTable,
  { budget, signal }: ReadOptions,
): ManifestSource | null {
  try {
    const source = createManifestSource(manifestCache, table, { store: table.store, signal })
    return {
      ...source,
      async readFile(location) {
        const bytes = await source.readFile(location)
        budget.spend(bytes.byteLength)
        return bytes
      },
    }
  } catch (error) {
    if (error instanceof AppError && LASTING.includes(error.code)) return null
    throw error
  }
}
