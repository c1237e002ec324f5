import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { rawQuery } from '@/testing/databases/test-sql'
import { type RestClient, createRestClientAs, createRestTokenAs } from '@/testing/catalogs/rest-client'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { createRestRoutes } from './routes'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

const home = createTestHome()
const findHandler = (method: string, url: string) => createRestRoutes(home.services).findHandler(method, url)

const SCHEMA = {
  type: 'struct',
  'schema-id': 0,
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    { id: 2, name: 'data', required: false, type: 'string' },
  ],
}
const HUGE_ID = 9_223_372_036_854_775_807n

let callRest: RestClient

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  await callRest('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: { owner: 'ada' } } })
})

const toError = ({ body }: { body: JsonObject }) => body.error as { message: string; type: string; code: number }
function text(json: Json | undefined): string {
  if (typeof json === 'string') return json
  throw new Error(`not text: ${JSON.stringify(json)}`)
}
const toMetadata = ({ body }: { body: JsonObject }) => body.metadata as Record<string, Json>

async function newTable(name: string, extra: JsonObject = {}) {
  const reply = await callRest('POST', 'local/namespaces/demo/tables', { body: { name, schema: SCHEMA, ...extra } })
  expect(reply.status).toBe(200)
  return reply
}

function commit(name: string, updates: Json, requirements: Json = [], headers: Record<string, string> = {}) {
  return callRest('POST', `local/namespaces/demo/tables/${name}`, { body: { requirements, updates }, headers })
}

const setOwner = (owner: string) => [{ action: 'set-properties', updates: { owner } }]

describe('the REST catalog', () => {
  it('sends a client its prefix, the endpoints and the lifetime of idempotency keys', async () => {
    const { status, body } = await callRest('GET', 'config?warehouse=local')
    expect(status).toBe(200)
    expect(body).toMatchObject({ overrides: { prefix: 'local' }, 'idempotency-key-lifetime': 'PT24H' })
    expect(body.endpoints).toContain('HEAD /v1/{prefix}/namespaces/{namespace}/views/{view}')
  })

  it('finds the catalog by its name and by its location, and no other', async () => {
    expect((await callRest('GET', `config?warehouse=${encodeURIComponent(home.config.warehouse)}`)).status).toBe(200)
    const other = await callRest('GET', 'config?warehouse=elsewhere')
    expect(toError(other)).toMatchObject({ code: 404, type: 'NoSuchWarehouseException' })
    expect((await callRest('GET', 'elsewhere/namespaces')).status).toBe(404)
  })

  it('requires a token and ignores cookies', async () => {
    const { cookie } = await signInAs(home.services, 'admin')
    for (const headers of [{}, { cookie }, { authorization: 'Basic YWRtaW46YWRtaW4=' }]) {
      const reply = await callRest('GET', 'local/namespaces', { token: null, headers })
      expect(toError(reply)).toMatchObject({ code: 401, type: 'NotAuthorizedException' })
      expect(reply.headers.get('www-authenticate')).toBe('Bearer')
    }
  })

  it('refuses a body that is not JSON or not an object as a bad request', async () => {
    const reply = await callRest('POST', 'local/namespaces', { body: ['demo'] })
    expect(toError(reply)).toMatchObject({ code: 400, type: 'BadRequestException' })
    expect((await callRest('POST', 'local/namespaces', {})).status).toBe(400)
  })

  it('says in its own error format which methods an endpoint supports', async () => {
    const reply = await callRest('PUT', 'local/namespaces')
    expect(toError(reply).code).toBe(405)
    expect(reply.headers.get('allow')).toBe('GET, POST')
  })
})

