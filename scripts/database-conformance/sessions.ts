import { describe, expect, test } from 'vitest'
import { rawChange } from '@/scripts/test-sql'
import { closeSession, findOpenSession, openSession } from '@/server/db/sessions'
import { addTries, forgetTriesChange, giveTriesBack, readTries, swapTries } from '@/server/db/sign-in-tries'
import { atOnce, AT_ONCE, countOf, newUser, type OpenDatabase, ownDatabase, rows, TEXTS } from './testbed'

const MOST_SESSIONS = 50
const HOUR_MS = 3_600_000

export function proveSessions(open: OpenDatabase): void {
  describe('Sessions', () => {
    const database = ownDatabase(open)
    const later = (ms: number) =>
      database().commit([
        rawChange('UPDATE sessions SET created_at_ms = created_at_ms - ?, expires_at_ms = expires_at_ms - ?', [ms, ms]),
      ])

    test('last as long as was said', async () => {
      const userId = await newUser(database())
      const before = database().nowMs()
      await openSession(database(), { sessionId: "it's", userId, lifeMs: HOUR_MS })
      const found = await findOpenSession(database(), "it's")
      expect(found).toMatchObject({ sessionId: "it's", userId })
      expect(Math.abs((found?.expiresAtMs ?? 0) - before - HOUR_MS)).toBeLessThan(60_000)
      await later(HOUR_MS / 2)
      expect(await findOpenSession(database(), "it's")).not.toBeNull()
      await later(HOUR_MS / 2)
      expect(await findOpenSession(database(), "it's")).toBeNull()
    })

    test('that are over go with the next one', async () => {
      const userId = await newUser(database())
      await openSession(database(), { sessionId: 'over', userId, lifeMs: 1000 })
      await later(HOUR_MS)
      await openSession(database(), { sessionId: 'next', userId, lifeMs: HOUR_MS })
      expect(await rows(database(), 'SELECT id FROM sessions')).toEqual([{ id: 'next' }])
    })

    test('end when they are closed, once or twice', async () => {
      const userId = await newUser(database())
      await openSession(database(), { sessionId: 'closed', userId, lifeMs: HOUR_MS })
      await closeSession(database(), 'closed')
      await closeSession(database(), 'closed')
      expect(await findOpenSession(database(), 'closed')).toBeNull()
    })

    test('are of a user who is there', async () => {
      const isOpened = await openSession(database(), { sessionId: 'nobody', userId: 'nobody', lifeMs: HOUR_MS })
      expect(isOpened).toBe(false)
      expect(await findOpenSession(database(), 'nobody')).toBeNull()
    })

    test('are the newest of a person, and never more than 50, however many are opened at once', async () => {
      const [userId, other] = [await newUser(database()), await newUser(database())]
      await openSession(database(), { sessionId: 'of another', userId: other, lifeMs: HOUR_MS })
      for (let i = 0; i < MOST_SESSIONS - 3; i += 1)
        await openSession(database(), { sessionId: `many-${i}`, userId, lifeMs: HOUR_MS })
      await later(60_000)
      await atOnce((i) => openSession(database(), { sessionId: `new-${i}`, userId, lifeMs: HOUR_MS }))
      const left = await rows(database(), 'SELECT id FROM sessions WHERE user_id = ?', [userId])
      expect(left).toHaveLength(MOST_SESSIONS)
      expect(left.filter(({ id }) => String(id).startsWith('new-'))).toHaveLength(AT_ONCE)
      expect(await findOpenSession(database(), 'of another')).not.toBeNull()
    })
  })
}

const LIMIT = { mostTries: 5, pauseMs: 60_000, forgetAfterMs: HOUR_MS }

