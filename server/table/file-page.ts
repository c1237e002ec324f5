import 'server-only'
import type { z } from 'zod'
import type { listFiles, LiveFile as ListedFile } from '@/lib/contract/files'
import type { AsOf } from '@/lib/iceberg/as-of'
import type { LoadedTable } from '@/server/catalog/catalog-client'
import { type DataFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Services } from '@/server/services'
import type { ObjectStore } from '@/server/storage/object-store'
import { type LiveFile, readLiveFiles, readManifests } from './live-files'
import { resolveRequestedState } from './requested-state'

const PAGE_SIZE = 1_000

/**
 * One page of the live files of a snapshot, in scan order, with what is known from their footers.
 *
 * @throws {AppError} as `readLiveFiles` does
 */
export async function readFilePage(
  services: Pick<Services, 'database' | 'manifestCache'>,
  table: LoadedTable,
  asOf: AsOf,
  { offset, store, signal }: { offset: number; store: ObjectStore; signal: AbortSignal },
): Promise<z.output<typeof listFiles.output>> {
  const { snapshot } = resolveRequestedState(table.metadata, asOf, services.database.nowMs())
  const [manifests, files] = await Promise.all([
    readManifests(services.manifestCache, table, snapshot, { store, signal }),
    readLiveFiles(services.manifestCache, table, snapshot, { store, signal }),
  ])
  const page = files.slice(offset, offset + PAGE_SIZE)
  const sizes = await readFileSizes(
    services.database,
    page.map(({ dataFile }) => dataFile.filePath),
  )
  return {
    snapshotId: snapshot?.snapshotId ?? null,
    manifestCount: manifests.length,
    manifestBytes: manifests.reduce((sum, { manifestLengthBytes }) => sum + manifestLengthBytes, 0),
    totalCount: files.length,
    totalBytes: files.reduce((sum, { dataFile }) => sum + dataFile.fileSizeBytes, 0),
    files: page.map((file) => toListedFile(file, sizes.get(file.dataFile.filePath) ?? null)),
    nextOffset: offset + page.length < files.length ? offset + page.length : null,
  }
}

function toListedFile(file: LiveFile, sizes: DataFileSizes | null): ListedFile {
  const { dataFile, sequenceNumber, snapshotId, partitionLabel } = file
  return {
    path: dataFile.filePath,
    content: dataFile.content,
    format: dataFile.fileFormat,
    recordCount: dataFile.recordCount,
    fileSizeBytes: dataFile.fileSizeBytes,
    sequenceNumber,
    addedSnapshotId: snapshotId,
    specId: dataFile.specId,
    partition: partitionLabel,
    codec: sizes && [...new Set(Object.values(sizes.codecs))].join(', '),
    plainBytes: sizes?.plainBytes ?? null,
  }
}
