import { beforeAll, describe, expect, test } from 'vitest'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import { currentSnapshot } from '@/server/metrics/sizes/snapshot-totals'
import type { Grant } from '@/lib/permissions'
import { createTableOfFiles, type TableOfFiles } from '@/testing/catalogs/table-of-files'
import { openTestCatalog, TEST_ACTOR } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { sampleViewVersion } from '@/testing/iceberg/sample-view'
import { createTestHome } from '@/testing/homes/test-home'
import type { Actor } from '@/server/auth/actor'
import { readLiveFiles } from '@/server/table/files/live-files'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { isInDefaultFolder } from '@/server/catalog/embedded/folders/default-folder'
import { restrictToGrantedFiles } from './restrict-to-granted-files'

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
      resource: { catalog: 'local', namespace: ['demo'], table },
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

describe('A user with a grant on one table', () => {
  test('reads the files of its folders, and none of another table or of no table that its manifests name', async () => {
    const { store, metadata } = await (await openAs(someone('own'))).loadTable(own)
    const text = async (location: string) => new TextDecoder().decode(await store.read(location))
    expect(await store.sizeBytes(currentSnapshot(metadata)?.manifestList ?? '')).toBeGreaterThan(0)
    await expect(text(looseFile)).rejects.toMatchObject(REFUSED)
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
    expect(await store.sizeBytes(looseFile)).toBe(4)
  })

  test('cannot commit a snapshot of another table, alone or with others', async () => {
    const catalog = await openAs(someone('own'))
    const change = { requirements: [], updates: foreignSnapshot() }
    await expect(catalog.write({ kind: 'commit-table', table: own, change })).rejects.toMatchObject(REFUSED)
    await expect(catalog.write({ kind: 'commit-table', table: own, change: () => change })).rejects.toMatchObject(
      REFUSED,
    )
    await expect(
      catalog.write({ kind: 'commit-tables', commits: [{ identifier: own, change }] }),
    ).rejects.toMatchObject(REFUSED)
    const created = { ...own, table: 'new' }
    const create = { requirements: [{ type: 'assert-create' as const }], updates: foreignSnapshot() }
    await expect(
      (await openAs(someone('own', 'new'))).write({ kind: 'commit-table', table: created, change: create }),
    ).rejects.toMatchObject(REFUSED)
    expect((await admin.loadTable(own)).metadata.snapshots).toHaveLength(1)
  })

  test('cannot register the metadata of another table', async () => {
    const catalog = await openAs(someone('own', 'new'))
    const registered = catalog.write({
      kind: 'register-table',
      table: { ...own, table: 'new' },
      metadataLocation: secret.metadataLocation,
    })
    await expect(registered).rejects.toMatchObject(REFUSED)
    const store = await catalog.openStore({ ...own, table: 'new' })
    await expect(store.read(secret.metadataLocation)).rejects.toMatchObject(REFUSED)
  })

  test('does not get a manifest of another table that another user read before', async () => {
    // By a user who may read both.
    await admin.write({
      kind: 'commit-table',
      table: own,
      change: { requirements: [], updates: foreignSnapshot('main') },
    })
    expect(await liveFiles(await admin.loadTable(own))).toHaveLength(1)
    const table = await (await openAs(someone('own'))).loadTable(own)
    await expect(liveFiles(table)).rejects.toMatchObject(REFUSED)
  })
})

