import 'server-only'
import {
  type AddedFiles,
  type AddedPartition,
  type CommitFigure,
  MAX_ADDED_PARTITIONS,
  MAX_NEWEST_FILES,
  type PartitionTime,
} from '@/lib/contract/table/added-files'
import { partitionComparator } from '@/lib/iceberg/manifest/compare-partitions'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionColumnsBySpec, schemaForSpec } from '@/lib/iceberg/manifest/partition-tuple'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'
import { findRef } from '@/lib/iceberg/metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type PartitionColumn, specLabel } from '@/lib/iceberg/partitioning/partition-spec'
import { sameChangesOnBranch } from '@/lib/iceberg/operations/pick-sources'
import { propertyValue } from '@/lib/iceberg/properties/property-value'
import { listEntries } from '@/lib/scan/metadata-tables/manifest-sequence'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { TableServices } from '@/server/table/table-services'
import { openManifests } from './listed-entries'
import { countLiveRows } from './live-row-count'
import { describePartitions } from './live-files'

const MAX_READ_FILES = 300_000

/**
 * A commit and the files that it added. Files that it only lists again, such as after a merge of manifests, are not
 * among them.
 *
 * @throws {AppError} not-found when the table does not have the snapshot; as reading manifests does
 */
export async function readAddedFiles(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  {
    snapshotId,
    branch = MAIN_BRANCH,
    maxReadFiles = MAX_READ_FILES,
    signal,
  }: { snapshotId: string; branch?: string | undefined; maxReadFiles?: number; signal: AbortSignal },
): Promise<AddedFiles> {
  const { metadata } = table
  const { snapshot, manifests, source } = await openManifests(services, table, { snapshotId }, signal)
  if (snapshot === null) throw new Error(`the snapshot ${snapshotId} was resolved to none`)
  const added = new AddedFileSums(metadata)
  let readCount = 0
  const own = manifests.filter((manifest) => manifest.addedSnapshotId === snapshotId && mightHoldLiveFiles(manifest))
  for await (const { entry } of listEntries({ metadata, source }, own)) {
    if (entry.status !== 'added' || entry.snapshotId !== snapshotId) continue
    readCount += 1
    if (readCount > maxReadFiles) break
    added.add(entry)
  }
  const { parentSnapshotId, timestampMs, sequenceNumber, summary } = snapshot
  const parent = metadata.snapshots.find((one) => one.snapshotId === parentSnapshotId) ?? null
  const counting = { source, maxReadFiles, signal }
  return {
    snapshotId,
    parentSnapshotId,
    committedAtMs: timestampMs,
    operation: summary.operation ?? 'unknown',
    sequenceNumber,
    newerCount: countNewer(metadata, snapshotId, branch),
    onMain: findOnMain(metadata, snapshotId),
    rows: toFigure(snapshot, parent, ['total-records', 'added-records', 'deleted-records']),
    files: toFigure(snapshot, parent, ['total-data-files', 'added-data-files', 'deleted-data-files']),
    bytes: toFigure(snapshot, parent, ['total-files-size', 'added-files-size', 'removed-files-size']),
    liveRows: {
      before: await countBefore(table, snapshot, parent, counting),
      after: toText(await countLiveRows(table, snapshot, counting)),
    },
    ...added.toOutput(),
    isTruncated: readCount > maxReadFiles,
  }
}

/** The data files by partition. Holds one sum for each partition, and the files that came last. */
class AddedFileSums {
  readonly #metadata: TableMetadata
  readonly #columnsBySpec: ReadonlyMap<number, readonly PartitionColumn[]>
  readonly #describe: ReturnType<typeof describePartitions>
  readonly #partitions = new Map<string, { of: Pick<DataFile, 'specId' | 'partition'>; sums: AddedPartition }>()
  readonly #specIds = new Set<number>()
  #newest: AddedFiles['newestFiles'] = []
  #dataFileCount = 0
  #deleteFileCount = 0

  constructor(metadata: TableMetadata) {
    this.#metadata = metadata
    this.#columnsBySpec = partitionColumnsBySpec(metadata)
    this.#describe = describePartitions(metadata)
  }

