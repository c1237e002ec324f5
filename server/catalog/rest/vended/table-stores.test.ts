import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import {
  errorReply,
  markedStore,
  type Reply,
  restSettings,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import type { S3Access, StorageAccess } from '@/server/locations/storage-access'

const TABLE = '/v1/namespaces/demo/tables/t'
const IDENTIFIER = { catalog: 'remote', namespace: ['demo'], table: 't' }
const OWN_ACCESS: StorageAccess = { kind: 'local', roots: ['file:///lake'] }

let catalog: RestCatalogStandIn
let nowMs: number
/** The accesses of every store that was built, in order. */
let storeAccesses: (readonly StorageAccess[])[]

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  nowMs = 1_700_000_000_000
  storeAccesses = []
})
afterEach(() => catalog.stop())

function openCatalog(delegation: 'none' | 'vended-credentials' | 'remote-signing' = 'vended-credentials') {
  return createTestRestCatalog(catalog.uri, {
    settings: restSettings(catalog.uri, { delegation, auth: { kind: 'bearer', token: 'T' } }),
    storage: [OWN_ACCESS],
    nowMs: () => nowMs,
    resolve: async () => ['203.0.114.7'],
    storeForAll: (accesses) => {
      storeAccesses.push(accesses)
      return markedStore(accessKeyOf(accesses))
    },
  })
}

const accessKeyOf = ([first]: readonly StorageAccess[]) =>
  first?.kind === 's3' && first.credentials.kind === 'keys' ? first.credentials.accessKeyId : 'own'
const keys = (accessKeyId: string, minutes?: number) => ({
  's3.access-key-id': accessKeyId,
  's3.secret-access-key': 'SK',
  ...(minutes !== undefined && { 's3.session-token-expires-at-ms': String(nowMs + minutes * 60_000) }),
})
const tableReply = (extra: object): Reply => ({
  body: stringifyExactJson({
    'metadata-location': 's3://lake/t/metadata/1.json',
    metadata: tableMetadataToJson(sampleMetadata({ location: 's3://lake/t' })),
    ...extra,
  }),
})
async function readAccessKey(store: { read(location: string): Promise<Uint8Array> }): Promise<string> {
  return new TextDecoder().decode(await store.read('s3://lake/t/x'))
}

describe('The store of a table', () => {
  it('is the connection’s own without delegation, and needs no request', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({ config: keys('AK') }))
    const remote = openCatalog('none')
    expect(await readAccessKey((await remote.loadTable(IDENTIFIER)).store)).toBe('own')
    expect(catalog.lastRequest().headers.has('x-iceberg-access-delegation')).toBe(false)
    expect(await readAccessKey(await remote.openStore(IDENTIFIER))).toBe('own')
    await expect(remote.openStore({ ...IDENTIFIER, catalog: 'x' })).rejects.toMatchObject({ code: 'not-found' })
    expect(catalog.routes()).toHaveLength(1)
  })

  it('is requested with the table, and built from its vended config and the connection’s own storage', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({ config: keys('AK') }))
    const { store } = await openCatalog().loadTable(IDENTIFIER)
    expect(catalog.lastRequest().headers.get('x-iceberg-access-delegation')).toBe('vended-credentials')
    expect(await readAccessKey(store)).toBe('AK')
    store.checkLocation('s3://lake/t/y')
    expect(storeAccesses.at(-1)).toEqual([expect.objectContaining({ roots: ['s3://lake/t'] }), OWN_ACCESS])
  })

  it('uses the store settings in the catalog’s configuration', async () => {
    catalog.on('GET /v1/config', { body: { defaults: { 's3.endpoint': 'https://s3.example.com' }, overrides: {} } })
    catalog.on(`GET ${TABLE}`, tableReply({ 'storage-credentials': [{ prefix: 's3://lake', config: keys('AK') }] }))
    await openCatalog().loadTable(IDENTIFIER)
    expect(storeAccesses.at(-1)?.[0]).toMatchObject({ roots: ['s3://lake'], endpoint: 'https://s3.example.com' })
  })

  it('is the connection’s own when the catalog vends nothing', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({}))
    expect(await readAccessKey((await openCatalog().loadTable(IDENTIFIER)).store)).toBe('own')
  })

  it('is cached for a while for readers of many ranges', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({ config: keys('AK') }))
    const remote = openCatalog()
    const stores = [await remote.openStore(IDENTIFIER), await remote.openStore(IDENTIFIER)]
    expect(stores[0]).toBe(stores[1])
    expect(catalog.routes()).toHaveLength(1)
    expect(catalog.lastRequest().query.get('snapshots')).toBe('refs')
    nowMs += 5 * 60_000
    await remote.openStore(IDENTIFIER)
    expect(catalog.routes()).toHaveLength(2)
    catalog.on(`DELETE ${TABLE}`, { status: 204 })
    await remote.write({ kind: 'drop-table', table: IDENTIFIER })
    await remote.openStore(IDENTIFIER)
    expect(catalog.routes()).toHaveLength(4)
  })

  it('gets new credentials before they expire, once for all readers', async () => {
    const endpoints = [
      'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}',
      'GET /v1/{prefix}/namespaces/{namespace}/tables/{table}/credentials',
    ]
    catalog.on('GET /v1/config', { body: { overrides: {}, endpoints } })
    catalog.on(`GET ${TABLE}`, tableReply({ config: keys('first', 60) }))
    catalog.on(`GET ${TABLE}/credentials`, {
      body: { 'storage-credentials': [{ prefix: 's3://lake/t', config: keys('second', 120) }] },
    })
    const { store } = await openCatalog().loadTable(IDENTIFIER)
    nowMs += 58 * 60_000
    expect(await readAccessKey(store)).toBe('first')
    nowMs += 90_000
    expect(await Promise.all([readAccessKey(store), readAccessKey(store), readAccessKey(store)])).toEqual([
      'second',
      'second',
      'second',
    ])
    expect(catalog.routes()).toEqual([`GET ${TABLE}`, `GET ${TABLE}/credentials`])
  })

  it('gets them by loading the table again when the catalog has no credentials endpoint', async () => {
    catalog.on(`GET ${TABLE}`, [tableReply({ config: keys('first', 10) }), tableReply({ config: keys('second', 60) })])
    const { store } = await openCatalog().loadTable(IDENTIFIER)
    nowMs += 11 * 60_000
    expect(await readAccessKey(store)).toBe('second')
    expect(catalog.lastRequest().query.get('snapshots')).toBe('refs')
  })

  it('with a forbidden endpoint leaves the metadata visible, and fails when a file is read', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({ config: { ...keys('AK'), 's3.endpoint': 'http://169.254.169.254' } }))
    const { metadata, store } = await openCatalog().loadTable(IDENTIFIER)
    expect(metadata.location).toBe('s3://lake/t')
    await expect(readAccessKey(store)).rejects.toMatchObject({ code: 'forbidden', message: /link-local/ })
    expect(() => store.checkLocation('s3://lake/t/x')).toThrow(/link-local/)
  })

  it('of a table that a commit created is requested when a file is read', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({ config: keys('AK') })).on(`POST ${TABLE}`, tableReply({}))
    const { store } = await openCatalog().write({
      kind: 'commit-table',
      table: IDENTIFIER,
      change: {
        requirements: [{ type: 'assert-create' }],
        updates: [],
      },
    })
    expect(catalog.routes()).toEqual([`POST ${TABLE}`])
    expect(await readAccessKey(store)).toBe('AK')
  })

  it('uses the newest credentials for every call', async () => {
    catalog.on(`GET ${TABLE}`, tableReply({ config: keys('AK') }))
    const calls: string[] = []
    const store = new Proxy(
      {},
      { get: (_target, name) => (name === 'then' ? undefined : async () => calls.push(String(name))) },
    ) as ReturnType<typeof markedStore>
    const remote = createTestRestCatalog(catalog.uri, {
      settings: restSettings(catalog.uri, { delegation: 'vended-credentials' }),
      storeForAll: () => store,
    })
    const table = (await remote.loadTable(IDENTIFIER)).store
    await table.stream('a', { range: { start: 0, end: 1 } })
    await table.sizeBytes('a')
    await table.writeNew('a', new Uint8Array())
    await table.importFile('/a', 'a')
    await table.hasFiles('a')
    await table.remove('a')
    expect(calls).toEqual(['stream', 'sizeBytes', 'writeNew', 'importFile', 'hasFiles', 'remove'])
  })
})

