import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import {
  markedStore,
  type Reply,
  restSettings,
  type ReceivedRequest,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import type { RestSettings } from './http/settings'

const TABLE = '/v1/namespaces/demo/tables/t'
const IDENTIFIER = { catalog: 'remote', namespace: ['demo'], table: 't' }

let catalog: RestCatalogStandIn
let nowMs: number
/** The current version in the catalog. */
let version: number
let etagOf: (version: number) => string | null
/** The `read-restrictions` of the current response; undefined: the field is left out. */
let restrictions: unknown
let keysExpireAtMs: number | null

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  nowMs = 1_700_000_000_000
  version = 1
  restrictions = undefined
  keysExpireAtMs = null
  etagOf = (ofVersion) => `W/"v${ofVersion}"`
  catalog.on(`GET ${TABLE}`, reply).on(`POST ${TABLE}`, () => {
    version += 1
    return reply(null)
  })
})
afterEach(() => catalog.stop())

function reply(seen: ReceivedRequest | null): Reply {
  const etag = etagOf(version)
  const headers = etag === null ? {} : { etag }
  if (etag !== null && seen?.headers.get('if-none-match') === etag) return { status: 304, headers }
  const keys = {
    's3.access-key-id': `key ${catalog.received.length}`,
    's3.secret-access-key': 'SK',
    ...(keysExpireAtMs !== null && { 's3.session-token-expires-at-ms': String(keysExpireAtMs) }),
  }
  const metadata = tableMetadataToJson(
    sampleMetadata({ location: 's3://lake/t', properties: { owner: `v${version}` } }),
  )
  const json = {
    'metadata-location': `s3://lake/t/metadata/${version}.json`,
    metadata,
    config: keys,
    ...(restrictions !== undefined && { 'read-restrictions': restrictions as Json }),
  }
  return { body: stringifyExactJson(json), headers }
}

const openCatalog = (settings: Partial<RestSettings> = {}) =>
  createTestRestCatalog(catalog.uri, { settings: restSettings(catalog.uri, settings), nowMs: () => nowMs })
const tags = () =>
  catalog.received.filter(({ path }) => path === TABLE).map(({ headers }) => headers.get('if-none-match'))

describe('A cached table', () => {
  it('is requested with its ETag, and not sent again while it is current', async () => {
    const remote = openCatalog()
    const first = await remote.loadTable(IDENTIFIER)
    const second = await remote.loadTable(IDENTIFIER)
    expect(second).toEqual(first)
    expect(second.metadata).toBe(first.metadata)
    version = 2
    expect((await remote.loadTable(IDENTIFIER)).metadata.properties['owner']).toBe('v2')
    expect((await remote.loadTable(IDENTIFIER)).metadataLocation).toBe('s3://lake/t/metadata/2.json')
    expect(tags()).toEqual([null, 'W/"v1"', 'W/"v1"', 'W/"v2"'])
  })

  it.each([null, `"${'x'.repeat(2_000)}"`])('is loaded in full when its ETag is %s', async (etag) => {
    etagOf = () => etag
    const remote = openCatalog()
    await remote.loadTable(IDENTIFIER)
    await remote.loadTable(IDENTIFIER)
    expect(tags()).toEqual([null, null])
  })

  it('of one person is not used for another', async () => {
    await openCatalog().loadTable(IDENTIFIER)
    await openCatalog().loadTable(IDENTIFIER)
    expect(tags()).toEqual([null, null])
  })

  it('is loaded in full after a change by the same client, whatever its ETag', async () => {
    etagOf = () => '"always the same"'
    const remote = openCatalog()
    await remote.loadTable(IDENTIFIER)
    const change = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'v2' } }] } as const
    await remote.write({ kind: 'commit-table', table: IDENTIFIER, change })
    expect((await remote.loadTable(IDENTIFIER)).metadata.properties['owner']).toBe('v2')
    expect(tags()).toEqual([null, '"always the same"', null, null])
    catalog.on(`DELETE ${TABLE}`, { status: 204 })
    await remote.write({ kind: 'drop-table', table: IDENTIFIER })
    await remote.loadTable(IDENTIFIER)
    expect(tags().at(-1)).toBeNull()
  })

  it('keeps its vended credentials for their usual time, and then gets new ones', async () => {
    const remote = openCatalog({ delegation: 'vended-credentials' })
    const { store } = await remote.loadTable(IDENTIFIER)
    expect((await remote.loadTable(IDENTIFIER)).store).toBe(store)
    nowMs += 5 * 60_000
    const renewed = (await remote.loadTable(IDENTIFIER)).store
    expect(tags()).toEqual([null, 'W/"v1"', null])
    const readKey = async (tableStore: typeof store) => new TextDecoder().decode(await tableStore.read('s3://lake/t/x'))
    expect(await readKey(store)).toContain('key 2')
    expect(await readKey(renewed)).toContain('key 4')
  })
})

it('A 304 to a request without If-None-Match is an error', async () => {
  catalog.on(`GET ${TABLE}`, { status: 304 })
  await expect(openCatalog().loadTable(IDENTIFIER)).rejects.toMatchObject({ code: 'catalog-unavailable' })
})

