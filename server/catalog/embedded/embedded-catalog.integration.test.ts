import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { Schema } from '@/lib/iceberg/schema/types'
import { SILENT_LOG } from '@/testing/silent-log'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { openTestDatabase } from '@/testing/databases/open-test-database'
import { MetadataFiles } from '@/server/catalog/metadata-files'
import { type Change, type Database, UnexpectedChanges } from '@/server/db/database'
import { localStore } from '@/server/storage/local/local-store'
import type { ObjectStore } from '@/server/storage/object-store'
import type { CatalogClient } from '../port/catalog-client'
import type { CommittedTable } from '../port/catalog-write'
import { embeddedCatalog } from './embedded-catalog'
import { TableLocks } from './table-locks'

const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'day', required: false, type: 'date' },
  ],
}

let home: string
let warehouse: string
let database: Database
let store: ObjectStore
let catalog: CatalogClient

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'catalog-'))
  process.env.LAKESHORE_HOME = home
  process.env.LAKESHORE_LOG_LEVEL = 'silent'
  warehouse = `file://${home}/warehouse`
  database = await openTestDatabase(path.join(home, 'lakeshore.db'))
  store = localStore([warehouse])
  catalog = embeddedCatalog({
    name: 'local',
    warehouse,
    database,
    store,
    locks: new TableLocks(),
    log: SILENT_LOG,
    metadataFiles: new MetadataFiles(),
  })
})
afterEach(async () => {
  await database.close()
  await rm(home, { recursive: true })
})

const toIdentifier = (table: string, ...namespace: string[]): TableIdentifier => ({
  catalog: 'local',
  namespace: namespace.length > 0 ? namespace : ['demo'],
  table,
})
const code = (expected: string) => expect.objectContaining({ code: expected })
/** Sets the property of a namespace as another program does, which checks nothing. */
const locateNamespace = (namespace: string, location: string) =>
  database.commit([
    rawChange("INSERT INTO iceberg_namespace_properties VALUES ('local', ?, 'location', ?)", [namespace, location]),
  ])
const rows = () => database.read(rawQuery('SELECT * FROM iceberg_tables ORDER BY table_namespace, table_name'))
const fileAt = (location: string) => location.slice('file://'.length)
const metadataFiles = async (table = 'demo/t') =>
  (await readdir(path.join(home, 'warehouse', table, 'metadata'))).sort()

/** A catalog whose next database writes end as given; its files are real. */
function catalogWithFaults(
  commit: (changes: readonly Change[], commitForReal: () => Promise<number[]>) => Promise<number[]>,
  locks = new TableLocks(),
) {
  const faultyDatabase: Database = {
    ...database,
    commit: (changes) => commit(changes, () => database.commit(changes)),
  }
  return embeddedCatalog({
    name: 'local',
    warehouse,
    database: faultyDatabase,
    store,
    locks,
    log: SILENT_LOG,
    metadataFiles: new MetadataFiles(),
  })
}

describe('Namespaces', () => {
  test('exist through their own row, or through what is in or below them', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['a', 'b'], properties: {} })
    await catalog.write({ kind: 'create-namespace', namespace: ['A'], properties: { owner: 'me', exists: 'true' } })
    await catalog.write({ kind: 'create-namespace', namespace: ['a-b'], properties: {} })
    expect(await catalog.listNamespaces(null)).toEqual([['A'], ['a'], ['a-b']])
    expect(await catalog.listNamespaces(['a'])).toEqual([['a', 'b']])
    expect(await catalog.listNamespaces(['A'])).toEqual([])
    expect(await catalog.loadNamespace(['A'])).toEqual({ namespace: ['A'], properties: { owner: 'me' } })
    expect(await catalog.loadNamespace(['a'])).toEqual({ namespace: ['a'], properties: {} })
  })

  test('that do not exist are not found by any operation', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    for (const namespace of [['none'], ['DEMO'], ['dem'], ['dem%'], ['demo', 'x'], ['demo.x'], [''], []]) {
      await expect(catalog.loadNamespace(namespace)).rejects.toThrow(code('not-found'))
      await expect(catalog.listTables(namespace)).rejects.toThrow(code('not-found'))
      await expect(catalog.write({ kind: 'drop-namespace', namespace })).rejects.toThrow(code('not-found'))
      await expect(catalog.loadTable({ catalog: 'local', namespace, table: 't' })).rejects.toThrow(code('not-found'))
    }
    await expect(catalog.listNamespaces(['none'])).rejects.toThrow(code('not-found'))
  })

  test('can be created only once', async () => {
    const results = await Promise.allSettled([
      catalog.write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
      catalog.write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
    ])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(catalog.write({ kind: 'create-namespace', namespace: ['a'], properties: {} })).rejects.toThrow(
      code('already-exists'),
    )
  })

  test('are written as Java and PyIceberg write them', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['a', 'b'], properties: { k: 'v' } })
    expect(await database.read(rawQuery('SELECT * FROM iceberg_namespace_properties ORDER BY property_key'))).toEqual([
      { catalog_name: 'local', namespace: 'a.b', property_key: 'exists', property_value: 'true' },
      { catalog_name: 'local', namespace: 'a.b', property_key: 'k', property_value: 'v' },
    ])
  })

  test('can be dropped when they are empty', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['a'], properties: { k: 'v' } })
    await catalog.write({ kind: 'create-namespace', namespace: ['a', 'b'], properties: {} })
    await expect(catalog.write({ kind: 'drop-namespace', namespace: ['a'] })).rejects.toThrow(
      code('namespace-not-empty'),
    )
    await catalog.write({ kind: 'drop-namespace', namespace: ['a', 'b'] })
    await catalog.write({ kind: 'create-table', table: toIdentifier('t', 'a'), schema: SCHEMA })
    await expect(catalog.write({ kind: 'drop-namespace', namespace: ['a'] })).rejects.toThrow(
      code('namespace-not-empty'),
    )
    await catalog.write({ kind: 'drop-table', table: toIdentifier('t', 'a') })
    await catalog.write({ kind: 'drop-namespace', namespace: ['a'] })
    expect(await catalog.listNamespaces(null)).toEqual([])
  })

  test('that exist only through what is below them cannot be dropped', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['a', 'b'], properties: {} })
    await expect(catalog.write({ kind: 'drop-namespace', namespace: ['a'] })).rejects.toThrow(
      code('namespace-not-empty'),
    )
  })

  test('of other writers with an empty level are not listed', async () => {
    await database.commit([
      rawChange("INSERT INTO iceberg_namespace_properties VALUES ('local', 'a..b', 'exists', 'true')"),
    ])
    expect(await catalog.listNamespaces(null)).toEqual([['a']])
    expect(await catalog.listNamespaces(['a'])).toEqual([])
  })

  test('of other catalogs in the same database are not visible', async () => {
    await embeddedCatalog({
      name: 'other',
      warehouse,
      database,
      store,
      locks: new TableLocks(),
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles(),
    }).write({ kind: 'create-namespace', namespace: ['theirs'], properties: {} })
    expect(await catalog.listNamespaces(null)).toEqual([])
  })
})

