import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { joinNamespace } from '@/lib/names/identifiers'
import { type Resource, type Role, ROLES, ROLE_PERMISSIONS } from '@/lib/permissions'
import { sampleInput } from '@/testing/contract/sample-input'
import { createToken } from '@/lib/contract/tokens'
import { requestWith } from '@/testing/contract/request-with'
import { loadRouteHandler, type RouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { putGrantChanges } from '@/server/db/auth/grants'
import { serve } from './serve'

/**
 * Every endpoint that names a table, a view or a namespace, for every role on every level: granted to a user, and as the
 * limit of a token of an admin.
 */

const home = createTestHome()
const LEVELS: Record<string, Resource> = {
  catalog: { catalog: 'local' },
  namespace: { catalog: 'local', namespace: ['ours'] },
  'namespace above': { catalog: 'local', namespace: ['top'] },
  'nested namespace': { catalog: 'local', namespace: ['upper', 'inner'] },
  table: { catalog: 'local', namespace: ['ours'], table: 't' },
}
const users = new Map<string, SignedInUser>()
/** The tokens of an admin, by their limits. */
const tokens = new Map<string, string>()
let stranger: SignedInUser

beforeAll(async () => {
  const admin = await signInAs(home.services, 'admin')
  for (const level of LIMITS) {
    for (const role of ROLES) {
      const { catalog, namespace } = LEVELS[level] ?? {}
      const on = { ...(catalog && { catalog }), ...(namespace && { namespace: joinNamespace(namespace) }) }
      const { request, params } = requestWith(createToken, { name: 'engine', role, days: 1, ...on }, admin.cookie)
      const route = await loadRouteHandler(home.services, createToken)
      const response = await route(request, { params: Promise.resolve(params) })
      tokens.set(`${level} ${role}`, createToken.output.parse(await response.json()).secret)
    }
  }
  stranger = await signInAs(home.services, null)
  for (const [level, on] of Object.entries(LEVELS)) {
    for (const role of ROLES) {
      const user = await signInAs(home.services, null)
      const grantId = `${level} ${role}`
      const holder = { kind: 'user', id: user.userId } as const
      await home.database.commit(putGrantChanges({ grantId, holder, role, resource: on, createdBy: 'a test' }))
      users.set(grantId, user)
    }
  }
})

/** The levels that can limit a token. */
const LIMITS = Object.keys(LEVELS).filter((level) => level !== 'table')

const inPath = ({ path }: Endpoint) => [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
const needsPermission = ({ permission }: Endpoint) => permission !== 'signed-in' && permission !== 'browser-session'
const isOfTable = (endpoint: Endpoint) => inPath(endpoint).some((name) => name === 'table' || name === 'view')
/** About the namespace itself: in the path, or in the body of a creation. */
const isOfNamespace = (endpoint: Endpoint) =>
  inPath(endpoint).includes('catalog') && !isOfTable(endpoint) && Object.hasOwn(endpoint.input.shape, 'namespace')
const inCatalogs = ENDPOINTS.filter(
  ({ endpoint }) =>
    needsPermission(endpoint) && endpoint.permission !== 'console:admin' && inPath(endpoint).includes('catalog'),
)
const ofTables = inCatalogs.filter(({ endpoint }) => isOfTable(endpoint))
const ofNamespaces = inCatalogs.filter(({ endpoint }) => isOfNamespace(endpoint))

const INSIDE: Record<string, Record<string, string>> = {
  catalog: { catalog: 'local', namespace: 'any', table: 'one' },
  namespace: { catalog: 'local', namespace: joinNamespace(['ours', 'deeper']), table: 'one' },
  'namespace above': { catalog: 'local', namespace: joinNamespace(['top', 'below']), table: 'one' },
  'nested namespace': { catalog: 'local', namespace: joinNamespace(['upper', 'inner']), table: 'one' },
  table: { catalog: 'local', namespace: 'ours', table: 't' },
}
/** Names that a check by prefix, by name alone or by part of a path would let through. */
const OUTSIDE: Record<string, Record<string, string>[]> = {
  catalog: [{ catalog: 'local2', namespace: 'ours', table: 't' }],
  namespace: [
    { catalog: 'local', namespace: 'theirs', table: 't' },
    { catalog: 'local', namespace: 'ours2', table: 't' },
    { catalog: 'local', namespace: joinNamespace(['theirs', 'ours']), table: 't' },
    { catalog: 'other', namespace: 'ours', table: 't' },
  ],
  'namespace above': [{ catalog: 'local', namespace: 'topmost', table: 't' }],
  'nested namespace': [
    { catalog: 'local', namespace: 'upper', table: 't' },
    { catalog: 'local', namespace: 'inner', table: 't' },
    { catalog: 'local', namespace: joinNamespace(['upper', 'inner2']), table: 't' },
  ],
  table: [
    { catalog: 'local', namespace: 'ours', table: 'u' },
    { catalog: 'local', namespace: joinNamespace(['ours', 'deeper']), table: 't' },
    { catalog: 'local', namespace: 'theirs', table: 't' },
  ],
}

/** Namespaces that a level covers itself, in addition to their contents. A role on a table covers none. */
const COVERED: Record<string, string[]> = {
  catalog: ['any', joinNamespace(['any', 'deeper'])],
  namespace: ['ours', joinNamespace(['ours', 'deeper'])],
  'namespace above': ['top', joinNamespace(['top', 'below', 'deeper'])],
  'nested namespace': [joinNamespace(['upper', 'inner'])],
}
/** Namespaces that may be seen, because something in them is covered, and not changed. */
const SEEN: Record<string, string[]> = { 'nested namespace': ['upper'], table: ['ours'] }

const toMatrix = (endpoints: typeof ENDPOINTS) =>
  endpoints.flatMap(({ name, endpoint }) =>
    Object.keys(LEVELS).flatMap((level) => ROLES.map((role) => ({ name, endpoint, level, role }))),
  )
const MATRIX = toMatrix(ofTables)
const NAMESPACE_MATRIX = toMatrix(ofNamespaces)

it('The matrix has the endpoints of tables and namespaces', () => {
  expect(ofTables.length).toBeGreaterThanOrEqual(60)
  expect(ofNamespaces.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'createNamespace',
      'changeNamespaceProperties',
      'reviewNamespaceDrop',
      'dropNamespace',
      'listDroppedTables',
      'reviewRestore',
      'restoreTable',
    ]),
  )
})

