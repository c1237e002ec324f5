import { rm } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import { type RestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { createTestHome } from '@/testing/homes/test-home'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'

const home = createTestHome()

const SCHEMA = {
  type: 'struct',
  'schema-id': 0,
  fields: [{ id: 1, name: 'id', required: true, type: 'long' }],
}

let callRest: RestClient

beforeAll(async () => {
  callRest = await createRestClientAs(home.services, 'editor')
  await callRest('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} } })
})

async function newTable(name: string) {
  const reply = await callRest('POST', 'local/namespaces/demo/tables', { body: { name, schema: SCHEMA } })
  expect(reply.status).toBe(200)
}

async function newView(name: string, properties: JsonObject) {
  const body = {
    name,
    schema: SCHEMA,
    'view-version': {
      'version-id': 1,
      'timestamp-ms': 1_700_000_000_000,
      'schema-id': 0,
      summary: {},
      representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
      'default-namespace': ['demo'],
    },
    properties,
  }
  expect((await callRest('POST', 'local/namespaces/demo/views', { body })).status).toBe(200)
}

function commit(name: string, updates: Json, requirements: Json = [], headers: Record<string, string> = {}) {
  return callRest('POST', `local/namespaces/demo/tables/${name}`, { body: { requirements, updates }, headers })
}

const setOwner = (owner: string) => [{ action: 'set-properties', updates: { owner } }]

describe('a request with an Idempotency-Key', () => {
  const key = (n: number) => ({ 'idempotency-key': `0190${String(n).padStart(4, '0')}-0000-7000-8000-000000000000` })
  const metadataLocationOf = async (name: string) =>
    (await callRest('GET', `local/namespaces/demo/tables/${name}`)).body['metadata-location']

  it('is done once, however often it is sent', async () => {
    await newTable('keyed')
    const first = await commit('keyed', setOwner('once'), [], key(1))
    const version = await metadataLocationOf('keyed')
    const repeated = await commit('keyed', setOwner('once'), [], key(1))
    expect(repeated.body).toEqual(first.body)
    expect(await metadataLocationOf('keyed')).toBe(version)
  })

  it('is done once when it is sent twice at the same time', async () => {
    await newTable('raced')
    const snapshot = (id: number) => ({
      'snapshot-id': id,
      'sequence-number': 1,
      'timestamp-ms': 1_700_000_000_000,
      'manifest-list': `${home.config.warehouse}/demo/raced/metadata/s.avro`,
      summary: { operation: 'append' },
    })
    const updates = [{ action: 'add-snapshot', snapshot: snapshot(5) }]
    const replies = await Promise.all([1, 2, 3].map(() => commit('raced', updates, [], key(2))))
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200])
  })

  describe('that changes nothing is done once, too, and later changes of others stay', () => {
    it('committing to a table', async () => {
      await newTable('nothing')
      await commit('nothing', setOwner('x'))
      const send = () => commit('nothing', setOwner('x'), [], key(20))
      const first = await send()
      await commit('nothing', setOwner('another user'))
      const version = await metadataLocationOf('nothing')
      const repeated = await send()
      expect(repeated.body).toEqual(first.body)
      expect(repeated.headers.get('etag')).toBe(first.headers.get('etag'))
      expect(await metadataLocationOf('nothing')).toBe(version)
    })

    it('committing to several tables', async () => {
      await newTable('nothing-of-two')
      await commit('nothing-of-two', setOwner('x'))
      const identifier = { namespace: ['demo'], name: 'nothing-of-two' }
      const body = { 'table-changes': [{ identifier, requirements: [], updates: setOwner('x') }] }
      const send = () => callRest('POST', 'local/transactions/commit', { body, headers: key(21) })
      expect((await send()).status).toBe(204)
      await commit('nothing-of-two', setOwner('another user'))
      const version = await metadataLocationOf('nothing-of-two')
      expect((await send()).status).toBe(204)
      expect(await metadataLocationOf('nothing-of-two')).toBe(version)
    })

    it('registering a table with its current metadata', async () => {
      await newTable('nothing-registered')
      const body = {
        name: 'nothing-registered',
        'metadata-location': (await metadataLocationOf('nothing-registered')) ?? null,
        overwrite: true,
      }
      const admin = await createRestClientAs(home.services, 'admin')
      const send = () => admin('POST', 'local/namespaces/demo/register', { body, headers: key(22) })
      const first = await send()
      expect(first.status).toBe(200)
      await commit('nothing-registered', setOwner('another user'))
      const version = await metadataLocationOf('nothing-registered')
      expect((await send()).body).toEqual(first.body)
      expect(await metadataLocationOf('nothing-registered')).toBe(version)
    })

    it('removing missing properties of a namespace', async () => {
      await callRest('POST', 'local/namespaces', { body: { namespace: ['nothing'], properties: {} } })
      const path = 'local/namespaces/nothing/properties'
      const send = () => callRest('POST', path, { body: { updates: {}, removals: ['a'] }, headers: key(23) })
      const first = await send()
      expect(first.body).toEqual({ updated: [], removed: [], missing: ['a'] })
      await callRest('POST', path, { body: { updates: { a: 'another user' }, removals: [] } })
      expect((await send()).body).toEqual(first.body)
      const { properties } = (await callRest('GET', 'local/namespaces/nothing')).body as { properties: JsonObject }
      expect(properties).toMatchObject({ a: 'another user' })
    })

    it('replacing a view', async () => {
      await newView('nothing-viewed', { owner: 'x' })
      const view = 'local/namespaces/demo/views/nothing-viewed'
      const replace = (owner: string, headers = {}) =>
        callRest('POST', view, { body: { requirements: [], updates: setOwner(owner) }, headers })
      const first = await replace('x', key(24))
      expect(first.status).toBe(200)
      await replace('another user')
      const current = await callRest('GET', view)
      expect((await replace('x', key(24))).body).toEqual(first.body)
      expect((await callRest('GET', view)).body).toEqual(current.body)
    })
  })

  it('is refused with a key that was used for another request, or with an invalid key', async () => {
    await newTable('reused')
    await commit('reused', setOwner('one'), [], key(3))
    expect((await commit('reused', setOwner('two'), [], key(3))).status).toBe(400)
    expect((await commit('reused', setOwner('two'), [], { 'idempotency-key': 'again' })).status).toBe(400)
  })

  it('is refused again with the same message', async () => {
    await newTable('refused')
    const send = () =>
      commit('refused', setOwner('x'), [{ type: 'assert-default-spec-id', 'default-spec-id': 4 }], key(4))
    const [first, repeated] = [await send(), await send()]
    expect(first.status).toBe(409)
    expect(repeated.body).toEqual(first.body)
  })

  it('for a table that was dropped since gets the first response, and a plain 404 when its files are gone too', async () => {
    await newTable('gone')
    const first = await commit('gone', setOwner('x'), [], key(5))
    await callRest('DELETE', 'local/namespaces/demo/tables/gone')
    expect(await commit('gone', setOwner('x'), [], key(5))).toMatchObject({ status: 200, body: first.body })
    await rm(new URL(first.body['metadata-location'] as string))
    expect((await commit('gone', setOwner('x'), [], key(5))).status).toBe(404)
  })

  it('creates, drops and renames once', async () => {
    const create = () =>
      callRest('POST', 'local/namespaces/demo/tables', { body: { name: 'made-once', schema: SCHEMA }, headers: key(6) })
    expect((await create()).body).toEqual((await create()).body)
    const drop = () => callRest('DELETE', 'local/namespaces/demo/tables/made-once', { headers: key(7) })
    expect([(await drop()).status, (await drop()).status]).toEqual([204, 204])
    const namespace = () =>
      callRest('POST', 'local/namespaces', { body: { namespace: ['made-once'] }, headers: key(8) })
    expect([(await namespace()).status, (await namespace()).status]).toEqual([200, 200])
  })

  describe('gets the same status, body and version as at first, whatever happened since', () => {
    const tables = 'local/namespaces/demo/tables'
    const NOTHING = async () => {}
    const changeTable = (name: string) => async () => {
      expect((await commit(name, setOwner('since'))).status).toBe(200)
    }
    const metadataLocation = async (name: string) => ({
      name,
      'metadata-location': (await metadataLocationOf(name)) ?? null,
    })

    type Case = {
      title: string
      before?: () => Promise<unknown>
      path: string
      body: () => Promise<JsonObject>
      since?: () => Promise<unknown>
    }
    const CASES: Case[] = [
      {
        title: 'creating a namespace',
        path: 'local/namespaces',
        body: async () => ({ namespace: ['again'], properties: { a: '1' } }),
        since: () =>
          callRest('POST', 'local/namespaces/again/properties', { body: { updates: { a: '2' }, removals: [] } }),
      },
      {
        title: 'changing properties of a namespace',
        before: () =>
          callRest('POST', 'local/namespaces', { body: { namespace: ['changed'], properties: { a: '1' } } }),
        path: 'local/namespaces/changed/properties',
        body: async () => ({ updates: { b: '2' }, removals: ['a', 'never-there', 'a'] }),
      },
      {
        title: 'creating a table',
        path: tables,
        body: async () => ({ name: 'again-created', schema: SCHEMA }),
        since: changeTable('again-created'),
      },
      {
        title: 'staging a table',
        path: tables,
        body: async () => ({ name: 's', schema: SCHEMA, 'stage-create': true }),
      },
      {
        title: 'registering a table',
        before: () => newTable('again-source'),
        path: 'local/namespaces/demo/register',
        body: async () => {
          const source = await metadataLocation('again-source')
          await callRest('DELETE', `${tables}/again-source`)
          return { ...source, name: 'again-registered' }
        },
        since: changeTable('again-registered'),
      },
      {
        title: 'committing to a table',
        before: () => newTable('again-committed'),
        path: `${tables}/again-committed`,
        body: async () => ({ requirements: [], updates: setOwner('first') }),
        since: changeTable('again-committed'),
      },
      {
        title: 'unregistering a table',
        before: () => newTable('again-unregistered'),
        path: `${tables}/again-unregistered/unregister`,
        body: async () => ({}),
        since: () => newTable('again-unregistered'),
      },
      {
        title: 'replacing a view',
        before: () => newView('again-viewed', {}),
        path: 'local/namespaces/demo/views/again-viewed',
        body: async () => ({ requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'first' } }] }),
        since: () =>
          callRest('POST', 'local/namespaces/demo/views/again-viewed', {
            body: { requirements: [], updates: [{ action: 'set-properties', updates: { owner: 'since' } }] },
          }),
      },
    ]

    it.each(CASES.map((one, index) => ({ ...one, index })))('$title', async (one) => {
      await one.before?.()
      const body = await one.body()
      const send = () => callRest('POST', one.path, { body, headers: key(100 + one.index) })
      const first = await send()
      expect(first.status).toBe(200)
      await (one.since ?? NOTHING)()
      const repeated = await send()
      expect(repeated.status).toBe(200)
      expect(repeated.body).toEqual(first.body)
      for (const header of ['etag', 'content-type'])
        expect(repeated.headers.get(header)).toBe(first.headers.get(header))
    })

    it('registering a view', async () => {
      const view = await callRest('GET', 'local/namespaces/demo/views/again-viewed')
      const body = { name: 'again-registered-view', 'metadata-location': view.body['metadata-location'] ?? null }
      await callRest('DELETE', 'local/namespaces/demo/views/again-viewed')
      const send = () => callRest('POST', 'local/namespaces/demo/register-view', { body, headers: key(150) })
      const first = await send()
      expect(first.status).toBe(200)
      await callRest('DELETE', 'local/namespaces/demo/views/again-registered-view')
      expect((await send()).body).toEqual(first.body)
    })
  })
})
