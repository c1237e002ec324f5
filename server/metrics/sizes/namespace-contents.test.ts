import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Endpoint } from '@/lib/contract/endpoint'
import { listTables, type NamespaceContent } from '@/lib/contract/namespaces'
import { listViews } from '@/lib/contract/views'
import type { Grant } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import { insertRow } from '@/server/db/catalog/table-rows'
import { createTestRestCatalog, RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { ONE_COLUMN_SCHEMA } from '@/testing/catalogs/verify-table'
import { useTestClock } from '@/testing/clock'
import { rawChange } from '@/testing/databases/test-sql'
import { requestWith } from '@/testing/contract/request-with'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { readNamespaceContents } from './namespace-contents'

const home = createTestHome()
const { signal } = new AbortController()
const context = { signal, requestId: 'r', nowMs: 1 }
const WIDE = ['wide']
const TABLE_COUNT = 10_000

type Request = Parameters<typeof readNamespaceContents>[3]
const namesOf = ({ entries }: { entries: readonly NamespaceContent[] }) =>
  entries.map((entry) =>
    entry.kind === 'namespace' ? entry.namespace.at(-1) : entry.kind === 'table' ? entry.table : entry.view,
  )
const readWide = async (request: Request) =>
  readNamespaceContents(home.services, await openTestCatalog(home.services), WIDE, request, context)
const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => from + index)

beforeAll(async () => {
  const catalog = await openTestCatalog(home.services)
  const identifier = { catalog: 'local', namespace: ['one'], table: 'original' }
  for (const namespace of [['one'], WIDE, [...WIDE, 't_child']])
    await catalog.write({ kind: 'create-namespace', namespace, properties: {} })
  await catalog.write({ kind: 'create-table', table: identifier, schema: ONE_COLUMN_SCHEMA })
  const { metadataLocation } = await catalog.loadTable(identifier)
  // The tables share one metadata file: each has figures, and writing them takes no time.
  const insertMany = `INSERT INTO iceberg_tables
      (catalog_name, table_namespace, table_name, metadata_location, previous_metadata_location, iceberg_type)
    WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${TABLE_COUNT - 1})
    SELECT 'local', 'wide', 't_' || i, '${metadataLocation}', NULL, 'TABLE' FROM n`
  await home.database.commit([
    rawChange(insertMany, [], TABLE_COUNT),
    insertRow({ catalog: 'local', namespace: WIDE, table: 'Émile' }, 'file:///v', 'view'),
  ])
})

