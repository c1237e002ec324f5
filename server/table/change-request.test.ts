import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/exact-json'
import { tableMetadataToJson } from '@/lib/iceberg/metadata-json'
import { SAMPLE_IDS, sampleMetadata } from '@/lib/iceberg/sample-metadata'
import { endpointNamed } from '@/scripts/contract-endpoints'
import { routeHandler } from '@/scripts/route-handler'
import { makeTestHome, type SignedIn, signInAs } from '@/scripts/test-home'
import { TestRestCatalog } from '@/scripts/test-rest-catalog'
import { actorFor } from '@/server/auth/actor'
import { addConnection } from '@/server/connections/connections'
import { rollbackImpact } from './rollback'

const home = makeTestHome()

const NAMESPACE = ['sales', 'eu west']
const INTENT = { kind: 'set-property', key: 'owner', value: 'bob', base: 'ada' } as const
const signal = new AbortController().signal

let remote: TestRestCatalog
let admin: SignedIn

beforeAll(async () => {
  remote = await TestRestCatalog.start()
  admin = await signInAs(home.services, 'admin')
})
afterAll(() => remote.stop())

describe.each([
  ['none', {}, '/v1/namespaces/sales%1Feu%20west/tables/t'],
  ['a-prefix', { prefix: 'ws/1', 'namespace-separator': '%2E' }, '/v1/ws/1/namespaces/sales.eu%20west/tables/t'],
])('The commit through a connection whose catalog has a path of its own: %s', (name, overrides, path) => {
  const ref = { catalog: name, namespace: NAMESPACE, table: 't' }
  const by = () => ({ actor: actorFor({ ...admin, role: 'admin' }), requestId: 'r1' })

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
    await addConnection(home.services, { name, settings, secrets: {} }, by())
  })

  it('is shown as the request that is then sent', async () => {
    const review = await post('reviewChanges', { intents: [INTENT] })
    await post('commitChanges', { intents: [INTENT] })
    const sent = remote.seen.findLast(({ method }) => method === 'POST')
    expect(review['requestPath']).toBe(path)
    expect(sent?.path).toBe(path)
    expect(parseExactJson(sent?.body ?? '')).toEqual(parseExactJson(String(review['requestBody'])))
  })

  it('is shown so for a roll back too', async () => {
    const catalog = await home.services.catalogs.open(name, by().actor)
    const table = await catalog.loadTable(ref)
    const empty = table.metadata.snapshots.map((snapshot) => ({ ...snapshot, manifestList: null, manifests: [] }))
    const before = { ...table, metadata: { ...table.metadata, snapshots: empty } }
    const impact = await rollbackImpact(home.services.manifestCache, before, SAMPLE_IDS[2], {
      catalog,
      store: table.store,
      safetyTag: null,
      signal,
    })
    expect(impact.requestPath).toBe(path)
  })

  async function post(endpointName: string, fields: object): Promise<Record<string, unknown>> {
    const handler = await routeHandler(home.services, endpointNamed(endpointName))
    const request = new Request('http://test/x', {
      method: 'POST',
      headers: { cookie: admin.cookie, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
    const params = { catalog: name, namespace: NAMESPACE.join('\x1F'), table: 't' }
    const answer = await handler(request, { params: Promise.resolve(params) })
    expect(answer.status, await answer.clone().text()).toBe(200)
    return (await answer.json()) as Record<string, unknown>
  }
})