describe('A name is refused', () => {
  const names = ['', ' ', '.', '..', 'a\0', 'a\n', '\x7F', '\x85', '\uD800', 'x'.repeat(256)]
  test.each(names)('as a namespace and as a table: %j', async (name) => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await expect(
      catalog.write({ kind: 'create-namespace', namespace: ['demo', name], properties: {} }),
    ).rejects.toThrow(code('invalid-request'))
    await expect(catalog.write({ kind: 'create-table', table: toIdentifier(name), schema: SCHEMA })).rejects.toThrow(
      code('invalid-request'),
    )
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier(name) }),
    ).rejects.toThrow(code('invalid-request'))
  })

  test('as a namespace when a level contains a dot or all levels together are too long', async () => {
    await expect(catalog.write({ kind: 'create-namespace', namespace: ['a.b'], properties: {} })).rejects.toThrow(
      'contains a dot',
    )
    await expect(
      catalog.write({ kind: 'create-namespace', namespace: ['a'.repeat(128), 'b'.repeat(128)], properties: {} }),
    ).rejects.toThrow(code('invalid-request'))
    await expect(catalog.write({ kind: 'create-namespace', namespace: [], properties: {} })).rejects.toThrow(
      code('invalid-request'),
    )
  })

  test('but not for letters of any language, spaces or dots in a table’s name', async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['größe', '数据 1'], properties: {} })
    const table = toIdentifier('t.2024 ü%=&', 'größe', '数据 1')
    await catalog.write({ kind: 'create-table', table, schema: SCHEMA })
    expect(await catalog.listTables(table.namespace)).toEqual([table])
    // Folder names replace characters that are not letters, digits or safe punctuation, and then get a suffix.
    expect((await catalog.loadTable(table)).metadata.location).toMatch(/\/größe\/数据_1\/t\.2024_ü___-[0-9a-f]{8}$/)
  })

  test.each(['a/b', '../../etc', 'a\\b', '*', 'a?', "a'b", 'a"b', 'a#b', '%2e%2e'])(
    'but not for a table named %j, whose folder gets a safe name',
    async (name) => {
      await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
      await catalog.write({ kind: 'create-table', table: toIdentifier(name), schema: SCHEMA })
      const { location } = (await catalog.loadTable(toIdentifier(name))).metadata
      expect(location.slice(warehouse.length)).toMatch(/^\/demo\/[\w.]+-[0-9a-f]{8}$/)
      await catalog.write({ kind: 'rename-table', table: toIdentifier(name), to: toIdentifier(`${name}2`) })
      expect(await catalog.listTables(['demo'])).toEqual([toIdentifier(`${name}2`)])
    },
  )
})

