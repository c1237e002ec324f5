import { beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest'
import type { z } from 'zod'
import { MAX_JSON_DEPTH, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json, JsonObject } from '@/lib/iceberg/json/json'
import { issueToken } from '@/server/auth/tokens/tokens'
import { findUser } from '@/server/db/auth/users'
import { createRestClient, createRestClientAs, type RestClient } from '@/testing/catalogs/rest-client'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { findSchemaSites, type InputSite } from '@/testing/contract/input-sites'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { OPERATIONS, type Operation } from './operations'
import { MAX_BODY_BYTES } from './request-input'
import { BODY_LIMITS } from './request-limits'

/**
 * Every text, list, map and nested type of every body of the REST catalog is sent above its limit by a token without
 * permissions; a text that a table may already have is sent by an editor, because it is limited with the change.
 */

const home = createTestHome()
const MAX_REPEATED_CHARS = 256 * 1024
/** The body of `getToken` is a form. */
const withBody = Object.values<Operation>(OPERATIONS)
  .filter(({ id, method }) => method === 'POST' && id !== OPERATIONS.getToken.id)
  .map((operation) => ({ id: operation.id, operation, sites: findBodySites(operation.id) }))

const SCHEMA = { type: 'struct', fields: [{ id: 1, name: 'id', required: false, type: 'long', doc: 'd' }] }
const VIEW_VERSION = {
  'version-id': 1,
  'timestamp-ms': 1_700_000_000_000,
  'schema-id': 0,
  summary: { operation: 'create' },
  representations: [{ type: 'sql', sql: 'select 1', dialect: 'spark' }],
  'default-namespace': ['demo'],
}
const NEW_SCHEMA = {
  ...SCHEMA,
  fields: [...SCHEMA.fields, { id: 2, name: 'more', required: false, type: 'long', doc: 'd' }],
}
const SHARED_UPDATES = [
  { action: 'add-schema', schema: { ...NEW_SCHEMA, 'schema-id': 1 } },
  { action: 'set-properties', updates: { owner: 'me' } },
  { action: 'set-properties', updated: { owner: 'me' } },
]
const SNAPSHOT = {
  'snapshot-id': 3051729675574597004n,
  'sequence-number': 1,
  'timestamp-ms': Date.now(),
  'manifest-list': 'TABLE/metadata/s.avro',
  summary: { operation: 'append' },
}
const TABLE_CHANGE = { requirements: [], updates: [...SHARED_UPDATES, { action: 'add-snapshot', snapshot: SNAPSHOT }] }

/** Requests that an editor may make, with every part that a table or view may keep. Each update is sent by itself. */
const VALID_BODIES: Partial<Record<Operation['id'], JsonObject>> = {
  createNamespace: { namespace: ['new'], properties: { owner: 'me' } },
  updateProperties: { updates: { owner: 'me' }, removals: [] },
  createTable: { name: 'new', schema: SCHEMA, properties: { owner: 'me' } },
  updateTable: TABLE_CHANGE,
  commitTransaction: { 'table-changes': [{ identifier: { namespace: ['demo'], name: 't' }, ...TABLE_CHANGE }] },
  createView: { name: 'new', schema: SCHEMA, 'view-version': VIEW_VERSION, properties: { owner: 'me' } },
  replaceView: {
    requirements: [],
    updates: [...SHARED_UPDATES, { action: 'add-view-version', 'view-version': { ...VIEW_VERSION, 'version-id': 2 } }],
  },
}

let nobody: RestClient
let editor: RestClient
let opened: MockInstance
let read: MockInstance
let committed: MockInstance
beforeAll(async () => {
  const owner = await findUser(home.database, (await signInAs(home.services, 'viewer')).userId)
  if (!owner) throw new Error('the new user does not exist')
  const token = {
    owner,
    name: 'engine',
    role: 'viewer',
    on: { catalog: 'local', namespace: ['none'] },
    days: 1,
  } as const
  nobody = createRestClient(
    home.services,
    (await issueToken(home.database, token, { actor: owner, requestId: null })).text,
  )
  editor = await createRestClientAs(home.services, 'editor')
  await editor('POST', 'local/namespaces', { body: { namespace: ['demo'], properties: {} } })
  await editor('POST', 'local/namespaces/demo/tables', { body: { name: 't', schema: SCHEMA } })
  const view = { name: 'v', schema: SCHEMA, 'view-version': VIEW_VERSION, properties: {} }
  await editor('POST', 'local/namespaces/demo/views', { body: view })
  opened = vi.spyOn(home.services.catalogs, 'open')
  read = vi.spyOn(home.database, 'read')
  committed = vi.spyOn(home.database, 'commit')
})

function findBodySites(id: Operation['id']): InputSite[] {
  return findSchemaSites((BODY_LIMITS[id] ?? {}) as z.core.JSONSchema.JSONSchema)
}

const addressOf = ({ path }: Operation) =>
  path
    .slice('/v1/'.length)
    .replace('{prefix}', 'local')
    .replace('{namespace}', 'demo')
    .replace('{table}', 't')
    .replace('{view}', 'v')

const toBody = (fields: ReadonlyMap<string, string>) =>
  `{${[...fields].map(([name, json]) => `${JSON.stringify(name)}:${json}`).join(',')}}`

/** A body above the limit for bodies is only declared: it is refused before a byte of it is read. */
async function post(client: RestClient, operation: Operation, rawBody: string, declaredBytes?: number) {
  for (const spy of [opened, read, committed]) spy.mockClear()
  const headers = declaredBytes === undefined ? {} : { 'content-length': String(declaredBytes) }
  const { status, body } = await client('POST', addressOf(operation), { rawBody, headers })
  const work = { opened: opened.mock.calls.length, reads: read.mock.calls.length }
  return { status, message: (body as { error?: { message: string } }).error?.message ?? '', work }
}

function estimateChars(site: InputSite, size: number): number {
  const charsOf = (count: number) => toBody(site.withSize(count)).length
  return charsOf(1) + (charsOf(3) - charsOf(2)) * (size - 1)
}

async function postSized(operation: Operation, site: InputSite, size: number) {
  const chars = estimateChars(site, size)
  if (chars > MAX_BODY_BYTES) return post(nobody, operation, toBody(site.withSize(2)), chars)
  return post(nobody, operation, toBody(site.withSize(size)))
}

const sentBodies = new Set<string>()
/** A body of megabytes is sent once for each kind and limit: other operations read it in the same way. */
function isSentAlready(site: InputSite, size: number): boolean {
  if (estimateChars(site, size) <= MAX_REPEATED_CHARS) return false
  const key = `${site.kind} ${site.limit} ${size}`
  const isSent = sentBodies.has(key)
  sentBodies.add(key)
  return isSent
}

const LIMIT_MESSAGE = /the limit is [\d,]+|^The body is larger than|nested more than|has more than \d+ values/

describe.each(withBody)('$id', ({ id, operation, sites }) => {
  it('says how large each part of its body may be', () => {
    expect(BODY_LIMITS[id]).toBeDefined()
    const unlimited = sites.filter(({ kind, limit }) => kind !== 'nesting' && limit === null)
    expect(unlimited.map(({ path, kind }) => `${path} (${kind})`)).toEqual([])
  })

  it('accepts each part up to its limit, as far as its size goes', async () => {
    for (const site of sites.filter(({ isRetained }) => !isRetained)) {
      const { path, kind, limit } = site
      if (limit === null || isSentAlready(site, limit)) continue
      const { status, message } = await post(nobody, operation, toBody(site.withSize(limit)))
      expect({ path, kind, isServed: status < 500, message }).toEqual({
        path,
        kind,
        isServed: true,
        message: expect.not.stringMatching(LIMIT_MESSAGE),
      })
    }
  })

  it('refuses each part above its limit, before any work', async () => {
    const { work: least } = await post(nobody, operation, '{"unknown":1e999}')
    expect(least.opened).toBe(0)
    for (const site of sites.filter(({ isRetained }) => !isRetained)) {
      const limit = site.limit ?? MAX_JSON_DEPTH
      for (const size of [limit + 1, limit * 10, limit * 1000]) {
        if (isSentAlready(site, size)) continue
        const { status, message, work } = await postSized(operation, site, size)
        const sent = { path: site.path, kind: site.kind, size }
        // A refusal of a write is an entry of the audit, once a minute.
        expect(committed.mock.calls.length).toBeLessThanOrEqual(1)
        expect({ ...sent, status, message, work }).toEqual({
          ...sent,
          status: expect.toBeOneOf([400, 413]),
          message: expect.stringMatching(LIMIT_MESSAGE),
          work: least,
        })
      }
    }
    expect((await nobody('GET', 'config')).status).toBe(200)
  })

  it('refuses members that it does not know, when they are many or large', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => `"m${index}":0`).join(',')
    const large = `{"other":{"a":["${'x'.repeat(1024 * 1024)}"]}}`
    // A report may have any members, and its size is limited as a whole.
    const isReport = id === OPERATIONS.reportMetrics.id
    for (const body of isReport ? [large] : [large, `{${many}}`, `{"${'m'.repeat(1001)}":0}`]) {
      const { status, message } = await post(nobody, operation, body)
      expect({ body: body.slice(0, 20), status, message }).toEqual({
        body: body.slice(0, 20),
        status: expect.toBeOneOf([400, 413]),
        message: expect.stringMatching(LIMIT_MESSAGE),
      })
    }
  })
})