describe('The contents of a namespace with 10,000 tables', () => {
  it('begin with namespaces, and have figures and counts', async () => {
    const first = await readWide({})
    expect(first.entries).toHaveLength(100)
    expect(first.entries[0]).toMatchObject({ kind: 'namespace', namespace: ['wide', 't_child'], tableCount: 0 })
    expect(first.entries[1]).toMatchObject({ kind: 'table', table: 't_0', problem: null, summary: { rowCount: 0 } })
    expect(first).toMatchObject({
      totalCount: TABLE_COUNT + 2,
      counts: { namespace: 1, table: TABLE_COUNT, view: 1 },
      nextOffset: 100,
      isTruncated: false,
    })
  })

  it('are searched on all pages, without case and accents', async () => {
    const found = await readWide({ search: ' T_999' })
    expect(found).toMatchObject({ totalCount: 11, nextOffset: null, counts: { table: TABLE_COUNT } })
    expect(namesOf(found)).toEqual(['t_999', ...range(9990, 10).map((i) => `t_${i}`)])
    expect(namesOf(await readWide({ search: 'emile' }))).toEqual(['Émile'])
    expect(await readWide({ search: 't_10000' })).toMatchObject({ entries: [], totalCount: 0, nextOffset: null })
  })

  it('are sorted by name on all pages, with numbers by their value', async () => {
    const last = await readWide({ sort: '-name' })
    expect(namesOf(last).slice(0, 3)).toEqual(['t_child', 't_9999', 't_9998'])
    const first = await readWide({ sort: 'name' })
    expect(namesOf(first).slice(0, 3)).toEqual(['Émile', 't_0', 't_1'])
    const next = await readWide({ sort: 'name', offset: first.nextOffset ?? 0 })
    expect(namesOf(next).slice(0, 2)).toEqual(['t_99', 't_100'])
  })

  it('are those of one kind', async () => {
    expect(namesOf(await readWide({ kind: 'view' }))).toEqual(['Émile'])
    expect(namesOf(await readWide({ kind: 'namespace', search: 't_' }))).toEqual(['t_child'])
    expect(await readWide({ kind: 'table', search: '99', sort: '-name' })).toMatchObject({ totalCount: 280 })
  })

  it('are searched and counted after the grants of the caller', async () => {
    const grants = ['t_42', 't_4242'].map(
      (table): Grant => ({
        permission: 'table:read',
        resource: { catalog: 'local', namespace: WIDE, table },
      }),
    )
    const actor: Actor = { userId: 'u', username: 'ann', role: null, grants }
    const catalog = await home.services.catalogs.open('local', actor)
    const found = await readNamespaceContents(home.services, catalog, WIDE, { search: '42' }, context)
    expect(namesOf(found)).toEqual(['t_42', 't_4242'])
    expect(found).toMatchObject({ totalCount: 2, counts: { namespace: 0, table: 2, view: 0 } })
    expect(await readNamespaceContents(home.services, catalog, WIDE, { search: 't_7' }, context)).toMatchObject({
      totalCount: 0,
    })
  })

  it('do not exist for an unknown namespace', async () => {
    const catalog = await openTestCatalog(home.services)
    await expect(readNamespaceContents(home.services, catalog, ['nowhere'], {}, context)).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('The names of 10,000 tables, or of views', () => {
  const list = async (endpoint: Endpoint, search: string) => {
    const user = await signInAs(home.services, 'viewer')
    const { request, params } = requestWith(endpoint, { catalog: 'local', namespace: 'wide', search }, user.cookie)
    const response = await (await loadRouteHandler(home.services, endpoint))(request, {
      params: Promise.resolve(params),
    })
    return response.json() as Promise<Record<string, unknown>>
  }

  it('are found by a part of the name, also beyond the first page', async () => {
    expect(await list(listTables, 'T_9999')).toEqual({ tables: ['t_9999'], totalCount: 1, nextOffset: null })
    expect(await list(listTables, 't_')).toMatchObject({ totalCount: TABLE_COUNT, nextOffset: 1_000 })
    expect(await list(listViews, 'emi')).toEqual({ views: ['Émile'], totalCount: 1, nextOffset: null })
  })
})

describe('The contents of a namespace in a catalog on another server', () => {
  let remote: RestCatalogStandIn
  const PAGE = 1_000
  const TABLES = 'GET /v1/namespaces/wide/tables'

  beforeEach(async () => {
    remote = await RestCatalogStandIn.start()
    remote.on('GET /v1/namespaces', { body: { namespaces: [] } })
    remote.on('GET /v1/namespaces/wide/views', { body: { identifiers: [] } })
  })
  afterEach(() => remote.stop())

  const listPages = (count: number, prefix = 't_') =>
    remote.on(TABLES, ({ query }) => {
      const from = Number(query.get('pageToken') ?? '0')
      const identifiers = range(from, Math.min(PAGE, count - from)).map((i) => ({ namespace: WIDE, name: prefix + i }))
      const next = from + PAGE < count ? { 'next-page-token': String(from + PAGE) } : {}
      return { body: { identifiers, ...next } }
    })
  const requestCount = () => remote.routes().filter((route) => route === TABLES).length
  const open = () => {
    const client = createTestRestCatalog(remote.uri)
    return {
      client,
      read: (request: Request) => readNamespaceContents(home.services, client, WIDE, request, context),
    }
  }

  it('are searched on all pages that the catalog has', async () => {
    listPages(10_000)
    const found = await open().read({ search: 't_999', sort: '-name' })
    expect(found).toMatchObject({ totalCount: 11, isTruncated: false })
    expect(namesOf(found)[0]).toBe('t_9999')
    expect(requestCount()).toBe(10)
  })

  it('say that they are not everything when the catalog has more than 10,000 names', async () => {
    listPages(10_001)
    const { read } = open()
    const state = { totalCount: 10_000, counts: { table: 10_000 }, isTruncated: true }
    expect(await read({})).toMatchObject(state)
    expect(await read({ search: 't_10000' })).toMatchObject({ totalCount: 0, isTruncated: true })
    expect(requestCount()).toBe(10)
  })

  it('are not listed again for each letter of a filter, but after ten seconds, and for the first view', async () => {
    const time = useTestClock()
    listPages(10)
    const { read } = open()
    await read({})
    for (const search of ['t', 't_', 't_1']) expect((await read({ search })).totalCount).toBeGreaterThan(0)
    expect(requestCount()).toBe(1)
    await read({})
    expect(requestCount()).toBe(2)
    await time.advance(10_000)
    await read({ search: 't' })
    expect(requestCount()).toBe(3)
  })

  it('are listed again after a write', async () => {
    listPages(1)
    remote.on('DELETE /v1/namespaces/wide/tables/t_0', { status: 204 })
    const { client, read } = open()
    await read({ search: 't' })
    listPages(1, 'u_')
    await client.write({
      kind: 'drop-table',
      table: { catalog: client.name, namespace: WIDE, table: 't_0' },
      purge: false,
    })
    expect((await read({ search: 'u' })).totalCount).toBe(1)
  })
})
