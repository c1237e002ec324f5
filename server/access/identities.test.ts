import { beforeAll, expect, it } from 'vitest'
import { getUser, linkIdentity, unlinkIdentity } from '@/lib/contract/access'
import type { Endpoint } from '@/lib/contract/endpoint'
import { listAudit } from '@/server/db/audit-list'
import { findUserByIdentity } from '@/server/db/auth/identities'
import { requestWith } from '@/testing/contract/request-with'
import { createTestHome, type SignedInUser, signInAs } from '@/testing/homes/test-home'
import { loadRouteHandler } from '@/testing/http/route-handler'

/** Subjects of the identity provider, linked and unlinked by admins. Nothing here sends a request to the provider. */

const ISSUER = 'https://id.example.com'
const home = createTestHome({
  LAKESHORE_PUBLIC_URL: 'https://lake.example.com',
  LAKESHORE_OIDC_ISSUER: ISSUER,
  LAKESHORE_OIDC_CLIENT_ID: 'console',
  LAKESHORE_OIDC_CLIENT_SECRET: 'a secret of the client',
})
let admin: SignedInUser
let ada: SignedInUser
beforeAll(async () => {
  admin = await signInAs(home.services, 'admin')
  ada = await signInAs(home.services, null)
})

async function send(endpoint: Endpoint, fields: Record<string, unknown>, user: SignedInUser) {
  const { request, params } = requestWith(endpoint, fields, user.cookie)
  const handler = await loadRouteHandler(home.services, endpoint)
  const response = await handler(request, { params: Promise.resolve(params) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

it('A subject is linked, replaced and unlinked, with an audit entry each, and ends the sessions of its user', async () => {
  const { userId } = ada
  const first = await send(linkIdentity, { userId, subject: 's-1' }, admin)
  expect(first.body).toMatchObject({ signInMethod: { provider: 'id.example.com', subject: 's-1' } })
  expect((await send(getUser, { userId }, ada)).status).toBe(401)
  await send(linkIdentity, { userId, subject: 's-2' }, admin)
  expect(await findUserByIdentity(home.database, { issuer: ISSUER, subject: 's-1' })).toBeNull()
  expect(await findUserByIdentity(home.database, { issuer: ISSUER, subject: 's-2' })).toMatchObject({ userId })
  expect((await send(unlinkIdentity, { userId }, admin)).body).toMatchObject({ signInMethod: 'password' })
  expect((await send(unlinkIdentity, { userId }, admin)).status).toBe(404)
  const actions = (await listAudit(home.database, { limit: 10 })).filter(({ action }) => action.endsWith('identity'))
  expect(actions.map(({ action, actor }) => [action, actor.username])).toEqual([
    ['unlink-identity', admin.username],
    ['link-identity', admin.username],
    ['link-identity', admin.username],
  ])
})

it('The subject of another user is not taken over, and users cannot change how they sign in themselves', async () => {
  const [one, other] = [await signInAs(home.services, 'editor'), await signInAs(home.services, 'viewer')]
  await send(linkIdentity, { userId: one.userId, subject: 'taken' }, admin)
  expect((await send(linkIdentity, { userId: other.userId, subject: 'taken' }, admin)).status).toBe(409)
  expect((await send(linkIdentity, { userId: admin.userId, subject: 'mine' }, admin)).status).toBe(400)
  expect((await send(unlinkIdentity, { userId: admin.userId }, admin)).status).toBe(400)
  expect((await send(linkIdentity, { userId: other.userId, subject: 'mine' }, other)).status).toBe(403)
  expect((await send(unlinkIdentity, { userId: one.userId }, other)).status).toBe(403)
  expect(await findUserByIdentity(home.database, { issuer: ISSUER, subject: 'taken' })).toMatchObject({
    userId: one.userId,
  })
})
