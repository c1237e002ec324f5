import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/exact-json'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { tableMetadataToJson } from '@/lib/iceberg/metadata-json'
import { SAMPLE_IDS, sampleMetadata } from '@/lib/iceberg/sample-metadata'
import type { JsonObject } from '@/lib/iceberg/types'
import { errorReply, type Reply, restSettings, testRestCatalog, TestRestCatalog } from '@/scripts/test-rest-catalog'
import { textOf } from '@/scripts/change-text'
import { rawChange } from '@/scripts/test-sql'
import { CATALOG_ABILITIES, type CatalogClient } from '../catalog-client'
import type { RestCatalog } from './rest-catalog'
import type { RestSettings } from './rest-settings'

let catalog: TestRestCatalog

beforeEach(async () => {
  catalog = await TestRestCatalog.start()
})
afterEach(() => catalog.stop())

const opened = (settings: Partial<RestSettings> = {}, change: Partial<RestCatalog> = {}) =>
  testRestCatalog(catalog.uri, { settings: restSettings(catalog.uri, settings), ...change })
const configured = (overrides: Record<string, string>, more: object = {}) =>
  catalog.on('GET /v1/config', { body: { defaults: { prefix: 'of-default' }, overrides, ...more } })
const ref = (table: string, namespace: readonly string[] = ['demo']): TableRef => ({
  catalog: 'remote',
  namespace,
  table,
})

const tableAnswer = (extra: JsonObject = {}): Reply => ({
  body: stringifyExactJson({
    'metadata-location': 's3://lake/t/metadata/1.json',
    metadata: tableMetadataToJson(sampleMetadata({ location: 's3://lake/t' })),
    ...extra,
  }),
})
/** A table as the specification's document shows one, with an id that no double holds. */
const BY_HAND: Reply = {
  body: `{"metadata-location":"s3://b/t/metadata/1.json","metadata":{"format-version":2,"table-uuid":"u","location":"s3://b/t",
    "last-sequence-number":1,"last-updated-ms":1,"last-column-id":1,"schemas":[{"type":"struct","schema-id":0,"fields":
    [{"id":1,"name":"a","required":false,"type":"long"}]}],"current-schema-id":0,"partition-specs":[{"spec-id":0,"fields":[]}],
    "default-spec-id":0,"last-partition-id":999,"sort-orders":[{"order-id":0,"fields":[]}],"default-sort-order-id":0,
    "current-snapshot-id":9223372036854775807,"refs":{"main":{"snapshot-id":9223372036854775807,"type":"branch"}},
    "snapshots":[{"snapshot-id":9223372036854775807,"timestamp-ms":1,"sequence-number":1,"summary":{"operation":"append"},
    "manifest-list":"s3://b/l.avro"}]}}`,
}

