import { createTestOutbox } from '@/testing/catalogs/test-outbox'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleViewVersion } from '@/testing/iceberg/sample-view'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import {
  errorReply,
  type Reply,
  restSettings,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import { changeSql } from '@/testing/databases/change-sql'
import { rawChange } from '@/testing/databases/test-sql'
import { CATALOG_ABILITIES } from '@/lib/contract/catalogs'
import { type TestClock, useTestClock } from '@/testing/clock'
import type { CatalogClient } from '../port/catalog-client'
import type { RestCatalogDeps } from './catalog'
import type { RestSettings } from './http/settings'
import type { JsonObject } from '@/lib/iceberg/json/json'

let catalog: RestCatalogStandIn

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
})
afterEach(() => catalog.stop())

const openCatalog = (settings: Partial<RestSettings> = {}, change: Partial<RestCatalogDeps> = {}) =>
  createTestRestCatalog(catalog.uri, { settings: restSettings(catalog.uri, settings), ...change })
const configured = (overrides: Record<string, string>, more: object = {}) =>
  catalog.on('GET /v1/config', { body: { defaults: { prefix: 'of-default' }, overrides, ...more } })
const toIdentifier = (table: string, namespace: readonly string[] = ['demo']): TableIdentifier => ({
  catalog: 'remote',
  namespace,
  table,
})

const tableReply = (extra: JsonObject = {}): Reply => ({
  body: stringifyExactJson({
    'metadata-location': 's3://lake/t/metadata/1.json',
    metadata: tableMetadataToJson(sampleMetadata({ location: 's3://lake/t' })),
    ...extra,
  }),
})
/** A table as in the specification, with an id beyond the exact range of a double. */
const BY_HAND: Reply = {
  body: `{"metadata-location":"s3://b/t/metadata/1.json","metadata":{"format-version":2,"table-uuid":"u","location":"s3://b/t",
    "last-sequence-number":1,"last-updated-ms":1,"last-column-id":1,"schemas":[{"type":"struct","schema-id":0,"fields":
    [{"id":1,"name":"a","required":false,"type":"long"}]}],"current-schema-id":0,"partition-specs":[{"spec-id":0,"fields":[]}],
    "default-spec-id":0,"last-partition-id":999,"sort-orders":[{"order-id":0,"fields":[]}],"default-sort-order-id":0,
    "current-snapshot-id":9223372036854775807,"refs":{"main":{"snapshot-id":9223372036854775807,"type":"branch"}},
    "snapshots":[{"snapshot-id":9223372036854775807,"timestamp-ms":1,"sequence-number":1,"summary":{"operation":"append"},
    "manifest-list":"s3://b/l.avro"}]}}`,
}

