import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Endpoint } from '@/lib/contract/endpoint'
import { joinNamespace } from '@/lib/names/identifiers'
import { type Grant, PERMISSIONS, type Resource } from '@/lib/permissions'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { createRestClient, createRestClientAs } from '@/testing/catalogs/rest-client'
import { sampleInput } from '@/testing/contract/sample-input'
import { createTestHome, type SignedInUser, sessionCookie, signInAs } from '@/testing/homes/test-home'
import { openTestCatalog } from '@/testing/catalogs/test-catalog'
import { isOnPostgres } from '@/testing/databases/test-postgres'
import { rawQuery } from '@/testing/databases/test-sql'
import * as actors from '@/server/auth/actor'
import { issueToken } from '@/server/auth/tokens/tokens'
import { findOpenSession } from '@/server/db/auth/sessions'
import { findUser } from '@/server/db/auth/users'
import { OPERATIONS, type Operation } from '@/server/iceberg-rest/operations'

/**
 * Every endpoint, called by an attacker who wants others' data or a failing server. What is refused before any text of
 * the attacker reaches the database is tested on one database.
 */

const home = createTestHome()
const endpoints = ENDPOINTS
const withBody = endpoints.filter(({ endpoint: { method } }) => method === 'POST' || method === 'PUT')
const MARKER = 'known-to-few-5512'
const THEIRS = { catalog: 'local', namespace: ['theirs'], table: 'hidden-table' }
const OURS = { catalog: 'local', namespace: ['ours'], table: 't' }
const NOWHERE = { catalog: 'nowhere', namespace: ['none'], table: 'none' }

let admin: SignedInUser
let passwordHash = ''
beforeAll(async () => {
  passwordHash = await home.services.passwords.hash('correct horse battery staple')
  const catalog = await openTestCatalog(home.services)
  for (const identifier of [OURS, THEIRS]) {
    const properties = { comment: identifier === THEIRS ? MARKER : 'plain' }
    await catalog.write({ kind: 'create-namespace', namespace: identifier.namespace, properties })
    await catalog.write({
      kind: 'create-table',
      table: identifier,
      schema: { schemaId: 0, identifierFieldIds: [], fields: [{ id: 1, name: 'id', required: false, type: 'long' }] },
      properties,
    })
  }
  await catalog.write({ kind: 'create-namespace', namespace: ['theirs', 'deep-secret'], properties: {} })
})
// An admin for each endpoint, and another one when a request has ended the session that it came with.
let suiteOfAdmin: unknown = null
beforeEach(async ({ task }) => {
  if (suiteOfAdmin === task.suite && (await findOpenSession(home.database, admin.sessionId)) !== null) return
  admin = await signInAs(home.services, 'admin', { passwordHash })
  suiteOfAdmin = task.suite
})

type TargetNames = { catalog: string; namespace: readonly string[]; table: string }
type Change = {
  cookie?: string
  headers?: Record<string, string>
  /** Path parameters, instead of those that name the table. */
  params?: Record<string, string>
  /** Input fields in addition to those of the endpoint. */
  fields?: Record<string, unknown>
  body?: BodyInit
}

/** Calls the route itself. */
async function callEndpoint(
  endpoint: Endpoint,
  target: TargetNames,
  { cookie = admin.cookie, ...change }: Change = {},
) {
  const names = pathNames(endpoint)
  const sample = { ...sampleInput(endpoint.input) }
  const named = {
    ...sample,
    ...target,
    namespace: joinNamespace(target.namespace),
    view: target.table,
    ...change.params,
  }
  const params = Object.fromEntries(names.map((name) => [name, named[name as keyof typeof named]]))
  for (const name of names) delete sample[name]
  const fields: Record<string, unknown> = { ...sample, ...change.fields }
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const request = new Request(`http://test/x${hasBody ? '' : `?${query}`}`, {
    method: endpoint.method,
    headers: { cookie, ...(hasBody && { 'content-type': 'application/json' }), ...change.headers },
    ...(hasBody && { body: change.body ?? JSON.stringify(fields) }),
  })
  const handler = await loadRouteHandler(home.services, endpoint)
  const response = await handler(request, { params: Promise.resolve(params) })
  if (endpoint.output === 'events' && response.status === 200) {
    await response.body?.cancel()
    return { status: 200, text: '', headers: response.headers }
  }
  return { status: response.status, text: await response.text(), headers: response.headers }
}

