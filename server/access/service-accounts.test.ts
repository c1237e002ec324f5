import { beforeEach, describe, expect, it } from 'vitest'
import { createRestClient } from '@/testing/catalogs/rest-client'
import { createTestHome, type SignedInUser, sessionCookie, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'
import { addUser, changeUser, linkIdentity, resetPassword } from '@/lib/contract/access'
import type { Endpoint } from '@/lib/contract/endpoint'
import { createToken, listTokens, revokeToken } from '@/lib/contract/tokens'
import { signIn } from '@/server/auth/sign-in/sign-in'
import { settleUser } from '@/server/auth/oidc/settle-user'
import { listAudit } from '@/server/db/audit-list'
import { linkIdentity as storeIdentity } from '@/server/db/auth/identities'
import { openSession } from '@/server/db/auth/sessions'
import { disableUser, findUser, listUsers, setPassword } from '@/server/db/auth/users'

/** A user for programs: it has tokens, which admins create and revoke, and no way to sign in. */

const ISSUER = 'https://id.example'
const home = createTestHome({
  LAKESHORE_OIDC_ISSUER: ISSUER,
  LAKESHORE_OIDC_CLIENT_ID: 'lakeshore',
  LAKESHORE_OIDC_CLIENT_SECRET: 'a long secret',
})

let admin: SignedInUser
let editor: SignedInUser
let userId: string
let username: string
let count = 0
beforeEach(async () => {
  count += 1
  username = `nightly-${count}`
  admin = await signInAs(home.services, 'admin')
  editor = await signInAs(home.services, 'editor')
  const { user } = addUser.output.parse(await call(addUser, { username, role: 'editor', isService: true }))
  userId = user.userId
})

async function call(endpoint: Endpoint, fields: Record<string, unknown>, { cookie } = admin): Promise<unknown> {
  const handler = await loadRouteHandler(home.services, endpoint)
  const inPath = Object.entries(fields).filter(([name]) => endpoint.path.includes(`:${name}`))
  const params = Object.fromEntries(inPath.map(([name, value]) => [name, String(value)]))
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !(name in params)))
  const hasBody = endpoint.method === 'POST' || endpoint.method === 'PUT'
  const query = hasBody ? '' : `?${new URLSearchParams(rest as Record<string, string>)}`
  const request = new Request(`http://test/x${query}`, {
    method: endpoint.method,
    headers: { cookie, 'content-type': 'application/json' },
    ...(hasBody && { body: JSON.stringify(rest) }),
  })
  return (await handler(request, { params: Promise.resolve(params) })).json()
}

const newToken = () => ({ name: 'load', role: 'editor', days: 7, user: username })

async function createServiceToken(): Promise<{ tokenId: string; secret: string }> {
  const { token, secret } = createToken.output.parse(await call(createToken, newToken()))
  return { tokenId: token.tokenId, secret }
}

const restStatus = async (secret: string) =>
  (await createRestClient(home.services, secret)('GET', 'local/namespaces')).status

describe('A service account', () => {
  it('is created without a password', async () => {
    expect(await call(addUser, { username: `${username}-2`, role: null, isService: true })).toMatchObject({
      password: null,
      user: { isService: true, signInMethod: 'none', hasPassword: false },
    })
  })

  it('cannot sign in with a password, and gets none', async () => {
    const attempt = { username, address: '10.0.0.1', requestId: 'r1' }
    await expect(signIn(home.services, { ...attempt, password: '' })).rejects.toMatchObject({
      code: 'wrong-credentials',
    })
    expect(await call(resetPassword, { userId })).toMatchObject({ code: 'invalid-request' })
    await expect(setPassword(home.database, userId, 'hash')).rejects.toMatchObject({ code: 'not-found' })
    expect((await findUser(home.database, userId))?.passwordHash).toBeNull()
    expect(await openSession(home.database, { sessionId: `s-${userId}`, userId, lifeMs: 60_000 })).toBe(false)
    const cookie = await sessionCookie(home.services, { sessionId: `s-${userId}`, sub: userId })
    expect(await call(listTokens, {}, { ...admin, cookie })).toMatchObject({ code: 'unauthenticated' })
  })

  it('cannot be linked to a person of the identity provider, who cannot take over its name either', async () => {
    expect(await call(linkIdentity, { userId, subject: 'ada' })).toMatchObject({
      code: 'invalid-request',
      detail: `${username} is a service account and never signs in. Nothing was changed.`,
    })
    await expect(storeIdentity(home.database, userId, { issuer: ISSUER, subject: 'ada' })).rejects.toMatchObject({
      code: 'already-exists',
    })
    const { oidc } = home.config
    if (!oidc) throw new Error('the test has no identity provider')
    const person = { subject: 'ada', username, displayName: null, groups: null }
    await expect(settleUser(home.services, oidc, person, 'r1')).rejects.toMatchObject({ code: 'name-taken' })
  })

  it('acts by a token that an admin created, and the audit says so', async () => {
    const { secret } = await createServiceToken()
    expect(await restStatus(secret)).toBe(200)
    const created = await createRestClient(home.services, secret)('POST', 'local/namespaces', {
      body: { namespace: [username], properties: {} },
    })
    expect(created.status).toBe(200)
    const [entry] = await listAudit(home.database, { limit: 1 })
    expect(entry).toMatchObject({ actor: { username }, via: { token: 'load', isService: true } })
    expect(await call(listTokens, { user: username })).toMatchObject({
      tokens: [{ name: 'load', username, isOfService: true }],
    })
  })

  it('gets and loses tokens by admins only, and an admin creates none for a person', async () => {
    expect(await call(createToken, newToken(), editor)).toMatchObject({ code: 'forbidden' })
    expect(await call(createToken, { ...newToken(), user: editor.username })).toMatchObject({
      code: 'forbidden',
      detail: `${editor.username} is not a service account, and creates their own tokens.`,
    })
    const { tokenId, secret } = await createServiceToken()
    expect(await call(revokeToken, { tokenId }, editor)).toMatchObject({ code: 'not-found' })
    expect(await restStatus(secret)).toBe(200)
    await call(revokeToken, { tokenId })
    expect(await restStatus(secret)).toBe(401)
  })

  it('ends when it is disabled', async () => {
    const { secret } = await createServiceToken()
    await call(changeUser, { userId, isDisabled: true })
    expect(await restStatus(secret)).toBe(401)
    expect(await call(createToken, newToken())).toMatchObject({ code: 'forbidden' })
    await call(changeUser, { userId, isDisabled: false })
    expect(await restStatus(secret)).toBe(200)
  })
})

it('A service account is not the admin whom a console needs to have', async () => {
  await call(changeUser, { userId, role: 'admin' })
  for (const { role, userId: otherId } of await listUsers(home.database)) {
    if (role === 'admin' && otherId !== admin.userId && otherId !== userId) await disableUser(home.database, otherId)
  }
  await expect(disableUser(home.database, admin.userId)).rejects.toMatchObject({ code: 'invalid-request' })
  await expect(disableUser(home.database, userId)).resolves.toBe(0)
})
