import type { TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import type { Schema } from '@/lib/iceberg/schema/types'
import type { Services } from '@/server/services'
import { appendFiles } from '@/server/table/commit/append-files'
import { newSnapshotId } from '@/server/table/commit/run-operation'
import { readLiveFiles } from '@/server/table/files/live-files'
import { openTestCatalog, TEST_ACTOR } from './test-catalog'
import { readManifests } from '@/testing/catalogs/read-manifests'

export const ONE_COLUMN_SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: false, type: 'long' }],
}

/** Appends ten rows in an existing file with the length that its manifest claims. */
export async function appendTenRows(
  services: Pick<Services, 'catalogs' | 'config' | 'log' | 'stores'>,
  identifier: TableIdentifier,
  snapshotId = newSnapshotId(),
): Promise<string> {
  const catalog = await openTestCatalog(services)
  const { metadata } = await catalog.loadTable(identifier)
  const store = services.stores.catalogStore(identifier.catalog)
  const filePath = `${metadata.location}/data/${snapshotId}.parquet`
  await store.writeNew(filePath, new Uint8Array(100))
  await appendFiles(services.log, {
    catalog,
    store,
    identifier,
    snapshotId,
    files: [sampleDataFile(filePath)],
    specId: 0,
    schemaId: 0,
    actor: TEST_ACTOR,
    signal: new AbortController().signal,
  })
  return snapshotId
}

/** Reads every snapshot of a table as an engine does: each named file must exist and have the recorded length. */
export async function verifyTable(
  services: Pick<Services, 'catalogs' | 'config' | 'manifestCache' | 'stores'>,
  identifier: TableIdentifier,
) {
  const table = await (await openTestCatalog(services)).loadTable(identifier)
  const { metadata, metadataLocation } = table
  const readOptions = { store: services.stores.catalogStore(identifier.catalog), signal: new AbortController().signal }
  const rowCounts = new Map<string, number>()
  for (const snapshot of metadata.snapshots) {
    for (const { manifestPath, manifestLengthBytes } of await readManifests(
      services.manifestCache,
      table,
      snapshot,
      readOptions,
    )) {
      if ((await readOptions.store.sizeBytes(manifestPath)) !== manifestLengthBytes)
        throw new Error(`wrong length: ${manifestPath}`)
    }
    let rows = 0
    for (const { dataFile } of await readLiveFiles(services.manifestCache, table, snapshot, readOptions)) {
      const sizeBytes = await readOptions.store.sizeBytes(dataFile.filePath)
      if (sizeBytes !== dataFile.fileSizeBytes) throw new Error(`wrong length: ${dataFile.filePath}`)
      rows += dataFile.recordCount
    }
    rowCounts.set(snapshot.snapshotId, rows)
  }
  return {
    metadata,
    metadataLocation,
    rows: rowCounts.get(metadata.currentSnapshotId ?? '') ?? 0,
    log: metadata.snapshotLog.map(({ snapshotId }) => snapshotId),
    sequenceNumbers: metadata.snapshots.map(({ sequenceNumber }) => sequenceNumber),
  }
}
