import { beforeAll, describe, expect, it } from 'vitest'
import { requestWith } from '@/testing/contract/request-with'
import type { Endpoint } from '@/lib/contract/endpoint'
import { createTable, registerTable, reviewNewTable, reviewRegistration } from '@/lib/contract/table/new-tables'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { createRestClient, createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { issueToken } from '@/server/auth/tokens/tokens'
import { putGrantChanges } from '@/server/db/auth/grants'
import { findUser } from '@/server/db/auth/users'

/**
 * An editor of one namespace who names a folder elsewhere learns nothing about it, at either door: the answer is the
 * same for a folder with a hidden owner and for a free one.
 */

const home = createTestHome()
const SCHEMA = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: false, type: 'long' }] }

let editor: SignedInUser
let engine: RestClient
let declaration: string
let warehouse: string

/** Owners of the folder `hidden/<name>`; `nothing` has no owner. */
const HIDDEN = ['table', 'view', 'namespace', 'dropped', 'files'] as const
const NOTHING = 'nothing'

beforeAll(async () => {
  ;({ warehouse } = home.config)
  const admin = await createRestClientAs(home.services, 'admin')
  const done = async (...[method, path, options]: Parameters<RestClient>) => {
    const { status, body } = await admin(method, path, options)
    if (status >= 300) throw new Error(`${path}: ${JSON.stringify(body)}`)
  }
  for (const namespace of [['ours'], ['hidden'], ['hidden', 'namespace']])
    await done('POST', 'local/namespaces', { body: { namespace } })
  for (const name of ['table', 'dropped'])
    await done('POST', 'local/namespaces/hidden/tables', { body: { name, schema: SCHEMA } })
  await done('POST', 'local/namespaces/hidden%1Fnamespace/tables', { body: { name: 't', schema: SCHEMA } })
  const version = {
    'version-id': 1,
    'timestamp-ms': 1_700_000_000_000,
    'schema-id': 0,
    summary: {},
    representations: [{ type: 'sql', sql: 'select 1 as id', dialect: 'spark' }],
    'default-namespace': ['hidden'],
  }
  await done('POST', 'local/namespaces/hidden/views', {
    body: { name: 'view', schema: SCHEMA, 'view-version': version, properties: {} },
  })
  await done('DELETE', 'local/namespaces/hidden/tables/dropped')
  const store = home.services.stores.catalogStore('local')
  await store.writeNew(`${warehouse}/hidden/files/a.parquet`, new Uint8Array(1))

  await done('POST', 'local/namespaces/ours/tables', { body: { name: 't', schema: SCHEMA } })
  const catalog = await openTestCatalog(home.services)
  const { metadata } = await catalog.loadTable({ catalog: 'local', namespace: ['ours'], table: 't' })
  // Metadata in the folder of one of our names, which places the table in a folder elsewhere.
  for (const name of [...HIDDEN, NOTHING]) {
    const moved = { ...metadata, location: `${warehouse}/hidden/${name}`, tableUuid: crypto.randomUUID() }
    const text = writeTableMetadata(moved)
    await store.writeNew(`${warehouse}/ours/again/metadata/${name}.metadata.json`, new TextEncoder().encode(text))
  }
  declaration = JSON.stringify({ columns: [{ name: 'id', type: 'long' }] })

  editor = await signInAs(home.services, null)
  const owner = await findUser(home.database, editor.userId)
  if (!owner) throw new Error('the new user does not exist')
  const holder = { kind: 'user', id: editor.userId } as const
  const on = { catalog: 'local', namespace: ['ours'] }
  await home.database.commit(
    putGrantChanges({ grantId: 'g', holder, role: 'editor', resource: on, createdBy: 'a test' }),
  )
  const form = { owner, name: 'spark', role: 'editor', days: 1 } as const
  const { text } = await issueToken(home.database, form, { actor: owner, requestId: null })
  engine = createRestClient(home.services, text)
})

type Answer = { status: number; text: string }

async function callConsole(endpoint: Endpoint, fields: Record<string, unknown>): Promise<Answer> {
  const { params, request } = requestWith(endpoint, { catalog: 'local', namespace: 'ours', ...fields }, editor.cookie)
  const response = await (await loadRouteHandler(home.services, endpoint))(request, { params: Promise.resolve(params) })
  return { status: response.status, text: await response.text() }
}

async function callCatalog(path: string, body: JsonObject): Promise<Answer> {
  const answer = await engine('POST', `local/namespaces/ours/${path}`, { body })
  return { status: answer.status, text: JSON.stringify(answer.body) }
}

const toCommit = (name: string, requirements: JsonObject[], updates: JsonObject[]) =>
  callCatalog(`tables/${name}`, { requirements, updates })

