import { createResponsePool } from '@/server/http-out/memory-pool'
import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { sampleDataFile } from '@/testing/iceberg/sample-data-file'
import { grantsOfRole } from '@/lib/permissions'
import { REST_FIXTURE } from '@/testing/peers/jars'
import { fetchJars } from '@/testing/peers/maven'
import { installOrSkip } from '@/testing/peers/install-or-skip'
import { type RestFixture, startRestFixture } from '@/testing/peers/rest-fixture'
import { startS3Server } from '@/testing/stores/s3-server'
import { SILENT_LOG } from '@/testing/silent-log'
import { restSettings } from '@/testing/catalogs/rest-catalog-stand-in'
import { createTestStores } from '@/testing/stores/test-stores'
import type { Actor } from '@/server/auth/actor'
import { LoadedMetadataCache } from '@/server/catalog/rest/loaded-metadata-cache'
import type { S3Access } from '@/server/locations/storage-access'
import { appendFiles } from '@/server/table/commit/append-files'
import { readLiveFiles } from '@/server/table/files/live-files'
import { ManifestCache } from '@/server/table/manifest-cache'
import { restCatalog } from '../catalog'
import type { RestSettings } from '../http/settings'

const stores = createTestStores()

const jar = await installOrSkip('Iceberg’s REST fixture', () => fetchJars([REST_FIXTURE]))
const s3 = jar === null ? null : await startS3Server()
const ANN: Actor = { userId: 'u1', username: 'ann', role: 'editor', grants: grantsOfRole('editor') }
const SCHEMA = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
} as const
const { signal } = new AbortController()

describe.skipIf(s3 === null)('A remote catalog with tables in an S3 store (skipped if none is available)', () => {
  let folder: string
  let fixture: RestFixture

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'rest-s3-'))
    fixture = await startRestFixture(folder, { s3: s3! })
    await openCatalog('none', [s3!.access]).write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  })
  afterAll(async () => {
    await fixture.stop()
    await s3?.stop()
    rmSync(folder, { recursive: true })
  })

  const toIdentifier = (table: string): TableIdentifier => ({ catalog: 'fixture', namespace: ['demo'], table })
  const openCatalog = (delegation: RestSettings['delegation'], storage: readonly S3Access[]) =>
    restCatalog({
      responsePool: createResponsePool(),
      log: SILENT_LOG,
      metadataCache: new LoadedMetadataCache(),
      storeForAll: (accesses, mappings) => stores.storeForAll(accesses, mappings),
      name: 'fixture',
      settings: restSettings(fixture.uri, { delegation }),
      storage,
      mappings: [],
      outbox: createTestOutbox(),
    })

  test('can be written and read with the connection’s own keys', async () => {
    const catalog = openCatalog('none', [s3!.access])
    await catalog.write({ kind: 'create-table', table: toIdentifier('own'), schema: SCHEMA })
    await appendTo(catalog, 'own')
    expect(await rowFiles(catalog, 'own')).toEqual(['a.parquet'])
  })

  test('can be written and read only with vended credentials', async () => {
    const without: S3Access = { ...s3!.access, roots: ['s3://elsewhere'], credentials: { kind: 'anonymous' } }
    const alone = openCatalog('none', [without])
    const { store } = await alone.write({ kind: 'create-table', table: toIdentifier('vended'), schema: SCHEMA })
    await expect(store.hasFiles('s3://lake/fixture/demo/vended')).rejects.toMatchObject({ code: 'location-refused' })

    const catalog = openCatalog('vended-credentials', [without])
    await appendTo(catalog, 'vended')
    expect(await rowFiles(catalog, 'vended')).toEqual(['a.parquet'])
    const vended = await catalog.openStore(toIdentifier('vended'))
    // Credentials vended for one table give no access to another.
    await expect(vended.hasFiles('s3://lake/fixture/demo/own')).rejects.toMatchObject({ code: 'location-refused' })
  })

  async function appendTo(catalog: ReturnType<typeof openCatalog>, table: string) {
    const { metadata, store } = await catalog.loadTable(toIdentifier(table))
    const files = [sampleDataFile(`${metadata.location}/data/a.parquet`)]
    await appendFiles(SILENT_LOG, {
      catalog,
      store,
      identifier: toIdentifier(table),
      files,
      specId: 0,
      schemaId: 0,
      actor: ANN,
      signal,
    })
  }

  async function rowFiles(catalog: ReturnType<typeof openCatalog>, table: string) {
    const loaded = await catalog.loadTable(toIdentifier(table))
    const files = await readLiveFiles(new ManifestCache(), loaded, loaded.metadata.snapshots.at(-1)!, {
      store: loaded.store,
      signal,
    })
    return files.map(({ dataFile }) => path.basename(dataFile.filePath))
  }
})
