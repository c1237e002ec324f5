import 'server-only'
import { isRetained, type PartBytes, type StoragePart } from '@/lib/facts/storage-part'
import { type CutBytes, type ReadFile, sumCuts } from '@/lib/facts/storage-cuts'
import { NO_STORAGE, sumStorage, type TableStorage } from '@/lib/facts/table-storage'
import { columnCompression } from '@/lib/iceberg/properties/column-compression'
import { CODEC_PROPERTY } from '@/lib/iceberg/properties/compression'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { targetFileSize } from '@/lib/iceberg/properties/target-file-size'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import { nullIfNotFound } from '@/server/catalog/null-if-not-found'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { indexAllFields } from '@/server/data-files/measure/measure-files'
import type { DueTable } from '@/server/db/facts/storage/due-storage'
import {
  readFooterChanges,
  readFooters as readStoredFooters,
  removedFooterChanges,
} from '@/server/db/facts/storage/fact-files'
import {
  type KnownStorage,
  type MeasuredStorage,
  measuredStorageChanges,
  readKnownStorage,
} from '@/server/db/facts/storage/known-storage'
import { toDay } from '@/server/db/facts/sum-tables'
import { tryCommit } from '@/server/db/try-commit'
import type { Services } from '@/server/services'
import { createManifestSource } from '@/server/table/files/live-files'
import type { ByteBudget } from '../byte-budget'
import { findCommitTimes } from './commit-times'
import { readRetainedParts, toRetainedParts } from './retained-parts'
import { listStates, type TableState } from './past-states'
import { chooseUnread, readFooters, RETRY_MS } from './read-footers'
import { type FileEntry, readFileEntries } from './stored-files'

export type MeasureServices = Pick<Services, 'catalogs' | 'database' | 'manifestCache'>

/** When a table of which more footers are to be read is next. */
const NEXT_PART_MS = 5_000

/**
 * Measures what the files of a table are made of, at the end of each day since the last measurement and now, and stores
 * it. Each footer is read once; those beyond the budget are left for the next measurement.
 *
 * @returns false if its catalog has no such table now, which its history does not have yet
 * @throws {AppError} as loading the table and reading its manifests; storage-unavailable
 */
export async function measureTable(
  services: MeasureServices,
  due: DueTable,
  { budget, signal }: { budget: ByteBudget; signal: AbortSignal },
): Promise<boolean> {
  const { catalogs, database } = services
  const known = await readKnownStorage(database, due.id)
  const loaded =
    due.metadataLocation === null
      ? null
      : await nullIfNotFound(async () =>
          (await catalogs.openForSearch(due.table.catalog)).loadTable(due.table, { signal }),
        )
  if (due.metadataLocation === null) {
    if (known !== null) await storeDropped(services, due, known)
    return true
  }
  if (loaded === null || loaded.metadata.tableUuid !== due.tableUuid) return false
  await new Measurement(services, due, loaded, { budget, signal }).run(known)
  return true
}

/** A table has no bytes from the day on which it was dropped. */
async function storeDropped({ database }: MeasureServices, due: DueTable, known: KnownStorage): Promise<void> {
  const period = Math.max(known.period, toDay(due.droppedAtMs ?? database.nowMs()))
  const measured: MeasuredStorage = {
    metadataLocation: null,
    period,
    retryAtMs: null,
    codec: null,
    targetFileBytes: null,
    storage: NO_STORAGE,
    parts: NO_STORAGE.parts,
    cuts: [],
    fields: new Map(),
  }
  await tryCommit(database, [
    ...measuredStorageChanges({ tableId: due.id, catalog: due.table.catalog }, known, measured),
    ...removedFooterChanges(due.id, null),
  ])
}

class Measurement {
  readonly #services: MeasureServices
  readonly #due: DueTable
  readonly #table: LoadedTable
  readonly #options: { budget: ByteBudget; signal: AbortSignal }
  readonly #source: ReturnType<typeof createManifestSource>

  constructor(
    services: MeasureServices,
    due: DueTable,
    table: LoadedTable,
    options: { budget: ByteBudget; signal: AbortSignal },
  ) {
    this.#services = services
    this.#due = due
    this.#table = table
    this.#options = options
    const { store } = table
    this.#source = createManifestSource(services.manifestCache, table, { store, signal: options.signal })
  }

