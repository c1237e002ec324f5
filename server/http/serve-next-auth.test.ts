import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AppError, type ErrorCode } from '@/lib/errors'
import { SILENT_LOG } from '@/testing/silent-log'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { closeSession, findOpenSession } from '@/server/db/auth/sessions'
import type { Services } from '@/server/services'
import { serveNextAuth } from './serve-next-auth'

/** next-auth behind our own checks, as in the program: without Next around it. */

const home = createTestHome()
let username: string
beforeAll(async () => {
  username = (
    await signInAs(home.services, 'editor', { passwordHash: await home.services.passwords.hash('the right one') })
  ).username
})

function callAuthRoute(route: string, init: RequestInit = {}, services: Services = home.services): Promise<Response> {
  const params = Promise.resolve({ '*': route.split('/') })
  return serveNextAuth(services, new Request(`http://test/api/auth/${route}`, init), { params })
}

const cookiesOf = (response: Response) => response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')

async function signIn(fields: Record<string, string>, sent?: RequestInit, services?: Services): Promise<Response> {
  const csrf = await callAuthRoute('csrf')
  const { csrfToken } = (await csrf.json()) as { csrfToken: string }
  const request = {
    method: 'POST',
    headers: { cookie: cookiesOf(csrf).join('; '), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username, password: 'the right one', csrfToken, ...fields }).toString(),
    ...sent,
  }
  return callAuthRoute('callback/credentials', request, services)
}

it('A user who signs in receives a session cookie and the page to go to', async () => {
  const response = await signIn({ json: 'true' })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toEqual({ url: '/' })
  const cookies = cookiesOf(response)
  expect(cookies.filter((cookie) => cookie.startsWith('lakeshore-session='))).toHaveLength(1)
  const session = await callAuthRoute('session', { headers: { cookie: cookies.join('; ') } })
  expect(await session.json()).toEqual({ expires: expect.any(String) })
  expect(session.headers.get('x-content-type-options')).toBe('nosniff')
})

it('A form sent without JavaScript is redirected', async () => {
  const response = await signIn({})
  expect([response.status, response.headers.get('location')]).toEqual([302, '/'])
})

it('A wrong password is refused, and no session is opened', async () => {
  const response = await signIn({ json: 'true', password: 'a wrong one' })
  expect(response.status).toBe(401)
  expect(JSON.stringify(await response.json())).toContain('wrong-credentials')
  expect(cookiesOf(response).filter((cookie) => cookie.startsWith('lakeshore-session='))).toEqual([])
})

it('A sign-in without the CSRF token is redirected back, and no session is opened', async () => {
  const response = await signIn({ csrfToken: 'another' })
  expect([response.status, cookiesOf(response).some((cookie) => cookie.startsWith('lakeshore-session='))]).toEqual([
    302,
    false,
  ])
})

it.each(['{"username": ', '"text"', 'null'])('A body that is not a JSON object is a problem: %s', async (body) => {
  const response = await signIn({}, { headers: { 'content-type': 'application/json' }, body })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'invalid-request' })
})

it('A request from another site is refused', async () => {
  const response = await signIn({}, { headers: { 'sec-fetch-site': 'cross-site' } })
  expect(response.status).toBe(403)
})

describe.each([
  ['database-unavailable', 503, '2', 1],
  ['database-busy', 429, '2', 0],
  ['database-damaged', 503, null, 1],
] as const)('While the database fails with %s', (code, status, retryAfter, lines) => {
  let person: SignedInUser
  beforeEach(async () => void (person = await signInAs(home.services, 'viewer')))

  it.each([{ json: 'true' }, {}])(
    'a sign-in is not reported as a wrong password, and says when to retry: %j',
    async (fields) => {
      const { services, logged } = withoutDatabase(code)
      const response = await signIn(fields, undefined, services)
      await expectProblem(response)
      expect(logged).toHaveLength(lines)
    },
  )

  it('next-auth’s session route does not remove the cookie of a session that may be open', async () => {
    const { services, logged } = withoutDatabase(code)
    await expectProblem(await callAuthRoute('session', { headers: { cookie: person.cookie } }, services))
    expect(logged).toHaveLength(lines)
    const again = await callAuthRoute('session', { headers: { cookie: person.cookie } })
    expect(await again.json()).toEqual({ expires: expect.any(String) })
  })

  it('a sign-out that did not end the session reports the failure', async () => {
    const signOut = async (services: Services) => {
      const csrf = await callAuthRoute('csrf')
      const { csrfToken } = (await csrf.json()) as { csrfToken: string }
      const headers = {
        cookie: [...cookiesOf(csrf), person.cookie].join('; '),
        'content-type': 'application/x-www-form-urlencoded',
      }
      const body = new URLSearchParams({ csrfToken, json: 'true' }).toString()
      return callAuthRoute('signout', { method: 'POST', headers, body }, services)
    }
    const { services, logged } = withoutDatabase(code)
    await expectProblem(await signOut(services))
    expect(logged).toHaveLength(lines)
    expect(await findOpenSession(home.database, person.sessionId)).not.toBeNull()
    const afterwards = await signOut(home.services)
    expect(afterwards.status).toBe(200)
    expect(cookiesOf(afterwards)).toContain('lakeshore-session=')
    expect(await findOpenSession(home.database, person.sessionId)).toBeNull()
  })

  async function expectProblem(response: Response): Promise<void> {
    expect([response.status, response.headers.get('retry-after')]).toEqual([status, retryAfter])
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ code, status, detail: 'The database is away.' })
    expect(response.headers.getSetCookie()).toEqual([])
  }
})

it('The session route removes the cookie of a session that has ended', async () => {
  const { cookie, sessionId } = await signInAs(home.services, 'viewer')
  await closeSession(home.database, sessionId)
  const response = await callAuthRoute('session', { headers: { cookie } })
  expect([response.status, await response.json()]).toEqual([200, {}])
  expect(cookiesOf(response)).toContain('lakeshore-session=')
})

/** The services of the home with a database that fails, and the failures that are logged. */
function withoutDatabase(code: ErrorCode): { services: Services; logged: unknown[] } {
  const logged: unknown[] = []
  const fail = () => Promise.reject(new AppError(code, 'The database is away.'))
  const database = { ...home.database, read: fail, commit: fail, nowMs: () => home.database.nowMs() }
  const log = { ...SILENT_LOG, error: (error: unknown) => void logged.push(error) }
  return { services: { ...home.services, database, log }, logged }
}