describe('namespaces', () => {
  it('can be created once, with properties, at any depth', async () => {
    const created = await callRest('POST', 'local/namespaces', {
      body: { namespace: ['deep', 'er'], properties: { a: '1' } },
    })
    expect(created).toMatchObject({ status: 200, body: { namespace: ['deep', 'er'], properties: { a: '1' } } })
    const repeated = await callRest('POST', 'local/namespaces', { body: { namespace: ['deep', 'er'] } })
    expect(toError(repeated)).toEqual({
      message: 'Namespace already exists: deep.er',
      type: 'AlreadyExistsException',
      code: 409,
    })
    expect((await callRest('GET', 'local/namespaces?parent=deep')).body.namespaces).toEqual([['deep', 'er']])
    expect((await callRest('GET', 'local/namespaces/deep%1Fer')).body.properties).toMatchObject({ a: '1' })
  })

  it('return their stored properties, without the catalog’s own marker', async () => {
    const body = { namespace: ['marked'], properties: { exists: 'mine', a: '1' } }
    const headers = { 'idempotency-key': '01900001-0000-7000-8000-00000000000a' }
    const created = await callRest('POST', 'local/namespaces', { body, headers })
    expect(created.body).toEqual({ namespace: ['marked'], properties: { a: '1' } })
    expect((await callRest('POST', 'local/namespaces', { body, headers })).body).toEqual(created.body)
    const { properties } = (await callRest('GET', 'local/namespaces/marked')).body
    expect(properties).toEqual({ location: `${home.config.warehouse}/marked`, a: '1' })
  })

  it('answer HEAD with 204 or 404, and a missing one with its error type', async () => {
    expect((await callRest('HEAD', 'local/namespaces/demo')).status).toBe(204)
    expect((await callRest('HEAD', 'local/namespaces/nowhere')).status).toBe(404)
    const missing = await callRest('GET', 'local/namespaces/nowhere')
    expect(toError(missing)).toEqual({
      message: 'Namespace does not exist: nowhere',
      type: 'NoSuchNamespaceException',
      code: 404,
    })
  })

  it('change their properties, report missing ones, and refuse a key that is in both lists', async () => {
    await callRest('POST', 'local/namespaces', { body: { namespace: ['props'], properties: { a: '1', b: '2' } } })
    const changed = await callRest('POST', 'local/namespaces/props/properties', {
      body: { updates: { c: '3', a: '9' }, removals: ['b', 'x'] },
    })
    expect(changed.body).toEqual({ updated: ['c', 'a'], removed: ['b'], missing: ['x'] })
    const location = `${home.config.warehouse}/props`
    expect((await callRest('GET', 'local/namespaces/props')).body.properties).toEqual({ location, a: '9', c: '3' })
    const both = await callRest('POST', 'local/namespaces/props/properties', {
      body: { updates: { a: '1' }, removals: ['a'] },
    })
    expect(toError(both)).toMatchObject({ code: 422, type: 'UnprocessableEntityException' })
  })

  it('return the default location of their tables, unless they have a location', async () => {
    await callRest('POST', 'local/namespaces', { body: { namespace: ['put', 'a b'] } })
    const locationOf = async () => {
      const { properties } = (await callRest('GET', 'local/namespaces/put%1Fa%20b')).body as { properties: JsonObject }
      return text(properties.location)
    }
    const created = await callRest('POST', 'local/namespaces/put%1Fa%20b/tables', {
      body: { name: 't', schema: SCHEMA },
    })
    expect(text(toMetadata(created).location).startsWith(`${await locationOf()}/t`)).toBe(true)
    const own = `${home.config.warehouse}/elsewhere`
    const change = (body: JsonObject) => callRest('POST', 'local/namespaces/put%1Fa%20b/properties', { body })
    expect((await change({ removals: ['location'] })).body.missing).toEqual(['location'])
    await change({ updates: { location: own } })
    expect(await locationOf()).toBe(own)
  })

  it('still exist after the last property is removed', async () => {
    await callRest('POST', 'local/namespaces', { body: { namespace: ['bare'], properties: { a: '1' } } })
    await callRest('POST', 'local/namespaces/bare/properties', { body: { removals: ['a'] } })
    expect((await callRest('HEAD', 'local/namespaces/bare')).status).toBe(204)
    expect((await callRest('DELETE', 'local/namespaces/bare')).status).toBe(204)
  })

  it('cannot be dropped unless they are empty', async () => {
    await newTable('holds')
    expect(toError(await callRest('DELETE', 'local/namespaces/demo'))).toMatchObject({
      code: 409,
      type: 'NamespaceNotEmptyException',
    })
  })

  it('are paged without repeats or gaps when the client requests pages', async () => {
    await callRest('POST', 'local/namespaces', { body: { namespace: ['paged'] } })
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      await callRest('POST', 'local/namespaces', { body: { namespace: ['paged', name] } })
    }
    const seen: Json[] = []
    let token: Json = ''
    while (token !== null) {
      const { body } = await callRest('GET', `local/namespaces?parent=paged&pageSize=2&pageToken=${text(token)}`)
      seen.push(...(body.namespaces as Json[]))
      token = body['next-page-token'] ?? null
    }
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e'].map((name) => ['paged', name]))
    expect((await callRest('GET', 'local/namespaces?parent=paged')).body['next-page-token']).toBeNull()
    expect((await callRest('GET', 'local/namespaces?pageToken=%25%25')).status).toBe(400)
  })
})

