import { beforeAll, describe, expect, test } from 'vitest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import type { Grant } from '@/lib/permissions'
import { createTableOfFiles, type TableOfFiles } from '@/testing/catalogs/table-of-files'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { createTestHome } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import { readLiveFiles } from '@/server/table/live-files'
import type { CatalogClient, LoadedTable } from './catalog-client'

const home = createTestHome()
const REFUSED = { code: 'location-refused' }
let warehouse: string
let secretFile: string
let looseFile: string
let secret: LoadedTable
let own: TableOfFiles['identifier']
let admin: CatalogClient

beforeAll(async () => {
  ;({ warehouse } = home.config)
  secretFile = `${warehouse}/demo/secret/data/a.parquet`
  looseFile = `${warehouse}/loose/a.parquet`
  admin = await openTestCatalog(home.services)
  const store = home.services.stores.catalogStore('local')
  const { identifier } = await createTableOfFiles(home.services, 'secret', [secretFile])
  for (const file of [secretFile, looseFile]) await store.writeNew(file, new TextEncoder().encode('rows'))
  secret = await admin.loadTable(identifier)
  // Its manifests are its own, and name a file of the other table and one of no table.
  own = (await createTableOfFiles(home.services, 'own', [secretFile, looseFile])).identifier
})

const grantsOn = (...tables: string[]): Grant[] =>
  tables.flatMap((table) =>
    (['table:read', 'table:write', 'table:maintain'] as const).map((permission) => ({
      permission,
      on: { catalog: 'local', namespace: ['demo'], table },
    })),
  )
const someone = (...tables: string[]): Actor => ({
  userId: 'u',
  username: 'ann',
  role: 'viewer',
  grants: grantsOn(...tables),
})
const openAs = (actor: Actor) => home.services.catalogs.open('local', actor)

/** Makes the newest snapshot of the other table one of this table. */
function foreignSnapshot(refName = 'stolen'): TableUpdate[] {
  const snapshot = currentSnapshot(secret.metadata)
  if (snapshot === null) throw new Error('the table has no snapshot')
  const stolen = { ...snapshot, snapshotId: '77', parentSnapshotId: null, sequenceNumber: 9, timestampMs: Date.now() }
  return [
    { action: 'add-snapshot', snapshot: stolen },
    { action: 'set-snapshot-ref', refName, type: 'branch', snapshotId: '77' },
  ]
}

const liveFiles = (table: LoadedTable) =>
  readLiveFiles(home.services.manifestCache, table, currentSnapshot(table.metadata), { store: table.store })

describe('Somebody with a grant on one table', () => {
  test('reads the files of its folders and those of no table, and no file of another table that its manifests name', async () => {
    const { store, metadata } = await (await openAs(someone('own'))).loadTable(own)
    const text = async (location: string) => new TextDecoder().decode(await store.read(location))
    expect(await store.sizeBytes(currentSnapshot(metadata)?.manifestList ?? '')).toBeGreaterThan(0)
    expect(await text(looseFile)).toBe('rows')
    const range = { start: 0, end: 1 }
    await expect(store.read(secretFile)).rejects.toMatchObject(REFUSED)
    await expect(store.sizeBytes(secretFile)).rejects.toMatchObject(REFUSED)
    await expect(store.stream(secretFile, { range })).rejects.toMatchObject(REFUSED)
    await expect(store.copyNew(secretFile, `${warehouse}/demo/own/data/b`)).rejects.toMatchObject(REFUSED)
    await expect(store.listNames(`${warehouse}/demo/secret/data`, { limit: 9 })).rejects.toMatchObject(REFUSED)
    await expect(store.writeNew(`${warehouse}/demo/secret/data/b`, new Uint8Array(1))).rejects.toMatchObject(REFUSED)
    await expect(store.remove(secretFile)).rejects.toMatchObject(REFUSED)
  })

  test('reads them with a grant on the other table, or on the catalog', async () => {
    const both = await (await openAs(someone('own', 'secret'))).loadTable(own)
    expect(await both.store.sizeBytes(secretFile)).toBe(4)
    const { store } = await (await openAs(TEST_ACTOR)).loadTable(own)
    expect(await store.sizeBytes(secretFile)).toBe(4)
  })

  test('cannot commit a snapshot of another table, alone or with others', async () => {
    const catalog = await openAs(someone('own'))
    const change = { requirements: [], updates: foreignSnapshot() }
    await expect(catalog.commitTable(own, change)).rejects.toMatchObject(REFUSED)
    await expect(catalog.commitTable(own, () => change)).rejects.toMatchObject(REFUSED)
    await expect(catalog.commitTables([{ identifier: own, change }])).rejects.toMatchObject(REFUSED)
    const created = { ...own, table: 'new' }
    const create = { requirements: [{ type: 'assert-create' as const }], updates: foreignSnapshot() }
    await expect((await openAs(someone('own', 'new'))).commitTable(created, create)).rejects.toMatchObject(REFUSED)
    expect((await admin.loadTable(own)).metadata.snapshots).toHaveLength(1)
  })

  test('cannot register the metadata of another table', async () => {
    const catalog = await openAs(someone('own', 'new'))
    const registered = catalog.registerTable({ ...own, table: 'new' }, secret.metadataLocation)
    await expect(registered).rejects.toMatchObject(REFUSED)
    const store = await catalog.openStore({ ...own, table: 'new' })
    await expect(store.read(secret.metadataLocation)).rejects.toMatchObject(REFUSED)
  })

  test('does not get a manifest of another table that somebody else read before', async () => {
    // By somebody who may read both.
    await admin.commitTable(own, { requirements: [], updates: foreignSnapshot('main') })
    expect(await liveFiles(await admin.loadTable(own))).toHaveLength(1)
    const table = await (await openAs(someone('own'))).loadTable(own)
    await expect(liveFiles(table)).rejects.toMatchObject(REFUSED)
  })
})