describe('At the routes', () => {
  it.each(MATRIX)('$name: $role on a $level', async ({ endpoint, level, role }) => {
    const cookie = users.get(`${level} ${role}`)?.cookie ?? ''
    const may = ROLE_PERMISSIONS[role].includes(endpoint.permission as never)
    const stub = stubRoute(endpoint)
    expect((await stub(...requestFor(endpoint, INSIDE[level] ?? {}, cookie))).status).toBe(may ? 200 : 403)
    // Only a refusal is checked at the route itself, so that nothing changes.
    const route = await loadRouteHandler(home.services, endpoint)
    for (const params of OUTSIDE[level] ?? []) {
      const response = await route(...requestFor(endpoint, params, cookie))
      expect([response.status, params]).toEqual([404, params])
      expect(await response.json()).toMatchObject({ code: 'not-found' })
    }
  })

  it.each(NAMESPACE_MATRIX)('$name: $role on a $level', async (one) => {
    const cookie = users.get(`${one.level} ${one.role}`)?.cookie ?? ''
    expect(await findSurprises(one, (params) => requestFor(one.endpoint, params, cookie))).toEqual([])
  })

  it.each(MATRIX.filter(({ level }) => LIMITS.includes(level)))(
    '$name: a token of an admin as $role on a $level',
    async ({ endpoint, level, role }) => {
      const withToken = tokenRequests(endpoint, level, role)
      const may = ROLE_PERMISSIONS[role].includes(endpoint.permission as never)
      const stub = stubRoute(endpoint)
      expect((await stub(...withToken(INSIDE[level] ?? {}))).status).toBe(may ? 200 : 403)
      const route = await loadRouteHandler(home.services, endpoint)
      for (const params of OUTSIDE[level] ?? []) {
        expect([(await route(...withToken(params))).status, params]).toEqual([404, params])
      }
    },
  )

  it.each(NAMESPACE_MATRIX.filter(({ level }) => LIMITS.includes(level)))(
    '$name: a token of an admin as $role on a $level',
    async (one) => {
      expect(await findSurprises(one, tokenRequests(one.endpoint, one.level, one.role))).toEqual([])
    },
  )

  it.each([...ofTables, ...ofNamespaces])('$name: no user without a grant', async ({ endpoint }) => {
    const route = await loadRouteHandler(home.services, endpoint)
    const params = { catalog: 'local', namespace: 'ours', table: 't' }
    expect((await route(...requestFor(endpoint, params, stranger.cookie))).status).toBe(404)
  })

  it.each(ENDPOINTS.filter(({ endpoint }) => ['console:admin', 'audit:read'].includes(endpoint.permission)))(
    '$name: no admin of a part of the lake',
    async ({ endpoint }) => {
      const route = await loadRouteHandler(home.services, endpoint)
      for (const level of Object.keys(LEVELS)) {
        const cookie = users.get(`${level} admin`)?.cookie ?? ''
        const params = { catalog: 'local', namespace: 'ours', table: 't' }
        expect((await route(...requestFor(endpoint, params, cookie))).status).toBeOneOf([403, 404])
      }
    },
  )
})