const retainedSites = withBody.flatMap(({ operation, sites }) =>
  sites.filter(({ isRetained }) => isRetained).map((site) => ({ id: operation.id, path: site.path, operation, site })),
)

it('Tables and views may keep some texts of each kind', () => {
  expect(new Set(retainedSites.map(({ path }) => path.replace(/^.*[.[\]]/, '')))).toEqual(
    new Set([
      'properties{}',
      'properties{key}',
      'updates{}',
      'updates{key}',
      'updated{}',
      'updated{key}',
      'name',
      'doc',
      'sql',
      'summary{}',
      'summary{key}',
    ]),
  )
})

describe.each(retainedSites)('$id, $path', ({ operation, site }) => {
  it('is refused above its limit, and changes nothing', async () => {
    const catalog = await openTestCatalog(home.services)
    const identifier = { catalog: 'local', namespace: ['demo'], table: 't' }
    const { metadataLocation, metadata } = await catalog.loadTable(identifier)
    const limit = site.limit ?? 0
    for (const size of [limit + 1, limit * 10, limit * 1000]) {
      const isDeclared = size > MAX_BODY_BYTES
      const body = withText(VALID_BODIES[operation.id] ?? {}, site.path, 'x'.repeat(isDeclared ? 1 : size))
      const { status, message } = await post(
        editor,
        operation,
        stringifyExactJson(body).replace('TABLE', metadata.location),
        ...(isDeclared ? [size] : []),
      )
      expect({ size, status, message }).toEqual({
        size,
        status: isDeclared ? 413 : 400,
        message: expect.stringMatching(LIMIT_MESSAGE),
      })
    }
    expect((await catalog.loadTable(identifier)).metadataLocation).toBe(metadataLocation)
  })
})

/** The body with a text at a path of its shape. Of a list, the first item that has the path stays alone. */
function withText(json: Json, path: string, text: string): Json {
  if (path === '') return text
  const [, part = ''] = /^(\[\]|\{key\}|\{\}|\.?[^.[{]+)/.exec(path) ?? []
  const rest = path.slice(part.length)
  if (part === '[]') {
    const item = (json as readonly Json[]).find((candidate) => hasPath(candidate, rest))
    if (item === undefined) throw new Error(`no valid request has ${path}`)
    return [withText(item, rest, text)]
  }
  if (part === '{key}') return { ...(json as JsonObject), [text]: 'x' }
  if (part === '{}') return { ...(json as JsonObject), key: text }
  const name = part.replace('.', '')
  return { ...(json as JsonObject), [name]: withText((json as JsonObject)[name] ?? {}, rest, text) }
}

function hasPath(json: Json, path: string): boolean {
  const [, name] = /^\.([^.[{]+)/.exec(path) ?? []
  return name === undefined || Object.hasOwn(json as JsonObject, name)
}
