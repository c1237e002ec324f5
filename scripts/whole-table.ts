import type { TableRef } from '@/lib/iceberg/identifiers'
import { sampleDataFile } from '@/lib/iceberg/sample-data-file'
import type { Schema } from '@/lib/iceberg/types'
import type { Services } from '@/server/services'
import { appendFiles, newSnapshotId } from '@/server/table/append-files'
import { liveFiles, readManifests } from '@/server/table/inspect'
import { openTestCatalog, TEST_ACTOR } from './test-lake'

export const ONE_COLUMN: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'long' }],
}
export const ROWS_PER_APPEND = 10

/** Ten rows of a file that is there and as long as its manifest says. */
export async function appendTenRows(
  services: Pick<Services, 'catalogs' | 'config' | 'log' | 'stores'>,
  ref: TableRef,
  snapshotId = newSnapshotId(),
): Promise<string> {
  const catalog = await openTestCatalog(services)
  const { metadata } = await catalog.loadTable(ref)
  const store = services.stores.ofCatalog(ref.catalog)
  const filePath = `${metadata.location}/data/${snapshotId}.parquet`
  await store.writeNew(filePath, new Uint8Array(100))
  await appendFiles(services.log, {
    catalog,
    store,
    ref,
    snapshotId,
    files: [sampleDataFile(filePath)],
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal: new AbortController().signal,
  })
  return snapshotId
}

/**
 * Walks a table as a reader does, every snapshot of it: each file that is named must be there and as long as it is
 * said to be.
 */
export async function wholeTable(
  services: Pick<Services, 'catalogs' | 'config' | 'manifestCache' | 'stores'>,
  ref: TableRef,
) {
  const table = await (await openTestCatalog(services)).loadTable(ref)
  const { metadata, metadataLocation } = table
  const reading = { store: services.stores.ofCatalog(ref.catalog), signal: AbortSignal.timeout(30_000) }
  const rowsAt = new Map<string, number>()
  for (const snapshot of metadata.snapshots) {
    for (const { manifestPath, manifestLengthBytes } of await readManifests(
      services.manifestCache,
      table,
      snapshot,
      reading,
    )) {
      if ((await reading.store.sizeBytes(manifestPath)) !== manifestLengthBytes) throw new Error(`cut: ${manifestPath}`)
    }
    let rows = 0
    for (const { dataFile } of await liveFiles(services.manifestCache, table, snapshot, reading)) {
      const sizeBytes = await reading.store.sizeBytes(dataFile.filePath)
      if (sizeBytes !== dataFile.fileSizeBytes) throw new Error(`cut: ${dataFile.filePath}`)
      rows += dataFile.recordCount
    }
    rowsAt.set(snapshot.snapshotId, rows)
  }
  return {
    metadata,
    metadataLocation,
    rows: rowsAt.get(metadata.currentSnapshotId ?? '') ?? 0,
    log: metadata.snapshotLog.map(({ snapshotId }) => snapshotId),
    sequenceNumbers: metadata.snapshots.map(({ sequenceNumber }) => sequenceNumber),
  }
}
