import { beforeAll, describe, expect, it } from 'vitest'
import type { Grant } from '@/lib/permissions'
import { actorFor, type Actor } from '@/server/auth/actor'
import { createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import { indexPending } from './index-loop'
import { searchEverything, searchNames } from './search-lake'

const testHome = createTestHome()
const ADMIN = actorFor({ userId: 'u', username: 'ann', role: 'admin' })
let engine: RestClient

const context = () => ({ signal: new AbortController().signal, requestId: 'r' })
const search = (words: string, actor: Actor = ADMIN) => searchEverything(testHome.services, actor, words, context())
const hitsOf = async (words: string, actor?: Actor) =>
  (await search(words, actor)).hits.map(({ kind, namespace, entry, name }) =>
    [kind, [...namespace, ...(entry ? [entry.name] : [])].join('.'), name].join(' '),
  )
async function indexAll(): Promise<void> {
  while ((await indexPending(testHome.services, context().signal)) > 0);
}
async function send(method: string, path: string, body?: Parameters<RestClient>[2]): Promise<void> {
  const reply = await engine(method, `local/${path}`, body)
  if (reply.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(reply.body)}`)
}

/** Larger than a JavaScript number holds exactly. */
const SNAPSHOT_ID = '9007199254740993123'
const SCHEMA = {
  type: 'struct',
  fields: [
    { id: 1, name: 'order_id', required: false, type: 'long', doc: 'The number on the invoice' },
    {
      id: 2,
      name: 'address',
      required: false,
      type: { type: 'struct', fields: [{ id: 3, name: 'Straße', required: false, type: 'string' }] },
    },
  ],
}

beforeAll(async () => {
  engine = await createRestClientAs(testHome.services, 'admin')
  await send('POST', 'namespaces', { body: { namespace: ['sales'], properties: { team: 'crimson' } } })
  await send('POST', 'namespaces', { body: { namespace: ['stock'], properties: {} } })
  const properties = {
    comment: 'Every purchase of a customer',
    owner: 'Zoë',
    'lakeshore.tags': 'gold, nightly',
    's3.secret-access-key': 'hunter2hunter2',
    'lakeshore.column.1.tags': 'pii',
    'lakeshore.badge': 'deprecated',
    'lakeshore.badge-reason': 'Use invoices.',
  }
  await send('POST', 'namespaces/sales/tables', { body: { name: 'orders', schema: SCHEMA, properties } })
  await send('POST', 'namespaces/stock/tables', { body: { name: 'reorders_価格表', schema: SCHEMA } })
  await send('POST', 'namespaces/sales/tables/orders', {
    rawBody: `{"requirements":[],"updates":[
      {"action":"add-snapshot","snapshot":{"snapshot-id":${SNAPSHOT_ID},"sequence-number":1,"timestamp-ms":${Date.now()},
        "manifest-list":"${testHome.config.warehouse}/sales/orders/metadata/snap-1.avro","summary":{"operation":"append"}}},
      {"action":"set-snapshot-ref","ref-name":"main","type":"branch","snapshot-id":${SNAPSHOT_ID}},
      {"action":"set-snapshot-ref","ref-name":"before-audit","type":"tag","snapshot-id":${SNAPSHOT_ID}}]}`,
  })
  await indexAll()
})

describe('Search finds', () => {
  it.each([
    ['orders', ['table sales.orders orders', 'table stock.reorders_価格表 reorders_価格表']],
    ['sales', ['namespace sales sales']],
    ['invoice', ['column sales.orders order_id', 'column stock.reorders_価格表 order_id']],
    ['strasse', ['column sales.orders address.Straße']],
    ['STRASSE sales', ['column sales.orders address.Straße']],
    ['tag:gold', ['tag sales.orders gold']],
    ['pii', ['tag sales.orders pii']],
    ['zoe', ['owner sales.orders Zoë']],
    ['purchase', ['description sales.orders Every purchase of a customer']],
    ['crimson', ['property sales team']],
    [SNAPSHOT_ID, [`snapshot sales.orders ${SNAPSHOT_ID}`]],
    [SNAPSHOT_ID.slice(0, 9), [`snapshot sales.orders ${SNAPSHOT_ID}`]],
    ['before-au', ['ref sales.orders before-audit']],
    ['snap-1.avro', ['file sales.orders snap-1.avro']],
    ['価格', ['table stock.reorders_価格表 reorders_価格表']],
    ['secret-access', ['property sales.orders s3.secret-access-key']],
  ])('%s', async (words, expected) => {
    expect(await hitsOf(words)).toEqual(expect.arrayContaining(expected))
  })

  it.each([
    ['strase', ['column sales.orders address.Straße']],
    ['adress', ['column sales.orders address', 'column sales.orders address.Straße']],
    ['odrers', ['table sales.orders orders']],
  ])('%s, with a typing mistake in a word of five letters or more', async (words, expected) => {
    expect(await hitsOf(words)).toEqual(expect.arrayContaining(expected))
  })

  it.each(['crimzon', 'oder'])('nothing for %s: the mistake is in no name, or the word is short', async (words) => {
    expect(await hitsOf(words)).toEqual([])
  })

  it('the badge of a table next to its name', async () => {
    const found = (await search('table:orders')).hits.map(({ entry, detail }) => [entry?.name, detail])
    expect(found).toEqual(
      expect.arrayContaining([
        ['orders', 'deprecated: Use invoices.'],
        ['reorders_価格表', null],
      ]),
    )
  })

  it('a file by its path, as far as its table may be read', async () => {
    const folder = `${testHome.config.warehouse}/sales/orders`
    expect(await hitsOf(`${folder}/metadata/snap-1.avro`)).toEqual(['file sales.orders snap-1.avro'])
    expect(await hitsOf('orders/metadata/snap-1.avro')).toEqual(['file sales.orders snap-1.avro'])
    expect(await hitsOf('others/metadata/snap-1.avro'), 'another file of that name').toEqual([])
    // The folder identifies the table of a file that is not in the index.
    const unknown = `${folder}/data/day=1/a b-00001.parquet`
    for (const path of [unknown, unknown.replace('file://', ''), unknown.replace('file:///', 'file:/')])
      expect(await hitsOf(path)).toEqual(['file sales.orders a b-00001.parquet'])
    expect((await search(unknown)).hits[0]).toMatchObject({ detail: 'data file', target: unknown })
    expect(await hitsOf(`${testHome.config.warehouse}/nobody/data/x.parquet`)).toEqual([])
    const grants: Grant[] = [{ permission: 'table:read', resource: { catalog: 'local', namespace: ['stock'] } }]
    expect(await hitsOf(unknown, { ...ADMIN, userId: 'v', role: 'viewer', grants })).toEqual([])
    expect(await hitsOf('x'.repeat(2000))).toEqual([])
  })

  it('the whole name before its beginning, and that before the inside of a name', async () => {
    await send('POST', 'namespaces/stock/tables', { body: { name: 'orders_late', schema: SCHEMA } })
    await indexAll()
    expect((await hitsOf('table:orders')).map((hit) => hit.split(' ')[2])).toEqual([
      'orders',
      'orders_late',
      'reorders_価格表',
    ])
    await send('DELETE', 'namespaces/stock/tables/orders_late')
    await indexAll()
  })

  it('no value that grants access', async () => {
    expect(await hitsOf('hunter2')).toEqual([])
  })

  it.each([
    '"',
    "'",
    '*',
    'ord*',
    'NEAR(a b)',
    '-orders',
    'orders AND',
    '(',
    '^',
    ':',
    '%',
    '_',
    '\\',
    '😀',
    'x'.repeat(200),
  ])('nothing by accident for %j, and does not fail', async (words) => {
    const hits = await hitsOf(words)
    expect(hits.filter((hit) => hit.startsWith('table'))).toEqual([])
  })
})

describe('A change of a table is found after it is indexed', () => {
  it('when it is committed, renamed and dropped', async () => {
    await send('POST', 'namespaces/stock/tables', { body: { name: 'parcels', schema: SCHEMA } })
    await indexAll()
    expect(await hitsOf('table:parcels')).toEqual(['table stock.parcels parcels'])

    const updates = [{ action: 'set-properties', updates: { comment: 'Sent by zeppelin' } }]
    await send('POST', 'namespaces/stock/tables/parcels', { body: { requirements: [], updates } })
    await indexAll()
    expect(await hitsOf('zeppelin')).toEqual(['description stock.parcels Sent by zeppelin'])

    const [source, destination] = ['parcels', 'letters'].map((name) => ({ namespace: ['stock'], name }))
    await send('POST', 'tables/rename', { body: { source: source!, destination: destination! } })
    await indexAll()
    expect(await hitsOf('parcels')).toEqual([])
    expect(await hitsOf('zeppelin')).toEqual(['description stock.letters Sent by zeppelin'])

    const removals = [{ action: 'remove-properties', removals: ['comment'] }]
    await send('POST', 'namespaces/stock/tables/letters', { body: { requirements: [], updates: removals } })
    await send('DELETE', 'namespaces/stock/tables/letters')
    await indexAll()
    expect(await hitsOf('letters')).toEqual([])
    expect(await hitsOf('zeppelin')).toEqual([])
  })

  it('and a commit that fails badges nothing', async () => {
    const updates = [{ action: 'set-properties', updates: { comment: 'never' } }]
    const requirements = [{ type: 'assert-table-uuid', uuid: '00000000-0000-0000-0000-000000000000' }]
    const reply = await engine('POST', 'local/namespaces/sales/tables/orders', { body: { requirements, updates } })
    expect(reply.status).toBe(409)
    expect(await indexPending(testHome.services, context().signal)).toBe(0)
  })
})

describe('Only what a person may read is found', () => {
  const withGrants = (...grants: Grant[]): Actor => ({ ...ADMIN, role: 'viewer', grants })

  it('with a grant on one table', async () => {
    const on = { catalog: 'local', namespace: ['sales'], table: 'orders' }
    const analyst = withGrants({ permission: 'catalog:read', resource: on }, { permission: 'table:read', resource: on })
    expect(await hitsOf('order', analyst)).toEqual([
      'table sales.orders orders',
      'column sales.orders order_id',
      // It is on that column.
      'tag sales.orders pii',
    ])
    // The namespace is around the table; its properties are not granted.
    expect(await hitsOf('sales', analyst)).toEqual(expect.arrayContaining(['namespace sales sales']))
    expect(await hitsOf('crimson', analyst)).toEqual([])
    expect(await hitsOf('stock', analyst)).toEqual([])
    expect((await search('order', analyst)).isTruncated).toBe(false)
  })

  it('with a grant on a namespace', async () => {
    const on = { catalog: 'local', namespace: ['stock'] }
    const analyst = withGrants({ permission: 'catalog:read', resource: on }, { permission: 'table:read', resource: on })
    expect(await hitsOf('order', analyst)).toEqual([
      'column stock.reorders_価格表 order_id',
      'table stock.reorders_価格表 reorders_価格表',
    ])
    const named = await searchNames(testHome.services, analyst, 'orders', context())
    expect(named.hits.map(({ name }) => name)).toEqual(['reorders_価格表'])
  })

  it('without any grant', async () => {
    expect(await hitsOf('order', withGrants())).toEqual([])
    expect((await search('', withGrants())).outdated).toEqual([])
  })
})
