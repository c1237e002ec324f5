import { beforeEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import type { Role } from '@/lib/permissions'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { actorFor } from '@/server/auth/actor'
import { authenticateBearer } from '@/server/auth/authenticate-bearer'
import { signAccessToken } from '@/server/auth/tokens/access-token'
import { AppError } from '@/lib/errors'
import { revokeUserToken, issueToken } from '@/server/auth/tokens/tokens'
import { listAudit } from '@/server/db/audit-list'
import { findUser } from '@/server/db/auth/users'
import { serveTokenRequest } from './oauth-token'

/** Requests have the form that Iceberg's clients send: Java `OAuth2Util`, PyIceberg `LegacyOAuth2AuthManager`. */

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'
const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const HOUR_MS = 3_600_000

const home = createTestHome()

let addressCount = 0
let address: string
/** Each test has its own client address, because wrong tokens are counted by address. */
beforeEach(() => {
  addressCount += 1
  address = `10.0.1.${addressCount}`
})

async function createToken(role: Role) {
  const { userId, username } = await signInAs(home.services, role)
  const owner = await findUser(home.database, userId)
  if (!owner) throw new Error('no such user')
  const { text, token } = await issueToken(
    home.database,
    { owner, name: 'spark', role, days: 90 },
    { actor: owner, requestId: null },
  )
  const [, tokenId = '', secret = ''] = text.split('_')
  const revoke = () => revokeUserToken(home.database, tokenId, { actor: actorFor(owner), requestId: null })
  return { text, tokenId, secret, userId, username, revoke, expiresAtMs: token.expiresAtMs }
}

type TokenReply = { status: number; headers: Headers; text: string; body: Record<string, unknown> }

async function post(
  fields: Record<string, string> | string,
  headers: Record<string, string> = {},
): Promise<TokenReply> {
  const response = await serveTokenRequest(
    home.services,
    new Request('http://test/iceberg/v1/oauth/tokens', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-forwarded-for': address, ...headers },
      body: new URLSearchParams(fields),
    }),
    'r1',
  )
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: z.record(z.string(), z.unknown()).parse(JSON.parse(text)),
  }
}

const basic = (credential: string) => ({ authorization: `Basic ${Buffer.from(credential).toString('base64')}` })
const bearer = (text: unknown) => ({ authorization: `Bearer ${String(text)}` })
const actorOf = (text: unknown) =>
  authenticateBearer(
    home.services,
    new Request('http://test/', { headers: { ...bearer(text), 'x-forwarded-for': address } }),
  )
const clientCredentials = (fields: Record<string, string>) => ({
  grant_type: 'client_credentials',
  scope: 'catalog',
  ...fields,
})
const exchange = (subject: unknown, fields: Record<string, string> = {}) => ({
  grant_type: EXCHANGE,
  scope: 'catalog',
  subject_token: String(subject),
  subject_token_type: ACCESS_TOKEN,
  ...fields,
})

it('exchanges client credentials for an access token that lasts an hour', async () => {
  const { tokenId, secret, userId } = await createToken('editor')
  const { status, body, headers } = await post(clientCredentials({ client_id: tokenId, client_secret: secret }))
  expect([status, body]).toEqual([
    200,
    {
      access_token: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
      token_type: 'bearer',
      expires_in: 3600,
      issued_token_type: ACCESS_TOKEN,
      scope: 'catalog',
    },
  ])
  expect(headers.get('cache-control')).toBe('no-store')
  expect(await actorOf(body.access_token)).toMatchObject({ userId, role: 'editor' })
})

it.each([
  ['the token’s id and its secret', (t: Made) => ({ client_id: t.tokenId, client_secret: t.secret })],
  ['the token’s id and the whole token', (t: Made) => ({ client_id: t.tokenId, client_secret: t.text })],
  ['its owner’s name and the whole token', (t: Made) => ({ client_id: t.username, client_secret: t.text })],
  [
    'its owner’s name in capitals and its secret',
    (t: Made) => ({ client_id: t.username.toUpperCase(), client_secret: t.secret }),
  ],
  ['an empty id and the whole token', (t: Made) => ({ client_id: '', client_secret: t.text })],
  ['no id and the whole token', (t: Made) => ({ client_secret: t.text })],
])('accepts %s', async (_what, credential) => {
  const token = await createToken('viewer')
  await createToken('viewer')
  const { status, body } = await post(clientCredentials(credential(token)))
  expect(status).toBe(200)
  expect(await actorOf(body.access_token)).toMatchObject({ userId: token.userId })
})
type Made = Awaited<ReturnType<typeof createToken>>