/**
 * Endpoints of namespaces that contradict their level and role: each has to work on covered namespaces, refuse visible
 * ones, and know no others.
 */
async function findSurprises(
  { endpoint, level, role }: (typeof NAMESPACE_MATRIX)[number],
  request: (params: Record<string, string>) => Parameters<RouteHandler>,
): Promise<string[]> {
  const may = ROLE_PERMISSIONS[role].includes(endpoint.permission as never)
  const route = await loadRouteHandler(home.services, endpoint)
  const seen = SEEN[level] ?? []
  const outside = (OUTSIDE[level] ?? []).filter(({ namespace = '' }) => !seen.includes(namespace))
  const inLocal = (namespace: string) => ({ catalog: 'local', namespace })
  const surprises: string[] = []
  const check = async (handle: RouteHandler, expected: number, params: Record<string, string>) => {
    const response = await handle(...request(params))
    const { code } = (await response.json()) as { code?: string }
    const isExpected = response.status === expected && (expected !== 404 || code === 'not-found')
    if (!isExpected) surprises.push(`${response.status} ${code} and not ${expected}: ${JSON.stringify(params)}`)
  }
  for (const namespace of COVERED[level] ?? []) await check(stubRoute(endpoint), may ? 200 : 403, inLocal(namespace))
  for (const namespace of seen) await check(route, 403, inLocal(namespace))
  for (const params of outside) await check(route, 404, params)
  return surprises
}

function tokenRequests(endpoint: Endpoint, level: string, role: Role) {
  return (params: Record<string, string>): Parameters<RouteHandler> => {
    const [request, context] = requestFor(endpoint, params, '')
    const headers = new Headers(request.headers)
    headers.delete('cookie')
    headers.set('authorization', `Bearer ${tokens.get(`${level} ${role}`)}`)
    return [new Request(request, { headers }), context]
  }
}

function stubRoute(endpoint: Endpoint): RouteHandler {
  return serve(home.services, { ...endpoint, output: z.object({}) }, async () => ({})).handle
}

function requestFor(endpoint: Endpoint, params: Record<string, string>, cookie: string): Parameters<RouteHandler> {
  const named = { ...params, view: params.table }
  const isKnown = (name: string) => inPath(endpoint).includes(name) || (name === 'namespace' && isOfNamespace(endpoint))
  const known = Object.fromEntries(Object.entries(named).filter(([name]) => isKnown(name)))
  const fields: Record<string, unknown> = { ...sampleInput(endpoint.input), ...known }
  const call = requestWith(endpoint, fields, cookie)
  return [call.request, { params: Promise.resolve(call.params) }]
}
