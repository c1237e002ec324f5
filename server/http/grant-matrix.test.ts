import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Endpoint } from '@/lib/contract/endpoint'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { joinNamespace } from '@/lib/iceberg/identifiers'
import { type Resource, ROLES, ROLE_PERMISSIONS } from '@/lib/permissions'
import { sampleInput } from '@/testing/contract/sample-input'
import { createToken } from '@/lib/contract/tokens'
import { requestWith } from '@/testing/contract/request-with'
import { loadRouteHandler, type RouteHandler } from '@/testing/http/route-handler'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { putGrantChanges } from '@/server/db/auth/grants'
import { serve } from './serve'

/**
 * Every endpoint that names a table, for every role on every level: granted to a user, and as the limit of a token of an
 * admin.
 */

const home = createTestHome()
const LEVELS: Record<string, Resource> = {
  catalog: { catalog: 'local' },
  namespace: { catalog: 'local', namespace: ['ours'] },
  'namespace above': { catalog: 'local', namespace: ['top'] },
  table: { catalog: 'local', namespace: ['ours'], table: 't' },
}
const users = new Map<string, SignedInUser>()
/** The tokens of an admin, by what they are limited to. */
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
      tokens.set(`${level} ${role}`, createToken.output.parse(await response.json()).text)
    }
  }
  stranger = await signInAs(home.services, null)
  for (const [level, on] of Object.entries(LEVELS)) {
    for (const role of ROLES) {
      const user = await signInAs(home.services, null)
      const grantId = `${level} ${role}`
      const holder = { kind: 'user', id: user.userId } as const
      await home.database.commit(putGrantChanges({ grantId, holder, role, on, createdBy: 'a test' }))
      users.set(grantId, user)
    }
  }
})

/** What a token can be limited to. */
const LIMITS = Object.keys(LEVELS).filter((level) => level !== 'table')

const inPath = ({ path }: Endpoint) => [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name)
const needsPermission = ({ permission }: Endpoint) => permission !== 'signed-in' && permission !== 'browser-session'
const ofTables = ENDPOINTS.filter(
  ({ endpoint }) =>
    needsPermission(endpoint) &&
    endpoint.permission !== 'console:admin' &&
    inPath(endpoint).includes('catalog') &&
    (inPath(endpoint).includes('table') || inPath(endpoint).includes('view')),
)

const INSIDE: Record<string, Record<string, string>> = {
  catalog: { catalog: 'local', namespace: 'any', table: 'one' },
  namespace: { catalog: 'local', namespace: joinNamespace(['ours', 'deeper']), table: 'one' },
  'namespace above': { catalog: 'local', namespace: joinNamespace(['top', 'below']), table: 'one' },
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
  table: [
    { catalog: 'local', namespace: 'ours', table: 'u' },
    { catalog: 'local', namespace: joinNamespace(['ours', 'deeper']), table: 't' },
    { catalog: 'local', namespace: 'theirs', table: 't' },
  ],
}

const MATRIX = ofTables.flatMap(({ name, endpoint }) =>
  Object.keys(LEVELS).flatMap((level) => ROLES.map((role) => ({ name, endpoint, level, role }))),
)

it('The matrix has the endpoints of tables', () => {
  expect(ofTables.length).toBeGreaterThanOrEqual(60)
})

describe('At the routes', () => {
  it.each(MATRIX)('$name: $role on a $level', async ({ endpoint, level, role }) => {
    const cookie = users.get(`${level} ${role}`)?.cookie ?? ''
    const may = ROLE_PERMISSIONS[role].includes(endpoint.permission as never)
    const stub = stubRoute(endpoint)
    expect((await stub(...requestFor(endpoint, INSIDE[level] ?? {}, cookie))).status).toBe(may ? 200 : 403)
    // Only a refusal is checked at the route itself, so that nothing changes.
    const route = await loadRouteHandler(home.services, endpoint)
    for (const place of OUTSIDE[level] ?? []) {
      const response = await route(...requestFor(endpoint, place, cookie))
      expect([response.status, place]).toEqual([404, place])
      expect(await response.json()).toMatchObject({ code: 'not-found' })
    }
  })

  it.each(MATRIX.filter(({ level }) => LIMITS.includes(level)))(
    '$name: a token of an admin as $role on a $level',
    async ({ endpoint, level, role }) => {
      const withToken = (place: Record<string, string>): Parameters<RouteHandler> => {
        const [request, context] = requestFor(endpoint, place, '')
        const headers = new Headers(request.headers)
        headers.delete('cookie')
        headers.set('authorization', `Bearer ${tokens.get(`${level} ${role}`)}`)
        return [new Request(request, { headers }), context]
      }
      const may = ROLE_PERMISSIONS[role].includes(endpoint.permission as never)
      const stub = stubRoute(endpoint)
      expect((await stub(...withToken(INSIDE[level] ?? {}))).status).toBe(may ? 200 : 403)
      const route = await loadRouteHandler(home.services, endpoint)
      for (const place of OUTSIDE[level] ?? []) {
        expect([(await route(...withToken(place))).status, place]).toEqual([404, place])
      }
    },
  )

  it.each(ofTables)('$name: nobody without a grant', async ({ endpoint }) => {
    const route = await loadRouteHandler(home.services, endpoint)
    const place = { catalog: 'local', namespace: 'ours', table: 't' }
    expect((await route(...requestFor(endpoint, place, stranger.cookie))).status).toBe(404)
  })

  it.each(ENDPOINTS.filter(({ endpoint }) => ['console:admin', 'audit:read'].includes(endpoint.permission)))(
    '$name: no admin of a part of the lake',
    async ({ endpoint }) => {
      const route = await loadRouteHandler(home.services, endpoint)
      for (const level of Object.keys(LEVELS)) {
        const cookie = users.get(`${level} admin`)?.cookie ?? ''
        const place = { catalog: 'local', namespace: 'ours', table: 't' }
        expect((await route(...requestFor(endpoint, place, cookie))).status).toBeOneOf([403, 404])
      }
    },
  )
})

function stubRoute(endpoint: Endpoint): RouteHandler {
  return serve(home.services, { ...endpoint, output: z.object({}) }, async () => ({})).handle
}

function requestFor(endpoint: Endpoint, place: Record<string, string>, cookie: string): Parameters<RouteHandler> {
  const named = { ...place, view: place.table }
  const known = Object.fromEntries(Object.entries(named).filter(([name]) => inPath(endpoint).includes(name)))
  const fields: Record<string, unknown> = { ...sampleInput(endpoint.input), ...known }
  const { request, params } = requestWith(endpoint, fields, cookie)
  return [request, { params: Promise.resolve(params) }]
}
