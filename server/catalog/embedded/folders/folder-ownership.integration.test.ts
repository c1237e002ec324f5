import { randomUUID } from 'node:crypto'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import type { TableUpdate } from '@/lib/iceberg/commit/table-update'
import type { Schema } from '@/lib/iceberg/schema/types'
import { SILENT_LOG } from '@/testing/silent-log'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { openTestDatabase } from '@/testing/databases/open-test-database'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import type { Change, Database } from '@/server/db/database'
import { localStore } from '@/server/storage/local/local-store'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { NewView } from '@/server/catalog/port/catalog-write'
import { embeddedCatalog } from '../embedded-catalog'
import { TableLocks } from '../table-locks'

const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
}

const VIEW: NewView = {
  schema: SCHEMA,
  version: {
    versionId: 1,
    schemaId: 0,
    timestampMs: 1,
    summary: {},
    representations: [{ type: 'sql', sql: 'SELECT 1', dialect: 'spark' }],
    defaultCatalog: null,
    defaultNamespace: ['demo'],
  },
}

let home: string
let warehouse: string
let database: Database
let catalog: CatalogClient

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'place-'))
  process.env.LAKESHORE_HOME = home
  process.env.LAKESHORE_LOG_LEVEL = 'silent'
  warehouse = `file://${home}/warehouse`
  database = await openTestDatabase(path.join(home, 'lakeshore.db'))
  catalog = catalogOn(database)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
})
afterEach(async () => {
  await database.close()
  await rm(home, { recursive: true })
})

const catalogOn = (onDatabase: Database) =>
  embeddedCatalog({
    name: 'local',
    warehouse,
    database: onDatabase,
    store: localStore([warehouse]),
    locks: new TableLocks(),
    log: SILENT_LOG,
    metadataFiles: new MetadataFiles(),
  })
const toView = (view: string) => asViewIdentifier(toIdentifier(view))
const toIdentifier = (table: string, ...namespace: string[]): TableIdentifier => ({
  catalog: 'local',
  namespace: namespace.length > 0 ? namespace : ['demo'],
  table,
})
const code = (expected: string) => expect.objectContaining({ code: expected })
const create = (table: TableIdentifier, location?: string, properties: Record<string, string> = {}) =>
  catalog.write({
    kind: 'create-table',
    table,
    schema: SCHEMA,
    properties,
    ...(location !== undefined && { location }),
  })
const moveTo = (location: string) => ({ requirements: [], updates: [{ action: 'set-location' as const, location }] })
const set = (updates: Record<string, string>) => ({
  requirements: [],
  updates: [{ action: 'set-properties' as const, updates }],
})
const createChange = (location: string) => ({
  requirements: [{ type: 'assert-create' as const }],
  updates: [
    { action: 'assign-uuid', uuid: randomUUID() },
    { action: 'upgrade-format-version', formatVersion: 2 },
    { action: 'set-location', location },
    { action: 'add-schema', schema: SCHEMA },
    { action: 'set-current-schema', schemaId: -1 },
    { action: 'add-spec', spec: { specId: 0, fields: [] } },
    { action: 'set-default-spec', specId: -1 },
    { action: 'add-sort-order', sortOrder: { orderId: 0, fields: [] } },
    { action: 'set-default-sort-order', sortOrderId: -1 },
  ] satisfies TableUpdate[],
})
const tables = async () => (await database.read(rawQuery('SELECT table_name FROM iceberg_tables'))).length
const fileAt = (location: string) => location.slice('file://'.length)
const filesIn = async (folder: string) => readdir(path.join(home, 'warehouse', folder), { recursive: true })

/** Holds every transaction until this many have arrived, so that all checks ran on the state before them. */
function catalogWithBarrier(count: number): CatalogClient {
  const waiting: (() => void)[] = []
  const commit = async (changes: readonly Change[]) => {
    await new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (waiting.length >= count) for (const resume of waiting) resume()
    })
    return database.commit(changes)
  }
  return catalogOn({ ...database, commit })
}

test('When several tables are created in one folder at once, one gets it and the others leave no files', async () => {
  const racing = catalogWithBarrier(4)
  const results = await Promise.allSettled(
    ['a', 'b', 'c', 'd'].map((name) =>
      racing.write({
        kind: 'create-table',
        table: toIdentifier(name),
        schema: SCHEMA,
        location: name < 'c' ? `${warehouse}/one` : `${warehouse}/one/${name}`.replace(/\/c$/, ''),
      }),
    ),
  )
  const refused = results.filter((one) => one.status === 'rejected' && one.reason.code === 'already-exists')
  expect(refused).toHaveLength(3)
  expect(await tables()).toBe(1)
  expect((await filesIn('one')).filter((name) => name.endsWith('.json'))).toHaveLength(1)
})

