import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { asViewIdentifier } from '@/lib/names/identifiers'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { sampleMetadata, sampleSnapshot, SAMPLE_SNAPSHOT_IDS } from '@/testing/iceberg/sample-metadata'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import {
  errorReply,
  type Reply,
  createTestRestCatalog,
  RestCatalogStandIn,
} from '@/testing/catalogs/rest-catalog-stand-in'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { parseDurationMs } from './idempotency-key'
import { DEFAULT_ENDPOINTS, ENDPOINTS } from './endpoints'

const IDENTIFIER = { catalog: 'remote', namespace: ['demo'], table: 't' }
const TABLE = '/v1/namespaces/demo/tables/t'
const owner = { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'eve' } }] } as const
const append: TableChange = {
  requirements: [{ type: 'assert-ref-snapshot-id', ref: 'main', snapshotId: SAMPLE_SNAPSHOT_IDS[3] }],
  updates: [
    {
      action: 'add-snapshot',
      snapshot: sampleSnapshot(3, { snapshotId: '77', parentSnapshotId: SAMPLE_SNAPSHOT_IDS[3], sequenceNumber: 5 }),
    },
    { action: 'set-snapshot-ref', refName: 'main', type: 'branch', snapshotId: '77' },
  ],
}
const tableReply = (properties: Record<string, string> = {}): Reply => ({
  body: stringifyExactJson({
    'metadata-location': 's3://lake/t/metadata/1.json',
    metadata: tableMetadataToJson(sampleMetadata({ location: 's3://lake/t', properties })),
    // The response to a change of properties.
    updated: [],
    removed: [],
    missing: [],
  }),
})
const TABLE_REPLY = tableReply()

let catalog: RestCatalogStandIn
let nowMs: number

beforeEach(async () => {
  catalog = await RestCatalogStandIn.start()
  nowMs = 1_700_000_000_000
})
afterEach(() => catalog.stop())

/** A client of a catalog that stores keys for this long; null: the catalog does not mention keys. */
function openCatalog(lifetime: string | null): CatalogClient {
  const endpoints = [...DEFAULT_ENDPOINTS, ENDPOINTS.listViews, ENDPOINTS.createView, ENDPOINTS.registerView]
  catalog.on('GET /v1/config', {
    body: { overrides: {}, endpoints, ...(lifetime !== null && { 'idempotency-key-lifetime': lifetime }) },
  })
  return createTestRestCatalog(catalog.uri, { nowMs: () => nowMs })
}

const keys = () =>
  catalog.received.filter(({ method }) => method !== 'GET').map((seen) => seen.headers.get('idempotency-key'))

