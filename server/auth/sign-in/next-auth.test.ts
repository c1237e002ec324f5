import NextAuth from 'next-auth'
import { beforeAll, expect, it, vi } from 'vitest'
import type { AppError } from '@/lib/errors'
import { signInAs, createTestHome } from '@/testing/homes/test-home'
import { findOpenSession } from '@/server/db/auth/sessions'
import { authOptions } from './next-auth'
import { Keys } from '@/server/auth/keys'
import { readSessionCookie } from './session-cookie'

/** next-auth itself with our options, called as a browser would, through its interface for plain Node. */

const home = createTestHome({ LAKESHORE_PUBLIC_URL: 'https://lake.example' })
let username: string
beforeAll(async () => {
  username = (
    await signInAs(home.services, 'editor', { passwordHash: await home.services.passwords.hash('the right one') })
  ).username
})

const failUnexpectedly = (failure: AppError) => {
  throw failure
}

type Reply = { status: number; body: { url?: string; csrfToken?: string }; cookies: string[] }

async function callAuthRoute(
  route: string,
  body: Record<string, string> = {},
  cookies: Record<string, string> = {},
  services = home.services,
) {
  const reply: Reply = { status: 200, body: {}, cookies: [] }
  const response = {
    status(code: number) {
      reply.status = code
      return response
    },
    getHeader: () => reply.cookies,
    setHeader(name: string, value: string[]) {
      if (name.toLowerCase() === 'set-cookie') reply.cookies = value
      return response
    },
    json(sent: Reply['body']) {
      reply.body = sent
    },
    send(sent: Reply['body']) {
      reply.body = sent
    },
    end() {},
  }
  const isPost = Object.keys(body).length > 0
  const request = {
    method: isPost ? 'POST' : 'GET',
    query: { nextauth: route.split('/') },
    headers: { 'x-forwarded-for': '203.0.113.9' },
    cookies,
    body,
  }
  await NextAuth(request as never, response as never, authOptions(services, 'request-1', failUnexpectedly))
  return reply
}

async function signIn(password: string, token?: string, services = home.services) {
  const csrf = await callAuthRoute('csrf')
  const [, cookie = ''] = /^__Host-lakeshore-csrf=([^;]*)/.exec(csrf.cookies.join('\n')) ?? []
  const fields = { username, password, json: 'true', csrfToken: token ?? csrf.body.csrfToken ?? '' }
  return callAuthRoute(
    'callback/credentials',
    fields,
    { '__Host-lakeshore-csrf': decodeURIComponent(cookie) },
    services,
  )
}

const sessionCookieOf = ({ cookies }: Reply) => cookies.find((one) => one.startsWith('__Host-lakeshore-session='))
const valueOf = (cookie: string | undefined) => cookie?.split(';')[0]?.split('=')[1]

it('refuses the right password where passwords are off', async () => {
  const services = { ...home.services, config: { ...home.config, hasPasswordSignIn: false } }
  const refused = await signIn('the right one', undefined, services)
  expect(refused.status).toBe(401)
  expect(decodeURIComponent(refused.body.url ?? '')).toContain('identity provider')
  expect(sessionCookieOf(refused)).toBeUndefined()
})

it('opens a session that only the server can end or read', async () => {
  const reply = await signIn('the right one')
  expect(reply.status).toBe(200)
  const cookie = sessionCookieOf(reply)
  expect(cookie).toMatch(/; HttpOnly/)
  expect(cookie).toMatch(/; Secure/)
  expect(cookie).toMatch(/; SameSite=Lax/)
  expect(cookie).toMatch(/; Path=\//)
  const claims = await readSessionCookie(home.services.keys, valueOf(cookie))
  expect(await findOpenSession(home.database, claims?.sessionId ?? '')).toMatchObject({ userId: claims?.sub })
})

it('keeps the cookie no longer than the session lasts', async () => {
  const [, expires = ''] = /Expires=([^;]*)/.exec(sessionCookieOf(await signIn('the right one')) ?? '') ?? []
  const hours = (Date.parse(expires) - Date.now()) / 3_600_000
  expect(hours).toBeGreaterThan(11.9)
  expect(hours).toBeLessThanOrEqual(12)
})

it('refuses a wrong password with the code, the facts and the id of the request, and no cookie', async () => {
  const reply = await signIn('wrong')
  expect(reply.status).toBe(401)
  expect(sessionCookieOf(reply)).toBeUndefined()
  const refusal = new URL(reply.body.url ?? '').searchParams.get('error')
  expect(JSON.parse(refusal ?? '')).toEqual({
    code: 'wrong-credentials',
    detail: '4 attempts left before a pause of 15 min.',
    facts: { attemptsLeft: 4, pauseSeconds: 900 },
    requestId: 'request-1',
  })
})

it('refuses a sign-in without the CSRF token of its own form', async () => {
  const reply = await signIn('the right one', 'made up')
  expect(sessionCookieOf(reply)).toBeUndefined()
  expect(new URL(reply.body.url ?? '').searchParams.get('csrf')).toBe('true')
})

it('reveals nothing about the user in its own session route', async () => {
  const value = valueOf(sessionCookieOf(await signIn('the right one'))) ?? ''
  const reply = await callAuthRoute('session', {}, { '__Host-lakeshore-session': value })
  expect(Object.keys(reply.body)).toEqual(['expires'])
})

it('ends the session through its own sign-out route', async () => {
  const value = valueOf(sessionCookieOf(await signIn('the right one'))) ?? ''
  const csrf = await callAuthRoute('csrf')
  const [, cookie = ''] = /^__Host-lakeshore-csrf=([^;]*)/.exec(csrf.cookies.join('\n')) ?? []
  await callAuthRoute(
    'signout',
    { json: 'true', csrfToken: csrf.body.csrfToken ?? '' },
    { '__Host-lakeshore-session': value, '__Host-lakeshore-csrf': decodeURIComponent(cookie) },
  )
  const claims = await readSessionCookie(home.services.keys, value)
  expect(claims).not.toBeNull()
  expect(await findOpenSession(home.database, claims?.sessionId ?? '')).toBeNull()
  expect((await callAuthRoute('session', {}, { '__Host-lakeshore-session': value })).body).toEqual({})
})

it('refuses a cookie that was read before once it has expired', async () => {
  const value = valueOf(sessionCookieOf(await signIn('the right one'))) ?? ''
  const { keys } = home.services
  const claims = await readSessionCookie(keys, value)
  expect(claims).not.toBeNull()
  expect(await readSessionCookie(keys, value)).toEqual(claims)
  expect(await readSessionCookie(keys, `${value}x`)).toBeNull()
  expect(await readSessionCookie(new Keys({ secret: 'another secret of at least 32 characters' }), value)).toBeNull()
  vi.useFakeTimers({ now: Date.now() + 40 * 24 * 3_600_000, toFake: ['Date'] })
  try {
    expect(await readSessionCookie(keys, value)).toBeNull()
  } finally {
    vi.useRealTimers()
  }
})