test('When two tables move to one folder at once, one gets it', async () => {
  await create(toIdentifier('a'))
  await create(toIdentifier('b'))
  const racing = catalogWithBarrier(2)
  const results = await Promise.allSettled(
    ['a', 'b'].map((name) =>
      racing.write({ kind: 'commit-table', table: toIdentifier(name), change: moveTo(`${warehouse}/one`) }),
    ),
  )
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find((one) => one.status === 'rejected')?.reason).toEqual(code('already-exists'))
})

test.each(['one', 'one/below', 'one/metadata'])(
  'A transaction that puts one table at one and another at %s is refused and creates neither',
  async (second) => {
    const commits = [
      { identifier: toIdentifier('a'), change: createChange(`${warehouse}/one`) },
      { identifier: toIdentifier('b'), change: createChange(`${warehouse}/${second}`) },
    ]
    await expect(catalog.write({ kind: 'commit-tables', commits })).rejects.toThrow(code('already-exists'))
    expect(await tables()).toBe(0)
    const [only] = commits
    if (only)
      await catalog.write({
        kind: 'commit-tables',
        commits: [only, { identifier: toIdentifier('b'), change: createChange(`${warehouse}/one2`) }],
      })
    expect(await tables()).toBe(2)
  },
)

test('A table cannot move to another table’s folder, into it or around it', async () => {
  await create(toIdentifier('kept'), `${warehouse}/others/kept`)
  const { metadata } = await create(toIdentifier('t'))
  for (const location of ['others', 'others/kept/', 'others/kept/below', 'others/kept/data/x']) {
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: moveTo(`${warehouse}/${location}`) }),
      location,
    ).rejects.toThrow(code('already-exists'))
    await expect(create(toIdentifier('u'), `${warehouse}/${location}`), location).rejects.toThrow(
      code('already-exists'),
    )
  }
  const moved = await catalog.write({
    kind: 'commit-table',
    table: toIdentifier('t'),
    change: moveTo(`${metadata.location}/below`),
  })
  expect(moved.metadata.location).toBe(`${metadata.location}/below`)
})

test('No table can own the folder of the warehouse or of a namespace, not even for its metadata', async () => {
  await catalog.write({ kind: 'create-namespace', namespace: ['empty', 'below'], properties: {} })
  await create(toIdentifier('t'), `${warehouse}/t`)
  await expect(
    catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: moveTo(warehouse) }),
  ).rejects.toThrow(code('invalid-request'))
  await expect(create(toIdentifier('u'), `${warehouse}/`)).rejects.toThrow(code('invalid-request'))
  for (const folder of ['', '/metadata', '/empty', '/empty/metadata/', '/empty/below', '/demo/metadata']) {
    const properties = { 'write.metadata.path': `${warehouse}${folder}` }
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set(properties) }),
      folder,
    ).rejects.toThrow(code('invalid-request'))
    await expect(create(toIdentifier('u'), undefined, properties), folder).rejects.toThrow(code('invalid-request'))
  }
  await create(toIdentifier('other'), `${warehouse}/around/other`)
  for (const folder of ['around', 'around/metadata', 'around/other', 'around/other/metadata']) {
    const properties = { 'write.metadata.path': `${warehouse}/${folder}` }
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set(properties) }),
      folder,
    ).rejects.toThrow(code('already-exists'))
  }
  expect((await create(toIdentifier('u'), `${warehouse}/free`)).metadata.location).toBe(`${warehouse}/free`)
  const elsewhere = set({ 'write.metadata.path': `${warehouse}/elsewhere/metadata` })
  expect(
    (await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: elsewhere })).metadataLocation,
  ).toContain('/elsewhere/metadata/')
})

test('Metadata that another writer put into the warehouse’s folder does not prevent new tables', async () => {
  const stray = `${warehouse}/metadata/00000-x.metadata.json`
  await database.commit([
    rawChange(`INSERT INTO iceberg_tables VALUES ('local', 'demo', 'stray', ?, NULL, 'TABLE')`, [stray]),
  ])
  await create(toIdentifier('t'), `${warehouse}/free`)
  expect((await create(toIdentifier('u'))).metadata.location).toBe(`${warehouse}/demo/u`)
})

