import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'
import {
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

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  nowMs = 1_700_000_000_000
  version = 1
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
  const keys = { 's3.access-key-id': `key ${catalog.received.length}`, 's3.secret-access-key': 'SK' }
  const metadata = tableMetadataToJson(
    sampleMetadata({ location: 's3://lake/t', properties: { owner: `v${version}` } }),
  )
  const json = { 'metadata-location': `s3://lake/t/metadata/${version}.json`, metadata, config: keys }
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