describe('tables', () => {
  it('are found by names with spaces and pluses, as Java and as other clients encode them', async () => {
    const namespace = ['a b', 'c+d']
    for (const levels of [namespace.slice(0, 1), namespace])
      await callRest('POST', 'local/namespaces', { body: { namespace: levels } })
    for (const [name, path] of [
      ['1 + 1', '1+%2B+1'],
      ['2 + 2', '2%20%2B%202'],
    ] as const) {
      const within = 'local/namespaces/a+b%1Fc%2Bd/tables'
      await callRest('POST', within, { body: { name, schema: SCHEMA } })
      expect((await callRest('HEAD', `${within}/${path}`)).status).toBe(204)
      expect((await callRest('HEAD', `local/namespaces/a%20b%1Fc%2Bd/tables/${path}`)).status).toBe(204)
    }
  })

  it('are created with new field ids, and the response equals that of a load', async () => {
    const created = await newTable('created', {
      'partition-spec': { fields: [{ 'source-id': 1, name: 'id_bucket', transform: 'bucket[4]' }] },
      'write-order': {
        'order-id': 1,
        fields: [{ 'source-id': 1, transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }],
      },
      properties: { owner: 'ada' },
    })
    const loaded = await callRest('GET', 'local/namespaces/demo/tables/created')
    expect(loaded.body.metadata).toEqual(created.body.metadata)
    expect(loaded.headers.get('etag')).toBe(created.headers.get('etag'))
    expect(toMetadata(loaded)).toMatchObject({
      'format-version': 2,
      'last-partition-id': 1000,
      'default-sort-order-id': 1,
    })
    const file = await readFile(text(loaded.body['metadata-location']).slice('file://'.length), 'utf8')
    expect(JSON.parse(file)).toEqual(JSON.parse(JSON.stringify(loaded.body.metadata)))
  })

  it('exist once, and differ from views and from missing tables', async () => {
    await newTable('once')
    const repeated = await callRest('POST', 'local/namespaces/demo/tables', { body: { name: 'once', schema: SCHEMA } })
    expect(toError(repeated)).toEqual({
      message: 'Table already exists: demo.once',
      type: 'AlreadyExistsException',
      code: 409,
    })
    expect(toError(await callRest('GET', 'local/namespaces/demo/tables/none'))).toEqual({
      message: 'Table does not exist: demo.none',
      type: 'NoSuchTableException',
      code: 404,
    })
    const nowhere = await callRest('POST', 'local/namespaces/nowhere/tables', { body: { name: 't', schema: SCHEMA } })
    expect(toError(nowhere).type).toBe('NoSuchNamespaceException')
    expect((await callRest('HEAD', 'local/namespaces/demo/tables/once')).status).toBe(204)
    expect((await callRest('HEAD', 'local/namespaces/demo/tables/none')).status).toBe(404)
  })

  it('are not sent again to a client that has them, and `all` and `refs` have different ETags', async () => {
    await newTable('tagged')
    const all = await callRest('GET', 'local/namespaces/demo/tables/tagged')
    const refs = await callRest('GET', 'local/namespaces/demo/tables/tagged?snapshots=refs')
    expect(refs.headers.get('etag')).not.toBe(all.headers.get('etag'))
    const etagHeaders = { 'if-none-match': `W/${all.headers.get('etag')}` }
    const repeated = await callRest('GET', 'local/namespaces/demo/tables/tagged', { headers: etagHeaders })
    expect(repeated).toMatchObject({ status: 304, body: {} })
    await commit('tagged', setOwner('bob'))
    expect((await callRest('GET', 'local/namespaces/demo/tables/tagged', { headers: etagHeaders })).status).toBe(200)
    expect((await callRest('GET', 'local/namespaces/demo/tables/tagged?snapshots=some')).status).toBe(400)
  })

  it('keep 64-bit ids exact in both directions', async () => {
    const { body } = await newTable('exact')
    const location = toMetadata({ body }).location as string
    const snapshot = {
      'snapshot-id': HUGE_ID,
      'sequence-number': 1,
      'timestamp-ms': 1_700_000_000_000,
      'manifest-list': `${location}/metadata/snap-1.avro`,
      summary: { operation: 'append' },
      'schema-id': 0,
    }
    const committed = await commit('exact', [
      { action: 'add-snapshot', snapshot },
      { action: 'set-snapshot-ref', 'ref-name': 'main', type: 'branch', 'snapshot-id': HUGE_ID },
    ])
    expect(committed.status).toBe(200)
    expect(toMetadata(committed)['current-snapshot-id']).toBe(HUGE_ID)
    const conflict = await commit('exact', setOwner('x'), [
      { type: 'assert-ref-snapshot-id', ref: 'main', 'snapshot-id': HUGE_ID - 1n },
    ])
    expect(toError(conflict)).toMatchObject({ code: 409, type: 'CommitFailedException' })
    expect(toError(conflict).message).toContain(String(HUGE_ID))
  })

  it('refuse unknown updates and requirements, and apply nothing of the rest', async () => {
    await newTable('strict')
    const before = (await callRest('GET', 'local/namespaces/demo/tables/strict')).body['metadata-location']
    expect((await commit('strict', [...setOwner('x'), { action: 'make-faster' }])).status).toBe(400)
    expect((await commit('strict', setOwner('x'), [{ type: 'assert-full-moon' }])).status).toBe(400)
    expect((await callRest('GET', 'local/namespaces/demo/tables/strict')).body['metadata-location']).toBe(before)
  })

  it.each([
    [
      { type: 'assert-table-uuid', uuid: '00000000-0000-0000-0000-000000000000' },
      'Requirement failed: UUID does not match',
    ],
    [{ type: 'assert-current-schema-id', 'current-schema-id': 7 }, 'Requirement failed: current schema changed'],
    [{ type: 'assert-default-spec-id', 'default-spec-id': 7 }, 'Requirement failed: default partition spec changed'],
    [
      { type: 'assert-last-assigned-field-id', 'last-assigned-field-id': 7 },
      'Requirement failed: last assigned field id changed',
    ],
    [
      { type: 'assert-last-assigned-partition-id', 'last-assigned-partition-id': 7 },
      'Requirement failed: last assigned partition id changed',
    ],
    [{ type: 'assert-create' }, 'Requirement failed: table already exists'],
  ])('refuse a commit whose requirement does not hold: %j', async (requirement, message) => {
    const name = `req-${requirement.type}`
    await newTable(name)
    const reply = await commit(name, setOwner('x'), [requirement])
    expect(toError(reply)).toMatchObject({ code: 409, type: 'CommitFailedException' })
    expect(toError(reply).message).toContain(message)
  })

  it('do not exist while staged, and are created by the commit with assert-create', async () => {
    const staged = await newTable('staged', { 'stage-create': true })
    expect(staged.body['metadata-location']).toBeNull()
    expect(staged.headers.get('etag')).toBeNull()
    expect((await callRest('HEAD', 'local/namespaces/demo/tables/staged')).status).toBe(404)
    const { 'table-uuid': uuid = null, location = null } = toMetadata(staged)
    const updates = [
      { action: 'assign-uuid', uuid },
      { action: 'upgrade-format-version', 'format-version': 2 },
      { action: 'add-schema', schema: SCHEMA, 'last-column-id': 2 },
      { action: 'set-current-schema', 'schema-id': -1 },
      { action: 'add-spec', spec: { 'spec-id': 0, fields: [] } },
      { action: 'set-default-spec', 'spec-id': -1 },
      { action: 'add-sort-order', 'sort-order': { 'order-id': 0, fields: [] } },
      { action: 'set-default-sort-order', 'sort-order-id': -1 },
      { action: 'set-location', location },
      { action: 'set-properties', updates: { made: 'by commit' } },
    ]
    const create = [{ type: 'assert-create' }]
    const [one, other] = await Promise.all([commit('staged', updates, create), commit('staged', updates, create)])
    expect(new Set([one.status, other.status])).toEqual(new Set([200, 409]))
    const loaded = await callRest('GET', 'local/namespaces/demo/tables/staged')
    expect(toMetadata(loaded)).toMatchObject({ 'table-uuid': uuid, location, properties: { made: 'by commit' } })
  })

  it('can be renamed, but not onto another, and keep their uuid', async () => {
    const created = await newTable('old-name')
    await newTable('taken')
    const rename = (to: string) =>
      callRest('POST', 'local/tables/rename', {
        body: { source: { namespace: ['demo'], name: 'old-name' }, destination: { namespace: ['demo'], name: to } },
      })
    expect(toError(await rename('taken'))).toEqual({
      message: 'Cannot rename demo.old-name to demo.taken. Table already exists',
      type: 'AlreadyExistsException',
      code: 409,
    })
    expect((await rename('new-name')).status).toBe(204)
    const loaded = await callRest('GET', 'local/namespaces/demo/tables/new-name')
    expect(toMetadata(loaded)['table-uuid']).toBe(toMetadata(created)['table-uuid'])
    expect((await rename('again')).status).toBe(404)
  })

  it('can be unregistered and registered again, over another only with overwrite', async () => {
    await newTable('leaves')
    await newTable('stays')
    const unregistered = await callRest('POST', 'local/namespaces/demo/tables/leaves/unregister', { body: {} })
    expect(unregistered.status).toBe(200)
    expect((await commit('leaves', setOwner('x'))).status).toBe(404)
    const register = (name: string, extra: JsonObject = {}) =>
      callRest('POST', 'local/namespaces/demo/register', {
        body: { name, 'metadata-location': unregistered.body['metadata-location'] ?? null, ...extra },
      })
    expect((await register('stays')).status).toBe(409)
    expect((await register('returns')).status).toBe(200)
    expect((await register('stays', { overwrite: true })).status).toBe(409)
    expect((await callRest('DELETE', 'local/namespaces/demo/tables/returns')).status).toBe(204)
    const overwritten = await register('stays', { overwrite: true })
    expect(toMetadata(overwritten)['table-uuid']).toBe(toMetadata(unregistered)['table-uuid'])
  })

  it('are not dropped, unregistered, renamed or overwritten while they are protected', async () => {
    await newTable('kept')
    await newTable('other')
    const table = 'local/namespaces/demo/tables/kept'
    const setProtected = (value: string) => [{ action: 'set-properties', updates: { 'lakeshore.protected': value } }]
    expect((await commit('kept', setProtected('true'))).status).toBe(200)
    const to = { source: { namespace: ['demo'], name: 'kept' }, destination: { namespace: ['demo'], name: 'moved' } }
    const overwrite = {
      name: 'kept',
      'metadata-location': 'file:///lake/x.json',
      overwrite: true,
    }
    const refused = [
      await callRest('DELETE', table),
      await callRest('DELETE', `${table}?purgeRequested=true`),
      await callRest('POST', `${table}/unregister`, { body: {} }),
      await callRest('POST', 'local/tables/rename', { body: to }),
      await callRest('POST', 'local/namespaces/demo/register', { body: overwrite }),
    ]
    for (const reply of refused) {
      expect([reply.status, toError(reply).message]).toEqual([400, expect.stringContaining('The table is protected.')])
    }
    expect((await callRest('HEAD', table)).status).toBe(204)
    expect((await commit('kept', setProtected('false'))).status).toBe(200)
    expect((await callRest('DELETE', table)).status).toBe(204)
  })

  it('are not dropped when purgeRequested is invalid', async () => {
    await newTable('unclear')
    expect((await callRest('DELETE', 'local/namespaces/demo/tables/unclear?purgeRequested=maybe')).status).toBe(400)
    expect((await callRest('HEAD', 'local/namespaces/demo/tables/unclear')).status).toBe(204)
  })

  it('are listed in pages', async () => {
    await callRest('POST', 'local/namespaces', { body: { namespace: ['many'] } })
    for (const name of ['t1', 't2', 't3']) {
      await callRest('POST', 'local/namespaces/many/tables', { body: { name, schema: SCHEMA } })
    }
    const first = await callRest('GET', 'local/namespaces/many/tables?pageToken=&pageSize=2')
    expect(first.body.identifiers).toEqual(['t1', 't2'].map((name) => ({ namespace: ['many'], name })))
    const rest = await callRest('GET', `local/namespaces/many/tables?pageToken=${text(first.body['next-page-token'])}`)
    expect(rest.body).toEqual({ identifiers: [{ namespace: ['many'], name: 't3' }], 'next-page-token': null })
  })

  it('store an engine’s metrics report, and refuse invalid ones', async () => {
    await newTable('scanned')
    const report = { 'report-type': 'scan-report', 'table-name': 'demo.scanned', 'snapshot-id': HUGE_ID, metrics: {} }
    expect((await callRest('POST', 'local/namespaces/demo/tables/scanned/metrics', { body: report })).status).toBe(204)
    const stored = await home.database.read(
      rawQuery<{ snapshot_id: string }>('SELECT snapshot_id FROM metrics_reports'),
    )
    expect(stored).toEqual([{ snapshot_id: String(HUGE_ID) }])
    const other = { ...report, 'report-type': 'weather-report' }
    expect((await callRest('POST', 'local/namespaces/demo/tables/scanned/metrics', { body: other })).status).toBe(400)
    const long = { ...report, filter: 'x'.repeat(64 * 1024) }
    expect((await callRest('POST', 'local/namespaces/demo/tables/scanned/metrics', { body: long })).status).toBe(413)
  })
})