test('A table named metadata owns only its own folder', async () => {
  await create(toIdentifier('metadata'))
  await create(toIdentifier('t'), `${warehouse}/demo/t`)
  await expect(create(toIdentifier('u'), `${warehouse}/demo/metadata`)).rejects.toThrow(code('already-exists'))
  expect((await create(toIdentifier('v'))).metadata.location).toBe(`${warehouse}/demo/v`)
})

test('A view and its metadata cannot go into a table’s folder, at creation or later', async () => {
  const { metadata } = await create(toIdentifier('t'))
  const inside = `${metadata.location}/data`
  const properties = { 'write.metadata.path': inside }
  await expect(catalog.write({ kind: 'create-view', view: toView('v'), ...VIEW, location: inside })).rejects.toThrow(
    code('already-exists'),
  )
  await expect(catalog.write({ kind: 'create-view', view: toView('v'), ...VIEW, properties })).rejects.toThrow(
    code('already-exists'),
  )
  await catalog.write({ kind: 'create-view', view: toView('v'), ...VIEW })
  await expect(catalog.write({ kind: 'commit-view', view: toView('v'), change: moveTo(inside) })).rejects.toThrow(
    code('already-exists'),
  )
  await expect(catalog.write({ kind: 'commit-view', view: toView('v'), change: set(properties) })).rejects.toThrow(
    code('already-exists'),
  )
  await catalog.write({ kind: 'commit-view', view: toView('v'), change: moveTo(`${warehouse}/views/v`) })
  expect((await catalog.loadView(toView('v'))).metadata.location).toBe(`${warehouse}/views/v`)
})

test('A table in a namespace with the name of a table gets its own folder, as announced when it was staged', async () => {
  await create(toIdentifier('orders'))
  const inside = toIdentifier('b', 'demo', 'orders')
  await catalog.write({ kind: 'create-namespace', namespace: inside.namespace, properties: {} })
  const { metadata } = await catalog.stageTable(inside, { schema: SCHEMA })
  expect(metadata.location).toMatch(/\/warehouse\/demo\/orders-[0-9a-f]{8}\/b$/)
  const committed = await catalog.write({
    kind: 'commit-table',
    table: inside,
    change: createChange(metadata.location),
  })
  expect(committed.metadata.location).toBe(metadata.location)
  await catalog.write({ kind: 'create-namespace', namespace: ['demo', 'orders', 'deep'], properties: {} })
  const plain = await create(toIdentifier('c d', 'demo', 'orders', 'deep'))
  expect(plain.metadata.location).toMatch(/\/warehouse\/demo\/orders-[0-9a-f]{8}\/deep\/c_d$/)
})

test('A table with the name of a namespace does not contain the folders of that namespace’s tables', async () => {
  await catalog.write({ kind: 'create-namespace', namespace: ['demo', 'orders'], properties: {} })
  await create(toIdentifier('b', 'demo', 'orders'), undefined, {
    'write.metadata.path': `${warehouse}/demo/orders/b/meta`,
  })
  const { metadata } = await catalog.stageTable(toIdentifier('orders'), { schema: SCHEMA })
  expect(metadata.location).toMatch(/\/warehouse\/demo\/orders-[0-9a-f]{8}$/)
  const committed = await catalog.write({
    kind: 'commit-table',
    table: toIdentifier('orders'),
    change: createChange(metadata.location),
  })
  expect(committed.metadata.location).toBe(metadata.location)
})

test.each([
  ['名', 200],
  ['名', 255],
  ['𠀀', 127],
  ['a', 255],
  ['a', 201],
])(
  'A table and a namespace may be named %s repeated %i times, and again after both are dropped',
  async (character, count) => {
    const long = character.repeat(count)
    const inside = toIdentifier(long, long)
    await catalog.write({ kind: 'create-namespace', namespace: inside.namespace, properties: {} })
    const first = await create(inside)
    await catalog.write({ kind: 'drop-table', table: inside })
    const second = await create(inside)
    const locations = [first.metadata.location, second.metadata.location]
    expect(new Set(locations).size).toBe(2)
    for (const segment of locations.join('/').split('/')) expect(Buffer.byteLength(segment)).toBeLessThanOrEqual(255)
    expect(catalog.namespaceLocation?.(inside.namespace)).toBe(path.posix.dirname(first.metadata.location))
    const other = await create(toIdentifier(`${character.repeat(count - 1)}b`, long))
    expect(other.metadata.location).not.toMatch(/-[0-9a-f]{8}-[0-9a-f]{8}$/)
    expect(locations).not.toContain(other.metadata.location)
    expect((await catalog.loadTable(inside)).metadata.tableUuid).toBe(second.metadata.tableUuid)
  },
)

