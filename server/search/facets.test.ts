import { beforeAll, describe, expect, it } from 'vitest'
import type { FacetKind } from '@/lib/contract/facets'
import type { Grant } from '@/lib/permissions'
import { type Actor, actorFor } from '@/server/auth/actor'
import { indexedCatalogChange } from '@/server/db/search/indexed-catalogs'
import { createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { listFacetEntries, listFacets } from './facets'
import { indexPending } from './index-loop'

const home = createTestHome()
const ADMIN = actorFor({ userId: 'u', username: 'ann', role: 'admin' })
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
const context = { signal: new AbortController().signal, requestId: 'r1' }
let engine: RestClient

async function send(method: string, path: string, body?: Parameters<RestClient>[2]): Promise<void> {
  const reply = await engine(method, `local/${path}`, body)
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`)
}
const withGrants = (...grants: Grant[]): Actor => ({ ...ADMIN, role: 'viewer', grants })
const facets = async (kind: FacetKind, actor: Actor = ADMIN) =>
  (await listFacets(home.services, actor, kind)).facets.map(({ name, entryCount }) => `${name} ${entryCount}`)
const entries = async (kind: FacetKind, name: string, { actor = ADMIN, offset = 0 } = {}) => {
  const page = await listFacetEntries(home.services, actor, { kind, name, offset }, context)
  return { ...page, entries: page.entries.map(({ namespace, table }) => [...namespace, table].join('.')) }
}

beforeAll(async () => {
  engine = await createRestClientAs(home.services, 'admin')
  for (const [namespace, owner] of [
    [['sales'], 'of the namespace'],
    [['secret'], 'of the namespace'],
  ] as const)
    await send('POST', 'namespaces', { body: { namespace, properties: { owner } } })
  const tables = [
    ['sales', 'orders', { owner: 'Data-Team', 'lakeshore.tags': 'gold,pii', 'lakeshore.column.1.tags': 'column-tag' }],
    ['sales', 'invoices', { owner: 'data-team', 'lakeshore.tags': 'gold' }],
    ['sales', 'plain', {}],
    ['secret', 'salaries', { owner: 'hr', 'lakeshore.tags': 'pii' }],
    ...Array.from({ length: 55 }, (_, i) => ['secret', `t${i + 10}`, { owner: 'many' }] as const),
  ] as const
  for (const [namespace, name, properties] of tables)
    await send('POST', `namespaces/${namespace}/tables`, { body: { name, schema: SCHEMA, properties } })
  while ((await indexPending(home.services, context.signal)) > 0);
})

describe('Owners and tags', () => {
  it('have the numbers of their tables, the most frequent first, in either case', async () => {
    expect(await facets('owner')).toEqual(['many 55', 'Data-Team 2', 'hr 1'])
    expect(await facets('tag')).toEqual(['gold 2', 'pii 2'])
  })

  it('are found by a part of their name, in either case and without accents', async () => {
    const found = async (search: string) => (await listFacets(home.services, ADMIN, 'owner', search)).facets
    expect(await found(' TÉAM')).toEqual([{ name: 'Data-Team', entryCount: 2 }])
    expect(await found('%')).toEqual([])
  })

  it('count only tables that the user may read', async () => {
    const reader = withGrants({ permission: 'table:read', resource: { catalog: 'local', namespace: ['sales'] } })
    expect(await facets('owner', reader)).toEqual(['Data-Team 2'])
    expect(await facets('tag', reader)).toEqual(['gold 2', 'pii 1'])
    const one = withGrants({
      permission: 'table:read',
      resource: { catalog: 'local', namespace: ['sales'], table: 'invoices' },
    })
    expect(await facets('tag', one)).toEqual(['gold 1'])
    expect((await entries('tag', 'pii', { actor: reader })).entries).toEqual(['sales.orders'])
    expect((await entries('owner', 'hr', { actor: reader })).entries).toEqual([])
    expect(await facets('owner', withGrants())).toEqual([])
  })

  it('say which catalogs are not indexed completely', async () => {
    expect((await listFacets(home.services, ADMIN, 'tag')).incompleteCatalogs).toEqual(['local'])
    const [source] = await home.services.catalogs.listSearchSources(ADMIN)
    if (!source) throw new Error('the lake has a catalog')
    await home.database.commit([indexedCatalogChange({ ...source, isTruncated: true })])
    expect((await listFacets(home.services, ADMIN, 'tag')).incompleteCatalogs).toEqual(['local'])
    await home.database.commit([indexedCatalogChange({ ...source, isTruncated: false })])
    expect((await listFacets(home.services, ADMIN, 'tag')).incompleteCatalogs).toEqual([])
  })
})

describe('The tables of an owner or a tag', () => {
  it('come with their figures, and with the reason if they cannot be read', async () => {
    const page = await listFacetEntries(home.services, ADMIN, { kind: 'owner', name: 'DATA-TEAM' }, context)
    expect(page.entries).toMatchObject([
      { kind: 'table', catalog: 'local', namespace: ['sales'], table: 'invoices', problem: null },
      { kind: 'table', catalog: 'local', namespace: ['sales'], table: 'orders', problem: null },
    ])
    expect(page.entries[0]?.summary).toMatchObject({ formatVersion: 2, lastCommitMs: null })
    expect(page.nextOffset).toBeNull()
    await send('DELETE', 'namespaces/secret/tables/salaries')
    const [gone] = (await listFacetEntries(home.services, ADMIN, { kind: 'owner', name: 'hr' }, context)).entries
    expect(gone?.problem?.code).toBe('not-found')
  })

  it('are paged', async () => {
    const first = await entries('owner', 'many')
    expect(first.entries).toHaveLength(50)
    expect(first.nextOffset).toBe(50)
    const second = await entries('owner', 'many', { offset: 50 })
    expect(second.nextOffset).toBeNull()
    expect(new Set([...first.entries, ...second.entries]).size).toBe(55)
  })

  it('are not those of a tag of a column', async () => {
    expect((await entries('tag', 'column-tag')).entries).toEqual([])
  })
})
