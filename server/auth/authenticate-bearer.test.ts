import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Role } from '@/lib/permissions'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { findToken } from '@/server/db/auth/tokens'
import { findUser, setRole } from '@/server/db/auth/users'
import { signAccessToken } from './tokens/access-token'
import { authenticateBearer } from './authenticate-bearer'
import { revokeUserToken, issueToken } from './tokens/tokens'
import { actorFor } from './actor'

const DAY_MS = 24 * 3_600_000
const START_MS = Date.UTC(2026, 10, 20)

const home = createTestHome()

let addressCount = 0
let address: string
/** Each test has its own address, because wrong tokens are counted by address. */
beforeEach(() => {
  addressCount += 1
  address = `10.0.0.${addressCount}`
  vi.setSystemTime(START_MS)
})
afterEach(() => {
  vi.useRealTimers()
})

async function issueTestToken(owner: Role, role: Role = owner, days = 90) {
  const { userId } = await signInAs(home.services, owner)
  const user = await findUser(home.database, userId)
  if (!user) throw new Error('no such user')
  const created = await issueToken(
    home.database,
    { owner: user, name: 'spark', role, days },
    { actor: user, requestId: null },
  )
  return { ...created, userId, tokenId: created.token.tokenId }
}

function authenticate(authorization: string | null, { nowMs = START_MS + 1, from = address, cookie = '' } = {}) {
  vi.setSystemTime(nowMs)
  return authenticateBearer(
    home.services,
    new Request('http://test/iceberg/v1/config', {
      headers: { 'x-forwarded-for': from, cookie, ...(authorization !== null && { authorization }) },
    }),
  )
}
const refusalOf = (authorization: string | null, options = {}) =>
  authenticate(authorization, options).then(
    () => 'let in',
    (error: Error & { code: string }) => `${error.code}: ${error.message}`,
  )
const REFUSED = 'unauthenticated: A valid bearer token is required.'

it('lets a client act for the owner of its token, within the role of the token', async () => {
  const { text, userId } = await issueTestToken('admin', 'viewer')
  const actor = await authenticate(`Bearer ${text}`)
  expect(actor).toMatchObject({ userId, role: 'viewer' })
  expect(actor).toEqual({ ...actorFor(actor), via: { client: null, token: 'spark' } })
})

it.each(['bearer', 'BEARER', 'Bearer '])('accepts the scheme written %j', async (scheme) => {
  const { text } = await issueTestToken('viewer')
  expect(await authenticate(`${scheme} ${text}`)).toMatchObject({ role: 'viewer' })
})

it('accepts an access token issued for a token until it expires', async () => {
  const { tokenId, userId, token } = await issueTestToken('editor')
  const created = signAccessToken(home.services.keys, { tokenId, maxExpiresAtMs: token.expiresAtMs }, START_MS)
  const authorization = `Bearer ${created.text}`
  expect(await authenticate(authorization)).toMatchObject({ userId, role: 'editor' })
  expect(await refusalOf(authorization, { nowMs: START_MS + 3_600_000 })).toBe(REFUSED)
})

it('puts the expiry of an access token where Java’s client looks: `exp`, in seconds', async () => {
  const { tokenId, token } = await issueTestToken('viewer')
  const { text } = signAccessToken(home.services.keys, { tokenId, maxExpiresAtMs: token.expiresAtMs }, START_MS)
  const parts = text.split('.')
  expect(parts).toHaveLength(3)
  expect(JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())).toMatchObject({ exp: START_MS / 1000 + 3600 })
})

it('never issues an access token that outlives its token', () => {
  expect(
    signAccessToken(home.services.keys, { tokenId: 'a', maxExpiresAtMs: START_MS + 5_900 }, START_MS).expiresAtMs,
  ).toBe(START_MS + 5_000)
})

it('ignores cookies', async () => {
  const { cookie } = await signInAs(home.services, 'admin')
  expect(await refusalOf(null, { cookie, nowMs: Date.now() })).toBe(REFUSED)
  const { text } = await issueTestToken('admin')
  expect(await refusalOf(null, { cookie: `authorization=Bearer ${text}; lakeshore-session=${text}` })).toBe(REFUSED)
})

it('allows no more than the owner’s current role', async () => {
  const { text, userId } = await issueTestToken('editor')
  await setRole(home.database, userId, 'viewer')
  expect(await authenticate(`Bearer ${text}`)).toMatchObject({ role: 'viewer' })
  await setRole(home.database, userId, 'admin')
  expect(await authenticate(`Bearer ${text}`)).toMatchObject({ role: 'editor' })
})

