import { mkdir, symlink, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { listWarehouse } from '@/lib/contract/warehouse'
import { type TableIdentifier } from '@/lib/names/identifiers'
import { type Grant, grantsOfRole, ROLES } from '@/lib/permissions'
import * as actors from '@/server/auth/actor'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { internalFolder } from '@/server/storage/internal-files'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { rawChange } from '@/testing/databases/test-sql'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

const home = createTestHome()
const identifierOf = (table: string, ...namespace: string[]): TableIdentifier => ({
  catalog: 'local',
  namespace: namespace.length === 0 ? ['demo'] : namespace,
  table,
})
const FIELD = { id: 1, name: 'id', required: false, type: 'long' } as const
const SCHEMA = { schemaId: 0, identifierFieldIds: [], fields: [FIELD] }

let catalog: CatalogClient
let warehouse = ''
let cookie = ''
beforeAll(async () => {
  catalog = await openTestCatalog(home.services)
  warehouse = home.config.warehouse
  cookie = (await signInAs(home.services, 'viewer')).cookie
  for (const namespace of [['demo'], ['demo', 'deep'], ['empty']])
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
})

const pathOf = (location: string) => fileURLToPath(location)
const create = async (identifier: TableIdentifier, properties: Record<string, string> = {}) =>
  (await catalog.write({ kind: 'create-table', table: identifier, schema: SCHEMA, properties })).metadata.location
async function write(folder: string, name: string, bytes = 3): Promise<void> {
  await mkdir(pathOf(folder), { recursive: true })
  await writeFile(path.join(pathOf(folder), name), 'x'.repeat(bytes))
}

/** Calls the route itself as a user with these grants. */
async function request(input: Record<string, string>, grants: readonly Grant[] = grantsOfRole('admin')) {
  const spy = vi
    .spyOn(actors, 'actorFor')
    .mockImplementation(({ userId, username }) => ({ userId, username, role: 'viewer', grants }))
  try {
    const handler = await loadRouteHandler(home.services, listWarehouse)
    const { catalog: name = 'local', ...fields } = input
    const response = await handler(
      new Request(`http://test/x?${new URLSearchParams(fields)}`, { headers: { cookie } }),
      { params: Promise.resolve({ catalog: name }) },
    )
    return { status: response.status, text: await response.text() }
  } finally {
    spy.mockRestore()
  }
}

async function list(folder?: string, { pageToken, grants }: { pageToken?: string; grants?: Grant[] } = {}) {
  const { status, text } = await request({ ...(folder && { folder }), ...(pageToken && { pageToken }) }, grants)
  expect([status, text]).toEqual([200, expect.any(String)])
  return listWarehouse.output.parse(JSON.parse(text))
}

/** Name, use and owner of each folder. */
const uses = ({ folders }: Awaited<ReturnType<typeof list>>) =>
  folders.map(({ name, ownership, owner }) => [name, ownership, owner && [...owner.namespace, owner.name].join('.')])

describe('The warehouse', () => {
  it('lists its folders with the tables and views that own them, and those that none owns', async () => {
    await create(identifierOf('flights'))
    await create(identifierOf('inner', 'demo', 'deep'))
    const dropped = await create(identifierOf('dropped'))
    await catalog.write({ kind: 'drop-table', table: identifierOf('dropped') })
    await catalog.write({
      kind: 'create-view',
      view: { catalog: 'local', namespace: ['demo'], view: 'routes' },
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
    })
    await write(warehouse, 'notes.txt', 5)
    const top = await list()
    expect(top).toMatchObject({ warehouse, folder: warehouse, ownership: 'shared', owner: null, nextPageToken: null })
    expect(uses(top)).toContainEqual(['demo', 'shared', null])
    expect(top.files).toMatchObject([{ name: 'notes.txt', location: `${warehouse}/notes.txt`, sizeBytes: 5 }])
    expect(top.files[0]?.modifiedAtMs).toBeGreaterThan(Date.UTC(2020, 0))
    const demo = await list(`${warehouse}/demo/`)
    expect(demo.folder).toBe(`${warehouse}/demo`)
    expect(uses(demo)).toEqual([
      ['deep', 'shared', null],
      ['dropped', 'unowned', null],
      ['flights', 'owned', 'demo.flights'],
      ['routes', 'owned', 'demo.routes'],
    ])
    expect(demo.folders.map(({ owner }) => owner?.kind)).toEqual([undefined, undefined, 'table', 'view'])
    expect(uses(await list(`${warehouse}/demo/deep`))).toEqual([['inner', 'owned', 'demo.deep.inner']])
    expect(await list(dropped)).toMatchObject({
      ownership: 'unowned',
      owner: null,
      folders: [{ ownership: 'unowned' }],
    })
  })

  it('names the owner in every folder of a table, however its location is written', async () => {
    const location = await create(identifierOf('owned'))
    await write(`${location}/data/day=1`, 'a.parquet')
    const owner = { kind: 'table', catalog: 'local', namespace: ['demo'], name: 'owned' }
    for (const folder of [
      `${location}/data`,
      location.replace('file://', 'file:'),
      pathOf(location),
      location.replace('/demo/', '//demo/'),
    ]) {
      const page = await list(folder)
      expect(page, folder).toMatchObject({ ownership: 'owned', owner })
      expect(page.folders[0], folder).toMatchObject({ ownership: 'owned', owner })
      expect(page.folder.startsWith(location)).toBe(true)
    }
  })

  it('names the owner of a folder that a table has by a property', async () => {
    await create(identifierOf('apart'), { 'write.data.path': `${warehouse}/far/files` })
    await write(`${warehouse}/far/files`, 'a.parquet')
    expect(uses(await list())).toContainEqual(['far', 'shared', null])
    expect(uses(await list(`${warehouse}/far`))).toEqual([['files', 'owned', 'demo.apart']])
    await catalog.write({ kind: 'drop-table', table: identifierOf('apart') })
    expect(uses(await list(`${warehouse}/far`))).toEqual([['files', 'unowned', null]])
  })

  it('does not name owners that the operator may not read, or that have no address', async () => {
    const location = await create(identifierOf('secret'))
    const grants: Grant[] = [
      { permission: 'console:admin', resource: {} },
      { permission: 'table:read', resource: identifierOf('flights') },
    ]
    const demo = await list(`${warehouse}/demo`, { grants })
    expect(demo.folders.find(({ name }) => name === 'secret')).toMatchObject({ ownership: 'owned', owner: null })
    expect(demo.folders.find(({ name }) => name === 'flights')?.owner?.name).toBe('flights')
    expect(await list(location, { grants })).toMatchObject({ ownership: 'owned', owner: null })
    await write(`${warehouse}/nameless/metadata`, 'v1.json')
    await home.database.commit([
      rawChange('INSERT INTO iceberg_tables VALUES (?, ?, ?, ?, NULL, NULL)', [
        'local',
        'a..b',
        't',
        `${warehouse}/nameless/metadata/v1.json`,
      ]),
    ])
    expect(uses(await list())).toContainEqual(['nameless', 'owned', null])
  })

  it('is listed a page at a time', async () => {
    const folder = `${warehouse}/many`
    await mkdir(pathOf(folder))
    const names = Array.from({ length: 501 }, (_, index) => `f${String(index).padStart(3, '0')}`)
    await Promise.all(names.map((name) => mkdir(path.join(pathOf(folder), name))))
    const first = await list(folder)
    const second = await list(folder, { pageToken: first.nextPageToken ?? '' })
    expect([first.folders.length, second.folders.length, second.nextPageToken]).toEqual([500, 1, null])
    expect([...first.folders, ...second.folders].map(({ name }) => name)).toEqual(names)
  })

  it('costs the same few queries however many tables there are', async () => {
    const read = vi.spyOn(home.database, 'read')
    const folder = `${warehouse}/crowd`
    for (const name of ['t7', 'free']) await mkdir(path.join(pathOf(folder), name), { recursive: true })
    const countQueries = async () => {
      await catalog.warehouseSupport?.readOwnership([folder])
      read.mockClear()
      const ownership = await catalog.warehouseSupport?.readOwnership([folder, `${folder}/t7`, `${folder}/free`])
      return { ownership, queryCount: read.mock.calls.length }
    }
    try {
      const before = await countQueries()
      expect(before.ownership).toEqual(Array.from({ length: 3 }, () => ({ owner: null, hasOwnersBelow: false })))
      await home.database.commit([
        rawChange(
          `INSERT INTO iceberg_tables
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
            SELECT 'local', 'crowd', 't' || i, CAST(? AS TEXT) || '/t' || i || '/metadata/v1.json', NULL, 'TABLE' FROM n`,
          [folder],
        ),
      ])
      const after = await countQueries()
      expect(after.ownership).toEqual([
        { owner: null, hasOwnersBelow: true },
        { owner: { identifier: identifierOf('t7', 'crowd'), kind: 'table' }, hasOwnersBelow: true },
        { owner: null, hasOwnersBelow: false },
      ])
      // One more names the owner that was found.
      expect(after.queryCount).toBe(before.queryCount + 1)
      expect(after.queryCount).toBeLessThan(5)
    } finally {
      read.mockRestore()
    }
  })
})

describe('A folder of the warehouse', () => {
  it('may be named by its path from there', async () => {
    await write(`${warehouse}/near/inner`, 'a.txt')
    for (const folder of ['near', 'near/']) {
      expect(await list(folder)).toMatchObject({ folder: `${warehouse}/near`, folders: [{ name: 'inner' }] })
    }
    expect(await list('near/inner')).toMatchObject({ folder: `${warehouse}/near/inner`, files: [{ name: 'a.txt' }] })
  })

  it('may be empty, and is not found when it does not exist', async () => {
    await mkdir(pathOf(`${warehouse}/bare`), { recursive: true })
    expect(await list('bare')).toMatchObject({ folders: [], files: [] })
    await write(warehouse, 'file.txt')
    for (const folder of ['eyes', `${warehouse}/eyes/deeper`, 'file.txt', 'bare/x']) {
      const { status, text } = await request({ folder })
      expect([folder, status, JSON.parse(text)]).toEqual([
        folder,
        404,
        expect.objectContaining({
          code: 'not-found',
          detail: expect.stringMatching(/^The folder file:.* does not exist/),
        }),
      ])
    }
  })
})

describe('A folder that is not in the warehouse', () => {
  it('is refused, by whatever path it is named', async () => {
    for (const folder of [
      `${warehouse}/..`,
      `${warehouse}/demo/../../outside`,
      `${warehouse}/%2e%2e/outside`,
      `${warehouse}/%252e%252e/outside`,
      `${warehouse}/demo%2f..%2f..`,
      `${warehouse}2`,
      warehouse.slice(0, -1),
      path.posix.dirname(warehouse),
      'file:///',
      'file:///etc',
      '/etc',
      '..',
      '../outside',
      'demo/../../outside',
      './demo/..',
      's3://bucket/warehouse',
      'https://example.com/warehouse',
      `${warehouse}\\..`,
      `${warehouse}/\0`,
    ]) {
      const { status, text } = await request({ folder })
      expect([folder, status], text).toEqual([folder, 403])
      expect(text).toContain('location-refused')
      expect(text).toContain('its path from the warehouse, such as demo/flights')
    }
    expect((await request({ folder: '' })).status).toBe(400)
    expect((await request({ folder: `${warehouse}/${'a'.repeat(5000)}` })).status).toBe(400)
  })

  it('is not reached through a link, and links are not listed', async () => {
    const outside = path.join(path.dirname(pathOf(warehouse)), 'outside')
    await mkdir(path.join(outside, 'private'), { recursive: true })
    await symlink(outside, path.join(pathOf(warehouse), 'link'))
    expect(uses(await list()).map(([name]) => name)).not.toContain('link')
    for (const folder of [`${warehouse}/link`, `${warehouse}/link/private`]) {
      const { status, text } = await request({ folder })
      expect([folder, status]).toEqual([folder, 403])
      expect(text).toContain('location-refused')
    }
  })

  it('includes that of Lakeshore itself', async () => {
    const folder = internalFolder(home.config)
    await write(folder, 'rejects.csv')
    expect(uses(await list()).map(([name]) => name)).not.toContain('.lakeshore')
    const { status, text } = await request({ folder })
    expect([status, text.includes('rejects')]).toEqual([403, false])
  })

  it('has a name that no location can have, which is listed without a way in', async () => {
    await mkdir(path.join(pathOf(warehouse), 'odd\\name'))
    const { folders } = await list()
    expect(folders.find(({ name }) => name === 'odd\\name')).toMatchObject({ isListable: false, ownership: 'unowned' })
    expect(folders.filter(({ isListable }) => !isListable)).toHaveLength(1)
    expect((await request({ folder: `${warehouse}/odd\\name` })).status).toBe(403)
  })
})

describe('The warehouse is listed', () => {
  it.each(ROLES)('for admins only, as a %s finds', async (role) => {
    const { status, text } = await request({ folder: `${warehouse}/demo` }, grantsOfRole(role))
    expect(status).toBe(role === 'admin' ? 200 : 403)
    expect(text.includes('flights')).toBe(role === 'admin')
  })

  it.each<[string, 403 | 404, Grant[]]>([
    ['no grant', 404, []],
    ['every permission on another catalog', 404, [{ permission: 'console:admin', resource: { catalog: 'other' } }]],
    [
      'a permission on one namespace',
      403,
      [{ permission: 'console:admin', resource: { catalog: 'local', namespace: ['demo'] } }],
    ],
    ['all permissions on its tables', 403, [{ permission: 'table:maintain', resource: { catalog: 'local' } }]],
  ])('not for a user with %s: %i', async (_which, expected, grants) => {
    const { status, text } = await request({ folder: `${warehouse}/demo` }, grants)
    expect(status).toBe(expected)
    expect(text).not.toContain('flights')
  })

  it('for a catalog that exists, and for one that knows the owners of its folders', async () => {
    expect((await request({ catalog: 'nowhere' })).status).toBe(404)
    const { warehouseSupport, ...others } = catalog
    expect(warehouseSupport).toBeDefined()
    const open = vi.spyOn(home.services.catalogs, 'open').mockResolvedValue({ ...others, name: 'far' })
    try {
      const { status, text } = await request({ catalog: 'far' })
      expect([status, JSON.parse(text)]).toEqual([422, expect.objectContaining({ code: 'not-supported' })])
      expect(text).toContain('far')
    } finally {
      open.mockRestore()
    }
  })
})