const pathNames = ({ path }: Endpoint) => [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? [])
const namesTable = (endpoint: Endpoint) => pathNames(endpoint).some((name) => name === 'table' || name === 'view')

/** Hidden resources appear not to exist. */
const isRefused = (status: number) => status === 403 || status === 404

async function withGrants(resources: readonly Resource[], work: () => Promise<void>): Promise<void> {
  const grants = resources.flatMap((resource) =>
    PERMISSIONS.filter((one) => one !== 'console:admin').map((permission): Grant => ({ permission, resource })),
  )
  const spy = vi
    .spyOn(actors, 'actorFor')
    .mockImplementation(({ userId, username }) => ({ userId, username, role: 'viewer', grants }))
  try {
    await work()
  } finally {
    spy.mockRestore()
  }
}

/**
 * Another catalog, another namespace, one below, one with the same beginning, and another table. A user has all grants
 * at once, because a grant adds to the others: what this user may not do, no user with one of them may.
 */
const ELSEWHERE: readonly Resource[] = [
  { catalog: 'other' },
  { catalog: 'local', namespace: ['ours'] },
  { catalog: 'local', namespace: ['theirs', 'x'] },
  { catalog: 'local', namespace: ['their'] },
  { catalog: 'local', namespace: ['theirs'], table: 'another' },
]

