import 'server-only'
import type { z } from 'zod'
import type { listFiles, LiveFile as ListedFile } from '@/lib/contract/table/files'
import type { FileSort } from '@/lib/contract/table/file-sorts'
import type { AsOf } from '@/lib/iceberg/as-of'
import { mightHoldLiveFiles } from '@/lib/iceberg/manifest/count-entries'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import { listEntries } from '@/lib/scan/metadata-tables/manifest-sequence'
import { toScanOrder } from '@/lib/scan/snapshot-manifests'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type DataFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import { codecPropertyNames } from '@/server/table/codec-name'
import { summaryCount } from '@/server/table/summary-counts'
import type { TableServices } from '@/server/table/table-services'
import { findManifest, type ListedEntry, type OpenManifests, openManifests } from './listed-entries'
import { countLiveFiles, type LiveFilePage, readLiveFilePage } from './live-file-page'
import { describePartitions } from './live-files'
import { searchFiles } from './search-files'

const PAGE_SIZE = 1_000

/** More files of a snapshot are not searched for one page. Their entries still fit in the cache of manifests. */
const MAX_SEARCHED_FILES = 300_000

type PageOptions = {
  offset: number
  /** Lists the entries of this manifest. */
  manifest?: string | undefined
  filter?: string | undefined
  sort?: FileSort | undefined
  signal: AbortSignal
  maxSearchedFiles?: number
}

/** A page of files with what was read and searched for it. */
type FilePage = LiveFilePage & { searchedCount: number; matchCount: number }

/**
 * One page of the live files of a snapshot or of the entries of one of its manifests, with the known statistics of
 * their footers. In scan order; with a filter or a sort, all files are searched.
 *
 * @throws {AppError} as `openManifests`, `findManifest`, `readLiveFilePage` and `listEntries` do
 */
export async function readFilePage(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  options: PageOptions,
): Promise<z.output<typeof listFiles.output>> {
  const { offset, filter = '', sort, signal } = options
  const open = await openManifests(services, table, asOf, signal)
  const isSearch = filter.trim() !== '' || sort !== undefined
  const { page, totalCount, totalBytes, manifests, searchedCount, matchCount } = isSearch
    ? await readSearchedPage(services, table, open, options)
    : await readScanOrderPage(open, options)
  const sizes = await readFileSizes(
    services.database,
    page.map(({ entry }) => entry.dataFile.filePath),
  )
  const describePartition = describePartitions(table.metadata)
  return {
    snapshotId: open.snapshot?.snapshotId ?? null,
    manifestCount: manifests.length,
    manifestBytes: manifests.reduce((sum, { manifestLengthBytes }) => sum + manifestLengthBytes, 0),
    totalCount,
    totalBytes,
    searchedCount,
    matchCount,
    files: page.map((one) =>
      toListedFile(one, {
        partition: describePartition(one.entry).partitionLabel,
        sizes: sizes.get(one.entry.dataFile.filePath) ?? null,
      }),
    ),
    nextOffset: offset + page.length < matchCount ? offset + page.length : null,
  }
}

async function readScanOrderPage(open: OpenManifests, { offset, manifest }: PageOptions): Promise<FilePage> {
  const page =
    manifest === undefined
      ? await readLiveFilePage(open, { offset, limit: PAGE_SIZE })
      : await readManifestEntryPage(open, findManifest(open, manifest), offset)
  return { ...page, searchedCount: page.totalCount, matchCount: page.totalCount }
}

async function readManifestEntryPage(
  open: OpenManifests,
  manifest: ManifestFile,
  offset: number,
): Promise<LiveFilePage> {
  const entries = await open.readEntries(manifest)
  return {
    page: entries.slice(offset, offset + PAGE_SIZE).map((entry) => ({ manifest, entry })),
    totalCount: entries.length,
    totalBytes: entries.reduce((sum, { dataFile }) => sum + dataFile.fileSizeBytes, 0),
    manifests: [manifest],
  }
}

/** Reads all manifests, most of them from the cache after the first page. One manifest is searched to its end. */
async function readSearchedPage(
  { database }: Pick<TableServices, 'database'>,
  { metadata }: LoadedTable,
  open: OpenManifests,
  { offset, manifest, filter = '', sort, maxSearchedFiles = MAX_SEARCHED_FILES }: PageOptions,
): Promise<FilePage> {
  const manifests =
    manifest === undefined ? toScanOrder(open.manifests.filter(mightHoldLiveFiles)) : [findManifest(open, manifest)]
  const read = new Set<ManifestFile>()
  async function* listSearched(): AsyncGenerator<ListedEntry, void> {
    for await (const listed of listEntries({ metadata, source: open.source }, manifests)) {
      read.add(listed.manifest)
      if (manifest !== undefined || listed.entry.status !== 'deleted') yield listed
    }
  }
  const { page, matchCount, searchedCount, searchedBytes, isComplete } = await searchFiles(
    { database, metadata },
    listSearched(),
    {
      filter,
      sort: sort ?? null,
      offset,
      limit: PAGE_SIZE,
      maxSearchedFiles: manifest === undefined ? maxSearchedFiles : Number.POSITIVE_INFINITY,
    },
  )
  return {
    page,
    matchCount,
    searchedCount,
    totalCount: isComplete ? searchedCount : await countLiveFiles(open),
    totalBytes: isComplete ? searchedBytes : open.snapshot && summaryCount(open.snapshot, 'total-files-size'),
    manifests: [...read],
  }
}

export function toListedFile(
  { manifest, entry }: ListedEntry,
  { partition, sizes }: { partition: string; sizes: DataFileSizes | null },
): ListedFile {
  const { dataFile, sequenceNumber, snapshotId, status } = entry
  return {
    path: dataFile.filePath,
    content: dataFile.content,
    format: dataFile.fileFormat,
    status,
    manifestPath: manifest.manifestPath,
    recordCount: dataFile.recordCount,
    fileSizeBytes: dataFile.fileSizeBytes,
    sequenceNumber,
    addedSnapshotId: snapshotId,
    specId: dataFile.specId,
    partition,
    codec: sizes && codecPropertyNames(Object.values(sizes.codecs)),
    plainBytes: sizes?.plainBytes ?? null,
    storedBytes: sizes?.storedBytes ?? null,
  }
}