const PATHS = ['write.data.path', 'write.metadata.path', 'write.object-storage.path', 'write.folder-storage.path']
const folders = () => database.read(rawQuery('SELECT folder FROM table_folders ORDER BY folder'))

test.each(PATHS)('A folder that a table names in %s belongs to it, and so does its location', async (property) => {
  const folder = `${warehouse}/apart/files`
  await create(toIdentifier('t'), `${warehouse}/t`, { [property]: folder })
  await create(toIdentifier('later'))
  for (const taken of ['apart', 'apart/files', 'apart/files/below', 't', 't/below']) {
    const location = `${warehouse}/${taken}`
    await expect(create(toIdentifier('u'), location), taken).rejects.toThrow(code('already-exists'))
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('later'), change: moveTo(location) }),
      taken,
    ).rejects.toThrow(code('already-exists'))
    for (const other of PATHS) {
      await expect(create(toIdentifier('u'), undefined, { [other]: location }), taken).rejects.toThrow(
        code('already-exists'),
      )
      await expect(
        catalog.write({ kind: 'commit-table', table: toIdentifier('later'), change: set({ [other]: location }) }),
        taken,
      ).rejects.toThrow(code('already-exists'))
    }
  }
  const otherSpelling = `file:${home}/warehouse/apart/files/`
  await expect(create(toIdentifier('u'), otherSpelling)).rejects.toThrow(code('already-exists'))
  await create(toIdentifier('u'), `${warehouse}/apart2`, { [property]: `${warehouse}/apart/files2` })
})

test('A renamed table keeps its folder until it gives the folder up or is dropped', async () => {
  const folder = `${warehouse}/apart`
  const createInFolder = (name: string) => create(toIdentifier(name), undefined, { 'write.data.path': `${folder}/x` })
  await create(toIdentifier('t'), undefined, { 'write.data.path': folder })
  await catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('renamed') })
  await expect(createInFolder('u')).rejects.toThrow(code('already-exists'))
  await catalog.write({ kind: 'commit-table', table: toIdentifier('renamed'), change: set({ owner: 'ada' }) })
  await expect(createInFolder('u')).rejects.toThrow(code('already-exists'))
  await catalog.write({ kind: 'drop-table', table: toIdentifier('renamed') })
  await createInFolder('u')
  const remove = {
    requirements: [],
    updates: [{ action: 'remove-properties', removals: ['write.data.path'] } as const],
  }
  await catalog.write({ kind: 'commit-table', table: toIdentifier('u'), change: remove })
  expect(await folders()).toEqual([])
  await create(toIdentifier('v'), folder)
})

test('When two tables claim one folder for their files at once, one gets it', async () => {
  await create(toIdentifier('a'))
  await create(toIdentifier('b'))
  const racing = catalogWithBarrier(2)
  const results = await Promise.allSettled(
    ['a', 'b'].map((name) =>
      racing.write({
        kind: 'commit-table',
        table: toIdentifier(name),
        change: set({ 'write.data.path': `${warehouse}/one` }),
      }),
    ),
  )
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(results.find((one) => one.status === 'rejected')?.reason).toEqual(code('already-exists'))
})

test('A table from an older version can commit, and its next commit protects its folders', async () => {
  const folder = `${warehouse}/shared`
  for (const name of ['a', 'b']) await create(toIdentifier(name), undefined, { 'write.data.path': `${folder}/${name}` })
  const deleteFolderRecords = () => database.commit([rawChange('DELETE FROM table_folders')])
  await deleteFolderRecords()
  await catalog.write({
    kind: 'commit-table',
    table: toIdentifier('b'),
    change: set({ 'write.data.path': `${folder}/a/inside` }),
  })
  await deleteFolderRecords()
  await catalog.write({ kind: 'commit-table', table: toIdentifier('a'), change: set({ owner: 'ada' }) })
  await catalog.write({ kind: 'commit-table', table: toIdentifier('b'), change: set({ owner: 'ada' }) })
  // A table that named a folder inside another table's folder does not come to own it.
  expect(await folders()).toEqual([{ folder: `${folder}/a/` }])
  await expect(create(toIdentifier('c'), folder)).rejects.toThrow(code('already-exists'))
})

test('The folders of a table that another program dropped are free', async () => {
  await create(toIdentifier('t'), undefined, { 'write.data.path': `${warehouse}/apart` })
  await database.commit([rawChange(`DELETE FROM iceberg_tables WHERE table_name = 't'`)])
  expect((await create(toIdentifier('u'), `${warehouse}/apart`)).metadata.location).toBe(`${warehouse}/apart`)
})

