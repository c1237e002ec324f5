import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { auditChange } from '@/server/db/audit'
import type { Change } from '@/server/db/database'
import { countAttempts } from '@/server/db/auth/sign-in-attempts'
import {
  addToken,
  findToken,
  findTokenIdByHash,
  findTokenWithPause,
  listTokens,
  MAX_LIVE_TOKENS,
  type NewToken,
  recordTokenUse,
  revokeToken,
  rotateToken,
} from '@/server/db/auth/tokens'
import {
  runConcurrently,
  CONCURRENCY,
  errorWithCode,
  countRows,
  MAX_INTEGER,
  addTestUser,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
} from '@/testing/conformance/database/testbed'

const HOUR_MS = 3_600_000
const MAX_ENDED_TOKENS = 50

const audit = (): Change =>
  auditChange({
    actor: { userId: 'u', username: 'ada' },
    action: 'token',
    table: null,
    tableUuid: null,
    before: null,
    after: null,
    requestId: null,
    undoes: null,
  })

export function describeTokens(open: OpenDatabase): void {
  describe('Access tokens', () => {
    const database = setUpDatabase(open)
    let count = 0
    const token = (userId: string, change: Partial<NewToken> = {}): NewToken => {
      count += 1
      const createdAtMs = database().nowMs() - 1000 + count
      return {
        tokenId: `token-${count}`,
        name: 'laptop',
        limit: { role: 'editor', resource: {} },
        userId,
        secretHash: `hash-${count}`,
        createdAtMs,
        expiresAtMs: createdAtMs + HOUR_MS,
        ...change,
      }
    }

    test.each(TEXTS)('are found with their owner, whatever their name: %j', async (name) => {
      const userId = await addTestUser(database(), 'admin')
      const added = token(userId, { name, expiresAtMs: MAX_INTEGER })
      await addToken(database(), added)
      const found = await findToken(database(), added.tokenId)
      expect(found).toEqual({
        tokenId: added.tokenId,
        name,
        limit: { role: 'editor', resource: {} },
        owner: { userId, username: expect.any(String), role: 'admin', isService: false },
        state: 'live',
        createdAtMs: added.createdAtMs,
        expiresAtMs: MAX_INTEGER,
        lastUsedAtMs: null,
        rotatedAtMs: null,
        previous: null,
        secretHash: added.secretHash,
        previousSecretHash: null,
      })
      const {
        secretHash: _,
        previousSecretHash: __,
        ...listed
      } = found ?? { secretHash: null, previousSecretHash: null }
      expect(await listTokens(database(), userId)).toEqual([listed])
      expect(await findTokenIdByHash(database(), userId, added.secretHash)).toBe(added.tokenId)
      expect(await findTokenIdByHash(database(), 'other', added.secretHash)).toBeNull()
      expect(await findTokenIdByHash(database(), userId, added.secretHash.toUpperCase())).toBeNull()
    })

    test('are found together with the pause of a key', async () => {
      const added = token(await addTestUser(database()))
      await addToken(database(), added)
      const find = (attemptsKey: string) =>
        findTokenWithPause(database(), { tokenId: added.tokenId, attemptsKey: attemptsKey })
      const { secretHash, previousSecretHash, ...found } = (await findToken(database(), added.tokenId)) ?? {
        secretHash: null,
        previousSecretHash: null,
      }
      expect(await find('no such key')).toEqual({
        token: found,
        hashes: { secretHash, previousSecretHash },
        pauseLeftMs: 0,
      })
      const limit = { maxAttempts: 2, pauseMs: HOUR_MS, forgetAfterMs: HOUR_MS }
      await countAttempts(database(), ['guessed once', 'guessed twice'], limit)
      await countAttempts(database(), ['guessed twice'], limit)
      expect((await find('guessed once'))?.pauseLeftMs).toBeLessThanOrEqual(0)
      expect((await find('guessed twice'))?.pauseLeftMs).toBeGreaterThan(0)
      expect((await find('guessed twice'))?.pauseLeftMs).toBeLessThanOrEqual(HOUR_MS)
      expect(await findTokenWithPause(database(), { tokenId: 'none', attemptsKey: 'guessed twice' })).toBeNull()
    })

    test('are listed newest first, of one user or of all', async () => {
      const [ada, bob] = [await addTestUser(database()), await addTestUser(database())]
      const nowMs = database().nowMs() + HOUR_MS
      const added = [ada, bob, ada, bob].map((userId, i) =>
        token(userId, { createdAtMs: nowMs + (i < 2 ? 0 : i), expiresAtMs: nowMs + 2 * HOUR_MS }),
      )
      for (const one of added.toReversed()) await addToken(database(), one)
      const [a, b, c, d] = added.map(({ tokenId }) => tokenId)
      expect((await listTokens(database())).slice(0, 4).map(({ tokenId }) => tokenId)).toEqual([d, c, a, b])
      expect((await listTokens(database(), bob)).map(({ tokenId }) => tokenId)).toEqual([d, b])
      expect(await listTokens(database(), 'none')).toEqual([])
      expect(await findToken(database(), 'none')).toBeNull()
    })

    test('are revoked once, and expire', async () => {
      const userId = await addTestUser(database())
      const [revoked, expired] = [token(userId), token(userId, { expiresAtMs: database().nowMs() - 1 })]
      for (const one of [revoked, expired]) await addToken(database(), one)
      expect((await findToken(database(), expired.tokenId))?.state).toBe('expired')
      const audits = await countRows(database(), 'audit')
      await revokeToken(database(), revoked.tokenId, [audit()])
      await expect(revokeToken(database(), revoked.tokenId, [audit()])).rejects.toThrow(errorWithCode('not-found'))
      await expect(revokeToken(database(), 'none')).rejects.toThrow(errorWithCode('not-found'))
      expect(await countRows(database(), 'audit')).toBe(audits + 1)
      expect((await findToken(database(), revoked.tokenId))?.state).toBe('revoked')
    })

    test('are limited to 50 active ones, however many are added at once', async () => {
      const [userId, other] = [await addTestUser(database()), await addTestUser(database())]
      const room = 6
      for (let i = 0; i < MAX_LIVE_TOKENS - room; i += 1) await addToken(database(), token(userId))
      await addToken(database(), token(userId, { expiresAtMs: database().nowMs() - 1 }))
      const audits = await countRows(database(), 'audit')
      const { done, refused } = await runConcurrently(() => addToken(database(), token(userId), [audit()]))
      expect(done).toHaveLength(room)
      expect(refused).toEqual(Array(CONCURRENCY - room).fill(errorWithCode('invalid-request')))
      expect(await countRows(database(), 'audit')).toBe(audits + room)
      const live = (await listTokens(database(), userId)).filter(({ state }) => state === 'live')
      expect(live).toHaveLength(MAX_LIVE_TOKENS)
      await addToken(database(), token(other))
      await revokeToken(database(), live[0]?.tokenId ?? '')
      await addToken(database(), token(userId))
      await expect(addToken(database(), token(userId))).rejects.toThrow(errorWithCode('invalid-request'))
    })

    test('that ended stay listed, the newest 50 of a user', async () => {
      const userId = await addTestUser(database())
      const nowMs = database().nowMs()
      const ended = Array.from({ length: MAX_ENDED_TOKENS + 3 }, (_, i) =>
        token(userId, { createdAtMs: nowMs - HOUR_MS + i, expiresAtMs: nowMs - 1000 }),
      )
      for (const one of ended) await addToken(database(), one)
      await addToken(database(), token(userId))
      const left = (await listTokens(database(), userId)).map(({ tokenId }) => tokenId)
      expect(left.slice(1)).toEqual(
        ended
          .slice(3)
          .map(({ tokenId }) => tokenId)
          .toReversed(),
      )
    })

    test('record their last use, at most once a minute', async () => {
      const added = token(await addTestUser(database()))
      await addToken(database(), added)
      const { tokenId, secretHash } = added
      const used = async () => (await findToken(database(), tokenId))?.lastUsedAtMs ?? null
      const record = (lastUsedAtMs: number | null) => recordTokenUse(database(), { tokenId, secretHash, lastUsedAtMs })
      await Promise.all(Array.from({ length: 3 }, () => record(null)))
      const first = await used()
      expect(Math.abs((first ?? 0) - database().nowMs())).toBeLessThan(60_000)
      await record(first)
      expect(await used()).toBe(first)
      await database().commit([rawChange('UPDATE tokens SET last_used_at_ms = 5 WHERE id = ?', [tokenId], 1)])
      await record(await used())
      expect(await used()).toBeGreaterThan(5)
      await recordTokenUse(database(), { tokenId: 'none', secretHash, lastUsedAtMs: null })
    })

    test('are rotated once at a time, and keep the secret before for the overlap', async () => {
      const userId = await addTestUser(database())
      const added = token(userId)
      await addToken(database(), added)
      const { tokenId } = added
      const rotate = (secretHash: string, replacedHash: string, overlapMs: number) =>
        rotateToken(database(), tokenId, { secretHash, replacedHash, overlapMs }, [audit()])
      await recordTokenUse(database(), { tokenId, secretHash: added.secretHash, lastUsedAtMs: null })
      const { done, refused } = await runConcurrently((i) => rotate(`second-${i}`, added.secretHash, HOUR_MS))
      expect(done).toHaveLength(1)
      expect(refused).toEqual(Array(CONCURRENCY - 1).fill(errorWithCode('version-conflict')))
      const rotated = await findToken(database(), tokenId)
      expect(rotated).toMatchObject({
        previousSecretHash: added.secretHash,
        lastUsedAtMs: null,
        rotatedAtMs: expect.any(Number),
        previous: { endsAtMs: expect.any(Number), lastUsedAtMs: expect.any(Number) },
      })
      expect(await findTokenIdByHash(database(), userId, added.secretHash)).toBe(tokenId)
      expect(await findTokenIdByHash(database(), userId, rotated?.secretHash ?? '')).toBe(tokenId)

      await database().commit([rawChange('UPDATE tokens SET previous_used_at_ms = 5 WHERE id = ?', [tokenId], 1)])
      await recordTokenUse(database(), { tokenId, secretHash: added.secretHash, lastUsedAtMs: 5 })
      const used = await findToken(database(), tokenId)
      expect(used?.lastUsedAtMs).toBeNull()
      expect(used?.previous?.lastUsedAtMs).toBeGreaterThan(5)

      await rotate('third', rotated?.secretHash ?? '', 0)
      expect(await findToken(database(), tokenId)).toMatchObject({
        secretHash: 'third',
        previousSecretHash: rotated?.secretHash,
        previous: null,
      })
      expect(await findTokenIdByHash(database(), userId, added.secretHash)).toBeNull()
      await revokeToken(database(), tokenId)
      await expect(rotate('fourth', 'third', 0)).rejects.toThrow(errorWithCode('version-conflict'))
    })

    test('are removed with their owner', async () => {
      const userId = await addTestUser(database())
      const added = token(userId)
      await addToken(database(), added)
      await database().commit([rawChange('DELETE FROM users WHERE id = ?', [userId], 1)])
      expect(await findToken(database(), added.tokenId)).toBeNull()
      expect(await countRows(database(), `tokens WHERE id = '${added.tokenId}'`)).toBe(0)
      await expect(addToken(database(), token(userId))).rejects.toThrow(/foreign key/i)
    })
  })
}