describe.each(endpoints)('$endpoint.method $endpoint.path', ({ endpoint }) => {
  it('reveals nothing about a table and does not change it, for a user with grants around it', async () => {
    await withGrants(ELSEWHERE, async () => {
      const { status, text } = await callEndpoint(endpoint, THEIRS)
      expect(isRefused(status) || !(namesTable(endpoint) || endpoint.permission === 'console:admin')).toBe(true)
      expect(status).not.toBe(500)
      expect(text).not.toContain(MARKER)
      expect(text).not.toContain('deep-secret')
      expect(text.includes('hidden-table') && !namesTable(endpoint)).toBe(false)
    })
  })

  it('takes names in the path from the path only', async () => {
    await withGrants([{ catalog: 'local', namespace: ['ours'] }], async () => {
      const ours = Object.entries({ ...OURS, namespace: 'ours', view: 't' })
      const inPath = Object.fromEntries(ours.filter(([name]) => endpoint.path.includes(`:${name}`)))
      const { status, text } = await callEndpoint(endpoint, THEIRS, { fields: inPath })
      expect(isRefused(status) || !namesTable(endpoint)).toBe(true)
      expect(text).not.toContain(MARKER)
      const fields = { ...inPath, userId: 'someone', actor: { role: 'admin' } }
      const withMore = await callEndpoint(endpoint, THEIRS, { fields })
      // A body with fields that the endpoint does not have is refused before its permission is checked.
      expect(withMore.status === 400 || isRefused(withMore.status) || !namesTable(endpoint)).toBe(true)
      expect(withMore.text).not.toContain(MARKER)
      const swapped = { catalog: 'local', namespace: 'theirs', table: 'hidden-table', view: 'hidden-table' }
      const other = await callEndpoint(endpoint, OURS, { fields: swapped })
      expect(other.text).not.toContain(MARKER)
      expect(other.status).not.toBe(500)
    })
  })

  it.skipIf(isOnPostgres())('rejects every wrong header and token', async () => {
    const owner = await findUser(home.database, admin.userId)
    if (!owner) throw new Error('nobody')
    const { text: token } = await issueToken(
      home.database,
      { owner, name: 'e', role: 'admin', days: 1 },
      { actor: owner, requestId: null },
    )
    for (const headers of [
      { authorization: `Bearer ${token.slice(0, -1)}`, 'x-forwarded-for': someAddress() },
      { authorization: `Bearer ${token.replace(/_[^_]+_/, '_aaaaaaaaaaaaaaaa_')}`, 'x-forwarded-for': someAddress() },
      { authorization: 'Bearer' },
      { authorization: `Basic ${Buffer.from('admin:admin').toString('base64')}` },
      { 'x-middleware-subrequest': 'proxy:proxy:proxy:proxy:proxy' },
      { 'x-middleware-subrequest': 'src/proxy:src/proxy:src/proxy:src/proxy:src/proxy' },
      { 'x-forwarded-user': 'admin', 'x-remote-user': 'admin', 'x-user-id': admin.userId },
      { 'x-http-method-override': 'GET', 'x-original-url': '/healthz', 'x-rewrite-url': '/healthz' },
      { 'next-action': 'x', rsc: '1' },
    ] as Record<string, string>[]) {
      expect((await callEndpoint(endpoint, OURS, { cookie: '', headers })).status).toBe(401)
    }
    const unsigned = await sessionCookie(home.services, { sessionId: admin.sessionId, sub: admin.userId }, 'null')
    expect((await callEndpoint(endpoint, OURS, { cookie: unsigned })).status).toBe(401)
    const params = Object.fromEntries(pathNames(endpoint).map((name) => [name, 'picture.png']))
    expect((await callEndpoint(endpoint, OURS, { cookie: '', params })).status).toBe(401)
  })

  it('handles any name without an error, and finds nothing by it', async () => {
    for (const name of pathNames(endpoint)) {
      for (const value of NAMES) {
        const { status, text } = await callEndpoint(endpoint, NOWHERE, { params: { [name]: value } })
        expect({ name, value, status, isOurs: status < 500 || JSON.parse(text).code !== 'internal' }).toMatchObject({
          isOurs: true,
        })
        expect(text).not.toContain(MARKER)
      }
      // The caller is checked before the names, whatever they are.
      const unsigned = await callEndpoint(endpoint, OURS, { params: { [name]: '\0' }, cookie: '' })
      expect(unsigned.status).toBe(401)
    }
  })

  it.skipIf(isOnPostgres())('forbids caching and content type sniffing', async () => {
    const { headers } = await callEndpoint(endpoint, THEIRS, { cookie: '' })
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe.each(endpoints.filter(({ endpoint }) => pathNames(endpoint).includes('namespace')))(
  '$endpoint.method $endpoint.path for a user without a grant',
  ({ endpoint }) => {
    it('is refused in the same words whether or not the resource exists', async () => {
      await withGrants([{ catalog: 'local', namespace: ['ours'] }], async () => {
        const answerText = async (target: TargetNames) => {
          const { status, text } = await callEndpoint(endpoint, target)
          const problem = text === '' || endpoint.output === 'bytes' ? {} : JSON.parse(text)
          return { status, code: problem.code, detail: problem.detail?.replaceAll(target.namespace.join('.'), '…') }
        }
        expect(await answerText(THEIRS)).toEqual(await answerText({ ...THEIRS, namespace: ['nowhere'], table: 'none' }))
      })
    })
  },
)

const NAMES = [
  '..',
  '.',
  '../..',
  '..%2f..',
  '%2e%2e',
  '\x1F',
  'ours\x1F',
  '\x1Fours',
  'ours\x1F..',
  '%1F',
  'ours%1Ftheirs',
  'theirs.deep-secret',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '\0',
  'a\0b',
  '\uD800',
  '\u202Eevil',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '*',
  '%',
  '_',
  '?a=b#c',
  'C:\\windows',
  '😀',
  'x'.repeat(20_000),
  ' ',
]

const DEEP = '['.repeat(50_000) + ']'.repeat(50_000)
const DEEP_OBJECT = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`

describe.each(withBody)('$endpoint.method $endpoint.path with a body', ({ endpoint }) => {
  it.skipIf(isOnPostgres())('that is not an object within the limit is refused', async () => {
    for (const [what, body] of [
      ['nothing', ''],
      ['invalid JSON', '{'],
      ['two JSON texts', '{}{}'],
      ['a list', '[]'],
      ['null', 'null'],
      ['a number', '1'],
      ['lists in lists', DEEP],
      ['objects that are never closed', '{"a":'.repeat(100_000)],
      ['bytes that are not text', new Uint8Array([0xff, 0xfe, 0x7b])],
      ['more than the limit', JSON.stringify({ a: 'x'.repeat(1_100_000) })],
    ] as const) {
      const { status, text } = await callEndpoint(endpoint, OURS, { body })
      expect([400, 413], `${what}: ${text.slice(0, 200)}`).toContain(status)
    }
  })

  it.skipIf(isOnPostgres())('of another type is refused', async () => {
    for (const type of [
      '',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/json',
    ])
      expect((await callEndpoint(endpoint, OURS, { headers: { 'content-type': type } })).status, type).toBe(400)
  })

  it('that names properties of every object changes no object and no response', async () => {
    const viewer = await signInAs(home.services, 'viewer')
    const plain = await callEndpoint(endpoint, NOWHERE, { cookie: viewer.cookie })
    const sample = JSON.stringify({ ...sampleInput(endpoint.input) }).slice(0, -1)
    const comma = sample === '{' ? '' : ','
    for (const hostile of [
      '"__proto__":{"role":"admin","isAdmin":true,"permission":"signed-in"}',
      '"constructor":{"prototype":{"role":"admin"}}',
      '"role":"admin","permissions":["console:admin"],"grants":[{"permission":"console:admin","on":{}}]',
      `"__proto__":${DEEP_OBJECT}`,
    ]) {
      const fields = pathNames(endpoint).length === 0 && plain.status < 300 ? [] : [hostile]
      for (const field of fields) {
        const { status } = await callEndpoint(endpoint, NOWHERE, {
          cookie: viewer.cookie,
          body: `${sample}${comma}${field}}`,
        })
        expect([plain.status, 400, 403, 413]).toContain(status)
      }
    }
    const fresh: Record<string, unknown> = {}
    expect([fresh['role'], fresh['isAdmin'], fresh['permission']]).toEqual([undefined, undefined, undefined])
  })

  it('with fields of the wrong type is refused and does not crash the server', async () => {
    const sample = sampleInput(endpoint.input)
    const names = Object.keys(endpoint.input.shape).filter((name) => !pathNames(endpoint).includes(name))
    for (const name of names) {
      for (const value of [
        DEEP,
        DEEP_OBJECT,
        '{"__proto__":{"__proto__":1}}',
        '"\\u0000"',
        '"\\ud800"',
        '-1',
        '1e999',
        '[null]',
      ]) {
        const rest = Object.entries(sample).filter(([other]) => other !== name && !pathNames(endpoint).includes(other))
        const fields = rest.map(([other, given]) => `${JSON.stringify(other)}:${JSON.stringify(given)}`)
        const body = `{${[...fields, `${JSON.stringify(name)}:${value}`].join(',')}}`
        const { status, text } = await callEndpoint(endpoint, NOWHERE, { body })
        const code = status >= 500 ? JSON.parse(text).code : 'none'
        expect({ name, value: value.slice(0, 40), code }).not.toMatchObject({ code: 'internal' })
      }
    }
  })
})

describe.each(endpoints.filter(({ endpoint }) => endpoint.method !== 'GET'))(
  '$endpoint.method $endpoint.path from another site',
  ({ endpoint }) => {
    it.skipIf(isOnPostgres())('is refused', async () => {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { 'sec-fetch-site': 'cross-site', origin: 'http://test' },
        { 'sec-fetch-site': 'nonsense', origin: 'http://test' },
        { origin: 'https://evil.example' },
        { origin: 'null' },
        { origin: 'http://test.evil.example', host: 'test' },
      ] as Record<string, string>[])
        expect((await callEndpoint(endpoint, OURS, { headers })).status, JSON.stringify(headers)).toBe(403)
    })
  },
)

describe('The REST catalog', () => {
  const closed = (Object.values(OPERATIONS) as Operation[]).filter(({ permission }) => permission !== 'none')

  it.skipIf(isOnPostgres()).each(closed)('$id accepts no cookie', async ({ method, path }) => {
    const address = path
      .slice('/v1/'.length)
      .replace('{prefix}', 'local')
      .replace(/\{[^}]*\}/g, 'theirs')
    const body = method === 'POST' ? { body: {} } : {}
    const headers = { cookie: admin.cookie, 'sec-fetch-site': 'same-origin', 'x-middleware-subrequest': 'proxy:proxy' }
    expect((await createRestClient(home.services, null)(method, address, { ...body, headers })).status).toBe(401)
  })

  it.each(['{', '[]', 'null', '1', DEEP, DEEP_OBJECT, '{"__proto__":{"a":1}}'])(
    'refuses a malformed body (%#)',
    async (body) => {
      const editor = await createRestClientAs(home.services, 'editor')
      for (const { method, path } of closed.filter((one) => one.method === 'POST')) {
        const address = path
          .slice('/v1/'.length)
          .replace('{prefix}', 'local')
          .replace(/\{[^}]*\}/g, 'nothing')
        const { status } = await editor(method, address, { rawBody: body })
        expect(status, `${path} ${body.slice(0, 20)}`).toBeLessThan(500)
        expect(status).toBeGreaterThanOrEqual(path.endsWith('/metrics') ? 200 : 400)
      }
    },
  )

  it('stores nothing from a body with damaged text', async () => {
    const editor = await createRestClientAs(home.services, 'editor')
    const schema = '{"type":"struct","fields":[]}'
    for (const [path, body] of [
      ['local/namespaces/ours/tables', `{"name":"bad\xff","schema":${schema}}`],
      ['local/namespaces/ours/tables', `{"name":"bad","schema":${schema},"properties":{"a":"\xff"}}`],
      ['local/namespaces/ours/tables', `{"name":"bad\\ud800","schema":${schema}}`],
      ['local/namespaces/ours/tables', `{"name":"bad","schema":${schema},"properties":{"\\udfff":"a"}}`],
      ['local/namespaces', '{"namespace":["bad"],"properties":{"a":"\xff"}}'],
      ['local/namespaces', '{"namespace":["bad"],"properties":{"a":"\\ud800"}}'],
      ['local/namespaces/ours/properties', '{"removals":[],"updates":{"a":"\\ud800"}}'],
    ] as const) {
      const { status } = await editor('POST', path, { rawBody: new Uint8Array(Buffer.from(body, 'latin1')) })
      expect(status, body).toBe(400)
    }
    const { body } = await editor('GET', 'local/namespaces/ours/tables')
    expect(body['identifiers']).toEqual([{ namespace: ['ours'], name: 't' }])
  })

  it('stores a property named __proto__ like any other, and only there', async () => {
    const editor = await createRestClientAs(home.services, 'editor')
    const rawBody = '{"namespace":["odd"],"properties":{"__proto__":"x","constructor":"y"}}'
    const { status } = await editor('POST', 'local/namespaces', { rawBody })
    expect(status).toBe(200)
    const { body } = await editor('GET', 'local/namespaces/odd')
    expect(new Map(Object.entries(body['properties'] as object))).toEqual(
      new Map([
        ['location', expect.stringMatching(/^file:.*\/odd$/)],
        ['__proto__', 'x'],
        ['constructor', 'y'],
      ]),
    )
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
  })

  it('does not split a name at its dots', async () => {
    const editor = await createRestClientAs(home.services, 'editor')
    for (const name of [
      'theirs.deep-secret',
      'theirs%1F',
      '%1Ftheirs',
      'theirs%1F%1Fdeep-secret',
      'theirs%1F..',
      '..',
    ]) {
      const { status } = await editor('GET', `local/namespaces/${name}`).catch(() => ({ status: 404 }))
      expect([400, 404], name).toContain(status)
    }
  })
})

it('None of these requests changed a table or made an admin', async () => {
  const catalog = await openTestCatalog(home.services)
  const { metadata } = await catalog.loadTable(THEIRS)
  expect(metadata.properties).toEqual(expect.objectContaining({ comment: MARKER }))
  const rows = await home.database.read(
    rawQuery("SELECT username FROM users WHERE role = 'admin' AND username NOT LIKE '%-%'"),
  )
  expect(rows).toEqual([])
})

let addressCount = 0
/** A new address each time: after a few wrong tokens an address is answered 429. */
function someAddress(): string {
  addressCount += 1
  return `198.51.${Math.floor(addressCount / 250)}.${addressCount % 250}`
}