describe('The configuration of a catalog', () => {
  it('is fetched once for the warehouse, also for concurrent requests, and again after ten minutes', async () => {
    let nowMs = 0
    configured({ prefix: 'p' }).on('GET /v1/p/namespaces', { body: { namespaces: [] } })
    const remote = openCatalog({ warehouse: 'wh 1' }, { nowMs: () => nowMs })
    await Promise.all([remote.listNamespaces(null), remote.abilities(), remote.listNamespaces(null)])
    const configRequests = () => catalog.received.filter(({ path }) => path === '/v1/config')
    expect(configRequests().map(({ query }) => query.get('warehouse'))).toEqual(['wh 1'])
    nowMs += 10 * 60_000
    await remote.abilities()
    expect(configRequests()).toHaveLength(2)
  })

  it.each([
    ['none', {}, null, {}, '/v1/of-default/namespaces'],
    ['its override', { prefix: 'ws/1' }, null, {}, '/v1/ws/1/namespaces'],
    ['the connection’s own', { prefix: 'ws' }, 'mine', {}, '/v1/mine/namespaces'],
    ['one that is percent-encoded', { prefix: 'arn%3Aaws%3As3' }, null, {}, '/v1/arn%3Aaws%3As3/namespaces'],
  ])('gives the prefix of every path: %s', async (_name, overrides, prefix, more, path) => {
    configured(overrides, more).on(`GET ${path}`, { body: { namespaces: [['a']] } })
    expect(await openCatalog({ prefix }).listNamespaces(null)).toEqual([['a']])
  })

  it.each(['../..', 'a/%2E%2e/b', 'a?b', 'a#b', 'a b', 'a\\b'])(
    'is refused with a prefix that leaves the path: %s',
    async (prefix) => {
      configured({ prefix })
      await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
      expect(catalog.routes()).toEqual([])
    },
  )

  it('may move the base URL to another path of the same server, but to no other server', async () => {
    configured({ uri: `${catalog.uri}/iceberg/`, prefix: '' }).on('GET /iceberg/v1/namespaces', {
      body: { namespaces: [['a']] },
    })
    expect(await openCatalog().listNamespaces(null)).toEqual([['a']])
    configured({ uri: 'http://192.0.2.1/iceberg', prefix: '' }).on('GET /v1/namespaces', {
      body: { namespaces: [['b']] },
    })
    expect(await openCatalog().listNamespaces(null)).toEqual([['b']])
  })

  it.each([{ status: 404 }, { body: '<html>' }, { body: {} }, { body: [] }, { body: { overrides: { a: 1 } } }])(
    'of the form %j is not a catalog’s',
    async (reply) => {
      catalog.on('GET /v1/config', reply)
      await expect(openCatalog().abilities()).rejects.toMatchObject({ code: 'catalog-unavailable' })
    },
  )

  it('lists the endpoints; without a list, the first version’s endpoints are assumed', async () => {
    expect([...(await openCatalog().abilities())].sort()).toEqual(
      CATALOG_ABILITIES.filter((ability) => !ability.includes('view')).sort(),
    )
    configured({}, { endpoints: ['GET /v1/{prefix}/namespaces', 'GET /v1/{prefix}/namespaces/{namespace}/views'] })
    const remote = openCatalog()
    expect([...(await remote.abilities())]).toEqual(['views'])
    catalog.received.length = 0
    for (const request of [
      remote.write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
      remote.write({ kind: 'drop-table', table: toIdentifier('t') }),
      remote.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u') }),
      remote.write({ kind: 'register-view', view: asViewIdentifier(toIdentifier('v')), metadataLocation: 's3://x' }),
      remote.write({ kind: 'commit-tables', commits: [] }),
    ]) {
      await expect(request).rejects.toMatchObject({ code: 'not-supported' })
    }
    expect(catalog.received).toEqual([])
  })
})

it.each(['..', '.', 'a\nb', 'x\u001fy', ' '])(
  'A remote catalog is asked for nothing of the new name %j',
  async (given) => {
    const remote = openCatalog()
    await remote.abilities()
    catalog.received.length = 0
    const [table, schema] = [toIdentifier(given), { schemaId: 0, identifierFieldIds: [], fields: [] }]
    for (const request of [
      remote.write({ kind: 'create-namespace', namespace: ['a', given], properties: {} }),
      remote.write({ kind: 'create-table', table, schema }),
      remote.stageTable(table, { schema }),
      remote.write({ kind: 'register-table', table, metadataLocation: 's3://b/t/metadata/1.json' }),
      remote.write({ kind: 'rename-table', table: toIdentifier('t'), to: table }),
      remote.write({ kind: 'rename-view', view: asViewIdentifier(toIdentifier('v')), to: asViewIdentifier(table) }),
      remote.write({ kind: 'create-view', view: asViewIdentifier(table), schema, version: sampleViewVersion() }),
      remote.write({
        kind: 'register-view',
        view: asViewIdentifier(table),
        metadataLocation: 's3://b/v/metadata/1.json',
      }),
    ])
      await expect(request).rejects.toMatchObject({ code: 'invalid-request' })
    expect(catalog.received).toEqual([])
  },
)

