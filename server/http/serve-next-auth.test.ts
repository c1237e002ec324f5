import { beforeAll, expect, it } from 'vitest'
import { makeTestHome, signInAs } from '@/scripts/test-home'
import { serveNextAuth } from './serve-next-auth'

/** next-auth behind our first questions, as the program has it: with no Next around it. */

const home = makeTestHome()
let username: string
beforeAll(async () => {
  username = (
    await signInAs(home.services, 'editor', { passwordHash: await home.services.passwords.hash('the right one') })
  ).username
})

function ask(route: string, init: RequestInit = {}): Promise<Response> {
  const params = Promise.resolve({ nextauth: route.split('/') })
  return serveNextAuth(home.services, new Request(`http://test/api/auth/${route}`, init), { params })
}

const cookiesOf = (response: Response) => response.headers.getSetCookie().map((cookie) => cookie.split(';')[0] ?? '')

async function signIn(fields: Record<string, string>, sent?: RequestInit): Promise<Response> {
  const csrf = await ask('csrf')
  const { csrfToken } = (await csrf.json()) as { csrfToken: string }
  return ask('callback/credentials', {
    method: 'POST',
    headers: { cookie: cookiesOf(csrf).join('; '), 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ username, password: 'the right one', csrfToken, ...fields }).toString(),
    ...sent,
  })
}

it('Whoever signs in is answered with a session’s cookie, and where to go', async () => {
  const response = await signIn({ json: 'true' })
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json'])
  expect(await response.json()).toEqual({ url: '/' })
  const cookies = cookiesOf(response)
  expect(cookies.filter((cookie) => cookie.startsWith('lakeshore-session='))).toHaveLength(1)
  const session = await ask('session', { headers: { cookie: cookies.join('; ') } })
  expect(await session.json()).toEqual({ expires: expect.any(String) })
  expect(session.headers.get('x-content-type-options')).toBe('nosniff')
})

it('A form without JavaScript is led on', async () => {
  const response = await signIn({})
  expect([response.status, response.headers.get('location')]).toEqual([302, '/'])
})

it('A wrong password is refused, and no session is opened', async () => {
  const response = await signIn({ json: 'true', password: 'a wrong one' })
  expect(response.status).toBe(401)
  expect(JSON.stringify(await response.json())).toContain('wrong-credentials')
  expect(cookiesOf(response).filter((cookie) => cookie.startsWith('lakeshore-session='))).toEqual([])
})

it('A sign-in without the token of the form is led back, and no session is opened', async () => {
  const response = await signIn({ csrfToken: 'another' })
  expect([response.status, cookiesOf(response).some((cookie) => cookie.startsWith('lakeshore-session='))]).toEqual([
    302,
    false,
  ])
})

it.each(['{"username": ', '"text"', 'null'])('A body that is no JSON object is a problem: %s', async (body) => {
  const response = await signIn({}, { headers: { 'content-type': 'application/json' }, body })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ code: 'invalid-request' })
})

it('A request of another site is refused', async () => {
  const response = await signIn({}, { headers: { 'sec-fetch-site': 'cross-site' } })
  expect(response.status).toBe(403)
})
