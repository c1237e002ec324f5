import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { actorFor } from '@/server/auth/actor'
import { authenticateBearer, verifyBearer } from '@/server/auth/authenticate-bearer'
import { listAudit } from '@/server/db/audit-list'
import { findToken } from '@/server/db/auth/tokens'
import { findUser, type User } from '@/server/db/auth/users'
import { exchangeCredentials } from './client-credentials'
import { issueToken, revokeUserToken, rotateTokenSecret, rotateVisibleToken } from './tokens'

/** A token with a new secret, and the old one until the overlap ends. */

const HOUR_MS = 3_600_000
const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token'
const home = createTestHome()

let owner: User
let tokenId: string
let old: string
beforeEach(async () => {
  owner = await findOwner('editor')
  const issued = await issueToken(home.database, { owner, name: 'spark', role: 'editor', days: 7 }, context(owner))
  tokenId = issued.token.tokenId
  old = issued.text
})
afterEach(() => vi.restoreAllMocks())

const context = (user: User) => ({ actor: actorFor(user), requestId: 'r1' })

async function findOwner(role: 'viewer' | 'editor' | 'admin'): Promise<User> {
  const user = await findUser(home.database, (await signInAs(home.services, role)).userId)
  if (!user) throw new Error('the user was not added')
  return user
}

const rotate = async (overlapHours: 0 | 1 | 24) =>
  (await rotateTokenSecret(home.database, tokenId, overlapHours, context(owner))).text

const bearer = (text: string) => new Request('http://test/', { headers: { authorization: `Bearer ${text}` } })

async function isAccepted(text: string): Promise<boolean> {
  return authenticateBearer(home.services, bearer(text)).then(
    () => true,
    () => false,
  )
}

/** Ends the overlap, as the passing of time does. */
const endOverlap = () =>
  home.database.commit([rawChange('UPDATE tokens SET previous_ends_at_ms = 1 WHERE id = ?', [tokenId], 1)])

async function exchange(form: Record<string, string>): Promise<string> {
  const issued = await exchangeCredentials(home.services, new URLSearchParams(form), null, { address: '10.0.0.1' })
  if ('error' in issued) throw new Error(issued.description)
  return issued.accessToken
}

const exchangeSecret = (secret: string) =>
  exchange({ grant_type: 'client_credentials', client_id: owner.username, client_secret: secret })

describe('The old secret of a rotated token', () => {
  it('is accepted next to the new one until the overlap ends', async () => {
    const next = await rotate(1)
    expect(next.split('_')[1], 'the token keeps its id').toBe(tokenId)
    expect([await isAccepted(old), await isAccepted(next)]).toEqual([true, true])
    await endOverlap()
    expect([await isAccepted(old), await isAccepted(next)]).toEqual([false, true])
  })

  it('ends at once without an overlap, and with a second rotation', async () => {
    const second = await rotate(24)
    const third = await rotate(24)
    expect([await isAccepted(old), await isAccepted(second), await isAccepted(third)]).toEqual([false, true, true])
    const fourth = await rotate(0)
    expect([await isAccepted(third), await isAccepted(fourth)]).toEqual([false, true])
  })

  it('ends at once with the new one when the token is revoked', async () => {
    const next = await rotate(24)
    await revokeUserToken(home.database, tokenId, context(owner))
    expect([await isAccepted(old), await isAccepted(next)]).toEqual([false, false])
  })

  it('ends the access tokens that were issued for it, and those that they were exchanged for', async () => {
    const accessOfOld = await exchangeSecret(old.split('_')[2] ?? '')
    const next = await rotate(1)
    const renewed = await exchange({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: accessOfOld,
      subject_token_type: TOKEN_TYPE,
    })
    const accessOfNext = await exchangeSecret(next)
    for (const text of [accessOfOld, renewed, accessOfNext]) expect(await isAccepted(text)).toBe(true)
    await endOverlap()
    for (const text of [accessOfOld, renewed]) expect(await isAccepted(text)).toBe(false)
    expect(await isAccepted(accessOfNext)).toBe(true)
    await expect(exchangeSecret(old.split('_')[2] ?? '')).rejects.toThrow('not a valid personal access token')
  })

  it('ends for callers that stay', async () => {
    const { refresh } = await verifyBearer(home.services, bearer(old))
    await rotate(1)
    expect(await refresh()).toMatchObject({ userId: owner.userId })
    await endOverlap()
    expect(await refresh()).toBeNull()
  })

  it('is not a guess after it ended, so that a forgotten client does not pause the token', async () => {
    const next = await rotate(0)
    for (let i = 0; i < 25; i += 1) expect(await isAccepted(old)).toBe(false)
    expect(await isAccepted(next)).toBe(true)
  })
})

it('A rotated token keeps its name, role and expiry, and records the use of each secret', async () => {
  const before = await findToken(home.database, tokenId)
  const next = await rotate(24)
  const uses = async () => {
    const { lastUsedAtMs = null, previous = null } = (await findToken(home.database, tokenId)) ?? {}
    return [lastUsedAtMs !== null, (previous?.lastUsedAtMs ?? null) !== null]
  }
  expect(await uses()).toEqual([false, false])
  await isAccepted(old)
  await vi.waitUntil(async () => (await uses())[1], { timeout: HOUR_MS })
  expect(await uses()).toEqual([false, true])
  await isAccepted(next)
  await vi.waitUntil(async () => (await uses())[0], { timeout: HOUR_MS })
  const { name, limit, createdAtMs, expiresAtMs } = (await findToken(home.database, tokenId)) ?? {}
  expect({ name, limit, createdAtMs, expiresAtMs }).toEqual({
    name: before?.name,
    limit: before?.limit,
    createdAtMs: before?.createdAtMs,
    expiresAtMs: before?.expiresAtMs,
  })
})

it('A rotation is audited with the end of the old secret, without a secret', async () => {
  const next = await rotate(1)
  const [entry] = await listAudit(home.database, { limit: 1 })
  expect(entry).toMatchObject({
    action: 'rotate-token',
    actor: { userId: owner.userId },
    before: { token: { tokenId, name: 'spark' } },
    after: { token: { tokenId, oldSecretEndsAtMs: expect.any(Number) } },
  })
  for (const text of [old, next]) expect(JSON.stringify(entry)).not.toContain(text.split('_')[2])
})

it('Only the owner rotates the token of a person, and a token that has ended is not rotated', async () => {
  const attempt = { tokenId, overlapHours: 24 } as const
  const [other, admin] = [await findOwner('editor'), await findOwner('admin')]
  await expect(rotateVisibleToken(home.database, attempt, context(other))).rejects.toMatchObject({ code: 'not-found' })
  await expect(rotateVisibleToken(home.database, attempt, context(admin))).rejects.toMatchObject({ code: 'forbidden' })
  expect(await isAccepted(old)).toBe(true)
  await revokeUserToken(home.database, tokenId, context(owner))
  await expect(rotateVisibleToken(home.database, attempt, context(owner))).rejects.toMatchObject({
    code: 'invalid-request',
    message: 'spark is revoked, so it was not rotated. Create another token.',
  })
})