it.each([
  ['id:secret', (t: Made) => `${t.tokenId}:${t.secret}`],
  ['name:token', (t: Made) => `${t.username}:${t.text}`],
  [':token', (t: Made) => `:${t.text}`],
  ['token', (t: Made) => t.text],
  ['a form-encoded id', (t: Made) => `${t.username.replace('-', '%2D')}:${t.text}`],
])('accepts HTTP Basic with %s', async (_what, credential) => {
  const token = await createToken('viewer')
  const { status, body } = await post({ grant_type: 'client_credentials' }, basic(credential(token)))
  expect(status).toBe(200)
  expect(await actorOf(body.access_token)).toMatchObject({ userId: token.userId })
})

it('refuses a bearer token as client credentials, but allows one next to them', async () => {
  const { text } = await createToken('viewer')
  expect((await post({ grant_type: 'client_credentials' }, bearer(text))).status).toBe(401)
  expect((await post(clientCredentials({ client_secret: text }), bearer('old'))).status).toBe(200)
})

it('refuses every wrong credential with the same message', async () => {
  const [one, other] = [await createToken('admin'), await createToken('admin')]
  const revoked = await createToken('admin')
  await revoked.revoke()
  const { cookie } = await signInAs(home.services, 'admin')
  const replies = await Promise.all([
    post(clientCredentials({ client_id: one.tokenId, client_secret: other.secret })),
    post(clientCredentials({ client_id: one.tokenId, client_secret: other.text })),
    post(clientCredentials({ client_id: one.username, client_secret: other.text })),
    post(clientCredentials({ client_id: one.username, client_secret: other.secret })),
    post(clientCredentials({ client_id: 'nobody', client_secret: one.text })),
    post(clientCredentials({ client_id: 'nobody', client_secret: one.secret })),
    post(clientCredentials({ client_secret: one.secret })),
    post(clientCredentials({ client_id: one.tokenId, client_secret: '' })),
    post(clientCredentials({ client_id: one.tokenId, client_secret: 'ü'.repeat(40) })),
    post(clientCredentials({ client_id: one.tokenId })),
    post(clientCredentials({ client_id: revoked.tokenId, client_secret: revoked.secret })),
    post({ grant_type: 'client_credentials' }, { cookie }),
    post({ grant_type: 'client_credentials' }, basic(`${one.tokenId}:${other.secret}`)),
    post({ grant_type: 'client_credentials' }, { authorization: 'Basic !!!' }),
    post(exchange(one.text), basic(`${one.tokenId}:${other.secret}`)),
  ])
  for (const { status, body, headers } of replies) {
    expect([status, body]).toEqual([401, { error: 'invalid_client', error_description: expect.any(String) }])
    expect(headers.get('www-authenticate')).toMatch(/^Basic /)
  }
  expect(new Set(replies.map(({ text }) => text)).size).toBe(1)
})

it('renews a valid access token, as Java’s client requests it', async () => {
  const { text, userId } = await createToken('editor')
  const first = await post(clientCredentials({ client_secret: text }))
  const { status, body } = await post(exchange(first.body.access_token), bearer(first.body.access_token))
  expect([status, body.issued_token_type, body.token_type]).toEqual([200, ACCESS_TOKEN, 'bearer'])
  expect(await actorOf(body.access_token)).toMatchObject({ userId, role: 'editor' })
})

it('exchanges a token that was configured directly in Java’s client for an access token', async () => {
  const { text, userId } = await createToken('editor')
  const { status, body } = await post(exchange(text), bearer(text))
  expect(status).toBe(200)
  expect(await actorOf(body.access_token)).toMatchObject({ userId })
})

