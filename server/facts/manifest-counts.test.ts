import { expect, it } from 'vitest'
import { readSnapshotFacts } from '@/lib/facts/snapshot-facts'
import { deleteRows } from '@/testing/catalogs/delete-rows'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome } from '@/testing/homes/test-home'
import { loadCsv } from '@/testing/ingest/load-table'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { findHistory } from '@/server/db/facts/histories'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import { readLiveFiles } from '@/server/table/files/live-files'
import { countByManifests } from './manifest-counts'
import { OwnCatalogPoll } from './own-catalog'

const testHome = createTestHome()
const { signal } = new AbortController()
const TABLE = { catalog: 'local', namespace: ['ns'], table: 'counted' }
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: true, type: 'long' }] }

it('Manifests have the counts that summaries lack', async () => {
  const { services, database } = testHome
  await loadCsv(services, TABLE, 'id\n1\n2\n3\n', { schema: SCHEMA })
  await loadCsv(services, TABLE, 'id\n4\n5\n')
  const loaded = await (await openTestCatalog(services)).loadTable(TABLE)
  const [file] = await readLiveFiles(services.manifestCache, loaded, currentSnapshot(loaded.metadata), loaded)
  if (!file) throw new Error('the table has two files')
  await deleteRows(services, TABLE, file, [1])

  const { metadata, metadataLocation, store } = await (await openTestCatalog(services)).loadTable(TABLE)
  expect(metadata.snapshots).toHaveLength(3)
  for (const snapshot of metadata.snapshots) {
    const { added, removed, total } = readSnapshotFacts(snapshot)
    expect(await countByManifests(store, metadata, snapshot.snapshotId, signal)).toEqual({ added, removed, total })
  }

  // The same table as a writer commits it that counts nothing.
  const uncounted = metadata.snapshots.map((snapshot) => ({ ...snapshot, summary: { operation: 'append' } }))
  const location = metadataLocation.replace(/[^/]*$/, '00009-uncounted.metadata.json')
  await store.writeNew(location, Buffer.from(writeTableMetadata({ ...metadata, snapshots: uncounted })))
  const point = 'UPDATE iceberg_tables SET metadata_location = ? WHERE table_name = ?'
  await database.commit([rawChange('DELETE FROM fact_changes'), rawChange(point, [location, TABLE.table], 1)])
  await new OwnCatalogPoll(services).run(signal)
  const bytes = Number(currentSnapshot(metadata)?.summary['total-files-size'])
  expect((await findHistory(database, TABLE))?.state.total).toEqual({
    rows: 5,
    files: 2,
    bytes,
    deleteFiles: 1,
    positionDeletes: 1,
    equalityDeletes: 0,
  })
})
