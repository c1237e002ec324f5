import { writeFileSync } from 'node:fs'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { DataFile } from '@/lib/iceberg/manifest/manifest'
import { writeManifestList } from '@/lib/iceberg/manifest/manifest-list'
import { writeManifest } from '@/lib/iceberg/manifest/write-manifest'
import type { Services } from '@/server/services'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { openTestCatalog } from './test-catalog'
import { readManifestList } from '@/testing/iceberg/read-at-once'

/**
 * Adds delete files to the current snapshot of a table, as if a later commit had written them: Lakeshore itself writes
 * none. The manifest list is replaced, so no process may have read it yet.
 */
export async function addDeleteFiles(
  services: Pick<Services, 'catalogs' | 'config' | 'stores'>,
  identifier: TableIdentifier,
  deleteFiles: readonly DataFile[],
): Promise<void> {
  const { metadata } = await (await openTestCatalog(services)).loadTable(identifier)
  const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId)
  const spec = metadata.partitionSpecs.find(({ specId }) => specId === deleteFiles[0]?.specId)
  const schema = metadata.schemas.find(({ schemaId }) => schemaId === metadata.currentSchemaId)
  if (!snapshot?.manifestList || !spec || !schema) throw new Error('the table has no snapshot, or not this spec')
  const { snapshotId, parentSnapshotId, manifestList, sequenceNumber } = snapshot
  const local = (location: string) => services.stores.localPath(location)
  const store = services.stores.catalogStore(identifier.catalog)
  const manifests = readManifestList(await store.read(manifestList), avroCodecs, { location: manifestList })
  const entries = deleteFiles.map((dataFile) => ({ status: 'added', dataFile }) as const)
  const head = { formatVersion: 2, content: 'deletes', schema, spec, snapshotId } as const
  const { bytes, summary } = writeManifest(entries, head, avroCodecs)
  const manifestPath = `${manifestList}-deletes-${manifests.length}.avro`
  writeFileSync(local(manifestPath), bytes)
  const later = sequenceNumber + 1
  const added = { ...summary, manifestPath, sequenceNumber: later, minSequenceNumber: later, firstRowId: null }
  const listHead = { formatVersion: 2, snapshotId, parentSnapshotId, sequenceNumber }
  writeFileSync(local(manifestList), writeManifestList([...manifests, added], listHead, avroCodecs))
}
