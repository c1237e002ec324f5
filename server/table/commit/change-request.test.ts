import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata/metadata-json'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata } from '@/testing/iceberg/sample-metadata'
import { findEndpoint } from '@/testing/contract/contract-endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { RestCatalogStandIn } from '@/testing/catalogs/rest-catalog-stand-in'
import { planRefMove } from '@/lib/changes/intents/plan-ref-move'
import { actorFor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import { readRefMove } from './ref-move'

const home = createTestHome()

const NAMESPACE = ['sales', 'eu west']
const INTENT = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' } as const
const signal = new AbortController().signal

let remote: RestCatalogStandIn
let admin: SignedInUser

beforeAll(async () => {
  remote = await RestCatalogStandIn.start()
  admin = await signInAs(home.services, 'admin')
})
afterAll(() => remote.stop())

describe.each([
  ['none', {}, '/v1/namespaces/sales%1Feu%20west/tables/t'],
  ['a-prefix', { prefix: 'ws/1', 'namespace-separator': '%2E' }, '/v1/ws/1/namespaces/sales.eu%20west/tables/t'],
])('The commit through a connection whose catalog has a path of its own: %s', (name, overrides, path) => {
  const identifier = { catalog: name, namespace: NAMESPACE, table: 't' }
  const toOptions = () => ({ actor: actorFor({ ...admin, role: 'admin' }), requestId: 'r1' })

  beforeAll(async () => {
    const body = stringifyExactJson({
      'metadata-location': 's3://lake/t/metadata/1.json',
      metadata: tableMetadataToJson(sampleMetadata()),
    })
    remote.on('GET /v1/config', { body: { defaults: {}, overrides } }).on(`GET ${path}`, { body })
    remote.on(`POST ${path}`, { body })
    const settings = {
      kind: 'rest' as const,
      uri: remote.uri,
      warehouse: null,
      prefix: null,
      auth: { kind: 'none' as const },
      headerNames: [],
      delegation: 'none' as const,
      storage: null,
      mappings: [],
      ownCredentials: 'off' as const,
    }
    await addConnection(home.services, { name, settings, secrets: {} }, toOptions())
  })

  it('is displayed exactly as it is then sent', async () => {
    const review = await callEndpoint('reviewChanges', { intents: [INTENT] })
    await callEndpoint('commitChanges', { intents: [INTENT] })
    const commitRequest = remote.received.findLast(({ method }) => method === 'POST')
    const request = review['request'] as { path: string; body: string }
    expect(request.path).toBe(path)
    expect(commitRequest?.path).toBe(path)
    expect(parseExactJson(commitRequest?.body ?? '')).toEqual(parseExactJson(request.body))
  })

  it('comes with what the table has, for the words about the change', async () => {
    const catalog = await home.services.catalogs.open(name, toOptions().actor)
    const { snapshots, currentSnapshotId } = (await catalog.loadTable(identifier)).metadata
    const total = snapshots.find(({ snapshotId }) => snapshotId === currentSnapshotId)?.summary['total-data-files']
    expect((await callEndpoint('reviewChanges', { intents: [INTENT] }))['figures']).toEqual({
      dataFileCount: total === undefined ? null : Number(total),
      snapshotCount: snapshots.length,
    })
  })

  it('is displayed exactly for a rollback too', async () => {
    const catalog = await home.services.catalogs.open(name, toOptions().actor)
    const table = await catalog.loadTable(identifier)
    const empty = table.metadata.snapshots.map((snapshot) => ({ ...snapshot, manifestList: null, manifests: [] }))
    const before = { ...table, metadata: { ...table.metadata, snapshots: empty } }
    const requested = { branch: 'main', to: { snapshotId: SAMPLE_SNAPSHOT_IDS[2] }, safetyTag: null }
    const context = { catalog, store: table.store, signal }
    const move = { branch: 'main', intent: planRefMove(before.metadata, requested) }
    const { impact } = await readRefMove(home.services.manifestCache, before, move, context)
    expect(impact.request.path).toBe(path)
  })

  async function callEndpoint(endpointName: string, fields: object): Promise<Record<string, unknown>> {
    const handler = await loadRouteHandler(home.services, findEndpoint(endpointName))
    const request = new Request('http://test/x', {
      method: 'POST',
      headers: { cookie: admin.cookie, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
    const params = { catalog: name, namespace: NAMESPACE.join('\x1F'), table: 't' }
    const response = await handler(request, { params: Promise.resolve(params) })
    expect(response.status, await response.clone().text()).toBe(200)
    return (await response.json()) as Record<string, unknown>
  }
})