describe('Files that are in no table’s folder', () => {
  const ours: Actor = {
    userId: 'u',
    username: 'ann',
    role: 'viewer',
    grants: (['table:read', 'table:write', 'table:maintain'] as const).map((permission) => ({
      permission,
      resource: { catalog: 'local', namespace: ['ours'] },
    })),
  }
  const named = (table: string) => ({ catalog: 'local', namespace: ['ours'], table })
  let dropped: LoadedTable
  let folder: string

  beforeAll(async () => {
    await admin.write({ kind: 'create-namespace', namespace: ['ours'], properties: {} })
    const { identifier } = await createTableOfFiles(home.services, 'dropped', [`${warehouse}/demo/dropped/data/a`])
    dropped = await admin.loadTable(identifier)
    folder = dropped.metadata.location
    await home.services.stores.catalogStore('local').writeNew(`${folder}/data/a`, new TextEncoder().encode('rows'))
    await admin.write({ kind: 'drop-table', table: identifier })
  })

  test('do not become those of a new table, in whatever way it is made', async () => {
    const catalog = await openAs(ours)
    const table = { schema: ONE_COLUMN_SCHEMA, location: folder }
    const inProperty = { schema: ONE_COLUMN_SCHEMA, properties: { 'write.data.path': `${folder}/data` } }
    const create = {
      requirements: [{ type: 'assert-create' as const }],
      updates: [{ action: 'set-location' as const, location: folder }],
    }
    for (const attempt of [
      () => catalog.write({ kind: 'create-table', table: named('a'), ...table }),
      () => catalog.write({ kind: 'create-table', table: named('a'), ...inProperty }),
      () => catalog.stageTable(named('a'), table),
      () => catalog.write({ kind: 'commit-table', table: named('a'), change: create }),
      () => catalog.write({ kind: 'commit-tables', commits: [{ identifier: named('a'), change: create }] }),
      () => catalog.write({ kind: 'register-table', table: named('a'), metadataLocation: dropped.metadataLocation }),
      () =>
        catalog.write({
          kind: 'create-view',
          view: { catalog: 'local', namespace: ['ours'], view: 'v' },
          schema: ONE_COLUMN_SCHEMA,
          version: sampleViewVersion(),
          location: folder,
        }),
    ])
      await expect(attempt()).rejects.toMatchObject(REFUSED)
    expect(await admin.listTables(['ours'])).toEqual([])
    expect(await admin.listViews(['ours'])).toEqual([])
  })

  test('are the files of a run that fills a free folder, and no others there', async () => {
    const location = `${warehouse}/ours/filling`
    const filled = { folder: location, filePrefix: 'run-' }
    const catalog = await home.services.catalogs.open('local', ours, { filled })
    const store = await catalog.openStore(named('filled'))
    const stage = () => catalog.stageTable(named('filled'), { schema: ONE_COLUMN_SCHEMA, location })
    await store.writeNew(`${location}/data/run-a`, new Uint8Array(1))
    // A killed process left a part of a file.
    await store.writeNew(`${location}/data/.run-b.tmp`, new Uint8Array(1))
    // The table asks for hashes in front of names.
    await store.writeNew(`${location}/data/0101/0110/1001/10110010-run-c`, new Uint8Array(1))
    await store.writeNew(`${location}/data/0101/0110/1001/.10110010-run-d.tmp`, new Uint8Array(1))
    expect((await stage()).metadata.location).toBe(location)
    const unfilled = await openAs(ours)
    await expect((await unfilled.openStore(named('filled'))).read(`${location}/data/run-a`)).rejects.toMatchObject(
      REFUSED,
    )
    await expect(unfilled.checkNewFolders(named('filled'), { location, properties: {} })).rejects.toMatchObject(REFUSED)
    await store.writeNew(`${location}/data/x=1/other`, new Uint8Array(1))
    await expect(stage()).rejects.toMatchObject(REFUSED)
  })

  test('of a table that gets a folder in one that is filled are the table’s', async () => {
    const location = `${warehouse}/demo/secret`
    const filled = { folder: `${warehouse}/demo`, filePrefix: 'a' }
    const catalog = await home.services.catalogs.open('local', ours, { filled })
    const store = await catalog.openStore(named('filled'))
    await expect(store.read(secretFile)).rejects.toMatchObject(REFUSED)
    for (const folder of [location, filled.folder]) {
      await expect(
        catalog.stageTable(named('filled'), { schema: ONE_COLUMN_SCHEMA, location: folder }),
      ).rejects.toMatchObject(REFUSED)
    }
  })

  test('become no table’s by a move of its location or of its data', async () => {
    const catalog = await openAs(ours)
    await catalog.write({ kind: 'create-table', table: named('moved'), schema: ONE_COLUMN_SCHEMA })
    for (const update of [
      { action: 'set-location' as const, location: folder },
      { action: 'set-properties' as const, updates: { 'write.data.path': `${folder}/data` } },
    ])
      await expect(
        catalog.write({ kind: 'commit-table', table: named('moved'), change: { requirements: [], updates: [update] } }),
      ).rejects.toMatchObject(REFUSED)
    const free = `${warehouse}/ours/free`
    const moved = await catalog.write({
      kind: 'commit-table',
      table: named('moved'),
      change: {
        requirements: [],
        updates: [{ action: 'set-location', location: free }],
      },
    })
    expect(moved.metadata.location).toBe(free)
  })

  test('are where a namespace puts its tables, which an admin alone can choose outside of its folder', async () => {
    const catalog = await openAs(ours)
    const chosen = { location: `${warehouse}/chosen/` }
    const forbidden = { code: 'forbidden' }
    await expect(
      catalog.write({ kind: 'create-namespace', namespace: ['ours', 'child'], properties: chosen }),
    ).rejects.toMatchObject(forbidden)
    await expect(
      catalog.write({ kind: 'update-namespace', namespace: ['ours'], updates: chosen, removals: [] }),
    ).rejects.toMatchObject(forbidden)
    await catalog.write({
      kind: 'create-namespace',
      namespace: ['ours', 'child'],
      properties: { location: `${warehouse}/ours/child/here` },
    })
    await admin.write({ kind: 'update-namespace', namespace: ['ours', 'child'], updates: chosen, removals: [] })
    const child = { catalog: 'local', namespace: ['ours', 'child'], table: 't' }
    // As an engine creates a table from a query: it writes its files before it commits.
    const staged = await catalog.stageTable(child, { schema: ONE_COLUMN_SCHEMA })
    const { location } = staged.metadata
    expect(location).toBe(`${warehouse}/chosen/t`)
    await home.services.stores.catalogStore('local').writeNew(`${location}/data/a`, new Uint8Array(1))
    await home.services.stores.catalogStore('local').writeNew(`${warehouse}/chosen/other/a`, new Uint8Array(1))
    const create = (at: string) =>
      catalog.write({ kind: 'create-table', table: child, schema: ONE_COLUMN_SCHEMA, location: at })
    await expect(create(`${warehouse}/chosen/other`)).rejects.toMatchObject(REFUSED)
    expect((await create(location)).metadata.location).toBe(location)
  })

  test('are those of a table that is registered again in the folder of its name, and of no other name', async () => {
    await admin.write({ kind: 'create-table', table: named('again'), schema: ONE_COLUMN_SCHEMA })
    const { metadataLocation } = await admin.loadTable(named('again'))
    await admin.write({ kind: 'drop-table', table: named('again') })
    const catalog = await openAs(ours)
    await expect(
      catalog.write({ kind: 'register-table', table: named('agai'), metadataLocation }),
    ).rejects.toMatchObject(REFUSED)
    expect(
      (await catalog.write({ kind: 'register-table', table: named('again'), metadataLocation })).metadataLocation,
    ).toBe(metadataLocation)
  })
})

