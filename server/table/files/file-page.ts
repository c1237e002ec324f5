import 'server-only'
import type { z } from 'zod'
import type { listFiles, LiveFile as ListedFile } from '@/lib/contract/table/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { type DataFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import { codecPropertyNames } from '@/server/table/codec-name'
import type { TableServices } from '@/server/table/table-services'
import { findManifest, type ListedEntry, type OpenManifests, openManifests } from './listed-entries'
import { type LiveFilePage, readLiveFilePage } from './live-file-page'
import { describePartitions } from './live-files'

const PAGE_SIZE = 1_000

/**
 * One page of the live files of a snapshot, in scan order, or of the entries of one of its manifests, with the known
 * statistics of their footers.
 *
 * @throws {AppError} as `openManifests`, `findManifest` and `readLiveFilePage` do
 */
export async function readFilePage(
  services: Pick<TableServices, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { offset, manifest: manifestPath, signal }: { offset: number; manifest?: string | undefined; signal: AbortSignal },
): Promise<z.output<typeof listFiles.output>> {
  const open = await openManifests(services, table, asOf, signal)
  const { page, totalCount, totalBytes, manifests } =
    manifestPath === undefined
      ? await readLiveFilePage(open, { offset, limit: PAGE_SIZE })
      : await readManifestEntryPage(open, findManifest(open, manifestPath), offset)
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
    files: page.map((one) =>
      toListedFile(one, {
        partition: describePartition(one.entry).partitionLabel,
        sizes: sizes.get(one.entry.dataFile.filePath) ?? null,
      }),
    ),
    nextOffset: offset + page.length < totalCount ? offset + page.length : null,
  }
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
  }
}