describe('A new table', () => {
  beforeEach(() => catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} }))

  test('consists of its metadata file and its row', async () => {
    const created = await catalog.write({
      kind: 'create-table',
      table: toIdentifier('t'),
      schema: SCHEMA,
      properties: { owner: 'me' },
    })
    expect(created.metadata).toMatchObject({
      location: `${warehouse}/demo/t`,
      properties: { owner: 'me' },
      snapshots: [],
    })
    expect(created.metadataLocation).toMatch(/\/demo\/t\/metadata\/00000-[0-9a-f-]{36}\.metadata\.json$/)
    expect(await rows()).toEqual([
      {
        catalog_name: 'local',
        table_namespace: 'demo',
        table_name: 't',
        metadata_location: created.metadataLocation,
        previous_metadata_location: null,
        iceberg_type: 'TABLE',
      },
    ])
    expect(await catalog.loadTable(toIdentifier('t'))).toEqual(created)
  })

  test('needs a namespace and a free name', async () => {
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
    await expect(catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })).rejects.toThrow(
      code('already-exists'),
    )
    await expect(
      catalog.write({ kind: 'create-table', table: toIdentifier('t', 'none'), schema: SCHEMA }),
    ).rejects.toThrow(code('not-found'))
    await expect(
      catalog.write({ kind: 'create-table', table: { ...toIdentifier('u'), catalog: 'other' }, schema: SCHEMA }),
    ).rejects.toThrow(code('not-found'))
    await database.commit([rawChange("INSERT INTO iceberg_tables VALUES ('local', 'demo', 'v', 'x', NULL, 'VIEW')")])
    await expect(catalog.write({ kind: 'create-table', table: toIdentifier('v'), schema: SCHEMA })).rejects.toThrow(
      'View with same name already exists',
    )
  })

  test('is created by one of several concurrent writers, and the others leave no files', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA }),
      ),
    )
    const [winner] = results.filter((one) => one.status === 'fulfilled')
    expect(results.filter((one) => one.status === 'rejected' && one.reason.code === 'already-exists')).toHaveLength(4)
    // A writer that comes while the file of another is there takes a folder with a suffix, and may still win.
    const folder = path.join(home, 'warehouse')
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name))
    expect(files).toEqual([fileAt(winner?.value.metadataLocation ?? '')])
  })

  test('never shares the folder of a dropped or renamed table', async () => {
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
    await catalog.write({ kind: 'drop-table', table: toIdentifier('t') })
    const second = await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
    expect(second.metadata.location).toMatch(/\/demo\/t-[0-9a-f]{8}$/)
    await catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u') })
    const third = await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
    expect(third.metadata.location).not.toBe(second.metadata.location)
  })

  test('goes into its own folder in the location of its namespace', async () => {
    const create = async (table: TableIdentifier) =>
      (await catalog.write({ kind: 'create-table', table, schema: SCHEMA })).metadata.location
    await catalog.write({
      kind: 'create-namespace',
      namespace: ['placed'],
      properties: { location: `${warehouse}/set//` },
    })
    await catalog.write({ kind: 'create-namespace', namespace: ['placed', 'below'], properties: {} })
    expect(await create(toIdentifier('t', 'placed'))).toBe(`${warehouse}/set/t`)
    expect(await create(toIdentifier('a b', 'placed'))).toMatch(/\/set\/a_b-[0-9a-f]{8}$/)
    expect(await create(toIdentifier('t', 'placed', 'below'))).toBe(`${warehouse}/placed/below/t`)
    await catalog.write({
      kind: 'create-namespace',
      namespace: ['nearby'],
      properties: { location: `${warehouse}/set` },
    })
    expect(await create(toIdentifier('t', 'nearby'))).toMatch(/\/set\/t-[0-9a-f]{8}$/)
    for (const within of [`${warehouse}/set/t`, `${warehouse}/set/t/deeper`]) {
      await expect(
        catalog.write({ kind: 'create-namespace', namespace: ['within'], properties: { location: within } }),
      ).rejects.toThrow(code('invalid-request'))
      const change = { updates: { location: within }, removals: [] }
      await expect(catalog.write({ kind: 'update-namespace', namespace: ['nearby'], ...change })).rejects.toThrow(
        'is in the folder of a table',
      )
    }
    await catalog.write({ kind: 'create-namespace', namespace: ['within'], properties: {} })
    await locateNamespace('within', `${warehouse}/set/t`)
    await expect(create(toIdentifier('u', 'within'))).rejects.toThrow(code('already-exists'))
    await catalog.write({ kind: 'update-namespace', namespace: ['placed'], updates: {}, removals: ['location'] })
    expect(await create(toIdentifier('u', 'placed'))).toBe(`${warehouse}/placed/u`)
    await catalog.write({ kind: 'update-namespace', namespace: ['placed'], updates: { location: '' }, removals: [] })
    expect(await create(toIdentifier('v', 'placed'))).toBe(`${warehouse}/placed/v`)
  })

  test('is refused when its namespace’s location is outside the warehouse, unless it has its own location', async () => {
    for (const [index, location] of ['file:///etc', `${warehouse}/../x`, 's3://bucket', 'nowhere'].entries()) {
      const table = toIdentifier('t', `outside${index}`)
      await expect(
        catalog.write({ kind: 'create-namespace', namespace: table.namespace, properties: { location } }),
      ).rejects.toThrow(code('location-refused'))
      await catalog.write({ kind: 'create-namespace', namespace: table.namespace, properties: {} })
      const change = { updates: { location }, removals: [] }
      await expect(catalog.write({ kind: 'update-namespace', namespace: table.namespace, ...change })).rejects.toThrow(
        code('location-refused'),
      )
      await locateNamespace(`outside${index}`, location)
      await expect(catalog.write({ kind: 'create-table', table, schema: SCHEMA })).rejects.toThrow(
        code('location-refused'),
      )
      await expect(catalog.write({ kind: 'create-table', table, schema: SCHEMA })).rejects.toThrow(
        'The property location of the namespace',
      )
      const create = { requirements: [{ type: 'assert-create' as const }], updates: [] }
      await expect(catalog.write({ kind: 'commit-table', table, change: create })).rejects.toThrow(
        code('location-refused'),
      )
      await catalog.write({ kind: 'create-table', table, schema: SCHEMA, location: `${warehouse}/own${index}` })
    }
  })

  test('is refused when its commit also requires something of an existing table', async () => {
    const requirements = [
      { type: 'assert-create' as const },
      { type: 'assert-ref-snapshot-id' as const, ref: 'main', snapshotId: null },
    ]
    const create = catalog.write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: { requirements, updates: [] },
    })
    await expect(create).rejects.toThrow('Invalid create requirements')
    expect(await rows()).toEqual([])
  })

  test('goes to the requested location, if that is in the warehouse and no other table’s folder', async () => {
    const created = await catalog.write({
      kind: 'create-table',
      table: toIdentifier('t'),
      schema: SCHEMA,
      location: `${warehouse}/elsewhere/`,
    })
    expect(created.metadata.location).toBe(`${warehouse}/elsewhere`)
    const create = (location: string) =>
      catalog.write({ kind: 'create-table', table: toIdentifier('u'), schema: SCHEMA, location })
    await expect(create(`${warehouse}/elsewhere`)).rejects.toThrow(code('already-exists'))
    for (const location of ['file:///etc', `${warehouse}/../x`, 's3://bucket/t', `file://${home}/warehouse2/t`]) {
      await expect(create(location)).rejects.toThrow(code('location-refused'))
    }
    expect(await rows()).toHaveLength(1)
  })

  test.each(['write.data.path', 'write.metadata.path', 'write.object-storage.path', 'write.folder-storage.path'])(
    'cannot place its files outside the warehouse with %s, at creation or later',
    async (property) => {
      const outside = { [property]: 'file:///etc' }
      await expect(
        catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA, properties: outside }),
      ).rejects.toThrow(code('location-refused'))
      await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
      const change = { requirements: [], updates: [{ action: 'set-properties' as const, updates: outside }] }
      await expect(catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change })).rejects.toThrow(
        code('location-refused'),
      )
      expect(await metadataFiles()).toHaveLength(1)
    },
  )

  test('leaves nothing behind when the namespace is dropped at the same time', async () => {
    const racing = catalogWithFaults(async (_, commitForReal) => {
      await database.commit([rawChange('DELETE FROM iceberg_namespace_properties')])
      return commitForReal()
    })
    await expect(racing.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })).rejects.toThrow(
      code('not-found'),
    )
    expect(await metadataFiles()).toEqual([])
  })

  test('is a conflict when it lost to a table that is gone already', async () => {
    const racing = catalogWithFaults(() => Promise.reject(new UnexpectedChanges(0, 0)))
    await expect(racing.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })).rejects.toThrow(
      code('commit-conflict'),
    )
  })
})