describe('A folder outside of the namespace’s own', () => {
  /** Fails the test when it looks at a store, or for the owner of a folder. */
  const openBlind = (actor: Actor): CatalogClient => {
    const { purgeSupport } = admin
    if (purgeSupport === undefined) throw new Error('the embedded catalog has no purge support')
    const look = () => Promise.reject(new Error('looked'))
    return restrictToGrantedFiles(
      { ...admin, openStore: look, purgeSupport: { ...purgeSupport, findOwners: look } },
      actor,
    )
  }
  const named = { catalog: 'local', namespace: ['demo'], table: 'new' }
  const stageAt = (actor: Actor, folder: string) =>
    openBlind(actor).stageTable(named, { schema: ONE_COLUMN_SCHEMA, location: `${warehouse}${folder}` })
  const editor: Actor = {
    ...someone(),
    grants: [{ permission: 'table:read', resource: { catalog: 'local', namespace: ['demo'] } }],
  }

  test.each(['/elsewhere/x', '/demo2/x', '/demo/../elsewhere', '', '/'])(
    'is refused without a look at it: %j',
    async (at) => {
      await expect(stageAt(editor, at)).rejects.toMatchObject(REFUSED)
      const create = { requirements: [{ type: 'assert-create' as const }], updates: [] }
      const properties = { 'write.metadata.path': `${warehouse}${at}` }
      const updates = [{ action: 'set-properties' as const, updates: properties }]
      await expect(
        openBlind(editor).write({ kind: 'commit-table', table: named, change: { ...create, updates } }),
      ).rejects.toMatchObject(REFUSED)
      await expect(openBlind(editor).checkNewFolders(named, { location: '', properties })).rejects.toMatchObject(
        REFUSED,
      )
    },
  )

  test('is any folder but that of its name for a user with a role on one table', async () => {
    await expect(stageAt(editor, '/demo/other')).rejects.toThrow('looked')
    await expect(stageAt(someone('new'), '/demo/other')).rejects.toMatchObject(REFUSED)
    await expect(stageAt(someone('new'), '/demo/new')).rejects.toThrow('looked')
  })
})

test.each([
  ['/ours/t', true],
  ['/ours/t/data/a', true],
  ['/ours/t-0a1b2c3d/data/a', true],
  ['/ours-0a1b2c3d/t/data/a', true],
  ['//ours///t/a', true],
  ['/ours/t2/a', false],
  ['/ours/t-0a1b2c3/a', false],
  ['/ours', false],
  ['/theirs/t/a', false],
  ['/ours/t/../../theirs/x', false],
  ['2/ours/t/a', false],
])('The folder of the name ours.t has %s: %s', (path, isInside) => {
  expect(isInDefaultFolder(warehouse, ['ours', 't'], `${warehouse}${path}`)).toBe(isInside)
})