describe('What a catalog says of itself', () => {
  it('is asked once for the warehouse, whoever asks at once, and again after ten minutes', async () => {
    let nowMs = 0
    configured({ prefix: 'p' }).on('GET /v1/p/namespaces', { body: { namespaces: [] } })
    const remote = opened({ warehouse: 'wh 1' }, { nowMs: () => nowMs })
    await Promise.all([remote.listNamespaces(null), remote.abilities(), remote.listNamespaces(null)])
    const asked = () => catalog.seen.filter(({ path }) => path === '/v1/config')
    expect(asked().map(({ query }) => query.get('warehouse'))).toEqual(['wh 1'])
    nowMs += 10 * 60_000
    await remote.abilities()
    expect(asked()).toHaveLength(2)
  })

  it.each([
    ['none', {}, null, {}, '/v1/of-default/namespaces'],
    ['its override', { prefix: 'ws/1' }, null, {}, '/v1/ws/1/namespaces'],
    ['the connection’s own', { prefix: 'ws' }, 'mine', {}, '/v1/mine/namespaces'],
    ['one that is percent-encoded', { prefix: 'arn%3Aaws%3As3' }, null, {}, '/v1/arn%3Aaws%3As3/namespaces'],
  ])('gives the prefix of every path: %s', async (_name, overrides, prefix, more, path) => {
    configured(overrides, more).on(`GET ${path}`, { body: { namespaces: [['a']] } })
    expect(await opened({ prefix }).listNamespaces(null)).toEqual([['a']])
  })

  it.each(['../..', 'a/%2E%2e/b', 'a?b', 'a#b', 'a b', 'a\\b'])(
    'a prefix that leads out of the path is refused: %s',
    async (prefix) => {
      configured({ prefix })
      await expect(opened().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
      expect(catalog.routes()).toEqual([])
    },
  )

  it('may move it to another path of the same server, and to no other', async () => {
    configured({ uri: `${catalog.uri}/iceberg/`, prefix: '' }).on('GET /iceberg/v1/namespaces', {
      body: { namespaces: [['a']] },
    })
    expect(await opened().listNamespaces(null)).toEqual([['a']])
    configured({ uri: 'http://192.0.2.1/iceberg', prefix: '' }).on('GET /v1/namespaces', {
      body: { namespaces: [['b']] },
    })
    expect(await opened().listNamespaces(null)).toEqual([['b']])
  })

  it.each([{ status: 404 }, { body: '<html>' }, { body: {} }, { body: [] }, { body: { overrides: { a: 1 } } }])(
    'that is %j is not a catalog’s',
    async (reply) => {
      catalog.on('GET /v1/config', reply)
      await expect(opened().abilities()).rejects.toMatchObject({ code: 'catalog-unavailable' })
    },
  )

  it('names what it can do; without that it can do what the first catalogs could', async () => {
    expect([...(await opened().abilities())].sort()).toEqual(
      CATALOG_ABILITIES.filter((ability) => !ability.includes('view')).sort(),
    )
    configured({}, { endpoints: ['GET /v1/{prefix}/namespaces', 'GET /v1/{prefix}/namespaces/{namespace}/views'] })
    const remote = opened()
    expect([...(await remote.abilities())]).toEqual(['views'])
    catalog.seen.length = 0
    for (const asked of [
      remote.createNamespace(['a'], {}),
      remote.dropTable(ref('t')),
      remote.renameTable(ref('t'), ref('u')),
      remote.registerView(ref('v'), 's3://x'),
      remote.commitTables([]),
    ]) {
      await expect(asked).rejects.toMatchObject({ code: 'not-supported' })
    }
    expect(catalog.seen).toEqual([])
  })
})

describe('A catalog that is silent', () => {
  let nowMs: number
  const slowly = (reply: Reply, ms: number) => () => {
    nowMs += ms
    return reply
  }
  const CONFIG = { body: { defaults: {}, overrides: {} } }
  const silent = { afterMs: 10_000 }
  const patience = { mostTries: 5, timeoutMs: 15_000 }
  const short = { mostTries: 5, timeoutMs: 2_000 }
  const asked = () => catalog.seen.length

  beforeEach(() => {
    nowMs = 1_700_000_000_000
  })

  it.each([
    ['namespaces', '/v1/namespaces', (remote: CatalogClient) => remote.listNamespaces(null)],
    ['tables', '/v1/namespaces/demo/tables', (remote: CatalogClient) => remote.listTables(['demo'])],
    ['a table', '/v1/namespaces/demo/tables/t', (remote: CatalogClient) => remote.loadTable(ref('t'))],
    ['a store', '/v1/namespaces/demo/tables/t', (remote: CatalogClient) => remote.openStore(ref('t'))],
  ] as const)('is waited for once, with what it says of itself, for %s', async (_what, path, read) => {
    catalog.on('GET /v1/config', slowly(CONFIG, 14_000)).on(`GET ${path}`, silent)
    const remote = opened({ delegation: 'vended-credentials' }, { nowMs: () => nowMs, patience })
    await expect(read(remote)).rejects.toMatchObject({ code: 'catalog-unavailable', facts: { reason: 'ETIMEDOUT' } })
    expect(catalog.routes()).toEqual([`GET ${path}`])
  })

  it('is not asked for ten seconds, and those who ask are told until when', async () => {
    catalog.on('GET /v1/config', silent)
    const remote = opened({}, { nowMs: () => nowMs, patience: short })
    await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(asked()).toBe(1)
    nowMs += 3_000
    await expect(remote.loadTable(ref('t'))).rejects.toMatchObject({
      code: 'catalog-unavailable',
      message: expect.stringMatching(/does not answer\. It is asked again in 7 s\.$/),
      facts: { triedAtMs: nowMs - 3_000, askedAgainAtMs: nowMs + 7_000 },
    })
    await expect(remote.contact?.require()).rejects.toMatchObject({ facts: { triedAtMs: nowMs - 3_000 } })
    expect(asked()).toBe(1)
    catalog.on('GET /v1/config', CONFIG).on('GET /v1/namespaces', { body: { namespaces: [['a']] } })
    nowMs += 7_000
    expect(await remote.listNamespaces(null)).toEqual([['a']])
  })

  it('is asked at once for who asks anew, and once it was heard of', async () => {
    catalog.on('GET /v1/config', silent)
    const remote = opened({}, { nowMs: () => nowMs, patience: short })
    await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    catalog.on('GET /v1/config', CONFIG).on('GET /v1/namespaces', { body: { namespaces: [] } })
    await expect(remote.listNamespaces(null)).rejects.toMatchObject({ facts: { triedAtMs: nowMs } })
    remote.contact?.forget()
    expect(await remote.listNamespaces(null)).toEqual([])
  })

  it('in one answer, but gave another meanwhile, is asked on', async () => {
    catalog.on('GET /v1/namespaces', silent).on('GET /v1/namespaces/demo/tables', { body: { identifiers: [] } })
    const remote = opened({}, { nowMs: () => nowMs, patience: short })
    const listing = remote.listNamespaces(null)
    await remote.listTables(['demo'])
    await expect(listing).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(await remote.listTables(['demo'])).toEqual([])
  })

  it('is asked all the same by a commit, and by who looks what became of it', async () => {
    const path = '/v1/namespaces/demo/tables/t'
    catalog.on('GET /v1/namespaces', silent).on(`GET ${path}`, tableAnswer())
    catalog.on(`POST ${path}`, { status: 504 })
    const remote = opened({}, { nowMs: () => nowMs, patience: short })
    await remote.abilities()
    await expect(remote.listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    const updates = [{ action: 'set-properties' as const, updates: { a: 'b' } }]
    const commit = remote.commitTable(ref('t'), { requirements: [], updates })
    await expect(commit).rejects.toMatchObject({ code: 'commit-state-unknown' })
    expect(catalog.routes().filter((route) => route === `GET ${path}`)).toHaveLength(4)
  })
})

describe('Namespaces', () => {
  it('are listed over every page, in name order, each once', async () => {
    catalog.on('GET /v1/namespaces', ({ query }) => {
      const pages: Record<string, object> = {
        '': { namespaces: [['c'], ['a']], 'next-page-token': 'p 2&' },
        'p 2&': { namespaces: [['b'], ['a']], 'next-page-token': 'p3' },
        p3: { namespaces: [['d']], 'next-page-token': null },
      }
      return { body: pages[query.get('pageToken') ?? 'none'] ?? {} }
    })
    expect(await opened().listNamespaces(null)).toEqual([['a'], ['b'], ['c'], ['d']])
    expect(catalog.routes()).toHaveLength(3)
  })

  it('whose pages never end are not listed for ever', async () => {
    catalog.on('GET /v1/namespaces', { body: { namespaces: [['a']], 'next-page-token': 'same' } })
    await expect(opened().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    let page = 0
    catalog.on('GET /v1/namespaces', () => {
      page += 1
      const namespaces = Array.from({ length: 50_000 }, (_, i) => [`${page}-${i}`])
      return { body: { namespaces, 'next-page-token': String(page) } }
    })
    await expect(opened().listNamespaces(null)).rejects.toMatchObject({ code: 'too-large' })
    const namespaces = Array.from({ length: 200_001 }, (_, i) => [String(i)])
    catalog.on('GET /v1/namespaces', { body: { namespaces } })
    await expect(opened().listNamespaces(null)).rejects.toMatchObject({ code: 'too-large' })
  })

  it('whose pages lead back to an earlier one are not listed for ever', async () => {
    const next: Record<string, string> = { '': 'one', one: 'two', two: 'one' }
    catalog.on('GET /v1/namespaces', ({ query }) => ({
      body: { namespaces: [['a']], 'next-page-token': next[query.get('pageToken') ?? ''] },
    }))
    await expect(opened().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    expect(catalog.routes()).toHaveLength(3)
  })

  it('are not none because the answer holds no list', async () => {
    catalog.on('GET /v1/namespaces', { body: {} }).on('GET /v1/namespaces/demo/tables', { body: { identifiers: null } })
    await expect(opened().listNamespaces(null)).rejects.toMatchObject({ code: 'catalog-unavailable' })
    await expect(opened().listTables(['demo'])).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })

  it('whose change was answered with something else may have changed', async () => {
    catalog.on('POST /v1/namespaces/a/properties', { body: { updated: 'all' } })
    await expect(opened().updateNamespace(['a'], { updates: { x: '1' }, removals: [] })).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
  })

  it('that are too many are not listed, also when they come as one page', async () => {
    const listed = (count: number) => {
      const namespaces = Array.from({ length: count }, (_, i) => [String(i)])
      catalog.on('GET /v1/namespaces', { body: { namespaces } })
      return opened().listNamespaces(null)
    }
    expect(await listed(200_000)).toHaveLength(200_000)
    await expect(listed(200_001)).rejects.toMatchObject({ code: 'too-large' })
  })

  it.each(['GET /v1/config', 'GET /v1/namespaces', 'GET /v1/namespaces/demo/tables', 'GET /v1/namespaces/demo'])(
    'and whatever else is no metadata is not read where %s answers with millions of values',
    async (route) => {
      catalog
        .on('GET /v1/config', { body: { defaults: {}, overrides: {} } })
        .on(route, { body: `{"defaults":{},"namespaces":[${'[],'.repeat(1_000_000)}[]]}` })
      const asked = () => {
        const remote = opened()
        if (route.endsWith('/demo')) return remote.loadNamespace(['demo'])
        return route.endsWith('/tables') ? remote.listTables(['demo']) : remote.listNamespaces(null)
      }
      await expect(asked()).rejects.toMatchObject({ code: 'too-large' })
    },
  )

  it('that nobody can ask for by their names are left out, and told', async () => {
    const bad = [[''], ['..'], ['a\x1Fb'], ['\uD800']]
    catalog.on('GET /v1/namespaces', { body: { namespaces: [...bad, ['fine']] } })
    const told: unknown[] = []
    const onLeftOut = (namespaces: readonly (readonly string[])[]) => told.push(...namespaces)
    expect(await opened().listNamespaces(null, { onLeftOut })).toEqual([['fine']])
    expect(told).toHaveLength(bad.length)
    expect(told).toEqual(expect.arrayContaining([[''], ['..']]))
  })

  it('below another are asked for with the unit separator, and only direct children are taken', async () => {
    catalog.on('GET /v1/namespaces', {
      body: { namespaces: [['a', 'b.c', 'x'], ['a', 'b.c', 'x', 'deep'], ['a'], ['z', 'z', 'z']] },
    })
    expect(await opened().listNamespaces(['a', 'b.c'])).toEqual([['a', 'b.c', 'x']])
    expect(catalog.last().query.get('parent')).toBe('a\x1Fb.c')
  })

  it('whose names hold anything are asked for by exactly that name', async () => {
    const strange = ['a b+c', 'ü/%2F?#&=', '日本']
    const path = '/v1/namespaces/a%20b%2Bc%1F%C3%BC%2F%252F%3F%23%26%3D%1F%E6%97%A5%E6%9C%AC'
    catalog.on(`GET ${path}`, { body: { namespace: strange, properties: { owner: 'ann' } } })
    expect(await opened().loadNamespace(strange)).toEqual({ namespace: strange, properties: { owner: 'ann' } })
  })

  it.each([
    ['%2E', '/v1/namespaces/a.b'],
    ['.', '/v1/namespaces/a.b'],
    ['%2F', '/v1/namespaces/a%2Fb'],
    ['%1E', '/v1/namespaces/a%1Eb'],
  ])('are joined as the catalog says: %s', async (separator, path) => {
    configured({ 'namespace-separator': separator, prefix: '' }).on(`GET ${path}`, { body: { namespace: ['a', 'b'] } })
    expect(await opened().loadNamespace(['a', 'b'])).toEqual({ namespace: ['a', 'b'], properties: {} })
    const plain = decodeURIComponent(separator)
    await expect(opened().loadNamespace([`a${plain}b`])).rejects.toMatchObject({ code: 'invalid-request' })
  })

  it.each([[[]], [['']], [['..']], [['.']], [['\uD800']]])(
    'no path can hold are refused here: %j',
    async (namespace) => {
      await expect(opened().loadNamespace(namespace)).rejects.toMatchObject({ code: 'invalid-request' })
      await expect(opened().loadTable(ref('..', ['a']))).rejects.toMatchObject({ code: 'invalid-request' })
      expect(catalog.routes()).toEqual([])
    },
  )

  it('are made, changed and dropped, with what belongs to each written after it', async () => {
    const written: unknown[] = []
    const alongside = (change: object) => [rawChange(JSON.stringify(change))]
    const remote = opened(
      {},
      { writeAlongside: async (rows) => written.push(...rows.map((row) => JSON.parse(textOf(row)))) },
    )
    catalog
      .on('POST /v1/namespaces', { body: { namespace: ['a'], properties: {} } })
      .on('GET /v1/namespaces/a', { body: { namespace: ['a'], properties: { x: '1', y: '2' } } })
      .on('POST /v1/namespaces/a/properties', { body: { updated: ['z'], removed: ['x'], missing: ['q'] } })
      .on('DELETE /v1/namespaces/a', [errorReply(409, 'NamespaceNotEmptyException'), { status: 204 }])
    await remote.createNamespace(['a'], { x: '1' }, { alongside })
    expect(JSON.parse(catalog.last().body)).toEqual({ namespace: ['a'], properties: { x: '1' } })
    const change = { updates: { z: '3' }, removals: ['x', 'q'] }
    expect(await remote.updateNamespace(['a'], change, { alongside })).toEqual({
      updated: ['z'],
      removed: ['x'],
      missing: ['q'],
    })
    expect(JSON.parse(catalog.last().body)).toEqual(change)
    await expect(remote.dropNamespace(['a'], { alongside })).rejects.toMatchObject({ code: 'namespace-not-empty' })
    await remote.dropNamespace(['a'], { alongside })
    const before = { namespace: ['a'], properties: { x: '1', y: '2' } }
    expect(written).toEqual([
      { namespace: ['a'], before: null, after: { properties: { x: '1' } } },
      { namespace: ['a'], before, after: { properties: { y: '2', z: '3' } } },
      { namespace: ['a'], before, after: null },
    ])
  })
})

describe('Tables', () => {
  it('are listed over every page in name order', async () => {
    const identifiers = ['u', 't', 't'].map((name) => ({ namespace: ['demo'], name }))
    catalog.on('GET /v1/namespaces/demo/tables', { body: { identifiers } })
    expect(await opened().listTables(['demo'])).toEqual([ref('t'), ref('u')])
    catalog.on('GET /v1/namespaces/demo/tables', errorReply(404, 'NoSuchNamespaceException'))
    await expect(opened().listTables(['demo'])).rejects.toMatchObject({ code: 'not-found' })
    catalog.on('GET /v1/namespaces/demo/tables', { body: { identifiers: [{}] } })
    await expect(opened().listTables(['demo'])).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })

  it('are loaded with every digit of their ids', async () => {
    catalog.on('GET /v1/namespaces/demo/tables/t', BY_HAND)
    const { metadata, metadataLocation } = await opened().loadTable(ref('t'))
    expect(metadataLocation).toBe('s3://b/t/metadata/1.json')
    expect(metadata.refs['main']?.snapshotId).toBe('9223372036854775807')
    expect(catalog.last().headers.has('x-iceberg-access-delegation')).toBe(false)
  })

  it('whose metadata is damaged say so; an answer of another form is the catalog’s failure', async () => {
    const path = 'GET /v1/namespaces/demo/tables/t'
    const metadata = { ...(tableMetadataToJson(sampleMetadata()) as object), 'format-version': 9 } as JsonObject
    catalog.on(path, tableAnswer({ metadata }))
    await expect(opened().loadTable(ref('t'))).rejects.toMatchObject({ code: 'not-supported' })
    catalog.on(path, { body: [] })
    await expect(opened().loadTable(ref('t'))).rejects.toMatchObject({ code: 'catalog-unavailable' })
    catalog.on(path, tableAnswer({ 'metadata-location': null }))
    await expect(opened().loadTable(ref('t'))).rejects.toMatchObject({ code: 'file-missing' })
  })

  it('are created and staged as the specification asks', async () => {
    catalog.on('POST /v1/namespaces/demo/tables', tableAnswer())
    const [schema] = sampleMetadata().schemas
    const table = {
      schema: schema!,
      partitionSpec: sampleMetadata().partitionSpecs[0]!,
      sortOrder: sampleMetadata().sortOrders[0]!,
      location: 's3://lake/t',
      properties: { owner: 'ann' },
    }
    const created = await opened().createTable(ref('t'), table, { alongside: () => [] })
    expect(created.metadata.currentSnapshotId).toBe(SAMPLE_IDS[3])
    expect(JSON.parse(catalog.last().body)).toMatchObject({
      name: 't',
      schema: { type: 'struct', fields: [{ name: 'date' }, { name: 'origin' }] },
      'partition-spec': { 'spec-id': 0, fields: [{ transform: 'month' }] },
      'write-order': { 'order-id': 0 },
      location: 's3://lake/t',
      properties: { owner: 'ann' },
      'stage-create': false,
    })
    expect(await opened().stageTable(ref('t'), { schema: schema! })).toMatchObject({ ref: ref('t') })
    expect(JSON.parse(catalog.last().body)).toMatchObject({ 'stage-create': true, properties: {} })
    catalog.on('POST /v1/namespaces/demo/tables', [{ body: '{}' }, errorReply(409, 'AlreadyExistsException')])
    await expect(opened().createTable(ref('t'), table)).rejects.toMatchObject({ code: 'commit-state-unknown' })
    await expect(opened().createTable(ref('t'), table)).rejects.toMatchObject({ code: 'already-exists' })
    catalog.on('POST /v1/namespaces/demo/tables', tableAnswer({ 'metadata-location': null }))
    await expect(opened().createTable(ref('t'), table)).rejects.toMatchObject({ code: 'commit-state-unknown' })
  })

  it('are registered, also over one that is there', async () => {
    catalog.on('POST /v1/namespaces/demo/register', tableAnswer())
    await opened().registerTable(ref('t'), 's3://lake/t/metadata/1.json')
    expect(JSON.parse(catalog.last().body)).toEqual({ name: 't', 'metadata-location': 's3://lake/t/metadata/1.json' })
    await opened().registerTable(ref('t'), 's3://x', { overwrite: true, alongside: () => [] })
    expect(JSON.parse(catalog.last().body)).toMatchObject({ overwrite: true })
    catalog.on('POST /v1/namespaces/demo/register', tableAnswer({ 'metadata-location': null }))
    await expect(opened().registerTable(ref('t'), 's3://x')).rejects.toMatchObject({ code: 'commit-state-unknown' })
  })

  it('are renamed and dropped, with what the row was written after it', async () => {
    const written: string[] = []
    const alongside = (row: { ref: TableRef; metadataLocation: string | null }) => [
      rawChange(`${row.ref.table} ${row.metadataLocation}`),
    ]
    const remote = opened({}, { writeAlongside: async (rows) => written.push(...rows.map(textOf)) })
    catalog
      .on('GET /v1/namespaces/demo/tables/t', tableAnswer())
      .on('GET /v1/namespaces/demo/tables/u', errorReply(404, 'NotFoundException', 'Failed to open input stream'))
      .on('POST /v1/tables/rename', { status: 204 })
      .on('DELETE /v1/namespaces/demo/tables/u', { status: 204 })
    await remote.renameTable(ref('t'), ref('u', ['other']), { alongside })
    expect(JSON.parse(catalog.last().body)).toEqual({
      source: { namespace: ['demo'], name: 't' },
      destination: { namespace: ['other'], name: 'u' },
    })
    // The file is gone, and the table is dropped all the same.
    await remote.dropTable(ref('u'), { alongside })
    expect(catalog.last().query.get('purgeRequested')).toBe('false')
    await remote.dropTable(ref('u'), { purge: true })
    expect(catalog.last().query.get('purgeRequested')).toBe('true')
    expect(written).toEqual(['u s3://lake/t/metadata/1.json', 'u null'])
    catalog.on('POST /v1/tables/rename', errorReply(409, 'AlreadyExistsException'))
    await expect(remote.renameTable(ref('t'), ref('u'))).rejects.toMatchObject({ code: 'already-exists' })
    await expect(remote.renameTable(ref('t'), { ...ref('u'), catalog: 'x' })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('that may not be looked at are not dropped for that', async () => {
    catalog.on('GET /v1/namespaces/demo/tables/t', errorReply(403, 'ForbiddenException'))
    const dropping = opened().dropTable(ref('t'), { alongside: () => [] })
    await expect(dropping).rejects.toMatchObject({ code: 'forbidden' })
    expect(catalog.routes()).toEqual(['GET /v1/namespaces/demo/tables/t'])
  })
})