/** Each takes the name of a folder in the hidden namespace. */
const ATTEMPTS: Record<string, (folder: string, name: string) => Promise<Answer>> = {
  'creating a table there': (location) => callCatalog('tables', { name: 'x', schema: SCHEMA, location }),
  'staging a table there': (location) =>
    callCatalog('tables', { name: 'x', schema: SCHEMA, location, 'stage-create': true }),
  'creating a table with its data there': (location) =>
    callCatalog('tables', { name: 'x', schema: SCHEMA, properties: { 'write.data.path': `${location}/data` } }),
  'committing a new table there': (location) =>
    toCommit('x', [{ type: 'assert-create' }], [{ action: 'set-location', location }]),
  'moving a table there': (location) => toCommit('t', [], [{ action: 'set-location', location }]),
  'moving the data of a table there': (location) =>
    toCommit('t', [], [{ action: 'set-properties', updates: { 'write.data.path': `${location}/data` } }]),
  'creating a view there': (location) =>
    callCatalog('views', {
      name: 'x',
      location,
      schema: SCHEMA,
      properties: {},
      'view-version': {
        'version-id': 1,
        'timestamp-ms': 1_700_000_000_000,
        'schema-id': 0,
        summary: {},
        representations: [{ type: 'sql', sql: 'select 1 as id', dialect: 'spark' }],
        'default-namespace': ['ours'],
      },
    }),
  'registering metadata that is there': (location) =>
    callCatalog('register', { name: 'x', 'metadata-location': `${location}/metadata/a.metadata.json` }),
  'registering metadata of a table there': (_, name) =>
    callCatalog('register', {
      name: 'again',
      'metadata-location': `${warehouse}/ours/again/metadata/${name}.metadata.json`,
    }),
  'registering metadata that is there in the console': (location) =>
    callConsole(registerTable, {
      table: 'x',
      metadataLocation: `${location}/metadata/a.metadata.json`,
      idempotencyKey: crypto.randomUUID(),
    }),
  'registering metadata of a table there in the console': (_, name) =>
    callConsole(registerTable, {
      table: 'again',
      metadataLocation: `${warehouse}/ours/again/metadata/${name}.metadata.json`,
      idempotencyKey: crypto.randomUUID(),
    }),
  'creating a table there in the console': (location) =>
    callConsole(createTable, { table: 'x', declaration, location, idempotencyKey: crypto.randomUUID() }),
}

/** Reviews always answer, with the blockers. */
const REVIEWS: Record<string, (folder: string, name: string) => Promise<Answer>> = {
  'a new table there': (location) => callConsole(reviewNewTable, { table: 'x', declaration, location }),
  'metadata that is there': (location) =>
    callConsole(reviewRegistration, { table: 'x', metadataLocation: `${location}/metadata/a.metadata.json` }),
  'metadata of a table there': (_, name) =>
    callConsole(reviewRegistration, {
      table: 'again',
      metadataLocation: `${warehouse}/ours/again/metadata/${name}.metadata.json`,
    }),
}

const answerTo = async (attempt: (folder: string, name: string) => Promise<Answer>, name: string) => {
  const { status, text } = await attempt(`${warehouse}/hidden/${name}`, name)
  return {
    status,
    text: text
      .replaceAll(`hidden/${name}`, 'hidden/…')
      .replaceAll(`${name}.metadata.json`, '….metadata.json')
      .replace(/"requestId":"[^"]*"/, '')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '…'),
  }
}

describe('An editor of one namespace, of a folder of another', () => {
  it.each(Object.keys(ATTEMPTS))('%s: is refused alike, whether something hidden is there or nothing', async (what) => {
    const attempt = ATTEMPTS[what]
    if (!attempt) throw new Error(what)
    const missing = await answerTo(attempt, NOTHING)
    expect(missing).toMatchObject({ status: 403, text: expect.stringContaining('folder') })
    for (const name of HIDDEN) expect([name, await answerTo(attempt, name)]).toEqual([name, missing])
  })

  it.each(Object.keys(REVIEWS))(
    'a review of %s says the same, whether something hidden is there or nothing',
    async (what) => {
      const review = REVIEWS[what]
      if (!review) throw new Error(what)
      const missing = await answerTo(review, NOTHING)
      expect(missing).toMatchObject({ status: 200, text: expect.stringContaining('folder') })
      for (const name of HIDDEN) expect([name, await answerTo(review, name)]).toEqual([name, missing])
    },
  )

  it('may put a table anywhere in the folder of its own namespace', async () => {
    const created = await callCatalog('tables', { name: 'own', schema: SCHEMA, location: `${warehouse}/ours/a/b` })
    expect(created).toMatchObject({ status: 200 })
    expect(created.text).toContain(`${warehouse}/ours/a/b`)
  })
})

describe('A folder of the own namespace that a hidden table has', () => {
  it('holds no file for a user who registers one, as if nothing were there', async () => {
    const admin = await createRestClientAs(home.services, 'admin')
    await admin('POST', 'local/namespaces/ours/tables', { body: { name: 'moved', schema: SCHEMA } })
    const { body } = await admin('GET', 'local/namespaces/ours/tables/moved')
    const destination = { namespace: ['hidden'], name: 'moved' }
    await admin('POST', 'local/tables/rename', {
      body: { source: { namespace: ['ours'], name: 'moved' }, destination },
    })
    const there = body['metadata-location']
    if (typeof there !== 'string') throw new Error('the table was not created')
    const missing = there.replace(/[^/]*$/, 'none.metadata.json')
    const register = (location: string) => callCatalog('register', { name: 'moved', 'metadata-location': location })
    const review = (metadataLocation: string) => callConsole(reviewRegistration, { table: 'moved', metadataLocation })
    for (const [send, status] of [
      [register, 404],
      [review, 200],
    ] as const) {
      const [hidden, none] = [await send(there), await send(missing)]
      expect(hidden.status).toBe(status)
      expect(hidden.text.replaceAll(there, '…')).toEqual(none.text.replaceAll(missing, '…'))
    }
  })
})