it('refuses an expired token', async () => {
  const { text } = await issueTestToken('viewer', 'viewer', 1)
  expect(await authenticate(`Bearer ${text}`, { nowMs: START_MS + DAY_MS - 1 })).toMatchObject({ role: 'viewer' })
  expect(await refusalOf(`Bearer ${text}`, { nowMs: START_MS + DAY_MS })).toBe(REFUSED)
})

it('refuses a revoked token and any access token issued for it', async () => {
  const { text, tokenId, token, userId } = await issueTestToken('editor')
  const created = signAccessToken(home.services.keys, { tokenId, maxExpiresAtMs: token.expiresAtMs }, START_MS)
  await revokeUserToken(home.database, tokenId, {
    actor: actorFor({ userId, username: 'owner', role: 'editor' }),
    requestId: null,
  })
  expect(await refusalOf(`Bearer ${text}`)).toBe(REFUSED)
  expect(await refusalOf(`Bearer ${created.text}`)).toBe(REFUSED)
})

it('refuses a token whose owner was removed', async () => {
  const { text, tokenId, token, userId } = await issueTestToken('editor')
  const created = signAccessToken(home.services.keys, { tokenId, maxExpiresAtMs: token.expiresAtMs }, START_MS)
  await home.database.commit([rawChange('DELETE FROM users WHERE id = ?', [userId])])
  expect(await findToken(home.database, tokenId)).toBeNull()
  expect(await refusalOf(`Bearer ${text}`)).toBe(REFUSED)
  expect(await refusalOf(`Bearer ${created.text}`)).toBe(REFUSED)
})