const set = (key: string, value: string) => ({
  requirements: [],
  updates: [{ action: 'set-properties' as const, updates: { [key]: value } }],
})

describe('A commit', () => {
  beforeEach(async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
  })

  test('writes the next metadata file, then the row, and keeps the log', async () => {
    const before = await catalog.loadTable(toIdentifier('t'))
    const after = await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
    expect(after.metadata.properties).toEqual({ ...before.metadata.properties, k: 'v' })
    expect(after.metadataLocation).toMatch(/\/00001-[0-9a-f-]{36}\.metadata\.json$/)
    expect(after.metadata.metadataLog).toEqual([
      { timestampMs: before.metadata.lastUpdatedMs, metadataFile: before.metadataLocation },
    ])
    expect(await rows()).toMatchObject([
      { metadata_location: after.metadataLocation, previous_metadata_location: before.metadataLocation },
    ])
    expect(await catalog.loadTable(toIdentifier('t'))).toEqual(after)
  })

  test('that changes nothing writes nothing', async () => {
    const before = await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
    expect(await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })).toEqual(
      before,
    )
    expect(
      await catalog.write({
        kind: 'commit-table',
        table: toIdentifier('t'),
        change: { requirements: [], updates: [] },
      }),
    ).toEqual(before)
    expect(await metadataFiles()).toHaveLength(2)
  })

  test('is refused when a requirement does not hold, and leaves no file behind', async () => {
    const requirements = [{ type: 'assert-table-uuid' as const, uuid: '00000000-0000-0000-0000-000000000000' }]
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: { ...set('k', 'v'), requirements } }),
    ).rejects.toThrow(code('commit-conflict'))
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('to a table that does not exist is not found', async () => {
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('none'), change: set('k', 'v') }),
    ).rejects.toThrow(code('not-found'))
  })

  test('is applied on top of earlier commits, so that none is lost', async () => {
    const clients = [catalog, reopened()]
    await catalog.write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: set('commit.retry.num-retries', '20'),
    })
    const keys = Array.from({ length: 6 }, (_, i) => `k${i}`)
    await Promise.all(
      clients.flatMap((client) =>
        keys.map((key) =>
          client.write({
            kind: 'commit-table',
            table: toIdentifier('t'),
            change: set(key, String(clients.indexOf(client))),
          }),
        ),
      ),
    )
    const { metadata } = await catalog.loadTable(toIdentifier('t'))
    for (const key of keys) expect(metadata.properties[key]).toMatch(/^[01]$/)
    expect(metadata.metadataLog).toHaveLength(13)
    expect(await metadataFiles()).toHaveLength(14)
  })

  test('waits for earlier commits in its process, and then is decided once on their result', async () => {
    expect(await appendLetters([catalog, catalog, catalog])).toEqual({ list: ['a', 'b', 'c'], decisions: 3 })
  })

  test('is decided again when another process commits first', async () => {
    const { list, decisions } = await appendLetters([catalog, reopened(), reopened()])
    expect(list).toEqual(['a', 'b', 'c'])
    // Processes take turns, but one that began before may have decided on what another has changed since.
    expect(decisions).toBeGreaterThanOrEqual(3)
  })

  /** All clients append a letter to one property at once. */
  async function appendLetters(clients: readonly CatalogClient[]) {
    let decisions = 0
    const append = (letter: string) => (current: { metadata: { properties: Readonly<Record<string, string>> } }) => {
      decisions += 1
      return set('list', `${current.metadata.properties.list ?? ''}${letter}`)
    }
    const letters = ['a', 'b', 'c']
    await Promise.all(
      clients.map((client, index) =>
        client.write({ kind: 'commit-table', table: toIdentifier('t'), change: append(letters[index] ?? '') }),
      ),
    )
    const { list } = (await catalog.loadTable(toIdentifier('t'))).metadata.properties
    return { list: list?.split('').sort(), decisions }
  }

  test('that always loses to other processes is refused as busy, and leaves only the winners’ files', async () => {
    let attempts = 0
    // Time passes only during the third attempt, because the first may take long.
    let nowMs = performance.now()
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
    onTestFinished(() => clock.mockRestore())
    const losing = catalogWithFaults(
      () => {
        attempts += 1
        if (attempts === 3) nowMs += 301
        return Promise.reject(new UnexpectedChanges(0, 0))
      },
      new TableLocks({ budgetMs: 300 }),
    )
    await expect(
      losing.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }),
    ).rejects.toThrow(code('table-busy'))
    expect(attempts).toBe(3)
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('that waits too long for its turn is refused as busy, and the next one continues', async () => {
    const locks = new TableLocks({ budgetMs: 100 })
    const catalogWithTimeout = embeddedCatalog({
      name: 'local',
      warehouse,
      database,
      store,
      locks,
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles(),
    })
    const releaseLocks = await locks.acquire(['demo.t'], locks.newBudget())
    await expect(
      catalogWithTimeout.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }),
    ).rejects.toThrow(code('table-busy'))
    releaseLocks()
    await catalogWithTimeout.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'w') })
    expect((await catalog.loadTable(toIdentifier('t'))).metadata.properties.k).toBe('w')
  })

  test('writes its rows alongside in the same transaction, and fails with them', async () => {
    const insertWorker = (name: string) =>
      rawChange('INSERT INTO workers VALUES (?, 0) ON CONFLICT DO NOTHING', [name], 1)
    const seen: (string | null)[] = []
    const alongside = ({ before, after }: CommittedTable) => {
      seen.push(before?.metadataLocation ?? null, after.metadataLocation)
      return [insertWorker('one'), insertWorker('two')]
    }
    const before = await catalog.loadTable(toIdentifier('t'))
    const after = await catalog.write(
      { kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') },
      { alongside },
    )
    expect(seen).toEqual([before.metadataLocation, after.metadataLocation])
    for (const [index, rows] of [['two'], ['three', 'two']].entries()) {
      const failure = await catalog
        .write(
          { kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'w') },
          { alongside: () => rows.map(insertWorker) },
        )
        .catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(UnexpectedChanges)
      expect(failure).toMatchObject({ index })
    }
    expect(await catalog.loadTable(toIdentifier('t'))).toEqual(after)
    expect(await metadataFiles()).toHaveLength(2)
    expect(await database.read(rawQuery('SELECT id FROM workers'))).toHaveLength(2)
  })

  test('leaves no file behind when building its rows alongside throws', async () => {
    const alongside = () => {
      throw new Error('no')
    }
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }, { alongside }),
    ).rejects.toThrow('no')
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('is not started for an aborted request', async () => {
    const aborted = catalog.write(
      { kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') },
      { signal: AbortSignal.abort() },
    )
    await expect(aborted).rejects.toMatchObject({ name: 'AbortError' })
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('has times that never go backwards, even when the clock does', async () => {
    const futureMs = Date.now() + 3_600_000
    const { metadataLocation } = await catalog.loadTable(toIdentifier('t'))
    const text = await readFile(fileAt(metadataLocation), 'utf8')
    const ahead = metadataLocation.replace('00000-', '00007-')
    await writeFile(fileAt(ahead), text.replace(/"last-updated-ms":\s*\d+/, `"last-updated-ms": ${futureMs}`))
    await database.commit([rawChange('UPDATE iceberg_tables SET metadata_location = ?', [ahead])])
    const after = await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
    expect(after.metadata.lastUpdatedMs).toBeGreaterThanOrEqual(futureMs)
    expect(after.metadataLocation).toContain('/00008-')
  })

  test('writes metadata to write.metadata.path, compressed if the table says so', async () => {
    await catalog.write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: {
        requirements: [],
        updates: [
          {
            action: 'set-properties',
            updates: { 'write.metadata.path': `${warehouse}/meta/`, 'write.metadata.compression-codec': 'gzip' },
          },
        ],
      },
    })
    const { metadataLocation, metadata } = await catalog.write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: set('k', 'v'),
    })
    expect(metadataLocation).toMatch(/\/warehouse\/meta\/00002-[0-9a-f-]{36}\.gz\.metadata\.json$/)
    expect(gunzipSync(await readFile(fileAt(metadataLocation))).toString()).toContain(metadata.tableUuid)
    expect((await reopened().loadTable(toIdentifier('t'))).metadata.properties.k).toBe('v')
  })

  test('numbers its file from zero when the previous name has no number', async () => {
    const { metadataLocation } = await catalog.loadTable(toIdentifier('t'))
    const unnumberedLocation = metadataLocation.replace('00000-', 'v-')
    await writeFile(fileAt(unnumberedLocation), await readFile(fileAt(metadataLocation)))
    await database.commit([rawChange('UPDATE iceberg_tables SET metadata_location = ?', [unnumberedLocation])])
    expect(
      (await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })).metadataLocation,
    ).toContain('/00000-')
  })
})