export function proveSignInTries(open: OpenDatabase): void {
  describe('Counts of tries to sign in', () => {
    const database = ownDatabase(open)
    const tries = async (key: string) => (await readTries(database(), [key])).get(key)
    const later = (ms: number) =>
      database().commit([
        rawChange(
          `UPDATE sign_in_tries SET last_try_ms = last_try_ms - ?,
        paused_until_ms = CASE WHEN paused_until_ms = 0 THEN 0 ELSE paused_until_ms - ? END`,
          [ms, ms],
        ),
      ])

    test.each(TEXTS)('are by key: %j', async (key) => {
      await addTries(database(), [key], LIMIT)
      await addTries(database(), [key, 'always'], LIMIT)
      const read = await readTries(database(), [key, 'none'])
      expect([...read.keys()]).toEqual([key])
      expect(read.get(key)).toMatchObject({ tries: 2, pauses: 0 })
      expect(read.get(key)?.pauseLeftMs).toBeLessThanOrEqual(0)
      expect(Math.abs(read.get(key)?.idleMs ?? -1e9)).toBeLessThan(60_000)
      await giveTriesBack(database(), [key, 'always'], [])
      expect(await tries(key)).toBeUndefined()
    })

    test('miss no try of many at once, and pause at the last that is allowed', async () => {
      await atOnce(() => addTries(database(), ['a', 'b'], { ...LIMIT, mostTries: AT_ONCE }))
      expect(await tries('a')).toMatchObject({ tries: AT_ONCE })
      for (const key of ['a', 'b']) {
        const left = (await tries(key))?.pauseLeftMs ?? 0
        expect(left).toBeGreaterThan(0)
        expect(left).toBeLessThanOrEqual(LIMIT.pauseMs)
      }
    })

    test('stay as they are in a pause, and begin again after it', async () => {
      for (let i = 0; i < 9; i += 1) await addTries(database(), ['paused'], LIMIT)
      expect(await tries('paused')).toMatchObject({ tries: 5 })
      await later(LIMIT.pauseMs + 1000)
      await addTries(database(), ['paused'], LIMIT)
      expect(await tries('paused')).toMatchObject({ tries: 1 })
      expect((await tries('paused'))?.pauseLeftMs).toBeLessThanOrEqual(0)
    })

    test('lose a try that is given back, and never more than they have', async () => {
      await addTries(database(), ['one', 'two'], LIMIT)
      await addTries(database(), ['two'], LIMIT)
      await giveTriesBack(database(), [], ['one', 'two', 'none'])
      await giveTriesBack(database(), [], ['one'])
      expect(await tries('one')).toMatchObject({ tries: 0 })
      expect(await tries('two')).toMatchObject({ tries: 1 })
      expect(await tries('none')).toBeUndefined()
    })

    test.each(TEXTS)('are forgotten with all that are below a key, and no others: %j', async (key) => {
      const below = [`${key}/`, `${key}/a`, `${key}/~/b`]
      const others = [`${key}0`, `${key}.`, `${key}-/a`, `${key}a/b`]
      await addTries(database(), [key, ...below, ...others], LIMIT)
      await database().commit([forgetTriesChange(key)])
      const left = await readTries(database(), [key, ...below, ...others])
      expect([...left.keys()].toSorted()).toEqual(others.toSorted())
      await giveTriesBack(database(), others, [])
    })

    test('are swapped together, and only as they were read', async () => {
      const after = { tries: 1, pauses: 0, pauseMs: 0 }
      const first = { key: 'swap 1', before: null, after }
      expect(await swapTries(database(), [first], HOUR_MS)).toBe(true)
      expect(await swapTries(database(), [{ ...first, key: 'swap 2' }, first], HOUR_MS)).toBe(false)
      expect(await tries('swap 2')).toBeUndefined()
      const before = (await tries('swap 1')) ?? null
      const next = { key: 'swap 1', before, after: { tries: 0, pauses: 3, pauseMs: 30_000 } }
      expect(await swapTries(database(), [next], HOUR_MS)).toBe(true)
      expect(await tries('swap 1')).toMatchObject({ tries: 0, pauses: 3 })
      expect((await tries('swap 1'))?.pauseLeftMs).toBeGreaterThan(0)
      expect(await swapTries(database(), [next], HOUR_MS)).toBe(false)
    })

    test('are swapped by one of many at once', async () => {
      await addTries(database(), ['raced'], LIMIT)
      const before = (await tries('raced')) ?? null
      const { done } = await atOnce(() =>
        swapTries(database(), [{ key: 'raced', before, after: { tries: 2, pauses: 0, pauseMs: 0 } }], HOUR_MS),
      )
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await tries('raced')).toMatchObject({ tries: 2 })
    })

    test('are forgotten when they are old, and when there are too many', async () => {
      await addTries(database(), ['old'], LIMIT)
      await later(HOUR_MS + 1000)
      await addTries(database(), ['young'], LIMIT)
      expect(await rows(database(), 'SELECT key FROM sign_in_tries')).toEqual([{ key: 'young' }])
      await database().commit([
        rawChange(`INSERT INTO sign_in_tries
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50010)
          SELECT 'many ' || i, 1, 0, 0, (SELECT last_try_ms FROM sign_in_tries) - i FROM n`),
      ])
      await addTries(database(), ['last'], LIMIT)
      expect(await countOf(database(), 'sign_in_tries')).toBe(50_000)
      expect([...(await readTries(database(), ['young', 'last', 'many 1', 'many 50010'])).keys()].toSorted()).toEqual([
        'last',
        'many 1',
        'young',
      ])
    })

    test('hold no pause that ends later than one that begins now', async () => {
      for (let i = 0; i < 5; i += 1) await addTries(database(), ['set back'], LIMIT)
      await later(-2 * LIMIT.pauseMs)
      expect((await tries('set back'))?.pauseLeftMs).toBeGreaterThan(LIMIT.pauseMs)
      await addTries(database(), ['set back'], LIMIT)
      expect(await tries('set back')).toMatchObject({ tries: 1 })
    })
  })
}