describe('File requests that the catalog signs', () => {
  const request = {
    method: 'GET',
    url: 'https://b.s3.amazonaws.com/k?x=1',
    region: 'us-east-1',
    headers: { range: ['bytes=0-9'] },
  }

  async function signed(config: Record<string, string>) {
    catalog.on(`GET ${TABLE}`, tableReply({ config: { 's3.remote-signing-enabled': 'true', ...config } }))
    await openCatalog('remote-signing').loadTable(IDENTIFIER)
    const [access] = storeAccesses.at(-1) as [S3Access]
    if (access.credentials.kind !== 'remote-signing') throw new Error('it is not signed by the catalog')
    return access.credentials.sign(request, { signal: AbortSignal.timeout(5_000) })
  }

  it.each([
    [{}, '/v1/aws/s3/sign'],
    [{ 's3.signer.endpoint': 'v1/wh/sign' }, '/v1/wh/sign'],
    [{ 'signer.endpoint': '/v1/other/sign' }, '/v1/other/sign'],
  ])('are sent to it for signing with the connection’s credentials: %j', async (config, path) => {
    catalog.on(`POST ${path}`, { body: { uri: request.url, headers: { authorization: ['AWS4'], 'x-amz-date': 'd' } } })
    expect(await signed(config)).toEqual({
      url: request.url,
      headers: { authorization: ['AWS4'], 'x-amz-date': ['d'] },
    })
    expect(JSON.parse(catalog.lastRequest().body)).toEqual({
      method: 'GET',
      uri: request.url,
      region: 'us-east-1',
      headers: request.headers,
    })
    expect(catalog.lastRequest().headers.get('authorization')).toBe('Bearer T')
  })

  it('are not sent to another server for signing', async () => {
    const other = await RestCatalogStandIn.start()
    for (const config of [{ 's3.signer.uri': other.uri }, { 's3.signer.endpoint': `${other.uri}/sign` }]) {
      await expect(signed(config)).rejects.toMatchObject({ code: 'forbidden' })
    }
    expect(other.received).toEqual([])
    await other.stop()
  })

  it('fail with the catalog’s own refusal, or when its response is malformed', async () => {
    catalog.on('POST /v1/aws/s3/sign', [
      errorReply(403, 'ForbiddenException'),
      { body: { uri: 'x', headers: { a: 1 } } },
    ])
    await expect(signed({})).rejects.toMatchObject({ code: 'forbidden' })
    await expect(signed({})).rejects.toMatchObject({ code: 'catalog-unavailable' })
  })
})