function reopened(): CatalogClient {
  return embeddedCatalog({
    name: 'local',
    warehouse,
    database,
    store,
    locks: new TableLocks(),
    log: SILENT_LOG,
    metadataFiles: new MetadataFiles(),
  })
}

test('A transaction enforces its requirements on tables that it does not change', async () => {
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  for (const name of ['read', 'written'])
    await catalog.write({ kind: 'create-table', table: toIdentifier(name), schema: SCHEMA })
  let isFirst = true
  const interrupted = catalogWithFaults(async (_changes, commitForReal) => {
    if (isFirst) {
      isFirst = false
      await catalog.write({
        kind: 'commit-table',
        table: toIdentifier('read'),
        change: {
          requirements: [],
          updates: [
            { action: 'add-schema', schema: { ...SCHEMA, fields: SCHEMA.fields.slice(0, 1) } },
            { action: 'set-current-schema', schemaId: -1 },
          ],
        },
      })
    }
    return commitForReal()
  })
  const transaction = interrupted.write({
    kind: 'commit-tables',
    commits: [
      {
        identifier: toIdentifier('read'),
        change: { requirements: [{ type: 'assert-current-schema-id', currentSchemaId: 0 }], updates: [] },
      },
      {
        identifier: toIdentifier('written'),
        change: { requirements: [], updates: [{ action: 'set-properties', updates: { a: 'b' } }] },
      },
    ],
  })
  await expect(transaction).rejects.toThrow(code('commit-conflict'))
  expect((await catalog.loadTable(toIdentifier('written'))).metadata.properties).not.toHaveProperty('a')
  expect(await metadataFiles('demo/written')).toHaveLength(1)
})

