import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { MetadataTableName } from '@/lib/iceberg/metadata/metadata-table-names'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, readSnapshotManifests } from '../snapshot-manifests'
import { entriesTable, filesTable } from './file-tables'
import { type FoundEntry, listDistinctManifests, listEntries, listManifests } from './manifest-sequence'
import { manifestsTable } from './manifest-tables'
import type { MetadataTable } from './metadata-table'
import { partitionsTable } from './partitions-table'
import type { CanHold } from './readable-metrics'
import { type DeleteFileAccess, positionDeletesTable } from './position-deletes-table'
import {
  historyTable,
  metadataLogEntriesTable,
  partitionStatisticsTable,
  propertiesTable,
  refsTable,
  snapshotsTable,
  statisticsTable,
} from './table-tables'

export type DescribedTable = {
  metadata: TableMetadata
  metadataLocation: string
  /** For tables of one snapshot; null for a table without one. */
  snapshot: Snapshot | null
  /** As they may be shown: values that grant access are masked. */
  properties: Readonly<Record<string, string>>
  /** Called only for tables whose rows are not all in the metadata file. It throws if no file may or can be read. */
  openFiles: () => TableFiles
  canHold: CanHold
}

type TableFiles = { source: ManifestSource; deleteFiles: DeleteFileAccess }

type OpenedTable = DescribedTable & TableFiles

/**
 * A metadata table. Its rows are computed while they are read, manifest by manifest.
 *
 * @throws {AppError} not-supported when the table has no type for its partitions; file-missing, file-damaged and others
 *   of the manifest list; as `openFiles` does. Reading the rows throws as reading manifests and delete files does.
 */
export async function openMetadataTable(name: MetadataTableName, table: DescribedTable): Promise<MetadataTable> {
  const { metadata } = table
  switch (name) {
    case 'snapshots':
      return snapshotsTable(metadata)
    case 'history':
      return historyTable(metadata)
    case 'refs':
      return refsTable(metadata)
    case 'metadata_log_entries':
      return metadataLogEntriesTable(metadata, table.metadataLocation)
    case 'properties':
      return propertiesTable(table.properties)
    case 'statistics':
      return statisticsTable(metadata)
    case 'partition_statistics':
      return partitionStatisticsTable(metadata)
    case 'all_files':
    case 'all_data_files':
    case 'all_delete_files':
    case 'all_entries':
    case 'all_manifests':
      return openTableOfAll(name, { ...table, ...table.openFiles() })
    default:
      return await openTableOfSnapshot(name, { ...table, ...table.openFiles() })
  }
}

type OfAll = 'all_files' | 'all_data_files' | 'all_delete_files' | 'all_entries' | 'all_manifests'
type OfSnapshot = 'files' | 'data_files' | 'delete_files' | 'entries' | 'manifests' | 'partitions' | 'position_deletes'

function openTableOfAll(name: OfAll, table: OpenedTable): MetadataTable {
  const { metadata, canHold } = table
  const { snapshots } = metadata
  const fileCount = estimateFileCount(snapshots)
  if (name === 'all_manifests') {
    // Not known before the lists are read: commits add about one manifest each.
    const estimatedRowCount = (snapshots.length * (snapshots.length + 1)) / 2
    return manifestsTable(metadata, { estimatedRowCount, ofSeveralSnapshots: true }, () =>
      listManifests(table, snapshots),
    )
  }
  if (name === 'all_entries')
    return entriesTable(metadata, fileCount, {
      entries: () => listEntries(table, listDistinctManifests(table, snapshots)),
      canHold,
    })
  const content = contentOf(name)
  const entries = () => onlyLive(listEntries(table, onlyContent(listDistinctManifests(table, snapshots), content)))
  return filesTable(metadata, fileCount, { entries, canHold })
}

async function openTableOfSnapshot(name: OfSnapshot, table: OpenedTable): Promise<MetadataTable> {
  const { metadata, snapshot, source, canHold } = table
  const manifests = await readSnapshotManifests({ metadata, snapshot }, source)
  if (name === 'manifests') {
    const found = snapshot === null ? [] : manifests.map((manifest) => ({ manifest, snapshot }))
    const counts = { estimatedRowCount: found.length, ofSeveralSnapshots: false }
    return manifestsTable(metadata, counts, () => toAsync(found))
  }
  if (name === 'entries')
    return entriesTable(metadata, countFiles(manifests), { entries: () => listEntries(table, manifests), canHold })
  const content = name === 'position_deletes' ? 'deletes' : name === 'partitions' ? null : contentOf(name)
  const live = manifests.filter((each) => mightHoldLiveFiles(each) && (content === null || each.content === content))
  const entries = () => onlyLive(listEntries(table, live))
  if (name === 'partitions') return partitionsTable(metadata, countFiles(live), entries)
  if (name === 'position_deletes')
    return positionDeletesTable(metadata, countRows(live), { entries, access: table.deleteFiles })
  return filesTable(metadata, countFiles(live), { entries, canHold })
}

function contentOf(name: string): ManifestFile['content'] | null {
  if (name.endsWith('delete_files')) return 'deletes'
  return name.endsWith('data_files') ? 'data' : null
}

async function* onlyContent(
  manifests: AsyncIterable<ManifestFile>,
  content: ManifestFile['content'] | null,
): AsyncGenerator<ManifestFile, void> {
  for await (const manifest of manifests) if (content === null || manifest.content === content) yield manifest
}

async function* onlyLive(entries: AsyncIterable<FoundEntry>): AsyncGenerator<FoundEntry, void> {
  for await (const found of entries) if (found.entry.status !== 'deleted') yield found
}

async function* toAsync<T>(items: readonly T[]): AsyncGenerator<T, void> {
  yield* items
}

/** By the manifest list; a list of format v1 may lack the counts. */
function countFiles(manifests: readonly ManifestFile[]): number {
  return sum(manifests, ({ addedFilesCount, existingFilesCount, deletedFilesCount }) => [
    addedFilesCount,
    existingFilesCount,
    deletedFilesCount,
  ])
}

function countRows(manifests: readonly ManifestFile[]): number {
  return sum(manifests, ({ addedRowsCount, existingRowsCount }) => [addedRowsCount, existingRowsCount])
}

function sum(manifests: readonly ManifestFile[], countsOf: (manifest: ManifestFile) => (number | null)[]): number {
  return manifests.flatMap(countsOf).reduce<number>((total, count) => total + (count ?? 0), 0)
}

/** By the summaries of the snapshots: the files of the largest, and the removed ones. */
function estimateFileCount(snapshots: readonly Snapshot[]): number {
  const countIn = ({ summary }: Snapshot, key: string) => {
    const count = Number(summary[key] ?? 0)
    return Number.isSafeInteger(count) && count > 0 ? count : 0
  }
  const live = snapshots.map((each) => countIn(each, 'total-data-files') + countIn(each, 'total-delete-files'))
  const removed = snapshots.map((each) => countIn(each, 'deleted-data-files') + countIn(each, 'removed-delete-files'))
  return live.reduce((most, count) => Math.max(most, count), 0) + removed.reduce((total, count) => total + count, 0)
}
