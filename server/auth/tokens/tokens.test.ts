import { afterEach, expect, it, vi } from 'vitest'
import type { Role } from '@/lib/permissions'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { listAudit } from '@/server/db/audit-list'
import { findToken, MAX_LIVE_TOKENS } from '@/server/db/auth/tokens'
import { findUser } from '@/server/db/auth/users'
import { actorFor } from '../actor'
import { hashSecret, parseTokenText } from './token-text'
import { revokeUserToken, issueRequestedToken, issueToken, listVisibleTokens } from './tokens'

const DAY_MS = 24 * 3_600_000

const home = createTestHome()
afterEach(() => {
  vi.useRealTimers()
})

async function signInPerson(role: Role) {
  const { userId } = await signInAs(home.services, role)
  const user = await findUser(home.database, userId)
  if (!user) throw new Error('no such user')
  const context = { actor: actorFor(user), requestId: 'r1' }
  const make = (tokenRequest: { name?: string; role?: Role; days?: number } = {}) =>
    issueToken(home.database, { owner: user, name: 'spark', role, days: 90, ...tokenRequest }, context)
  return { user, by: context, make, actor: context.actor }
}

it('A token has a recognizable text that cannot be guessed', async () => {
  const { make } = await signInPerson('viewer')
  const texts = await Promise.all(Array.from({ length: 20 }, async () => (await make()).text))
  for (const text of texts) expect(text).toMatch(/^lsh_[a-z2-7]{16}_[a-z2-7]{40}$/) // 32 letters, 40 times: 200 bits
  expect(new Set(texts.flatMap((text) => text.split('_').slice(1))).size).toBe(2 * texts.length)
})

it('A token is stored only as a hash of its secret', async () => {
  const { make } = await signInPerson('editor')
  const { text, token } = await make()
  const secret = parseTokenText(text)?.secret ?? ''
  const database = home.database
  expect((await findToken(database, token.tokenId))?.secretHash).toBe(hashSecret(secret))
  const tables = await database.read(rawQuery<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'"))
  const rows = await Promise.all(tables.map(({ name }) => database.read(rawQuery(`SELECT * FROM "${name}"`))))
  const stored = JSON.stringify(rows)
  expect(stored).toContain(token.tokenId)
  expect(stored).not.toContain(secret)
})

it('A token is audited with its creator, revoker, owner and role', async () => {
  const [owner, admin] = [await signInPerson('editor'), await signInPerson('admin')]
  const { token } = await owner.make({ role: 'viewer' })
  await revokeUserToken(home.database, token.tokenId, { actor: admin.actor, requestId: 'r2' })
  const state = { token: { tokenId: token.tokenId, name: 'spark', username: owner.user.username, role: 'viewer' } }
  expect(await listAudit(home.database, { limit: 2 })).toMatchObject([
    { action: 'revoke-token', actor: { userId: admin.user.userId }, before: state, after: null, requestId: 'r2' },
    { action: 'create-token', actor: { userId: owner.user.userId }, before: null, after: state, requestId: 'r1' },
  ])
})

it.each([
  ['viewer', 'editor'],
  ['viewer', 'admin'],
  ['editor', 'admin'],
] as const)('A token cannot be created by a %s with the role %s', async (own, role) => {
  const { make, by: context } = await signInPerson(own)
  await expect(make({ role })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(issueRequestedToken(home.database, { name: 'spark', role, days: 1 }, context)).rejects.toMatchObject({
    code: 'forbidden',
  })
  expect(await listVisibleTokens(home.database, context.actor, undefined)).toEqual([])
})

it.each([
  { name: '' },
  { name: ' spark' },
  { name: 'two\nlines' },
  { name: 'line\u2028separator' },
  { name: 'right\u202eto left' },
  { name: 'a'.repeat(65) },
  { days: 0 },
  { days: 366 },
  { days: 1.5 },
  { days: Number.NaN },
])('A token cannot be created with %j', async (tokenRequest) => {
  const { make } = await signInPerson('viewer')
  await expect(make(tokenRequest)).rejects.toMatchObject({ code: 'invalid-request' })
})

it('A token can have a name in any language', async () => {
  const { make } = await signInPerson('viewer')
  for (const name of ['s', 'Nächtlicher Lauf №7', '夜間バッチ', 'a'.repeat(64)]) {
    expect((await make({ name })).token.name).toBe(name)
  }
})

it('A token is limited in number per user, even for concurrent requests', async () => {
  const { make, by: context } = await signInPerson('viewer')
  const results = await Promise.allSettled(Array.from({ length: MAX_LIVE_TOKENS + 5 }, () => make()))
  expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(5)
  await expect(make()).rejects.toMatchObject({
    code: 'invalid-request',
    message: expect.stringContaining('Revoke one'),
  })
  const [first] = await listVisibleTokens(home.database, context.actor, undefined)
  await revokeUserToken(home.database, first?.tokenId ?? '', context)
  await make()
})

it('A token is deleted after it ended when newer ones have ended too', async () => {
  const { make, actor } = await signInPerson('viewer')
  const longAgoMs = Date.now() - 1000 * DAY_MS
  for (let i = 0; i < 60; i += 1) {
    vi.setSystemTime(longAgoMs + 2 * i * DAY_MS)
    await make({ days: 1, name: `t${i}` })
  }
  const names = (await listVisibleTokens(home.database, actor, undefined)).map(({ name }) => name)
  expect(names[0]).toBe('t59')
  expect(names.length).toBeLessThanOrEqual(51)
  expect(names).not.toContain('t0')
})

it('A token can be listed and revoked by its owner and by an admin only', async () => {
  const [owner, other, admin] = [
    await signInPerson('editor'),
    await signInPerson('editor'),
    await signInPerson('admin'),
  ]
  const { token } = await owner.make()
  const visibleTokenIds = async (viewer: typeof owner, user?: string) =>
    (await listVisibleTokens(home.database, viewer.actor, user)).map(({ tokenId }) => tokenId)
  expect(await visibleTokenIds(owner)).toEqual([token.tokenId])
  expect(await visibleTokenIds(owner, owner.user.username.toUpperCase())).toEqual([token.tokenId])
  expect(await visibleTokenIds(other)).toEqual([])
  expect(await visibleTokenIds(admin)).toEqual([])
  expect(await visibleTokenIds(admin, owner.user.username)).toEqual([token.tokenId])
  expect(await visibleTokenIds(admin, '*')).toContain(token.tokenId)
  await expect(visibleTokenIds(other, owner.user.username)).rejects.toMatchObject({ code: 'forbidden' })
  await expect(visibleTokenIds(other, '*')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(visibleTokenIds(admin, 'nobody')).rejects.toMatchObject({ code: 'not-found' })

  const refusals = [token.tokenId, 'a'.repeat(16)].map((id) =>
    revokeUserToken(home.database, id, other.by).catch(String),
  )
  const [theirs, none] = await Promise.all(refusals)
  expect(theirs).toBe(none)
  expect((await findToken(home.database, token.tokenId))?.state).toBe('live')
  await revokeUserToken(home.database, token.tokenId, owner.by)
  await expect(revokeUserToken(home.database, token.tokenId, owner.by)).rejects.toMatchObject({ code: 'not-found' })
})

it('A token cannot be created by a removed user', async () => {
  const { by: context, user } = await signInPerson('viewer')
  await home.database.commit([rawChange('DELETE FROM users WHERE id = ?', [user.userId])])
  const tokenRequest = { name: 'spark', role: 'viewer', days: 1 } as const
  await expect(issueRequestedToken(home.database, tokenRequest, context)).rejects.toMatchObject({
    code: 'unauthenticated',
  })
})