test('Metadata that fell out of the log stays when another table may name it', async () => {
  await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
  const properties = {
    'write.metadata.delete-after-commit.enabled': 'true',
    'write.metadata.previous-versions-max': '1',
  }
  const { metadataLocation } = await catalog.write({
    kind: 'create-table',
    table: toIdentifier('t'),
    schema: SCHEMA,
    properties,
  })
  const commit = (owner: string) =>
    catalog.write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: {
        requirements: [],
        updates: [{ action: 'set-properties', updates: { owner } }],
      },
    })
  // As another program registers it, without any checks.
  const sql = `INSERT INTO iceberg_tables VALUES ('local', 'demo', 'twin', ?, NULL, 'TABLE')`
  await database.commit([rawChange(sql, [metadataLocation])])
  for (const owner of ['a', 'b', 'c']) await commit(owner)
  expect(await metadataFiles()).toHaveLength(4)
  expect((await store.read(metadataLocation, { maxBytes: 1_000_000 })).length).toBeGreaterThan(0)
  await catalog.write({ kind: 'drop-table', table: toIdentifier('twin') })
  await commit('d')
  expect(await metadataFiles()).toHaveLength(4)
})

describe('A commit that shortens the metadata log', () => {
  const SHORTEN = set('write.metadata.previous-versions-max', '1')
  beforeEach(async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    const properties = { 'write.metadata.delete-after-commit.enabled': 'true' }
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA, properties })
    for (const owner of ['a', 'b', 'c'])
      await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('owner', owner) })
  })

  /** The names of the files that the table and its log name. */
  async function namedFiles(): Promise<string[]> {
    const { metadata, metadataLocation } = await catalog.loadTable(toIdentifier('t'))
    const locations = [...metadata.metadataLog.map(({ metadataFile }) => metadataFile), metadataLocation]
    return locations.map((location) => path.basename(location)).sort()
  }
  /** Another writer commits before the first swap of the returned catalog; `onSwap` is called before each one. */
  function losingOnce(winning: TableChange, onSwap: (attempts: number) => Promise<void> = async () => undefined) {
    let attempts = 0
    return catalogWithFaults(async (_, commitForReal) => {
      attempts += 1
      if (attempts === 1) await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: winning })
      await onSwap(attempts)
      return commitForReal()
    })
  }

  test('and loses its swap for good keeps every file of the winner’s log (commit-safety 21)', async () => {
    const winning: TableChange = {
      requirements: [],
      updates: [
        { action: 'add-schema', schema: { ...SCHEMA, fields: SCHEMA.fields.slice(0, 1) } },
        { action: 'set-current-schema', schemaId: -1 },
      ],
    }
    const requirements = [{ type: 'assert-current-schema-id' as const, currentSchemaId: 0 }]
    const losing = losingOnce(winning).write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: { ...SHORTEN, requirements },
    })
    await expect(losing).rejects.toThrow(code('commit-conflict'))
    expect(await namedFiles()).toHaveLength(5)
    expect(await metadataFiles()).toEqual(await namedFiles())
  })

  test('and wins the second swap removes what fell out of the log, and only then (commit-safety 21)', async () => {
    const seen: number[] = []
    const client = losingOnce(set('owner', 'd'), async () => {
      const stored = await metadataFiles()
      expect(stored).toEqual(expect.arrayContaining(await namedFiles()))
      seen.push(stored.length)
    })
    await client.write({ kind: 'commit-table', table: toIdentifier('t'), change: SHORTEN })
    // The named files, and the one that waits for its swap.
    expect(seen).toEqual([6, 6])
    expect(await namedFiles()).toHaveLength(2)
    expect(await metadataFiles()).toEqual(await namedFiles())
  })

  test('and whose outcome is not known removes nothing (commit-safety 21)', async () => {
    const unanswered = catalogWithFaults(() => Promise.reject(new AppError('commit-state-unknown', 'cut')))
    await expect(unanswered.write({ kind: 'commit-table', table: toIdentifier('t'), change: SHORTEN })).rejects.toThrow(
      code('commit-state-unknown'),
    )
    expect(await namedFiles()).toHaveLength(4)
    expect(await metadataFiles()).toEqual(expect.arrayContaining(await namedFiles()))
  })
})