describe('An Idempotency-Key', () => {
  const writes: readonly [string, string, (remote: CatalogClient) => Promise<unknown>][] = [
    [
      'a new namespace',
      'POST /v1/namespaces',
      (remote) => remote.write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
    ],
    [
      'properties',
      'POST /v1/namespaces/a/properties',
      (remote) => remote.write({ kind: 'update-namespace', namespace: ['a'], updates: {}, removals: [] }),
    ],
    [
      'a new table',
      'POST /v1/namespaces/demo/tables',
      (remote) => remote.write({ kind: 'create-table', table: IDENTIFIER, schema: sampleMetadata().schemas[0]! }),
    ],
    [
      'a registered table',
      'POST /v1/namespaces/demo/register',
      (remote) => remote.write({ kind: 'register-table', table: IDENTIFIER, metadataLocation: 's3://x' }),
    ],
    ['a commit', `POST ${TABLE}`, (remote) => remote.write({ kind: 'commit-table', table: IDENTIFIER, change: owner })],
    [
      'a commit over tables',
      'POST /v1/transactions/commit',
      (remote) => remote.write({ kind: 'commit-tables', commits: [{ identifier: IDENTIFIER, change: owner }] }),
    ],
    [
      'a rename',
      'POST /v1/tables/rename',
      (remote) => remote.write({ kind: 'rename-table', table: IDENTIFIER, to: { ...IDENTIFIER, table: 'u' } }),
    ],
    ['a drop', `DELETE ${TABLE}`, (remote) => remote.write({ kind: 'drop-table', table: IDENTIFIER })],
  ]

  it.each(writes)(
    'is sent with %s, and again with each retry until there is a response',
    async (_what, route, write) => {
      catalog.on(`GET ${TABLE}`, TABLE_REPLY).on(route, [{ cut: 'before' }, { status: 503 }, TABLE_REPLY])
      await write(openCatalog('PT30M'))
      expect(keys()).toEqual([keys()[0], keys()[0], keys()[0]])
      expect(keys()[0]).toMatch(/^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    },
  )

  it.each([null, 'half an hour', 'PT'])('is not sent to a catalog with the key lifetime %j', async (lifetime) => {
    catalog.on('POST /v1/namespaces', { status: 503 })
    await expect(
      openCatalog(lifetime).write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
    expect(keys()).toEqual([null])
  })

  it('is not sent when the specification allows none', async () => {
    catalog.on('POST /v1/namespaces/demo/views', { status: 503 })
    const [schema] = sampleMetadata().schemas
    const version = { versionId: 1, timestampMs: 1, schemaId: 0, summary: {}, representations: [] }
    const view = { schema: schema!, version: { ...version, defaultCatalog: null, defaultNamespace: [] } }
    await expect(
      openCatalog('PT30M').write({ kind: 'create-view', view: asViewIdentifier(IDENTIFIER), ...view }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
    expect(keys()).toEqual([null])
  })

  it('is different for each write', async () => {
    catalog.on('POST /v1/namespaces', { body: {} })
    const remote = openCatalog('PT30M')
    await remote.write({ kind: 'create-namespace', namespace: ['a'], properties: {} })
    await remote.write({ kind: 'create-namespace', namespace: ['a'], properties: {} })
    expect(new Set(keys()).size).toBe(2)
  })

  it.each([
    ['PT30S', 31_000],
    ['P1D', 121_000],
  ])('that is stored for %s is not sent again after %i ms', async (lifetime, laterMs) => {
    catalog.on('POST /v1/namespaces', () => {
      nowMs += laterMs
      return { status: 503 }
    })
    await expect(
      openCatalog(lifetime).write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
    expect(keys()).toHaveLength(1)
  })

  it.each([
    ['can no longer sign in', 401],
    ['no longer has permission', 403],
    ['must wait too long', 429],
    ['is redirected', 307],
  ])('leaves the outcome unknown for a client that %s after the first response was lost', async (_who, status) => {
    const headers = { location: '/elsewhere', 'retry-after': '3600' }
    catalog.on(`GET ${TABLE}`, TABLE_REPLY).on(`POST ${TABLE}`, [{ cut: 'before' }, { status, headers }])
    await expect(
      openCatalog('PT30M').write({ kind: 'commit-table', table: IDENTIFIER, change: owner }),
    ).rejects.toMatchObject({
      code: 'commit-state-unknown',
    })
    expect(keys()).toEqual([keys()[0], keys()[0]])
  })

  const unseen = errorReply(403, 'ForbiddenException')

  it.each([
    ['a conflict', 409, 'CommitFailedException', {}],
    ['a bad request', 400, 'ValidationException', {}],
    ['a conflict without retries', 409, 'CommitFailedException', { 'commit.retry.num-retries': '0' }],
  ])(
    'leaves %s after a lost response unknown when the table cannot be loaded',
    async (_what, status, type, properties) => {
      catalog
        .on(`GET ${TABLE}`, [tableReply(properties), unseen])
        .on(`POST ${TABLE}`, [{ cut: 'before' }, errorReply(status, type)])
      await expect(
        openCatalog('PT30M').write({ kind: 'commit-table', table: IDENTIFIER, change: append }),
      ).rejects.toMatchObject({
        code: 'commit-state-unknown',
      })
      expect(keys()).toEqual([keys()[0], keys()[0]])
    },
  )

  it('leaves a refused commit over tables unknown after a lost response when a table cannot be loaded', async () => {
    catalog
      .on(`GET ${TABLE}`, [TABLE_REPLY, unseen])
      .on('POST /v1/transactions/commit', [{ cut: 'before' }, errorReply(409, 'CommitFailedException')])
    const commit = openCatalog('PT30M').write({
      kind: 'commit-tables',
      commits: [{ identifier: IDENTIFIER, change: append }],
    })
    await expect(commit).rejects.toMatchObject({ code: 'commit-state-unknown' })
  })

  it.each([
    ['commit-conflict', 409, 'CommitFailedException'],
    ['invalid-request', 400, 'ValidationException'],
  ])('keeps a %s on the first attempt as it is when the table cannot be loaded', async (code, status, type) => {
    catalog.on(`GET ${TABLE}`, [TABLE_REPLY, unseen]).on(`POST ${TABLE}`, errorReply(status, type))
    await expect(
      openCatalog('PT30M').write({ kind: 'commit-table', table: IDENTIFIER, change: append }),
    ).rejects.toMatchObject({ code })
    expect(keys()).toHaveLength(1)
  })

  it('does not change the meaning of a refusal', async () => {
    catalog.on('POST /v1/namespaces', [{ status: 504 }, errorReply(409, 'AlreadyExistsException')])
    await expect(
      openCatalog('PT30M').write({ kind: 'create-namespace', namespace: ['a'], properties: {} }),
    ).rejects.toMatchObject({ code: 'already-exists' })
  })
})

it.each([
  ['PT30M', 1_800_000],
  ['P1DT2H3M4S', 93_784_000],
  ['PT0S', 0],
  ['PT0.5S', 0],
  ['P', null],
  ['30', null],
  ['-PT1H', null],
])('The duration %s is %j ms', (text, ms) => {
  expect(parseDurationMs(text)).toBe(ms)
})
