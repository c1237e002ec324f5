import { beforeEach, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '@/lib/contract/endpoints'
import { changePassword, endSession, getSession } from '@/lib/contract/session'
import { createRestClient } from '@/testing/catalogs/rest-client'
import { sampleInput } from '@/testing/contract/sample-input'
import { createTestHome, sessionCookie } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { resetPassword } from '@/server/access/users'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { issueToken } from '@/server/auth/tokens/tokens'
import { linkIdentity } from '@/server/db/auth/identities'
import { addUser, findUser, type User } from '@/server/db/auth/users'
import { openSession } from '@/server/db/auth/sessions'
import { signIn } from './sign-in'

/** A user with a password that an admin generated: until they have changed it, they can do nothing else. */

const home = createTestHome()
const OWN_PASSWORD = 'a password of their own'
const context = { actor: actorFor(COMMAND_LINE), requestId: 'r1' }
const token = { name: 'spark', role: 'viewer', days: 7 } as const

let user: User
let generated: string
let tokenText: string
let count = 0

/** A user with a token, whose password an admin has then reset. */
beforeEach(async () => {
  count += 1
  const username = `new-user-${count}`
  const passwordHash = await home.services.passwords.hash('the first password')
  const userId = await addUser(home.database, { username, passwordHash, hasGeneratedPassword: false, role: 'admin' })
  tokenText = (await issueToken(home.database, { ...token, owner: await readUser(userId) }, context)).text
  generated = (await resetPassword(home.services, userId, context)).password
  user = await readUser(userId)
})

async function readUser(userId: string): Promise<User> {
  const found = await findUser(home.database, userId)
  if (!found) throw new Error('there is no such user')
  return found
}

async function signInWith(password: string): Promise<string> {
  const { username, userId: sub } = user
  const { sessionId } = await signIn(home.services, { username, password, address: '10.0.0.1', requestId: 'r2' })
  return sessionCookie(home.services, { sessionId, sub })
}

async function send(endpoint: (typeof ENDPOINTS)[number]['endpoint'], headers: Record<string, string>, body?: object) {
  const handler = await loadRouteHandler(home.services, endpoint)
  const fields = body ?? sampleInput(endpoint.input)
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const params = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, String(value)]))
  const request = new Request('http://test/x', {
    method: endpoint.method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(hasBody && { body: JSON.stringify(fields) }),
  })
  return handler(request, { params: Promise.resolve(params) })
}

const changeTo = (cookie: string, newPassword: string) =>
  send(changePassword, { cookie }, { currentPassword: generated, newPassword })

describe('A session with a generated password', () => {
  it('is refused at every endpoint except those that return it, end it and change the password', async () => {
    const cookie = await signInWith(generated)
    const open: string[] = []
    for (const { name, endpoint } of ENDPOINTS) {
      if (endpoint === changePassword || endpoint === endSession) continue
      const response = await send(endpoint, { cookie })
      const body = (await response.json()) as { code?: string }
      if (response.status !== 403 || body.code !== 'password-change-required') open.push(name)
    }
    expect(open).toEqual(['getSession'])
    expect((await send(endSession, { cookie })).status).toBe(200)
    expect((await send(getSession, { cookie })).status).toBe(401)
  })

  it('can do everything else once the password is changed to another one', async () => {
    const cookie = await signInWith(generated)
    const readSession = async () => (await (await send(getSession, { cookie })).json()) as unknown
    expect(await readSession()).toMatchObject({ hasGeneratedPassword: true })
    expect((await changeTo(cookie, generated)).status, 'the new password has to differ').toBe(400)
    expect(await readSession()).toMatchObject({ hasGeneratedPassword: true })
    expect((await changeTo(cookie, OWN_PASSWORD)).status).toBe(200)
    expect(await readSession()).toMatchObject({ hasGeneratedPassword: false })
    const listUsers = ENDPOINTS.find(({ name }) => name === 'listUsers')
    if (!listUsers) throw new Error('listUsers is not an endpoint')
    expect((await send(listUsers.endpoint, { cookie }, {})).status).toBe(200)
  })

  it('is not limited when the identity provider opened it, or when it is older than the rule', async () => {
    await openSession(home.database, { sessionId: `s-${user.userId}`, userId: user.userId, lifeMs: 60_000 })
    const cookie = await sessionCookie(home.services, { sessionId: `s-${user.userId}`, sub: user.userId })
    expect(await (await send(getSession, { cookie })).json()).toMatchObject({ hasGeneratedPassword: false })
  })
})

describe('The tokens of a user with a generated password', () => {
  const readNamespaces = async () =>
    (await createRestClient(home.services, tokenText)('GET', 'local/namespaces')).status
  const readOwnSession = async () => (await send(getSession, { authorization: `Bearer ${tokenText}` })).status

  it('are refused by the API and the REST catalog until the password is changed', async () => {
    expect([await readNamespaces(), await readOwnSession()]).toEqual([401, 401])
    await changeTo(await signInWith(generated), OWN_PASSWORD)
    expect([await readNamespaces(), await readOwnSession()]).toEqual([200, 200])
  })

  it('cannot be created', async () => {
    await expect(issueToken(home.database, { ...token, owner: user }, context)).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('generated password'),
    })
  })

  it('work when the user signs in with the identity provider, and so may never use the password', async () => {
    await linkIdentity(home.database, user.userId, { issuer: 'https://id.example', subject: user.userId })
    expect([await readNamespaces(), await readOwnSession()]).toEqual([200, 200])
    await expect(issueToken(home.database, { ...token, owner: user }, context)).resolves.toMatchObject({
      token: { state: 'live' },
    })
  })
})