describe('When the outcome of a commit is not known', () => {
  const unknown = () => new AppError('commit-state-unknown', 'cut')
  beforeEach(async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
  })

  test('and it succeeded, it is found and counts as committed', async () => {
    const unanswered = catalogWithFaults(async (_, commitForReal) => {
      await commitForReal()
      throw unknown()
    })
    const after = await unanswered.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
    expect(await catalog.loadTable(toIdentifier('t'))).toEqual(after)
  })

  test('and it succeeded before another one, it is found in the log', async () => {
    const unanswered = catalogWithFaults(async (_, commitForReal) => {
      await commitForReal()
      await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('other', 'v') })
      throw unknown()
    })
    await unanswered.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
    expect((await catalog.loadTable(toIdentifier('t'))).metadata.properties).toMatchObject({ k: 'v', other: 'v' })
  })

  test('and it cannot be found, the error says so and nothing is removed', async () => {
    const unanswered = catalogWithFaults(() => Promise.reject(unknown()))
    const failure: unknown = await unanswered
      .write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'commit-state-unknown',
      facts: { metadataLocation: expect.stringContaining('/00001-') },
    })
    expect(await metadataFiles()).toHaveLength(2)
    const dropped = catalogWithFaults(async () => {
      await catalog.write({ kind: 'drop-table', table: toIdentifier('t') })
      throw unknown()
    })
    await expect(
      dropped.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }),
    ).rejects.toThrow(code('commit-state-unknown'))
    expect(await metadataFiles()).toHaveLength(3)
  })

  test('a database that stayed locked still means a certain failure, and the file is removed', async () => {
    const locked = catalogWithFaults(() => Promise.reject(new AppError('database-busy', 'locked')))
    await expect(
      locked.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }),
    ).rejects.toThrow(code('database-busy'))
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('the error still says why a commit failed when its file cannot be removed', async () => {
    const stuck: ObjectStore = { ...store, remove: () => Promise.reject(new Error('stuck')) }
    const locked: Database = {
      ...database,
      commit: () => Promise.reject(new AppError('database-busy', 'locked')),
    }
    const client = embeddedCatalog({
      name: 'local',
      warehouse,
      database: locked,
      store: stuck,
      locks: new TableLocks(),
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles(),
    })
    await expect(
      client.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }),
    ).rejects.toThrow(code('database-busy'))
  })
})

describe('Renaming and dropping', () => {
  beforeEach(async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await catalog.write({ kind: 'create-namespace', namespace: ['other', 'deep'], properties: {} })
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
  })

  test('moves the row and keeps the table', async () => {
    const before = await catalog.loadTable(toIdentifier('t'))
    const to = toIdentifier('u', 'other', 'deep')
    const seen: unknown[] = []
    const alongside = (row: unknown) => {
      seen.push(row)
      return []
    }
    await catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to }, { alongside })
    expect(await catalog.loadTable(to)).toEqual({ ...before, identifier: to })
    await expect(catalog.loadTable(toIdentifier('t'))).rejects.toThrow(code('not-found'))
    await catalog.write({ kind: 'drop-table', table: to }, { alongside })
    const { metadataLocation } = before
    expect(seen).toEqual([{ metadataLocation }, { metadataLocation }])
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('refuses a name that is taken and a namespace that does not exist', async () => {
    await catalog.write({ kind: 'create-table', table: toIdentifier('u'), schema: SCHEMA })
    await database.commit([rawChange("INSERT INTO iceberg_tables VALUES ('local', 'demo', 'v', 'x', NULL, 'VIEW')")])
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u') }),
    ).rejects.toThrow('Table already exists')
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('v') }),
    ).rejects.toThrow('View already exists')
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('w', 'none') }),
    ).rejects.toThrow(code('not-found'))
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('none'), to: toIdentifier('w') }),
    ).rejects.toThrow(code('not-found'))
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('v'), to: toIdentifier('w') }),
    ).rejects.toThrow('Table does not exist')
    await expect(catalog.write({ kind: 'drop-table', table: toIdentifier('v') })).rejects.toThrow(
      'Table does not exist',
    )
    await expect(
      catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: { ...toIdentifier('w'), catalog: 'else' } }),
    ).rejects.toThrow(code('not-supported'))
  })

  test('during a commit neither brings back the old name nor loses the table', async () => {
    const racing = catalogWithFaults(async (_, commitForReal) => {
      await catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u') })
      return commitForReal()
    })
    await expect(
      racing.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') }),
    ).rejects.toThrow(code('not-found'))
    expect(await rows()).toMatchObject([{ table_name: 'u' }])
    expect(await metadataFiles()).toHaveLength(1)
  })

  test('includes a commit that came in between, and reports its metadata', async () => {
    let last = ''
    const late = catalogWithFaults(async (_, commitForReal) => {
      if (last === '') {
        const updates = [{ action: 'set-properties' as const, updates: { owner: 'late' } }]
        last = (
          await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: { requirements: [], updates } })
        ).metadataLocation
      }
      return commitForReal()
    })
    const locations: (string | null)[] = []
    const alongside = ({ metadataLocation }: { metadataLocation: string | null }) => {
      locations.push(metadataLocation)
      return []
    }
    await late.write({ kind: 'drop-table', table: toIdentifier('t') }, { alongside })
    expect(locations).toHaveLength(2)
    expect(locations[1]).toBe(last)
    expect((await rows()).map((row) => row.table_name)).not.toContain('t')
  })

  test('is all or nothing, together with its rows alongside', async () => {
    const failingChange = () => [rawChange("DELETE FROM audit WHERE id = 'none'", [], 1)]
    await expect(
      catalog.write({ kind: 'drop-table', table: toIdentifier('t') }, { alongside: failingChange }),
    ).rejects.toMatchObject({ index: 0 })
    await expect(
      catalogWithFaults(() => Promise.reject(new Error('bug'))).write({ kind: 'drop-table', table: toIdentifier('t') }),
    ).rejects.toThrow('bug')
    const losing = catalogWithFaults(() => Promise.reject(new UnexpectedChanges(0, 0)))
    await expect(losing.write({ kind: 'drop-table', table: toIdentifier('t') })).rejects.toThrow(
      code('commit-conflict'),
    )
    expect(await rows()).toHaveLength(1)
  })
})