describe('locations', () => {
  const OUTSIDE = [
    'file:///etc',
    'file:///etc/passwd',
    'http://169.254.169.254/latest/meta-data',
    's3://other/t',
    '/../../etc',
  ]

  const toStatistics = (location: string) => ({
    'snapshot-id': 1,
    'statistics-path': location,
    'file-size-in-bytes': 1,
    'file-footer-size-in-bytes': 1,
    'blob-metadata': [],
  })

  it.each(OUTSIDE)('outside the warehouse are refused in every request: %s', async (location) => {
    const table = `at-${OUTSIDE.indexOf(location)}`
    const created = await callRest('POST', 'local/namespaces/demo/tables', {
      body: { name: 'bad', schema: SCHEMA, location },
    })
    await newTable(table)
    const snapshot = {
      'snapshot-id': 1,
      'sequence-number': 1,
      'timestamp-ms': 1_700_000_000_000,
      'manifest-list': location,
      summary: { operation: 'append' },
    }
    const registered = await callRest('POST', 'local/namespaces/demo/register', {
      body: { name: 'bad', 'metadata-location': location },
    })
    const replies = [
      created,
      registered,
      await commit(table, [{ action: 'set-location', location }]),
      await commit(table, [{ action: 'set-properties', updates: { 'write.metadata.path': location } }]),
      await commit(table, [{ action: 'set-properties', updates: { 'write.data.path': location } }]),
      await commit(table, [{ action: 'add-snapshot', snapshot }]),
      await commit(table, [
        {
          action: 'set-statistics',
          statistics: toStatistics(location),
        },
      ]),
    ]
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 403))
    expect((await callRest('HEAD', 'local/namespaces/demo/tables/bad')).status).toBe(404)
  })

  it('in a folder whose name only begins like the warehouse’s are outside too', async () => {
    const location = `${home.config.warehouse}2/t`
    const reply = await callRest('POST', 'local/namespaces/demo/tables', {
      body: { name: 'bad', schema: SCHEMA, location },
    })
    expect(reply.status).toBe(403)
  })

  it('of one table cannot be used by a second one, nor locations inside or around it', async () => {
    const { location } = toMetadata(await newTable('owner'))
    for (const shared of [text(location), `${text(location)}/inner`, `${home.config.warehouse}/demo`]) {
      const reply = await callRest('POST', 'local/namespaces/demo/tables', {
        body: { name: 'guest', schema: SCHEMA, location: shared },
      })
      expect(toError(reply).type).toBe('AlreadyExistsException')
    }
  })

  it('of tables with unusual names use only safe characters', async () => {
    for (const name of ['a/b', 'a b', "o'brien", '..hidden', 'ünïcode', '%2e%2e']) {
      const path = encodeURIComponent(name)
      const { location } = toMetadata(await newTable(name))
      expect(text(location).slice(home.config.warehouse.length)).toMatch(/^\/demo\/[\p{L}\p{N}_.-]+$/u)
      expect((await callRest('HEAD', `local/namespaces/demo/tables/${path}`)).status).toBe(204)
    }
    for (const name of ['', ' ', '..', '.', 'a\u0000b', 'a\nb']) {
      const reply = await callRest('POST', 'local/namespaces/demo/tables', { body: { name, schema: SCHEMA } })
      expect(reply.status).toBe(400)
    }
  })
})