it('refuses every wrong token in the same words', async () => {
  const [one, other] = [await issueTestToken('admin'), await issueTestToken('admin')]
  const [, id = '', secret = ''] = one.text.split('_')
  const [, , otherSecret = ''] = other.text.split('_')
  const access = signAccessToken(
    home.services.keys,
    { tokenId: one.tokenId, maxExpiresAtMs: one.token.expiresAtMs },
    START_MS,
  ).text
  const [header = '', payload = '', signature = ''] = access.split('.')
  const encoded = (fields: object) => Buffer.from(JSON.stringify(fields)).toString('base64url')
  const longer = encoded({ sub: one.tokenId, exp: (START_MS + DAY_MS) / 1000 })
  const others = encoded({ sub: other.tokenId, exp: (START_MS + DAY_MS) / 1000 })
  const wrong: (string | null)[] = [
    null,
    '',
    'Bearer',
    'Bearer ',
    one.text,
    `Basic ${Buffer.from(`:${one.text}`).toString('base64')}`,
    `Bearer ${one.text.slice(0, -1)}`,
    `Bearer ${one.text}a`,
    `Bearer ${one.text} `.repeat(2),
    `Bearer ${one.text}, Bearer ${one.text}`,
    `Bearer Bearer ${one.text}`,
    `Bearer ${one.text.toUpperCase()}`,
    `Bearer ${one.text.replace('lsh_', '')}`,
    `Bearer lsh_${id}_${otherSecret}`,
    `Bearer lsh_${'a'.repeat(16)}_${secret}`,
    `Bearer ${secret}`,
    `Bearer lsh_${id}_${'\u00fc'.repeat(40)}`,
    `Bearer lsh_${id}_' OR 1=1 --`,
    `Bearer lsh_${'a'.repeat(5000)}`,
    `Bearer ${'a.'.repeat(5000)}`,
    `Bearer ${header}.${payload}`,
    `Bearer ${header}.${payload}.`,
    `Bearer ${header}..${signature}`,
    `Bearer ${header}.${payload}.${signature.slice(1)}`,
    `Bearer ${header}.${payload}.${signature}.x`,
    `Bearer ${header}.${longer}.${signature}`,
    `Bearer ${header}.${others}.${signature}`,
    `Bearer ${encoded({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    `Bearer ${encoded({ alg: 'none', typ: 'JWT' })}.${payload}.${signature}`,
    `Bearer ${encoded({ typ: 'JWT', alg: 'HS256' })}.${payload}.${signature}`,
  ]
  for (const [i, authorization] of wrong.entries()) {
    expect(await refusalOf(authorization, { from: `${address}-${i}` }), String(authorization)).toBe(REFUSED)
  }
})

it('records its use at most once a minute', async () => {
  const { text, tokenId } = await issueTestToken('viewer')
  const database = home.database
  const writes = vi.spyOn(database, 'commit')
  const lastUsedAtMs = async () => (await findToken(database, tokenId))?.lastUsedAtMs
  expect(await lastUsedAtMs()).toBeNull()
  await Promise.all([authenticate(`Bearer ${text}`), authenticate(`Bearer ${text}`)])
  expect(writes).toHaveBeenCalledTimes(1)
  await expect.poll(lastUsedAtMs, { timeout: 50_000 }).toBe(START_MS + 1)
  await authenticate(`Bearer ${text}`, { nowMs: START_MS + 59_000 })
  expect(writes).toHaveBeenCalledTimes(1)
  // The first record may be in the database before the writer knows it.
  const usedAgain = async () => {
    await authenticate(`Bearer ${text}`, { nowMs: START_MS + 60_001 })
    return lastUsedAtMs()
  }
  await expect.poll(usedAgain, { timeout: 50_000 }).toBe(START_MS + 60_001)
  expect(writes).toHaveBeenCalledTimes(2)
  writes.mockRestore()
})

it('accepts a valid token when nothing can be written', async () => {
  const { text } = await issueTestToken('viewer')
  const writes = vi.spyOn(home.database, 'commit').mockRejectedValue(new Error('disk full'))
  expect(await authenticate(`Bearer ${text}`)).toMatchObject({ role: 'viewer' })
  writes.mockRestore()
})

const guess = (tokenId: string) => `Bearer lsh_${tokenId}_${'a'.repeat(40)}`

it('pauses guesses at a token from one address for a minute', async () => {
  const { text, tokenId } = await issueTestToken('viewer')
  for (let i = 0; i < 20; i += 1) expect(await refusalOf(guess(tokenId))).toBe(REFUSED)
  await expect(authenticate(guess(tokenId))).rejects.toMatchObject({
    code: 'too-many-requests',
    facts: { pauseSeconds: 60 },
  })
  expect(await refusalOf(`Bearer ${text}`)).toMatch('too-many-requests')
  expect(await refusalOf(`Bearer ${text}`, { from: '192.0.2.1' })).toBe('let in')
  expect(await refusalOf(`Bearer ${text}`, { nowMs: START_MS + 60_001 })).toBe('let in')
})

it('keeps serving the other clients behind the proxy of one that guesses', async () => {
  const [mine, theirs] = [await issueTestToken('viewer'), await issueTestToken('viewer')]
  for (let i = 0; i < 25; i += 1) await refusalOf(guess(theirs.tokenId))
  for (let i = 0; i < 25; i += 1) await refusalOf(guess('a'.repeat(16)))
  expect(await refusalOf(guess('a'.repeat(16)))).toMatch('too-many-requests')
  expect(await refusalOf(`Bearer ${mine.text}`)).toBe('let in')
})

it('writes nothing for the tokens of a paused address', async () => {
  for (let i = 0; i < 20; i += 1) await refusalOf(guess('b'.repeat(16)))
  const forged = `${signAccessToken(home.services.keys, { tokenId: 'a', maxExpiresAtMs: START_MS + DAY_MS }, START_MS).text}x`
  const writes = vi.spyOn(home.database, 'commit')
  expect(await refusalOf(guess('c'.repeat(16)))).toMatch('too-many-requests')
  expect(await refusalOf(`Bearer ${forged}`)).toMatch('too-many-requests')
  expect(writes).not.toHaveBeenCalled()
  writes.mockRestore()
})

it('keeps the length of a pause when the clock is set back', async () => {
  const { text, tokenId } = await issueTestToken('viewer')
  for (let i = 0; i < 21; i += 1) await refusalOf(guess(tokenId), { nowMs: START_MS + DAY_MS })
  expect(await refusalOf(`Bearer ${text}`, { nowMs: START_MS + DAY_MS })).toMatch('too-many-requests')
  expect(await refusalOf(`Bearer ${text}`)).toBe('let in')
  for (let i = 0; i < 20; i += 1) expect(await refusalOf(guess(tokenId))).toBe(REFUSED)
  expect(await refusalOf(guess(tokenId))).toMatch('too-many-requests')
})

it('counts concurrent guesses', async () => {
  const { tokenId } = await issueTestToken('viewer')
  await Promise.all(Array.from({ length: 30 }, () => refusalOf(guess(tokenId))))
  expect(await refusalOf(guess(tokenId))).toMatch('too-many-requests')
})

it('counts no guess for a correct token that has ended', async () => {
  const { text } = await issueTestToken('viewer', 'viewer', 1)
  for (let i = 0; i < 30; i += 1) {
    expect(await refusalOf(`Bearer ${text}`, { nowMs: START_MS + 2 * DAY_MS })).toBe(REFUSED)
  }
})