describe('A catalog that does not respond', () => {
  let nowMs: number
  const replyAfter = (reply: Reply, ms: number) => () => {
    nowMs += ms
    return reply
  }
  const CONFIG = { body: { defaults: {}, overrides: {} } }
  const neverMs = 3_600_000
  const delayedReply = { afterMs: neverMs }
  const retryPolicy = { maxAttempts: 5, timeoutMs: 15_000 }
  const requestCount = () => catalog.received.length

  let time: TestClock
  beforeEach(() => {
    nowMs = 1_700_000_000_000
    time = useTestClock()
  })

  /** Rejects as the request does, whose timeout passes as soon as the catalog has it. */
  async function timeOut(request: Promise<unknown>, timeoutMs: number): Promise<unknown> {
    const settled = Promise.allSettled([request])
    await time.whenWaiting(neverMs)
    await time.advance(timeoutMs)
    await settled
    return request
  }

  it.each([
    ['namespaces', '/v1/namespaces', (remote: CatalogClient) => remote.listNamespaces(null)],
    ['tables', '/v1/namespaces/demo/tables', (remote: CatalogClient) => remote.listTables(['demo'])],
    ['a table', '/v1/namespaces/demo/tables/t', (remote: CatalogClient) => remote.loadTable(toIdentifier('t'))],
    ['a store', '/v1/namespaces/demo/tables/t', (remote: CatalogClient) => remote.openStore(toIdentifier('t'))],
  ] as const)('delays a request for %s once, including the configuration', async (_what, path, read) => {
    catalog.on('GET /v1/config', replyAfter(CONFIG, 14_000)).on(`GET ${path}`, delayedReply)
    const remote = openCatalog({ delegation: 'vended-credentials' }, { nowMs: () => nowMs, retryPolicy })
    await expect(timeOut(read(remote), 1_000)).rejects.toMatchObject({
      code: 'catalog-unavailable',
      facts: { reason: 'ETIMEDOUT' },
    })
    expect(catalog.routes()).toEqual([`GET ${path}`])
  })

  it('gets no request for ten seconds, and errors say until when', async () => {
    catalog.on('GET /v1/config', delayedReply)
    const remote = openCatalog({}, { nowMs: () => nowMs, retryPolicy })
    await expect(timeOut(remote.listNamespaces(null), 15_000)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(requestCount()).toBe(1)
    nowMs += 3_000
    await expect(remote.loadTable(toIdentifier('t'))).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message: expect.stringMatching(/does not answer\. Lakeshore retries in 7 s\.$/),
      facts: { attemptStartedAtMs: nowMs - 3_000, askedAgainAtMs: nowMs + 7_000 },
    })
    await expect(remote.availability?.requireAvailable()).rejects.toMatchObject({
      facts: { attemptStartedAtMs: nowMs - 3_000 },
    })
    expect(requestCount()).toBe(1)
    catalog.on('GET /v1/config', CONFIG).on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
    nowMs += 7_000
    expect(await remote.listNamespaces(null)).toEqual([['a']])
  })

  it('gets a request at once when a person retries, and after any response', async () => {
    catalog.on('GET /v1/config', delayedReply)
    const remote = openCatalog({}, { nowMs: () => nowMs, retryPolicy })
    await expect(timeOut(remote.listNamespaces(null), 15_000)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    catalog.on('GET /v1/config', CONFIG).on('GET /v1/namespaces', { body: { namespaces: [] } })
    await expect(remote.listNamespaces(null)).rejects.toMatchObject({ facts: { attemptStartedAtMs: nowMs } })
    remote.availability?.reset()
    expect(await remote.listNamespaces(null)).toEqual([])
  })

  it('to one request but responds to another keeps getting requests', async () => {
    catalog.on('GET /v1/namespaces', delayedReply).on('GET /v1/namespaces/demo/tables', { body: { identifiers: [] } })
    const remote = openCatalog({}, { nowMs: () => nowMs, retryPolicy })
    const listing = remote.listNamespaces(null)
    await remote.listTables(['demo'])
    await expect(timeOut(listing, 15_000)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(await remote.listTables(['demo'])).toEqual([])
  })

  it('still gets commits, and the requests that look up their outcome', async () => {
    const path = '/v1/namespaces/demo/tables/t'
    catalog.on('GET /v1/namespaces', delayedReply).on(`GET ${path}`, tableReply())
    catalog.on(`POST ${path}`, { status: 504 })
    const remote = openCatalog({}, { nowMs: () => nowMs, retryPolicy })
    await remote.abilities()
    await expect(timeOut(remote.listNamespaces(null), 15_000)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    const updates = [{ action: 'set-properties' as const, updates: { a: 'b' } }]
    const commit = remote.write({
      kind: 'commit-table',
      table: toIdentifier('t'),
      change: { requirements: [], updates },
    })
    await expect(commit).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect(catalog.routes().filter((route) => route === `GET ${path}`)).toHaveLength(4)
  })
})

describe('Namespaces', () => {
  it('are listed from every page, in name order, each once', async () => {
    catalog.on('GET /v1/namespaces', ({ query }) => {
      const pages: Record<string, object> = {
        '': { namespaces: [['c'], ['a']], 'next-page-token': 'p 2&' },
        'p 2&': { namespaces: [['b'], ['a']], 'next-page-token': 'p3' },
        p3: { namespaces: [['d']], 'next-page-token': null },
      }
      return { body: pages[query.get('pageToken') ?? 'none'] ?? {} }
    })
    expect(await openCatalog().listNamespaces(null)).toEqual([['a'], ['b'], ['c'], ['d']])
    expect(catalog.routes()).toHaveLength(3)
  })

  it('whose pages never end are not listed forever', async () => {
    catalog.on('GET /v1/namespaces', { body: { namespaces: [['a']], 'next-page-token': 'same' } })
    await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    let page = 0
    catalog.on('GET /v1/namespaces', () => {
      page += 1
      const namespaces = Array.from({ length: 50_000 }, (_, i) => [`${page}-${i}`])
      return { body: { namespaces, 'next-page-token': String(page) } }
    })
    await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'too-large' })
  })

  it('whose pages lead back to an earlier one are not listed forever', async () => {
    const next: Record<string, string> = { '': 'one', one: 'two', two: 'one' }
    catalog.on('GET /v1/namespaces', ({ query }) => ({
      body: { namespaces: [['a']], 'next-page-token': next[query.get('pageToken') ?? ''] },
    }))
    await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(catalog.routes()).toHaveLength(3)
  })

  it('are not shown as none when the response contains no list', async () => {
    catalog.on('GET /v1/namespaces', { body: {} }).on('GET /v1/namespaces/demo/tables', { body: { identifiers: null } })
    await expect(openCatalog().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    await expect(openCatalog().listTables(['demo'])).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })

  it('may have changed when the response to a change is malformed', async () => {
    catalog.on('POST /v1/namespaces/a/properties', { body: { updated: 'all' } })
    await expect(
      openCatalog().write({ kind: 'update-namespace', namespace: ['a'], updates: { x: '1' }, removals: [] }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })

  it('are not listed when there are too many, even on one page', async () => {
    const listNamespaces = (count: number) => {
      const namespaces = Array.from({ length: count }, (_, i) => [String(i)])
      catalog.on('GET /v1/namespaces', { body: { namespaces } })
      return openCatalog().listNamespaces(null)
    }
    expect(await listNamespaces(200_000)).toHaveLength(200_000)
    await expect(listNamespaces(200_001)).rejects.toMatchObject({ code: 'too-large' })
  })

  it.each(['GET /v1/config', 'GET /v1/namespaces', 'GET /v1/namespaces/demo/tables', 'GET /v1/namespaces/demo'])(
    'and all responses without metadata are refused when %s sends millions of values',
    async (route) => {
      catalog
        .on('GET /v1/config', { body: { defaults: {}, overrides: {} } })
        .on(route, { body: `{"defaults":{},"namespaces":[${'[],'.repeat(1_000_000)}[]]}` })
      const list = () => {
        const remote = openCatalog()
        if (route.endsWith('/demo')) return remote.loadNamespace(['demo'])
        return route.endsWith('/tables') ? remote.listTables(['demo']) : remote.listNamespaces(null)
      }
      await expect(list()).rejects.toMatchObject({ code: 'too-large' })
    },
  )

  it('that no URL can address are left out and reported', async () => {
    const bad = [[''], ['..'], ['a\x1Fb'], ['\uD800'], ['x'.repeat(256)]]
    catalog.on('GET /v1/namespaces', { body: { namespaces: [...bad, ['fine']] } })
    const unaddressable: unknown[] = []
    const onUnaddressable = (namespaces: readonly (readonly string[])[]) => unaddressable.push(...namespaces)
    expect(await openCatalog().listNamespaces(null, { onUnaddressable })).toEqual([['fine']])
    expect(unaddressable).toHaveLength(bad.length)
    expect(unaddressable).toEqual(expect.arrayContaining([[''], ['..']]))
  })

  it('that have more levels than a request may name are left out and reported', async () => {
    const deep = Array.from({ length: 101 }, () => 'a')
    const parent = deep.slice(0, 100)
    catalog.on('GET /v1/namespaces', { body: { namespaces: [deep] } })
    const unaddressable: unknown[] = []
    const onUnaddressable = (namespaces: readonly (readonly string[])[]) => unaddressable.push(...namespaces)
    expect(await openCatalog().listNamespaces(parent, { onUnaddressable })).toEqual([])
    expect(unaddressable).toEqual([deep])
  })

  it('get no name of more than 255 characters, while those that have one are read, changed and dropped', async () => {
    const long = 'x'.repeat(256)
    catalog
      .on('POST /v1/namespaces', { body: {} })
      .on(`GET /v1/namespaces/${long}`, { body: { namespace: [long], properties: {} } })
      .on(`GET /v1/namespaces/${long}/tables`, { body: { identifiers: [] } })
      .on(`POST /v1/namespaces/${long}/properties`, { body: { updated: ['owner'], removed: [], missing: [] } })
      .on(`DELETE /v1/namespaces/${long}`, { status: 204 })
    const remote = openCatalog()
    await expect(
      remote.write({ kind: 'create-namespace', namespace: ['a', long], properties: {} }),
    ).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringMatching(/cannot be the name of a namespace: it has more than 255 characters\.$/),
    })
    expect(catalog.routes()).toEqual([])
    await remote.write({ kind: 'create-namespace', namespace: ['a', 'x'.repeat(255)], properties: {} })
    expect(await remote.listTables([long])).toEqual([])
    await remote.write({ kind: 'update-namespace', namespace: [long], updates: { owner: 'ann' }, removals: [] })
    await remote.write({ kind: 'drop-namespace', namespace: [long] })
    expect(catalog.lastRequest().method).toBe('DELETE')
  })

  it('below another are requested with the unit separator, and only direct children are listed', async () => {
    catalog.on('GET /v1/namespaces', {
      body: { namespaces: [['a', 'b.c', 'x'], ['a', 'b.c', 'x', 'deep'], ['a'], ['z', 'z', 'z']] },
    })
    expect(await openCatalog().listNamespaces(['a', 'b.c'])).toEqual([['a', 'b.c', 'x']])
    expect(catalog.lastRequest().query.get('parent')).toBe('a\x1Fb.c')
  })

  it('with any characters in their names are requested by exactly that name', async () => {
    const strange = ['a b+c', 'ü/%2F?#&=', '日本']
    const path = '/v1/namespaces/a%20b%2Bc%1F%C3%BC%2F%252F%3F%23%26%3D%1F%E6%97%A5%E6%9C%AC'
    catalog.on(`GET ${path}`, { body: { namespace: strange, properties: { owner: 'ann' } } })
    expect(await openCatalog().loadNamespace(strange)).toEqual({ namespace: strange, properties: { owner: 'ann' } })
  })

  it.each([
    ['%2E', '/v1/namespaces/a.b'],
    ['.', '/v1/namespaces/a.b'],
    ['%2F', '/v1/namespaces/a%2Fb'],
    ['%1E', '/v1/namespaces/a%1Eb'],
  ])('have their levels joined as the catalog says: %s', async (separator, path) => {
    configured({ 'namespace-separator': separator, prefix: '' }).on(`GET ${path}`, { body: { namespace: ['a', 'b'] } })
    expect(await openCatalog().loadNamespace(['a', 'b'])).toEqual({ namespace: ['a', 'b'], properties: {} })
    const plain = decodeURIComponent(separator)
    await expect(openCatalog().loadNamespace([`a${plain}b`])).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it.each([[[]], [['']], [['..']], [['.']], [['\uD800']]])(
    'that no path can contain are refused before a request: %j',
    async (namespace) => {
      await expect(openCatalog().loadNamespace(namespace)).rejects.toMatchObject({ code: 'invalid-request' })
      await expect(openCatalog().loadTable(toIdentifier('..', ['a']))).rejects.toMatchObject({
        code: 'invalid-request',
      })
      expect(catalog.routes()).toEqual([])
    },
  )

  it('are created, changed and dropped, and the rows alongside are written afterwards', async () => {
    const writtenChanges: unknown[] = []
    const alongside = (change: object) => [rawChange(JSON.stringify(change))]
    const remote = openCatalog(
      {},
      { outbox: createTestOutbox((rows) => writtenChanges.push(...rows.map((row) => JSON.parse(changeSql(row))))) },
    )
    catalog
      .on('POST /v1/namespaces', { body: { namespace: ['a'], properties: {} } })
      .on('GET /v1/namespaces/a', { body: { namespace: ['a'], properties: { x: '1', y: '2' } } })
      .on('POST /v1/namespaces/a/properties', { body: { updated: ['z'], removed: ['x'], missing: ['q'] } })
      .on('DELETE /v1/namespaces/a', [errorReply(409, 'NamespaceNotEmptyException'), { status: 204 }])
    await remote.write({ kind: 'create-namespace', namespace: ['a'], properties: { x: '1' } }, { alongside })
    expect(JSON.parse(catalog.lastRequest().body)).toEqual({ namespace: ['a'], properties: { x: '1' } })
    const change = { updates: { z: '3' }, removals: ['x', 'q'] }
    expect(await remote.write({ kind: 'update-namespace', namespace: ['a'], ...change }, { alongside })).toEqual({
      updated: ['z'],
      removed: ['x'],
      missing: ['q'],
    })
    expect(JSON.parse(catalog.lastRequest().body)).toEqual(change)
    await expect(remote.write({ kind: 'drop-namespace', namespace: ['a'] }, { alongside })).rejects.toMatchObject({
      code: 'namespace-not-empty',
    })
    await remote.write({ kind: 'drop-namespace', namespace: ['a'] }, { alongside })
    const before = { namespace: ['a'], properties: { x: '1', y: '2' } }
    expect(writtenChanges).toEqual([
      { namespace: ['a'], before: null, after: { properties: { x: '1' } } },
      { namespace: ['a'], before, after: { properties: { y: '2', z: '3' } } },
      { namespace: ['a'], before, after: null },
    ])
  })
})

describe('Tables', () => {
  it('are listed from every page in name order', async () => {
    const identifiers = ['u', 't', 't'].map((name) => ({ namespace: ['demo'], name }))
    catalog.on('GET /v1/namespaces/demo/tables', { body: { identifiers } })
    expect(await openCatalog().listTables(['demo'])).toEqual([toIdentifier('t'), toIdentifier('u')])
    catalog.on('GET /v1/namespaces/demo/tables', errorReply(404, 'NoSuchNamespaceException'))
    await expect(openCatalog().listTables(['demo'])).rejects.toMatchObject({ code: 'not-found' })
    catalog.on('GET /v1/namespaces/demo/tables', { body: { identifiers: [{}] } })
    await expect(openCatalog().listTables(['demo'])).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })

  it('are loaded with exact ids', async () => {
    catalog.on('GET /v1/namespaces/demo/tables/t', BY_HAND)
    const { metadata, metadataLocation } = await openCatalog().loadTable(toIdentifier('t'))
    expect(metadataLocation).toBe('s3://b/t/metadata/1.json')
    expect(metadata.refs['main']?.snapshotId).toBe('9223372036854775807')
    expect(catalog.lastRequest().headers.has('x-iceberg-access-delegation')).toBe(false)
  })

  it('with damaged metadata are reported as such; a malformed response is the catalog’s error', async () => {
    const path = 'GET /v1/namespaces/demo/tables/t'
    const metadata = { ...(tableMetadataToJson(sampleMetadata()) as object), 'format-version': 9 } as JsonObject
    catalog.on(path, tableReply({ metadata }))
    await expect(openCatalog().loadTable(toIdentifier('t'))).rejects.toMatchObject({ code: 'not-supported' })
    catalog.on(path, { body: [] })
    await expect(openCatalog().loadTable(toIdentifier('t'))).rejects.toMatchObject({ code: 'catalog-unavailable' })
    catalog.on(path, tableReply({ 'metadata-location': null }))
    await expect(openCatalog().loadTable(toIdentifier('t'))).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('are created and staged as the specification says', async () => {
    catalog.on('POST /v1/namespaces/demo/tables', tableReply())
    const [schema] = sampleMetadata().schemas
    const table = {
      schema: schema!,
      partitionSpec: sampleMetadata().partitionSpecs[0]!,
      sortOrder: sampleMetadata().sortOrders[0]!,
      location: 's3://lake/t',
      properties: { owner: 'ann' },
    }
    const created = await openCatalog().write(
      { kind: 'create-table', table: toIdentifier('t'), ...table },
      { alongside: () => [] },
    )
    expect(created.metadata.currentSnapshotId).toBe(SAMPLE_SNAPSHOT_IDS[3])
    expect(JSON.parse(catalog.lastRequest().body)).toMatchObject({
      name: 't',
      schema: { type: 'struct', fields: [{ name: 'date' }, { name: 'origin' }] },
      'partition-spec': { 'spec-id': 0, fields: [{ transform: 'month' }] },
      'write-order': { 'order-id': 0 },
      location: 's3://lake/t',
      properties: { owner: 'ann' },
      'stage-create': false,
    })
    expect(await openCatalog().stageTable(toIdentifier('t'), { schema: schema! })).toMatchObject({
      identifier: toIdentifier('t'),
    })
    expect(JSON.parse(catalog.lastRequest().body)).toMatchObject({ 'stage-create': true, properties: {} })
    catalog.on('POST /v1/namespaces/demo/tables', [{ body: '{}' }, errorReply(409, 'AlreadyExistsException')])
    await expect(
      openCatalog().write({ kind: 'create-table', table: toIdentifier('t'), ...table }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
    await expect(
      openCatalog().write({ kind: 'create-table', table: toIdentifier('t'), ...table }),
    ).rejects.toMatchObject({ code: 'already-exists' })
    catalog.on('POST /v1/namespaces/demo/tables', tableReply({ 'metadata-location': null }))
    await expect(
      openCatalog().write({ kind: 'create-table', table: toIdentifier('t'), ...table }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })

  it('are registered, also over an existing one', async () => {
    catalog.on('POST /v1/namespaces/demo/register', tableReply())
    await openCatalog().write({
      kind: 'register-table',
      table: toIdentifier('t'),
      metadataLocation: 's3://lake/t/metadata/1.json',
    })
    expect(JSON.parse(catalog.lastRequest().body)).toEqual({
      name: 't',
      'metadata-location': 's3://lake/t/metadata/1.json',
    })
    await openCatalog().write(
      { kind: 'register-table', table: toIdentifier('t'), metadataLocation: 's3://x', overwrite: true },
      { alongside: () => [] },
    )
    expect(JSON.parse(catalog.lastRequest().body)).toMatchObject({ overwrite: true })
    catalog.on('POST /v1/namespaces/demo/register', tableReply({ 'metadata-location': null }))
    await expect(
      openCatalog().write({ kind: 'register-table', table: toIdentifier('t'), metadataLocation: 's3://x' }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })

  it('are renamed and dropped, and the rows alongside are written afterwards', async () => {
    const writtenChanges: string[] = []
    const alongside = ({ metadataLocation }: { metadataLocation: string | null }) => [
      rawChange(String(metadataLocation)),
    ]
    const remote = openCatalog({}, { outbox: createTestOutbox((rows) => writtenChanges.push(...rows.map(changeSql))) })
    catalog
      .on('GET /v1/namespaces/demo/tables/t', tableReply())
      .on('GET /v1/namespaces/demo/tables/u', errorReply(404, 'NotFoundException', 'Failed to open input stream'))
      .on('POST /v1/tables/rename', { status: 204 })
      .on('DELETE /v1/namespaces/demo/tables/u', { status: 204 })
    await remote.write(
      { kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u', ['other']) },
      { alongside },
    )
    expect(JSON.parse(catalog.lastRequest().body)).toEqual({
      source: { namespace: ['demo'], name: 't' },
      destination: { namespace: ['other'], name: 'u' },
    })
    // The table is dropped although its file is missing.
    await remote.write({ kind: 'drop-table', table: toIdentifier('u') }, { alongside })
    expect(catalog.lastRequest().query.get('purgeRequested')).toBe('false')
    await remote.write({ kind: 'drop-table', table: toIdentifier('u'), purge: true })
    expect(catalog.lastRequest().query.get('purgeRequested')).toBe('true')
    expect(writtenChanges).toEqual(['s3://lake/t/metadata/1.json', 'null'])
    catalog.on('POST /v1/tables/rename', errorReply(409, 'AlreadyExistsException'))
    await expect(
      remote.write({ kind: 'rename-table', table: toIdentifier('t'), to: toIdentifier('u') }),
    ).rejects.toMatchObject({
      code: 'already-exists',
    })
    await expect(
      remote.write({ kind: 'rename-table', table: toIdentifier('t'), to: { ...toIdentifier('u'), catalog: 'x' } }),
    ).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('that may not be loaded are not dropped', async () => {
    catalog.on('GET /v1/namespaces/demo/tables/t', errorReply(403, 'ForbiddenException'))
    const dropping = openCatalog().write({ kind: 'drop-table', table: toIdentifier('t') }, { alongside: () => [] })
    await expect(dropping).rejects.toMatchObject({ code: 'forbidden' })
    expect(catalog.routes()).toEqual(['GET /v1/namespaces/demo/tables/t'])
  })
})