test('A purge treats files in a folder that another table names in a property as that table’s', async () => {
  const { metadata } = await create(toIdentifier('t'))
  await create(toIdentifier('other'), undefined, { 'write.data.path': `${warehouse}/apart` })
  expect(await catalog.purgeSupport?.findOwners(`${warehouse}/apart/x/`)).toEqual([toIdentifier('other')])
  expect(await catalog.purgeSupport?.findTablesWithin(`${warehouse}/apart/x`)).toEqual([toIdentifier('other')])
  expect(await catalog.purgeSupport?.findTablesWithin(metadata.location)).not.toContainEqual(toIdentifier('other'))
})

test('A table or view cannot be registered at another’s folders, but again at its own', async () => {
  const { metadataLocation } = await create(toIdentifier('t'), undefined, { 'write.data.path': `${warehouse}/apart` })
  await expect(
    catalog.write({ kind: 'register-table', table: toIdentifier('twin'), metadataLocation }),
  ).rejects.toThrow(code('already-exists'))
  const { metadataLocation: newer } = await catalog.write({
    kind: 'commit-table',
    table: toIdentifier('t'),
    change: set({ owner: 'ada' }),
  })
  await catalog.write({ kind: 'register-table', table: toIdentifier('t'), metadataLocation, overwrite: true })
  await catalog.write({ kind: 'register-table', table: toIdentifier('t'), metadataLocation: newer, overwrite: true })
  await catalog.write({ kind: 'drop-table', table: toIdentifier('t') })
  await catalog.write({ kind: 'register-table', table: toIdentifier('back'), metadataLocation: newer })
  await expect(create(toIdentifier('u'), `${warehouse}/apart`)).rejects.toThrow(code('already-exists'))
  await catalog.write({ kind: 'create-view', view: toView('v'), ...VIEW })
  const view = await catalog.loadView(toView('v'))
  await expect(
    catalog.write({ kind: 'register-view', view: toView('w'), metadataLocation: view.metadataLocation }),
  ).rejects.toThrow(code('already-exists'))
  await catalog.write({ kind: 'drop-view', view: toView('v') })
  expect(
    (await catalog.write({ kind: 'register-view', view: toView('w'), metadataLocation: view.metadataLocation }))
      .metadata,
  ).toEqual(view.metadata)
})

test('A view whose metadata points outside the warehouse is not registered', async () => {
  await catalog.write({ kind: 'create-view', view: toView('v'), ...VIEW })
  const { metadataLocation } = await catalog.loadView(toView('v'))
  await catalog.write({ kind: 'drop-view', view: toView('v') })
  const metadataText = await readFile(fileAt(metadataLocation), 'utf8')
  for (const change of [{ location: 'file:///etc' }, { properties: { 'write.metadata.path': 'file:///etc' } }]) {
    const changed = metadataLocation.replace(/[^/]*$/, `${randomUUID()}.metadata.json`)
    await writeFile(fileAt(changed), JSON.stringify({ ...JSON.parse(metadataText), ...change }))
    await expect(
      catalog.write({ kind: 'register-view', view: toView('w'), metadataLocation: changed }),
    ).rejects.toThrow(code('location-refused'))
  }
  expect((await catalog.write({ kind: 'register-view', view: toView('w'), metadataLocation })).metadataLocation).toBe(
    metadataLocation,
  )
})

test('A metadata file in another table’s folder is not registered, whatever location it names', async () => {
  const { metadata, metadataLocation } = await create(toIdentifier('t'), `${warehouse}/t`)
  const copied = await create(toIdentifier('copy'), `${warehouse}/copy`)
  await catalog.write({ kind: 'drop-table', table: toIdentifier('copy') })
  const copy = metadataLocation.replace(/[^/]*$/, 'copy.metadata.json')
  await copyFile(fileAt(copied.metadataLocation), fileAt(copy))
  await expect(
    catalog.write({ kind: 'register-table', table: toIdentifier('copy'), metadataLocation: copy }),
  ).rejects.toThrow(code('already-exists'))
  // In a folder without an owner it is registered, and the location that it names is then reserved for it.
  await mkdir(path.join(home, 'warehouse', 'backup'))
  const backup = `${warehouse}/backup/copy.metadata.json`
  await copyFile(fileAt(copied.metadataLocation), fileAt(backup))
  await catalog.write({ kind: 'register-table', table: toIdentifier('copy'), metadataLocation: backup })
  await expect(create(toIdentifier('u'), `${warehouse}/copy/below`)).rejects.toThrow(code('already-exists'))
  expect((await catalog.loadTable(toIdentifier('t'))).metadata).toEqual(metadata)
})
