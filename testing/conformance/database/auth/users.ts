import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import type { Role } from '@/lib/permissions'
import { auditChange } from '@/server/db/audit'
import { listAudit } from '@/server/db/audit-list'
import { findOpenSession, openSession } from '@/server/db/auth/sessions'
import { linkIdentity } from '@/server/db/auth/identities'
import { addToken, findToken } from '@/server/db/auth/tokens'
import {
  addUser,
  disableUser,
  enableUser,
  findUser,
  findUserByName,
  listUsers,
  removeUser,
  setPassword,
  setRole,
} from '@/server/db/auth/users'
import {
  runConcurrently,
  CONCURRENCY,
  errorWithCode,
  countRows,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
} from '@/testing/conformance/database/testbed'

const user = (username: string, role: Role = 'viewer') => ({
  username,
  passwordHash: `hash of ${username}`,
  hasGeneratedPassword: false,
  role,
})

const audit = (action: string) =>
  auditChange({
    actor: { userId: 'u', username: 'ada' },
    action,
    table: null,
    tableUuid: null,
    before: null,
    after: null,
    requestId: null,
    undoes: null,
  })

export function describeUsers(open: OpenDatabase): void {
  describe('Users', () => {
    const database = setUpDatabase(open)

    test('are found by their id and by their name in any case', async () => {
      const userId = await addUser(database(), user('Ada.Lovelace@x-y_z'))
      const found = await findUser(database(), userId)
      expect(found).toEqual({
        ...user('Ada.Lovelace@x-y_z'),
        displayName: null,
        isService: false,
        lastSignInAtMs: null,
        userId,
        createdAtMs: expect.any(Number),
        disabledAtMs: null,
      })
      expect(Math.abs((found?.createdAtMs ?? 0) - database().nowMs())).toBeLessThan(60_000)
      for (const name of ['Ada.Lovelace@x-y_z', 'ADA.LOVELACE@X-Y_Z', 'ada.lovelace@x-y_z']) {
        expect(await findUserByName(database(), name)).toEqual(found)
        await expect(addUser(database(), user(name))).rejects.toThrow(errorWithCode('already-exists'))
      }
      expect(await findUser(database(), userId.toLowerCase())).toBeNull()
      expect(await findUser(database(), 'none')).toBeNull()
    })

    test('have names that match no other characters', async () => {
      await addUser(database(), user('kelvin_1'))
      for (const name of ['\u212Aelvin_1', 'kelvin%1', 'kelvin11', 'kelvin_1 ', 'kelvin_', '', ...TEXTS])
        expect(await findUserByName(database(), name)).toBeNull()
      await expect(addUser(database(), user('\u212Aelvin_1'))).rejects.toThrow(errorWithCode('invalid-request'))
    })

    test('are listed by name, ignoring case', async () => {
      for (const name of ['Zed', 'b', 'a-b', 'A.b', 'a0', 'ab', 'B_', 'a@b', '9', '10'])
        await addUser(database(), user(name))
      const names = (await listUsers(database())).map(({ username }) => username)
      const lower = names.map((name) => name.toLowerCase())
      expect(lower).toEqual(lower.toSorted())
      expect(names).toEqual(expect.arrayContaining(['10', '9', 'a-b', 'A.b', 'a0', 'a@b', 'ab', 'b', 'B_', 'Zed']))
    })

    test('are added once under one name, together with related rows or not at all', async () => {
      const names = ['race', 'Race', 'RACE', 'rAcE']
      const { done, refused } = await runConcurrently((i) =>
        addUser(database(), user(names[i % names.length] ?? ''), [audit('race')]),
      )
      expect(done).toHaveLength(1)
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(errorWithCode('already-exists')))
      expect(await listAudit(database(), { limit: 100 })).toHaveLength(1)
      expect((await findUserByName(database(), 'race'))?.userId).toBe(done[0])
    })

    test('lose their sessions with a new password, except the one that set it', async () => {
      const sessionsUser = { ...user('sessions'), hasGeneratedPassword: true }
      const [userId, other] = [await addUser(database(), sessionsUser), await addUser(database(), user('other'))]
      for (const sessionId of ['s1', 's2', 's3']) await openSession(database(), { sessionId, userId, lifeMs: 60_000 })
      await openSession(database(), { sessionId: 'of-other', userId: other, lifeMs: 60_000 })
      expect(await setPassword(database(), userId, "new'hash", { keepSessionId: 's2' })).toBe(2)
      expect(await findUser(database(), userId)).toMatchObject({
        passwordHash: "new'hash",
        hasGeneratedPassword: false,
      })
      expect(await findOpenSession(database(), 's1')).toBeNull()
      expect(await findOpenSession(database(), 's2')).toMatchObject({ userId })
      expect(await setPassword(database(), userId, 'newer')).toBe(1)
      expect(await findOpenSession(database(), 'of-other')).toMatchObject({ userId: other })
      const audits = await countRows(database(), 'audit')
      await expect(setPassword(database(), 'none', 'x', { alongside: [audit('none')] })).rejects.toThrow(
        errorWithCode('not-found'),
      )
      expect(await countRows(database(), 'audit')).toBe(audits)
    })

    test('always include an admin, even when all admins step down at once', async () => {
      const admins: string[] = []
      for (let i = 0; i < CONCURRENCY; i += 1) admins.push(await addUser(database(), user(`admin-${i}`, 'admin')))
      const { done, refused } = await runConcurrently((i) => setRole(database(), admins[i] ?? '', 'viewer'))
      expect(done).toHaveLength(CONCURRENCY - 1)
      expect(refused).toEqual([errorWithCode('invalid-request')])
      const left = (await listUsers(database())).filter(({ role }) => role === 'admin')
      expect(left).toHaveLength(1)
      const last = left[0]?.userId ?? ''
      await expect(setRole(database(), last, 'editor', [audit('last')])).rejects.toThrow(
        errorWithCode('invalid-request'),
      )
      await setRole(database(), last, 'admin')
      const successor = admins.find((id) => id !== last) ?? ''
      await setRole(database(), successor, 'admin', [audit('successor')])
      await setRole(database(), last, 'editor')
      expect(await findUser(database(), last)).toMatchObject({ role: 'editor' })
      expect(await findUser(database(), successor)).toMatchObject({ role: 'admin' })
      expect((await listAudit(database(), { limit: 1 })).map(({ action }) => action)).toEqual(['successor'])
      await expect(setRole(database(), 'none', 'admin')).rejects.toThrow(errorWithCode('invalid-request'))
    })
  })

  describe('Disabled and removed users', () => {
    const database = setUpDatabase(open)
    const addTokenFor = async (userId: string) => {
      const nowMs = database().nowMs()
      const token = {
        tokenId: `token of ${userId}`,
        name: 'laptop',
        limit: { role: 'viewer', resource: {} },
        secretHash: 'hash',
      } as const
      await addToken(database(), { ...token, userId, createdAtMs: nowMs, expiresAtMs: nowMs + 60_000 })
      return async () => (await findToken(database(), token.tokenId))?.state
    }

    test('lose their sessions when they are disabled, and open none until they are enabled', async () => {
      const [userId, other] = [await addUser(database(), user('paused')), await addUser(database(), user('stays'))]
      const session = { sessionId: 'first', userId, lifeMs: 60_000 }
      expect(await openSession(database(), session)).toBe(true)
      expect(await openSession(database(), { ...session, sessionId: 'of stays', userId: other })).toBe(true)
      const readTokenState = await addTokenFor(userId)
      expect(await disableUser(database(), userId, [audit('disable')])).toBe(1)
      expect((await findUser(database(), userId))?.disabledAtMs).toEqual(expect.any(Number))
      expect(await findOpenSession(database(), 'first')).toBeNull()
      expect(await openSession(database(), { ...session, sessionId: 'second' })).toBe(false)
      expect(await findOpenSession(database(), 'second')).toBeNull()
      expect(await readTokenState()).toBe('disabled')
      expect(await findOpenSession(database(), 'of stays')).not.toBeNull()

      const since = (await findUser(database(), userId))?.disabledAtMs
      expect(await disableUser(database(), userId)).toBe(0)
      expect((await findUser(database(), userId))?.disabledAtMs).toBe(since)
      await enableUser(database(), userId, [audit('enable')])
      expect((await findUser(database(), userId))?.disabledAtMs).toBeNull()
      expect(await readTokenState()).toBe('live')
      expect(await openSession(database(), { ...session, sessionId: 'third' })).toBe(true)
      expect((await listAudit(database(), { limit: 2 })).map(({ action }) => action)).toEqual(['enable', 'disable'])
    })

    test('have tokens that are paused while their password is a generated one, unless a provider signs them in', async () => {
      const userId = await addUser(database(), { ...user('generated'), hasGeneratedPassword: true })
      const readTokenState = await addTokenFor(userId)
      expect(await readTokenState()).toBe('paused')
      await setPassword(database(), userId, 'their own')
      expect(await readTokenState()).toBe('live')
      await setPassword(database(), userId, 'another', { isGenerated: true })
      expect(await readTokenState()).toBe('paused')
      await linkIdentity(database(), userId, { issuer: 'https://id.example', subject: 'generated' })
      expect(await readTokenState()).toBe('live')
    })

    test('have no session left, however many they open while they are being disabled', async () => {
      const userId = await addUser(database(), user('racing'))
      await runConcurrently(async (i) => {
        if (i === CONCURRENCY / 2) await disableUser(database(), userId)
        else await openSession(database(), { sessionId: `racing ${i}`, userId, lifeMs: 60_000 })
      })
      for (let i = 0; i < CONCURRENCY; i += 1) expect(await findOpenSession(database(), `racing ${i}`)).toBeNull()
    })

    test('are removed with their sessions, tokens and credentials, but the audit stays', async () => {
      const userId = await addUser(database(), user('leaver'))
      await openSession(database(), { sessionId: 'of leaver', userId, lifeMs: 60_000 })
      const readTokenState = await addTokenFor(userId)
      await database().commit([
        rawChange(`INSERT INTO connections (id, name, kind, settings, sealed, version, created_by, created_at_ms,
          changed_by, changed_at_ms) VALUES ('c1', 'other', 'rest', '{}', '', 1, 'leaver', 1, 'leaver', 1)`),
        rawChange(
          `INSERT INTO connection_credentials (connection_id, user_id, id, sealed, bound_at_ms) VALUES ('c1', ?, 'k', '', 1)`,
          [userId],
        ),
      ])
      const audits = await countRows(database(), 'audit')
      await removeUser(database(), userId, [audit('remove')])
      expect(await findUser(database(), userId)).toBeNull()
      expect(await findOpenSession(database(), 'of leaver')).toBeNull()
      expect(await readTokenState()).toBeUndefined()
      expect(await countRows(database(), 'connection_credentials')).toBe(0)
      expect(await countRows(database(), 'connections')).toBe(1)
      expect(await countRows(database(), 'audit')).toBe(audits + 1)
      expect(await openSession(database(), { sessionId: 'too late', userId, lifeMs: 60_000 })).toBe(false)
      for (const removeAdmin of [disableUser, enableUser, removeUser])
        await expect(removeAdmin(database(), userId, [audit('none')])).rejects.toThrow(errorWithCode('not-found'))
      expect(await countRows(database(), 'audit')).toBe(audits + 1)
    })

    test.each([
      ['disabled', disableUser],
      ['removed', removeUser],
    ] as const)('always leave an admin who may sign in, even when all are %s at once', async (_what, removeAdmin) => {
      const admins: string[] = []
      for (let i = 0; i < CONCURRENCY; i += 1)
        admins.push(await addUser(database(), user(`${removeAdmin.name}-${i}`, 'admin')))
      for (const { userId, role } of await listUsers(database()))
        if (role === 'admin' && !admins.includes(userId)) await removeUser(database(), userId)
      const { done, refused } = await runConcurrently(async (i) => removeAdmin(database(), admins[i] ?? ''))
      expect(done).toHaveLength(CONCURRENCY - 1)
      expect(refused).toEqual([errorWithCode('invalid-request')])
      const left = (await listUsers(database())).filter(
        ({ role, disabledAtMs }) => role === 'admin' && disabledAtMs === null,
      )
      expect(left).toHaveLength(1)
      await expect(setRole(database(), left[0]?.userId ?? '', 'viewer')).rejects.toThrow(
        errorWithCode('invalid-request'),
      )
    })
  })
}
