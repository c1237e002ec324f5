import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { readTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import { readFooter } from '@/lib/parquet/footer'
import { findFixture } from '@/testing/find-fixture'
import { createTestStores } from '@/testing/stores/test-stores'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { ManifestCache } from './manifest-cache'
import { readLiveFiles } from './files/live-files'

const stores = createTestStores()

/**
 * Tables that other engines wrote elsewhere and that were then copied here: their metadata still names the old
 * location.
 */

test.skipIf(findFixture('iceberg') === null).each([
  ['iceberg/java/bunnies', 'v5.metadata.json'],
  ['iceberg/spark/bunnies', 'v5.metadata.json'],
  ['iceberg/spark/rename_column', 'v3.metadata.json'],
  ['iceberg/athena/example', '00001-aaf0d033-d06b-43c7-be60-67f83abd4aca.metadata.json'],
])(
  'The table copied to %s (skipped if it is not there) opens through a mapping of its old location',
  async (folder, name) => {
    const to = pathToFileURL(findFixture(folder) ?? '').href
    const localStore = stores.storeFor({ kind: 'local', roots: [to], isReadOnly: true })
    const metadataLocation = `${to}/metadata/${name}`
    const metadata = readTableMetadata(new TextDecoder().decode(await localStore.read(metadataLocation)))
    const store = stores.storeFor({ kind: 'local', roots: [to], isReadOnly: true }, [{ from: metadata.location, to }])
    const identifier = { catalog: 'files', namespace: ['moved'], table: 't' }
    const table: LoadedTable = { identifier, metadataLocation, metadata, store }
    const snapshot = metadata.snapshots.find(({ snapshotId }) => snapshotId === metadata.currentSnapshotId) ?? null
    const files = await readLiveFiles(new ManifestCache(), table, snapshot, { store })
    expect(files.length).toBeGreaterThan(0)
    for (const { dataFile } of files) {
      const byteLength = await store.sizeBytes(dataFile.filePath)
      const read = (start: number, end: number) => store.read(dataFile.filePath, { range: { start, end } })
      const { rowCount } = await readFooter({ name: dataFile.filePath, byteLength, read })
      expect(rowCount).toBe(dataFile.recordCount)
    }
    await expect(localStore.read(files[0]?.dataFile.filePath ?? '')).rejects.toThrow(AppError)
  },
)