describe('a transaction', () => {
  const change = (name: string, requirements: Json = []) => ({
    identifier: { namespace: ['demo'], name },
    requirements,
    updates: setOwner('tx'),
  })
  const send = (changes: Json) => callRest('POST', 'local/transactions/commit', { body: { 'table-changes': changes } })
  const readOwner = async (name: string) =>
    (toMetadata(await callRest('GET', `local/namespaces/demo/tables/${name}`)).properties as JsonObject).owner

  it('changes all its tables or none', async () => {
    await newTable('tx-a')
    await newTable('tx-b')
    const failing = await send([
      change('tx-a'),
      change('tx-b', [{ type: 'assert-current-schema-id', 'current-schema-id': 9 }]),
    ])
    expect(toError(failing)).toMatchObject({ code: 409, type: 'CommitFailedException' })
    expect(await readOwner('tx-a')).toBeUndefined()
    expect((await send([change('tx-a'), change('tx-b')])).status).toBe(204)
    expect([await readOwner('tx-a'), await readOwner('tx-b')]).toEqual(['tx', 'tx'])
  })

  it('must name at least one table, and each only once', async () => {
    await newTable('tx-c')
    expect((await send([change('tx-c'), change('tx-c')])).status).toBe(400)
    expect((await send([])).status).toBe(400)
    expect((await send([{ updates: [], requirements: [] }])).status).toBe(400)
  })
})