  async run(known: KnownStorage | null): Promise<void> {
    const { database } = this.#services
    const states = listStates(this.#table.metadata, known?.period ?? null, toDay(database.nowMs()))
    let before = known
    for (const [index, state] of states.entries()) {
      this.#options.signal.throwIfAborted()
      const isLast = index === states.length - 1
      const measured = await this.#measure(state, { before, isLast })
      // Another process has measured it meanwhile.
      if (measured === null) return
      before = measured
    }
  }

  /** @returns what is known then; null if another process has stored a measurement since */
  async #measure(
    state: TableState,
    { before, isLast }: { before: KnownStorage | null; isLast: boolean },
  ): Promise<KnownStorage | null> {
    const { database } = this.#services
    const { metadata } = this.#table
    const files = await readFileEntries(this.#table, state.snapshot, this.#source)
    const { storage, cuts, isComplete, unusedKeys } = await this.#readStorage(files)
    const parts: Map<StoragePart, PartBytes> = new Map(storage.parts)
    const kept = isLast ? await readRetainedParts(metadata, files, this.#source) : null
    // Nothing says any longer what snapshots held in the past.
    for (const [part, bytes] of kept === null ? retainedOf(before) : toRetainedParts(kept)) parts.set(part, bytes)
    const measured: MeasuredStorage = {
      // Only the last state is that of the version.
      metadataLocation: isLast ? this.#due.metadataLocation : null,
      period: Math.max(state.period, before?.period ?? 0),
      retryAtMs: this.#retryAtMs(storage, { isComplete, isLast }),
      codec: propertyValue(metadata.properties, CODEC_PROPERTY)?.toLowerCase() ?? null,
      targetFileBytes: targetFileSize(metadata.properties).targetBytes,
      storage,
      parts,
      // Only those of now are shown.
      cuts: isLast ? cuts : null,
      fields: toFields(metadata),
    }
    const { id, table } = this.#due
    const changes = measuredStorageChanges({ tableId: id, catalog: table.catalog }, before, measured)
    if (!(await tryCommit(database, [...changes, ...removedFooterChanges(id, unusedKeys)]))) return null
    return {
      revision: (before?.revision ?? 0) + 1,
      metadataLocation: measured.metadataLocation,
      period: measured.period,
      parts,
      columns: new Map(storage.columns.map(({ fieldId, bytes }) => [fieldId, bytes])),
    }
  }

  async #readStorage(
    files: readonly FileEntry[],
  ): Promise<{ storage: TableStorage; cuts: CutBytes[]; isComplete: boolean; unusedKeys: string[] }> {
    const { database } = this.#services
    const { id } = this.#due
    const known = await readStoredFooters(database, id)
    const unread = chooseUnread(files, known, database.nowMs())
    const entries = new Map(unread.map((file) => [file.key, file]))
    const missing = files.filter(({ key }) => {
      const stored = known.get(key)
      return entries.has(key) || (stored !== undefined && stored.committedAtMs === null)
    })
    const times = await findCommitTimes(
      database,
      id,
      this.#table.metadata,
      new Set(missing.map(({ snapshotId }) => snapshotId)),
    )
    const timeOf = ({ key, snapshotId }: FileEntry) => known.get(key)?.committedAtMs ?? times.get(snapshotId) ?? null
    const read = new Map(
      [...(await readFooters(this.#table, unread, this.#options))].map(([key, footer]) => {
        const file = entries.get(key)
        return [key, { ...footer, committedAtMs: file ? timeOf(file) : null }]
      }),
    )
    // Stored at once: what was read is not read again after a failure.
    if (read.size > 0) await database.commit(readFooterChanges(id, read))
    const storage = sumStorage(
      files.map(({ key, fileBytes, content, isParquet }) => {
        const { footer = null, problem = null } = read.get(key) ?? known.get(key) ?? {}
        return { content, isParquet, fileBytes, footer, problem }
      }),
      (fieldId) => setCodecOf(this.#table.metadata, fieldId),
    )
    const readFiles = files.flatMap((file): ReadFile[] => {
      const stored = file.content === 'data' ? (read.get(file.key) ?? known.get(file.key)) : undefined
      if (stored?.problem !== null) return []
      const { footer, createdBy } = stored
      return [{ fileBytes: file.fileBytes, footer, createdBy, committedAtMs: timeOf(file) }]
    })
    const live = new Set(files.map(({ key }) => key))
    return {
      storage,
      cuts: sumCuts(readFiles, database.nowMs()),
      isComplete: read.size === unread.length,
      unusedKeys: [...known.keys()].filter((key) => !live.has(key)),
    }
  }

  #retryAtMs(
    { problem }: TableStorage,
    { isComplete, isLast }: { isComplete: boolean; isLast: boolean },
  ): number | null {
    const nowMs = this.#services.database.nowMs()
    // If the process ends before the last state, another one goes on at once.
    if (!isLast) return nowMs
    if (!isComplete) return nowMs + NEXT_PART_MS
    return problem === null ? null : nowMs + RETRY_MS
  }
}

function retainedOf(known: KnownStorage | null): [StoragePart, PartBytes][] {
  return known === null ? [] : [...known.parts].filter(([part]) => isRetained(part))
}

/** Null where neither the table nor the column says which codec its files should have. */
function setCodecOf({ properties }: TableMetadata, fieldId: number | null): string | null {
  const isSet = propertyValue(properties, CODEC_PROPERTY) !== null
  if (fieldId === null) return isSet ? (columnCompression(properties, 0).codec ?? null) : null
  const { codec, isOwn } = columnCompression(properties, fieldId)
  return isSet || isOwn ? codec : null
}

function toFields(metadata: TableMetadata): Map<number, { name: string; type: string }> {
  return new Map(
    [...indexAllFields(metadata)].map(([id, { field, path }]) => [
      id,
      { name: path.join('.'), type: typeLabel(field.type) },
    ]),
  )
}
