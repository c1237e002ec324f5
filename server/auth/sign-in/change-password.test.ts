import { beforeAll, beforeEach, expect, it } from 'vitest'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { problem } from '@/lib/contract/shapes/problem'
import { type RouteHandler, loadRouteHandler } from '@/testing/http/route-handler'
import { type SignedInUser, signInAs, createTestHome } from '@/testing/homes/test-home'
import { listAudit } from '@/server/db/audit-list'
import { openSession } from '@/server/db/auth/sessions'
import { findUser } from '@/server/db/auth/users'

const home = createTestHome()
const POST: RouteHandler = async (...request) => (await loadRouteHandler(home.services, changePassword))(...request)
const GET: RouteHandler = async (...request) => (await loadRouteHandler(home.services, getSession))(...request)
const DELETE: RouteHandler = async (...request) => (await loadRouteHandler(home.services, endSession))(...request)
let passwordHash: string
let person: SignedInUser
beforeAll(async () => {
  passwordHash = await home.services.passwords.hash('the old one')
})
beforeEach(async () => {
  person = await signInAs(home.services, 'viewer', { passwordHash })
})

const context = { params: Promise.resolve({}) }

function change(currentPassword: string, newPassword: string): Promise<Response> {
  const request = new Request('http://test/x', {
    method: 'POST',
    headers: { cookie: person.cookie, 'content-type': 'application/json', 'x-request-id': 'request-7' },
    body: JSON.stringify({ currentPassword, newPassword }),
  })
  return POST(request, context)
}

const sessionRequest = (method: 'GET' | 'DELETE') =>
  new Request('http://test/x', { method, headers: { cookie: person.cookie } })

it('changes the password and ends the other sessions, not this one', async () => {
  for (const sessionId of [`${person.userId}-2`, `${person.userId}-3`]) {
    await openSession(home.database, { sessionId, userId: person.userId, lifeMs: 60_000 })
  }
  const response = await change('the old one', 'the new one')
  expect([response.status, await response.json()]).toEqual([200, { endedSessionCount: 2 }])
  const user = await findUser(home.database, person.userId)
  expect(await home.services.passwords.matches('the new one', user?.passwordHash ?? null)).toBe(true)
  expect((await GET(sessionRequest('GET'), context)).status).toBe(200)
})

it('writes an audit row without a password', async () => {
  await change('the old one', 'the new one')
  const [entry] = await listAudit(home.database, { limit: 1 })
  expect(entry).toMatchObject({
    action: 'change-password',
    actor: { userId: person.userId },
    requestId: 'request-7',
    after: { user: { username: person.username, role: 'viewer' } },
  })
  expect(JSON.stringify(entry)).not.toContain('scrypt')
})

it.each([
  ['the current one is wrong', 'another one', 'the new one', 'wrong-credentials'],
  ['the new one is the current one', 'the old one', 'the old one', 'invalid-request'],
  ['the new one is short', 'the old one', 'short', 'invalid-request'],
  ['the new one is too long', 'the old one', 'x'.repeat(257), 'invalid-request'],
])('changes nothing when %s', async (_what, current, next, code) => {
  const response = await change(current, next)
  expect(problem.parse(await response.json()).code).toBe(code)
  expect((await findUser(home.database, person.userId))?.passwordHash).toBe(passwordHash)
})

it('limits guesses of the current password in an open session', async () => {
  for (let i = 0; i < 5; i += 1) await change('wrong', 'the new one')
  const response = await change('the old one', 'the new one')
  expect(response.status).toBe(429)
  // Fifteen minutes, minus the time that the test has taken.
  expect(Math.ceil(Number(response.headers.get('retry-after')) / 60)).toBe(15)
})

it('returns the signed-in user and their permissions', async () => {
  const response = await GET(sessionRequest('GET'), context)
  expect(await response.json()).toEqual({
    userId: person.userId,
    grants: [],
    username: person.username,
    role: 'viewer',
    permissions: ['catalog:read', 'table:read', 'table:propose'],
    expiresAtMs: expect.any(Number),
    hasGeneratedPassword: false,
    hasPassword: true,
  })
})

it('ends the session at once', async () => {
  const ended = await DELETE(sessionRequest('DELETE'), context)
  // The bytes of data files, which may be cached.
  expect([ended.status, ended.headers.get('clear-site-data')]).toEqual([200, '"cache"'])
  expect((await GET(sessionRequest('GET'), context)).status).toBe(401)
})