describe('views', () => {
  const version = (sql: string, id = 1) => ({
    'version-id': id,
    'timestamp-ms': 1_700_000_000_000,
    'schema-id': 0,
    summary: { 'engine-name': 'spark' },
    representations: [{ type: 'sql', sql, dialect: 'spark' }],
    'default-namespace': ['demo'],
  })
  const create = (name: string, sql = 'select 1') =>
    callRest('POST', 'local/namespaces/demo/views', {
      body: { name, schema: SCHEMA, 'view-version': version(sql), properties: {} },
    })

  it('are created, listed, replaced and dropped', async () => {
    const created = await create('v1')
    expect(created.status).toBe(200)
    expect((await callRest('GET', 'local/namespaces/demo/views')).body.identifiers).toContainEqual({
      namespace: ['demo'],
      name: 'v1',
    })
    const replaced = await callRest('POST', 'local/namespaces/demo/views/v1', {
      body: {
        requirements: [{ type: 'assert-view-uuid', uuid: toMetadata(created)['view-uuid'] ?? null }],
        updates: [
          { action: 'add-view-version', 'view-version': version('select 2', 2) },
          { action: 'set-current-view-version', 'view-version-id': -1 },
        ],
      },
    })
    expect(toMetadata(replaced)).toMatchObject({ 'current-version-id': 2 })
    expect((await callRest('GET', 'local/namespaces/demo/views/v1')).body).toEqual(replaced.body)
    expect((await callRest('HEAD', 'local/namespaces/demo/views/v1')).status).toBe(204)
    expect((await callRest('DELETE', 'local/namespaces/demo/views/v1')).status).toBe(204)
    expect(toError(await callRest('GET', 'local/namespaces/demo/views/v1'))).toEqual({
      message: 'View does not exist: demo.v1',
      type: 'NoSuchViewException',
      code: 404,
    })
  })

  it('that are invalid are refused as in Java', async () => {
    const { representations, ...rest } = version('select 1')
    const reply = await callRest('POST', 'local/namespaces/demo/views', {
      body: {
        name: 'twice',
        schema: SCHEMA,
        'view-version': { ...rest, representations: [...representations, ...representations] },
        properties: {},
      },
    })
    expect(toError(reply)).toEqual({
      message: 'Invalid view version: Cannot add multiple queries for dialect spark',
      type: 'IllegalArgumentException',
      code: 400,
    })
  })

  it('share their namespace’s names with tables', async () => {
    await newTable('shared-name')
    expect(toError(await create('shared-name')).message).toBe('Table with same name already exists: demo.shared-name')
    await create('view-name')
    const table = await callRest('POST', 'local/namespaces/demo/tables', {
      body: { name: 'view-name', schema: SCHEMA },
    })
    expect(toError(table).message).toBe('View with same name already exists: demo.view-name')
    expect(toError(await create('view-name')).message).toBe('View already exists: demo.view-name')
    const rename = await callRest('POST', 'local/views/rename', {
      body: {
        source: { namespace: ['demo'], name: 'view-name' },
        destination: { namespace: ['demo'], name: 'shared-name' },
      },
    })
    expect(toError(rename).message).toBe('Cannot rename demo.view-name to demo.shared-name. Table already exists')
  })

  it('cannot be registered from a table’s metadata, nor tables from a view’s', async () => {
    const view = await create('v5')
    const table = await newTable('t5')
    const registered = [
      await callRest('POST', 'local/namespaces/demo/register', {
        body: { name: 'from-view', 'metadata-location': view.body['metadata-location'] ?? null },
      }),
      await callRest('POST', 'local/namespaces/demo/register-view', {
        body: { name: 'from-table', 'metadata-location': table.body['metadata-location'] ?? null },
      }),
    ]
    // Format version 2, as in a table's metadata, does not exist for views.
    expect(registered.map(({ status }) => status)).toEqual([422, 406])
    expect((await callRest('GET', 'local/namespaces/demo/tables/t5')).status).toBe(200)
    expect((await callRest('GET', 'local/namespaces/demo/views/v5')).status).toBe(200)
  })

  it('are renamed and registered', async () => {
    const created = await create('v2')
    const renamed = await callRest('POST', 'local/views/rename', {
      body: { source: { namespace: ['demo'], name: 'v2' }, destination: { namespace: ['demo'], name: 'v3' } },
    })
    expect(renamed.status).toBe(204)
    const register = () =>
      callRest('POST', 'local/namespaces/demo/register-view', {
        body: { name: 'v4', 'metadata-location': created.body['metadata-location'] ?? null },
      })
    expect((await register()).status).toBe(409)
    expect((await callRest('DELETE', 'local/namespaces/demo/views/v3')).status).toBe(204)
    expect((await register()).body).toEqual(created.body)
  })
})

