import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { type Endpoint, endpoint } from '@/lib/contract/endpoint'
import { ROLE_PERMISSIONS, ROLES, type Role } from '@/lib/permissions'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { type RouteHandler, loadRouteHandler } from '@/testing/http/route-handler'
import { sampleInput } from '@/testing/contract/sample-input'
import { createRestTokenAs } from '@/testing/catalogs/rest-client'
import { type SignedInUser, sessionCookie, signInAs, createTestHome } from '@/testing/homes/test-home'
import { closeSession } from '@/server/db/auth/sessions'
import { setRole } from '@/server/db/auth/users'
import { serve } from './serve'

/** The permission of every endpoint of the contract for every role, checked at the routes themselves. */

const anything = z.object({})
const write = endpoint({
  summary: 'Proves a rule',
  method: 'POST',
  path: '/api/v1/write',
  permission: 'table:write',
  input: anything,
  output: anything,
})

const home = createTestHome()
const endpoints = ENDPOINTS
const users = new Map<Role, SignedInUser>()
const tokens = new Map<Role, string>()
beforeAll(async () => {
  for (const role of ROLES) {
    users.set(role, await signInAs(home.services, role))
    tokens.set(role, await createRestTokenAs(home.services, role))
  }
})

describe.each(endpoints)('$endpoint.method $endpoint.path', ({ endpoint }) => {
  it('is closed without a session', async () => {
    const handler = await loadRouteHandler(home.services, endpoint)
    expect((await handler(...requestFor(endpoint, ''))).status).toBe(401)
  })

  it.each(ROLES)('is open to a %s only if the role has its permission', async (role) => {
    const { permission } = endpoint
    const isAllowed =
      permission === 'signed-in' || permission === 'browser-session' || ROLE_PERMISSIONS[role].includes(permission)
    // Only a refusal is checked at the route itself, so that nothing changes; otherwise a stub replaces the work.
    const handler = isAllowed ? stubRoute(endpoint) : await loadRouteHandler(home.services, endpoint)
    const response = await handler(...requestFor(endpoint, users.get(role)?.cookie ?? ''))
    expect(response.status).toBe(isAllowed ? 200 : 403)
  })
})

describe.each(endpoints)('$endpoint.method $endpoint.path, with a token', ({ endpoint }) => {
  it.each(ROLES)(
    'is open to the token of a %s only if its role has the permission and no session is needed',
    async (role) => {
      const { permission } = endpoint
      const isAllowed =
        permission === 'signed-in' || (permission !== 'browser-session' && ROLE_PERMISSIONS[role].includes(permission))
      const handler = isAllowed ? stubRoute(endpoint) : await loadRouteHandler(home.services, endpoint)
      const [request, context] = requestFor(endpoint, users.get('admin')?.cookie ?? '')
      // A cookie with more rights is ignored.
      request.headers.set('authorization', `Bearer ${tokens.get(role)}`)
      expect((await handler(request, context)).status).toBe(isAllowed ? 200 : 403)
    },
  )
})

describe('a session', () => {
  const [readable] = endpoints.filter(({ endpoint }) => endpoint.permission === 'signed-in')
  const statusWith = async (cookie: string, endpoint = readable?.endpoint) => {
    if (!endpoint) throw new Error('no endpoint requires only a signed-in user')
    return (await stubRoute(endpoint)(...requestFor(endpoint, cookie))).status
  }

  it('is refused after its owner ended it', async () => {
    const { cookie, sessionId } = await signInAs(home.services, 'admin')
    expect(await statusWith(cookie)).toBe(200)
    await closeSession(home.database, sessionId)
    expect(await statusWith(cookie)).toBe(401)
  })

  it('is refused after it expired, whatever its cookie says', async () => {
    const { cookie } = await signInAs(home.services, 'admin', { hours: -1 })
    expect(await statusWith(cookie)).toBe(401)
  })

  it('of one user is refused under the name of another', async () => {
    const [viewer, admin] = [await signInAs(home.services, 'viewer'), await signInAs(home.services, 'admin')]
    expect(
      await statusWith(await sessionCookie(home.services, { sessionId: viewer.sessionId, sub: admin.userId })),
    ).toBe(401)
  })

  it.each([
    [
      'with another secret',
      (s: SignedInUser) => sessionCookie(home.services, { sessionId: s.sessionId, sub: s.userId }, 'another secret'),
    ],
    ['by hand', async (s: SignedInUser) => `lakeshore-session=${Buffer.from(JSON.stringify(s)).toString('base64url')}`],
    [
      'with a changed letter',
      async (s: SignedInUser) => s.cookie.slice(0, -3) + (s.cookie.endsWith('AAA') ? 'BBB' : 'AAA'),
    ],
  ])('is refused when its cookie was made %s', async (_how, forge) => {
    expect(await statusWith(await forge(await signInAs(home.services, 'admin')))).toBe(401)
  })

  it('follows a change of role at once', async () => {
    const admin = await signInAs(home.services, 'admin')
    expect(await statusWith(admin.cookie, write)).toBe(200)
    await setRole(home.database, admin.userId, 'viewer')
    expect(await statusWith(admin.cookie, write)).toBe(403)
  })
})

/** The endpoint's checks without its work. */
function stubRoute(endpoint: Endpoint): RouteHandler {
  return serve(home.services, { ...endpoint, output: anything }, async () => ({})).handle
}

function requestFor(endpoint: Endpoint, cookie: string): Parameters<RouteHandler> {
  const fields = sampleInput(endpoint.input)
  const names = [...endpoint.path.matchAll(/:(\w+)/g)].flatMap(([, name]) => (name ? [name] : []))
  const params = Object.fromEntries(names.map((name) => [name, String(fields[name])]))
  for (const name of names) delete fields[name]
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const query = new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)]))
  const request = new Request(`http://test/x${hasBody ? '' : `?${query}`}`, {
    method: endpoint.method,
    headers: { cookie, ...(hasBody && { 'content-type': 'application/json' }) },
    ...(hasBody && { body: JSON.stringify(fields) }),
  })
  return [request, { params: Promise.resolve(params) }]
}