describe('Damaged metadata', () => {
  let location: string
  beforeEach(async () => {
    await catalog.write({ kind: 'create-namespace', namespace: ['demo'], properties: {} })
    await catalog.write({ kind: 'create-table', table: toIdentifier('t'), schema: SCHEMA })
    location = (
      await catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'v') })
    ).metadataLocation.replace('00001-', '00002-')
  })
  const damage = async (bytes: Uint8Array | string | null) => {
    if (bytes !== null) await writeFile(fileAt(location), bytes)
    await database.commit([
      rawChange('UPDATE iceberg_tables SET previous_metadata_location = metadata_location, metadata_location = ?', [
        location,
      ]),
    ])
  }

  test.each([
    ['empty', ''],
    ['not JSON', '<html>'],
    ['not UTF-8', new Uint8Array([0x7b, 0xff, 0xfe])],
    ['half a gzip file', gzipSync('{"format-version": 2}').subarray(0, 20)],
    ['JSON of another kind', '{"a": 1}'],
  ])('that is %s is reported with its location and the previous one', async (_, bytes) => {
    await damage(bytes)
    const failure: unknown = await catalog.loadTable(toIdentifier('t')).catch((error: unknown) => error)
    expect(failure).toMatchObject({
      code: 'file-damaged',
      facts: { location, previousLocation: expect.stringContaining('/00001-') },
    })
  })

  test('that is truncated is not loaded, but the table can still be listed, renamed and dropped', async () => {
    await damage(await readFile(fileAt((await catalog.loadTable(toIdentifier('t'))).metadataLocation)))
    await truncate(fileAt(location), 200)
    await expect(catalog.loadTable(toIdentifier('t'))).rejects.toThrow(code('file-damaged'))
    await expect(
      catalog.write({ kind: 'commit-table', table: toIdentifier('t'), change: set('k', 'w') }),
    ).rejects.toThrow(code('file-damaged'))
    expect(await catalog.listTables(['demo'])).toEqual([toIdentifier('t')])
    await catalog.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u') })
    await catalog.write({ kind: 'drop-table', table: toIdentifier('u') })
    expect(await rows()).toEqual([])
  })

  test('that is missing or has no location is file-missing', async () => {
    await damage(null)
    await expect(catalog.loadTable(toIdentifier('t'))).rejects.toThrow(code('file-missing'))
    await database.commit([rawChange('UPDATE iceberg_tables SET metadata_location = NULL')])
    await expect(catalog.loadTable(toIdentifier('t'))).rejects.toThrow(code('file-missing'))
  })

  test('outside the warehouse is refused', async () => {
    await database.commit([rawChange("UPDATE iceberg_tables SET metadata_location = 'file:///etc/passwd'")])
    await expect(catalog.loadTable(toIdentifier('t'))).rejects.toThrow(code('location-refused'))
  })

  test('that another writer replaced during the read is read again', async () => {
    const { metadataLocation } = await catalog.loadTable(toIdentifier('t'))
    await damage(null)
    const swap = rawChange('UPDATE iceberg_tables SET metadata_location = ?', [metadataLocation])
    const swapping: ObjectStore = {
      ...store,
      async read(readLocation, options) {
        if (readLocation === location) await database.commit([swap])
        return store.read(readLocation, options)
      },
    }
    const client = embeddedCatalog({
      name: 'local',
      warehouse,
      database,
      store: swapping,
      locks: new TableLocks(),
      log: SILENT_LOG,
      metadataFiles: new MetadataFiles(),
    })
    expect((await client.loadTable(toIdentifier('t'))).metadataLocation).toBe(metadataLocation)
  })
})