describe('a change by an engine', () => {
  it('is in the audit with the person', async () => {
    await newTable('audited')
    await commit('audited', setOwner('x'))
    await callRest('DELETE', 'local/namespaces/demo/tables/audited')
    const rows = await home.database.read(
      rawQuery<{ action: string; actor_name: string }>(
        "SELECT action, actor_name FROM audit WHERE table_name = 'audited' ORDER BY id",
      ),
    )
    expect(rows.map(({ action }) => action)).toEqual(['create-table', 'set-properties', 'drop-table'])
    expect(new Set(rows.map(({ actor_name: name }) => name)).size).toBe(1)
  })
})

describe('the path that bypasses Next', () => {
  const statusOf = async (method: string, url: string) => {
    const handler = findHandler(method, url)
    return handler && (await handler(new Request(`http://localhost:3000${url}`, { method }))).status
  }

  it('serves only URLs of the catalog', () => {
    for (const url of [
      '/',
      '/api/v1/catalogs',
      '/iceberg',
      '/iceberg/v2/config',
      '/icebergs/v1/config',
      '/iceberg/v1/a/b/c',
    ]) {
      expect(findHandler('GET', url)).toBeNull()
    }
    expect(findHandler('TRACE', '/iceberg/v1/config')).toBeNull()
  })

  it('refuses a badly encoded URL as a bad request', async () => {
    expect(await statusOf('GET', '/iceberg/v1/local/namespaces/%FF/tables')).toBe(400)
    expect(await statusOf('GET', '/iceberg/v1/local/namespaces/demo/tables/%zz?snapshots=all')).toBe(400)
  })

  it('requires a token and refuses other methods, too', async () => {
    expect(await statusOf('GET', '/iceberg/v1/config?warehouse=local')).toBe(401)
    expect(await statusOf('PATCH', '/iceberg/v1/config')).toBe(405)
  })
})

it('A client that disconnects while it sends is not logged as a server error', async () => {
  const client = new AbortController()
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      client.abort()
      controller.error(new Error('aborted'))
    },
  })
  const handler = findHandler('POST', '/iceberg/v1/local/namespaces')
  const headers = { authorization: `Bearer ${await createRestTokenAs(home.services, 'editor')}` }
  const init = { method: 'POST', headers, body, signal: client.signal, duplex: 'half' }
  const reply = await handler?.(new Request('http://localhost/iceberg/v1/local/namespaces', init))
  expect(reply?.status).toBe(499)
})