  add(entry: ManifestEntry): void {
    const { content, filePath, specId, partition, recordCount, fileSizeBytes } = entry.dataFile
    if (content !== 'data') {
      this.#deleteFileCount += 1
      return
    }
    this.#dataFileCount += 1
    this.#specIds.add(specId)
    const { partitionLabel: label } = this.#describe(entry)
    const key = `${specId} ${label}`
    const known = this.#partitions.get(key)
    const { sums } = known ?? {
      sums: { label, timeIndex: this.#timeIndexOf(entry.dataFile), rowCount: 0, fileCount: 0, bytes: 0 },
    }
    sums.rowCount += recordCount
    sums.fileCount += 1
    sums.bytes += fileSizeBytes
    if (known === undefined) this.#partitions.set(key, { of: { specId, partition }, sums })
    this.#newest.push({ path: filePath, partition: label, recordCount, fileSizeBytes })
    if (this.#newest.length >= 2 * MAX_NEWEST_FILES) this.#newest = this.#newest.slice(-MAX_NEWEST_FILES)
  }

  toOutput() {
    const compare = partitionComparator(this.#columnsBySpec, false)
    const [specId = null] = this.#specIds.size === 1 ? [...this.#specIds] : []
    return {
      specId,
      partitionedBy: [...this.#specIds].map((id) => this.#labelOf(id)).join('; '),
      partitionTime: specId === null ? null : partitionTimeOf(this.#columnsBySpec.get(specId) ?? []),
      dataFileCount: this.#dataFileCount,
      deleteFileCount: this.#deleteFileCount,
      partitionCount: this.#partitions.size,
      partitions: [...this.#partitions.values()]
        .toSorted((a, b) => compare(a.of, b.of))
        .slice(0, MAX_ADDED_PARTITIONS)
        .map(({ sums }) => sums),
      newestFiles: this.#newest.slice(-MAX_NEWEST_FILES).reverse(),
    }
  }

  #timeIndexOf({ specId, partition: [value] }: DataFile): number | null {
    if (partitionTimeOf(this.#columnsBySpec.get(specId) ?? []) === null) return null
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
  }

  #labelOf(specId: number): string {
    const spec = this.#metadata.partitionSpecs.find((one) => one.specId === specId)
    const schema = spec === undefined ? null : schemaForSpec(spec, this.#metadata.schemas)
    return spec === undefined || schema === null ? '' : specLabel(spec, schema)
  }
}

/** Null unless the partitions are hours, days or months of one column, which a calendar shows. */
function partitionTimeOf(columns: readonly PartitionColumn[]): PartitionTime | null {
  const [column, ...others] = columns
  if (column === undefined || others.length > 0) return null
  const { kind } = column.transform
  if (kind === 'hour' || kind === 'day' || kind === 'month') return kind
  return kind === 'identity' && column.sourceType === 'date' ? 'day' : null
}

function countNewer(metadata: TableMetadata, snapshotId: string, branch: string): number | null {
  const tip = findRef(metadata, branch)
  const index = tip === null ? -1 : ancestorIds(metadata, tip.snapshotId).indexOf(snapshotId)
  return index < 0 ? null : index
}

function findOnMain(metadata: TableMetadata, snapshotId: string): AddedFiles['onMain'] {
  const tip = findRef(metadata, MAIN_BRANCH)
  const holderId = sameChangesOnBranch(metadata, tip?.snapshotId ?? null)(snapshotId)
  const holder = metadata.snapshots.find((one) => one.snapshotId === holderId)
  if (holder === undefined) return null
  const newerCount = countNewer(metadata, holder.snapshotId, MAIN_BRANCH) ?? 0
  return { snapshotId: holder.snapshotId, parentSnapshotId: holder.parentSnapshotId, newerCount }
}

/** Before the first snapshot a table has nothing. A parent that has expired does not say what it had. */
function toFigure(
  snapshot: Snapshot,
  parent: Snapshot | null,
  [total, added, removed]: readonly [total: string, added: string, removed: string],
): CommitFigure {
  return {
    before: snapshot.parentSnapshotId === null ? '0' : parent && summaryNumber(parent, total),
    added: summaryNumber(snapshot, added),
    removed: summaryNumber(snapshot, removed),
    after: summaryNumber(snapshot, total),
  }
}

async function countBefore(
  table: LoadedTable,
  { parentSnapshotId }: Snapshot,
  parent: Snapshot | null,
  options: Parameters<typeof countLiveRows>[2],
): Promise<string | null> {
  if (parentSnapshotId === null) return '0'
  return parent && toText(await countLiveRows(table, parent, options))
}

function toText(count: bigint | null): string | null {
  return count === null ? null : String(count)
}

/** Other programs write summaries, too: a value that is not a number is unknown. */
function summaryNumber({ summary }: Snapshot, key: string): string | null {
  const text = propertyValue(summary, key)
  return text !== null && /^\d{1,30}$/.test(text) ? text : null
}