describe('Reads of a table', () => {
  const FILTER = { 'required-row-filter': { type: 'eq', left: { type: 'reference', id: 1 }, right: 7 } }
  const FILE = 's3://lake/t/data/a.parquet'
  const restricted = { code: 'read-restricted' }
  it.each([undefined, null, {}, { 'required-column-projections': [] }, { 'required-row-filter': true }])(
    'are not restricted by %j',
    async (sent) => {
      restrictions = sent
      const { store, requireReadable } = await openCatalog().loadTable(IDENTIFIER)
      requireReadable?.()
      expect((await store.read(FILE)).length).toBeGreaterThan(0)
    },
  )

  it.each([
    FILTER,
    { 'required-column-projections': [{ 'field-id': 1, action: 'replace-with-null' }] },
    { 'required-row-filter': 'a form of later' },
    { later: 1 },
    'later',
  ])('are refused with %j, but its metadata is shown', async (sent) => {
    restrictions = sent
    const { store, requireReadable, metadata } = await openCatalog().loadTable(IDENTIFIER)
    expect(metadata.properties).toEqual({ owner: 'v1' })
    expect(() => requireReadable?.()).toThrow(expect.objectContaining(restricted))
    store.checkLocation(FILE)
    const range = { start: 0, end: 1 }
    for (const use of [
      () => store.read(FILE),
      () => store.read(FILE, { range }),
      () => store.stream(FILE, { range }),
      () => store.sizeBytes(FILE),
      () => store.readVersion(FILE),
      () => store.writeNew(FILE, new Uint8Array()),
      () => store.importFile('/tmp/a', FILE),
      () => store.copyNew(FILE, `${FILE}2`),
      () => store.listNames('s3://lake/t', { limit: 1 }),
      () => store.listFolder('s3://lake/t', { limit: 1, pageToken: null }),
      () => store.hasFiles('s3://lake/t'),
    ])
      await expect(use()).rejects.toMatchObject(restricted)
  })

  it('stay refused after a 304', async () => {
    restrictions = FILTER
    const remote = openCatalog()
    await remote.loadTable(IDENTIFIER)
    const { store, requireReadable } = await remote.loadTable(IDENTIFIER)
    expect(tags()).toEqual([null, 'W/"v1"'])
    expect(() => requireReadable?.()).toThrow(expect.objectContaining(restricted))
    await expect(store.read(FILE)).rejects.toMatchObject(restricted)
  })

  it('follow restrictions that the catalog sets and lifts, with the same ETag within a minute', async () => {
    etagOf = () => '"of the metadata alone"'
    const remote = openCatalog()
    const first = await remote.loadTable(IDENTIFIER)
    restrictions = FILTER
    nowMs += 59_999
    await first.store.read(FILE)
    expect((await remote.loadTable(IDENTIFIER)).metadata).toBe(first.metadata)
    nowMs += 1
    const second = await remote.loadTable(IDENTIFIER)
    await expect(second.store.read(FILE)).rejects.toMatchObject(restricted)
    // A scan may have the table that was loaded before.
    await expect(first.store.read(FILE)).rejects.toMatchObject(restricted)
    expect(() => first.requireReadable?.()).toThrow(expect.objectContaining(restricted))
    restrictions = undefined
    nowMs += 60_000
    await (await remote.loadTable(IDENTIFIER)).store.read(FILE)
    await first.store.read(FILE)
    await expect(second.store.read(FILE)).rejects.toMatchObject(restricted)
    expect(tags()).toEqual([null, '"of the metadata alone"', null, null])
  })

  it('are those of each client: restrictions are of one principal', async () => {
    const [one, other] = [openCatalog(), openCatalog()]
    restrictions = FILTER
    const restrictedTable = await one.loadTable(IDENTIFIER)
    restrictions = undefined
    await (await other.loadTable(IDENTIFIER)).store.read(FILE)
    await expect(restrictedTable.store.read(FILE)).rejects.toMatchObject(restricted)
  })

  it('end when a refresh of vended credentials brings a restriction', async () => {
    keysExpireAtMs = nowMs + 600_000
    const removed: string[] = []
    const remote = createTestRestCatalog(catalog.uri, {
      settings: restSettings(catalog.uri, { delegation: 'vended-credentials' }),
      nowMs: () => nowMs,
      storeForAll: () => ({ ...markedStore('a store'), remove: async (location) => void removed.push(location) }),
    })
    const before = await remote.loadTable(IDENTIFIER)
    await before.store.read(FILE)
    restrictions = FILTER
    nowMs = keysExpireAtMs
    keysExpireAtMs += 600_000
    await expect(before.store.read(FILE)).rejects.toMatchObject(restricted)
    const opened = await remote.openStore(IDENTIFIER)
    await expect(opened.read(FILE)).rejects.toMatchObject(restricted)
    // A run may still clean up the files that it wrote.
    await opened.remove(FILE)
    expect(removed).toEqual([FILE])
  })

  it('are refused after a commit, whose response says nothing of restrictions', async () => {
    restrictions = FILTER
    const change = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'v2' } }] } as const
    const committed = await openCatalog().write({ kind: 'commit-table', table: IDENTIFIER, change })
    await expect(committed.store.read(FILE)).rejects.toMatchObject(restricted)
    expect(() => committed.requireReadable?.()).toThrow(expect.objectContaining(restricted))
  })
})
