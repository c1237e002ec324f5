import { beforeAll, describe, expect, it } from 'vitest'
import type { Grant } from '@/lib/permissions'
import { actorFor, type Actor } from '@/server/auth/actor'
import { createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { indexPending } from './index-loop'
import { listBadgesIn, readBadgesOf } from './list-badges'

const testHome = createTestHome()
const ADMIN = actorFor({ userId: 'u', username: 'ann', role: 'admin' })
const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }
let engine: RestClient

async function send(method: string, path: string, body?: Parameters<RestClient>[2]): Promise<void> {
  const reply = await engine(method, `local/${path}`, body)
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`)
}
async function indexAll(): Promise<void> {
  while ((await indexPending(testHome.services, new AbortController().signal)) > 0);
}
const badgesIn = async (parent: string[] | null, actor: Actor = ADMIN) =>
  (await listBadgesIn(testHome.services, actor, 'local', parent)).badges
const withGrants = (...grants: Grant[]): Actor => ({ ...ADMIN, role: 'viewer', grants })

beforeAll(async () => {
  engine = await createRestClientAs(testHome.services, 'admin')
  const namespaces = [
    { namespace: ['sales'], properties: { 'lakeshore.badge': 'certified' } },
    // Its characters are patterns of SQL, which must not match the next one.
    { namespace: ['s%'], properties: {} },
    {
      namespace: ['sales', 'e_u'],
      properties: { 'lakeshore.badge': 'deprecated', 'lakeshore.badge-reason': 'too old' },
    },
    { namespace: ['sales', 'e_u', 'deep'], properties: { 'lakeshore.badge': 'certified' } },
    { namespace: ['sales2'], properties: {} },
  ]
  for (const body of namespaces) await send('POST', 'namespaces', { body })
  const tables = [
    ['sales', 'orders', { 'lakeshore.badge': 'deprecated', 'lakeshore.badge-reason': 'Use invoices.' }],
    ['sales', 'invoices', { 'lakeshore.badge': ' certified ' }],
    ['sales', 'plain', { 'lakeshore.column.1.badge': 'deprecated' }],
    ['sales', 'odd', { 'lakeshore.badge': 'approved' }],
    ['sales2', 'others', { 'lakeshore.badge': 'certified' }],
  ] as const
  for (const [namespace, name, properties] of tables)
    await send('POST', `namespaces/${namespace}/tables`, { body: { name, schema: SCHEMA, properties } })
  await indexAll()
})

describe('The badges in a list of names', () => {
  it('are those of its tables and of the namespaces directly in it', async () => {
    expect(await badgesIn(['sales'])).toEqual([
      { kind: 'table', name: 'invoices', badge: 'certified', badgeReason: null },
      { kind: 'table', name: 'orders', badge: 'deprecated', badgeReason: 'Use invoices.' },
      { kind: 'namespace', name: 'e_u', badge: 'deprecated', badgeReason: 'too old' },
    ])
    expect(await badgesIn(['sales', 'e_u'])).toEqual([
      { kind: 'namespace', name: 'deep', badge: 'certified', badgeReason: null },
    ])
    expect(await badgesIn(null)).toEqual([{ kind: 'namespace', name: 'sales', badge: 'certified', badgeReason: null }])
    expect(await badgesIn(['s%'])).toEqual([])
    for (const odd of ['nowhere', '\ud800', '%', "'", 'x'.repeat(5000)]) expect(await badgesIn([odd])).toEqual([])
    await expect(listBadgesIn(testHome.services, ADMIN, 'none', null)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('are those that the person may see', async () => {
    const on = { catalog: 'local', namespace: ['sales'], table: 'orders' }
    const analyst = withGrants({ permission: 'catalog:read', resource: on }, { permission: 'table:read', resource: on })
    expect((await badgesIn(['sales'], analyst)).map(({ name }) => name)).toEqual(['orders'])
    expect(await badgesIn(null, analyst), 'the namespace is around the table').toEqual([])
    expect(await badgesIn(['sales2'], analyst)).toEqual([])
    await expect(badgesIn(['sales'], withGrants())).rejects.toMatchObject({ code: 'not-found' })
  })

  it('say that a change is not indexed yet', async () => {
    const isIndexing = async (parent: string[], actor = ADMIN) =>
      (await listBadgesIn(testHome.services, actor, 'local', parent)).isIndexing
    const updates = [{ action: 'set-properties', updates: { 'lakeshore.badge': 'deprecated' } }]
    await send('POST', 'namespaces/sales2/tables/others', { body: { requirements: [], updates } })
    expect([await isIndexing(['sales2']), await isIndexing(['sales'])]).toEqual([true, false])
    // It would disclose a hidden object.
    const on = { catalog: 'local', namespace: ['sales'] }
    expect(await isIndexing(['sales2'], withGrants({ permission: 'table:read', resource: on }))).toBe(false)
    await indexAll()
    expect(await isIndexing(['sales2'])).toBe(false)
  })
})

describe('The badges of named tables', () => {
  const toTable = (namespace: string, table: string) => ({ catalog: 'local', namespace: [namespace], table })

  it('are each named once, without those that have none', async () => {
    const tables = [
      toTable('sales', 'orders'),
      null,
      toTable('sales', 'orders'),
      toTable('sales', 'plain'),
      toTable('x', 'y'),
    ]
    expect(await readBadgesOf(testHome.services, ADMIN, tables)).toEqual([
      { table: toTable('sales', 'orders'), badge: 'deprecated', badgeReason: 'Use invoices.' },
    ])
    expect(await readBadgesOf(testHome.services, ADMIN, [null])).toEqual([])
    const elsewhere = { ...toTable('sales', 'orders'), catalog: 'gone' }
    expect(await readBadgesOf(testHome.services, ADMIN, [elsewhere])).toEqual([])
  })
})