it('renews an expired access token only for its own client', async () => {
  const [one, other] = [await createToken('editor'), await createToken('editor')]
  const old = signAccessToken(
    home.services.keys,
    { tokenId: one.tokenId, maxExpiresAtMs: one.expiresAtMs },
    Date.now() - 2 * HOUR_MS,
  ).text
  await expect(actorOf(old)).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await post(exchange(old), bearer(old))).status).toBe(400)
  expect((await post(exchange(old), basic(`${other.tokenId}:${other.secret}`))).status).toBe(400)
  const { status, body } = await post(exchange(old), basic(`${one.tokenId}:${one.secret}`))
  expect(status).toBe(200)
  expect(await actorOf(body.access_token)).toMatchObject({ userId: one.userId })
})

it('renews no access token of a revoked token', async () => {
  const { text, revoke } = await createToken('editor')
  const { body } = await post(clientCredentials({ client_secret: text }))
  await revoke()
  for (const subject of [body.access_token, text]) {
    expect(await post(exchange(subject))).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  }
})

it.each([
  ['no grant', {}, 'invalid_request'],
  ['an empty grant', { grant_type: '' }, 'unsupported_grant_type'],
  ['a password', { grant_type: 'password', username: 'admin', password: 'x' }, 'unsupported_grant_type'],
  ['an exchange of nothing', { grant_type: EXCHANGE, subject_token_type: ACCESS_TOKEN }, 'invalid_request'],
  ['an exchange of an invalid token', exchange('x.y.z'), 'invalid_request'],
  ['an exchange of a forged token', exchange('eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'), 'invalid_request'],
  [
    'an exchange of another kind of token',
    exchange('x', { subject_token_type: 'urn:ietf:params:oauth:token-type:jwt' }),
    'invalid_request',
  ],
  ['a grant given twice', 'grant_type=client_credentials&grant_type=client_credentials', 'invalid_request'],
  ['a very long secret', clientCredentials({ client_secret: 'a'.repeat(2000) }), 'invalid_request'],
])('refuses %s', async (_what, fields: Record<string, string> | string, error) => {
  const { status, body, headers } = await post(fields)
  expect([status, body]).toEqual([400, { error, error_description: expect.stringMatching(/\S/) }])
  expect(headers.get('cache-control')).toBe('no-store')
})

it('refuses a body that is not a form, and one that is too large', async () => {
  const { text } = await createToken('viewer')
  const json = await post(clientCredentials({ client_secret: text }), { 'content-type': 'application/json' })
  expect(json).toMatchObject({ status: 400, body: { error: 'invalid_request' } })
  const large = await post(clientCredentials({ client_secret: text, filler: 'a'.repeat(20_000) }))
  expect(large).toMatchObject({ status: 413, body: { error: 'invalid_request' } })
})

it('sends Retry-After after too many wrong credentials', async () => {
  const { tokenId } = await createToken('viewer')
  const wrongCredentials = clientCredentials({ client_id: tokenId, client_secret: 'a'.repeat(40) })
  for (let i = 0; i < 20; i += 1) expect((await post(wrongCredentials)).status).toBe(401)
  const { status, headers, body } = await post(wrongCredentials)
  expect([status, headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^[1-9]\d?$/)])
  expect(body).toEqual({ error: 'temporarily_unavailable', error_description: expect.any(String) })
})

it.each([
  ['fails unexpectedly', new Error('private reason'), 500, 'server_error'],
  ['is locked', new AppError('database-unavailable', 'It is locked.'), 503, 'temporarily_unavailable'],
])('keeps the format of its responses when a lookup %s', async (_what, failure, status, error) => {
  const { text } = await createToken('viewer')
  const reads = vi.spyOn(home.database, 'read').mockRejectedValue(failure)
  const reply = await post(clientCredentials({ client_secret: text }))
  reads.mockRestore()
  expect([reply.status, reply.body.error]).toEqual([status, error])
  expect(reply.text).not.toContain('private reason')
})

it('repeats no secret in responses or logs', async () => {
  const { text, secret, tokenId } = await createToken('viewer')
  const replies = [
    await post(clientCredentials({ client_secret: text })),
    await post(clientCredentials({ client_id: 'nobody', client_secret: text })),
    await post(exchange(text, { subject_token_type: text })),
    await post({ grant_type: text }),
    await post(clientCredentials({ client_id: tokenId, client_secret: secret }), { 'content-type': text }),
  ]
  for (const reply of replies) expect(reply.text + JSON.stringify([...reply.headers])).not.toContain(secret)
  expect(JSON.stringify(await listAudit(home.database, { limit: 500 }))).not.toContain(secret)
})
