import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { closeSession, findOpenSession, openSession } from '@/server/db/auth/sessions'
import {
  countAttempts,
  deleteAttemptsChange,
  refundAttempts,
  readAttemptCounts,
  swapAttemptCounts,
} from '@/server/db/auth/sign-in-attempts'
import { claimSignIn } from '@/server/db/auth/used-sign-ins'
import {
  runConcurrently,
  CONCURRENCY,
  countRows,
  addTestUser,
  type OpenDatabase,
  setUpDatabase,
  selectRows,
  TEXTS,
} from '@/testing/conformance/database/testbed'

const MAX_SESSIONS = 50
const HOUR_MS = 3_600_000

export function describeSessions(open: OpenDatabase): void {
  describe('Sign-ins with the identity provider', () => {
    const database = setUpDatabase(open)
    const claim = (state: string, untilMs = database().nowMs() + HOUR_MS) => claimSignIn(database(), { state, untilMs })
    const allStates = async () =>
      (await selectRows(database(), 'SELECT state FROM used_sign_ins')).map(({ state }) => state)

    test('are used once, by one of many processes', async () => {
      const { done } = await runConcurrently(() => claim("it's"))
      expect(done.filter((claimed) => claimed === 'first')).toHaveLength(1)
      expect(await claim("it's")).toBe('used')
      expect(await claim('another')).toBe('first')
    })

    test('are forgotten when their cookie has ended', async () => {
      await claim('ended', database().nowMs() - 1)
      await claim('next')
      expect(await allStates()).toContain('next')
      expect(await allStates()).not.toContain('ended')
    })

    test('are refused at the greatest number, and none is forgotten before it has ended', async () => {
      const before = (await allStates()).length
      const untilMs = database().nowMs() + HOUR_MS
      const claimWithin = (state: string) => claimSignIn(database(), { state, untilMs }, before + 2)
      const { done } = await runConcurrently((i) => claimWithin(`many ${i}`))
      expect(done.filter((claimed) => claimed === 'first')).toHaveLength(2)
      expect(done.filter((claimed) => claimed === 'full')).toHaveLength(CONCURRENCY - 2)
      expect(await allStates()).toHaveLength(before + 2)
      const [known = ''] = (await allStates()).filter((state) => String(state).startsWith('many'))
      expect(await claimWithin(String(known))).toBe('used')
      await database().commit([rawChange('UPDATE used_sign_ins SET ends_at_ms = 1 WHERE state = ?', [known])])
      expect(await claimWithin('later')).toBe('first')
    })
  })

  describe('Sessions', () => {
    const database = setUpDatabase(open)
    const elapse = (ms: number) =>
      database().commit([
        rawChange('UPDATE sessions SET created_at_ms = created_at_ms - ?, expires_at_ms = expires_at_ms - ?', [ms, ms]),
      ])

    test('last for the given time', async () => {
      const userId = await addTestUser(database())
      const before = database().nowMs()
      await openSession(database(), { sessionId: "it's", userId, lifeMs: HOUR_MS })
      const found = await findOpenSession(database(), "it's")
      expect(found).toMatchObject({ sessionId: "it's", userId })
      expect(Math.abs((found?.expiresAtMs ?? 0) - before - HOUR_MS)).toBeLessThan(60_000)
      await elapse(HOUR_MS / 2)
      expect(await findOpenSession(database(), "it's")).not.toBeNull()
      await elapse(HOUR_MS / 2)
      expect(await findOpenSession(database(), "it's")).toBeNull()
    })

    test('that have expired are removed when the next one is opened', async () => {
      const userId = await addTestUser(database())
      await openSession(database(), { sessionId: 'over', userId, lifeMs: 1000 })
      await elapse(HOUR_MS)
      await openSession(database(), { sessionId: 'next', userId, lifeMs: HOUR_MS })
      expect(await selectRows(database(), 'SELECT id FROM sessions')).toEqual([{ id: 'next' }])
    })

    test('end when they are closed, and may be closed twice', async () => {
      const userId = await addTestUser(database())
      await openSession(database(), { sessionId: 'closed', userId, lifeMs: HOUR_MS })
      await closeSession(database(), 'closed')
      await closeSession(database(), 'closed')
      expect(await findOpenSession(database(), 'closed')).toBeNull()
    })

    test('need an existing user', async () => {
      const isOpened = await openSession(database(), { sessionId: 'nobody', userId: 'nobody', lifeMs: HOUR_MS })
      expect(isOpened).toBe(false)
      expect(await findOpenSession(database(), 'nobody')).toBeNull()
    })

    test('are limited to the newest 50 of a user, however many are opened at once', async () => {
      const [userId, other] = [await addTestUser(database()), await addTestUser(database())]
      await openSession(database(), { sessionId: 'of another', userId: other, lifeMs: HOUR_MS })
      for (let i = 0; i < MAX_SESSIONS - 3; i += 1)
        await openSession(database(), { sessionId: `many-${i}`, userId, lifeMs: HOUR_MS })
      await elapse(60_000)
      await runConcurrently((i) => openSession(database(), { sessionId: `new-${i}`, userId, lifeMs: HOUR_MS }))
      const left = await selectRows(database(), 'SELECT id FROM sessions WHERE user_id = ?', [userId])
      expect(left).toHaveLength(MAX_SESSIONS)
      expect(left.filter(({ id }) => String(id).startsWith('new-'))).toHaveLength(CONCURRENCY)
      expect(await findOpenSession(database(), 'of another')).not.toBeNull()
    })
  })
}

const LIMIT = { maxAttempts: 5, pauseMs: 60_000, forgetAfterMs: HOUR_MS }

export function describeSignInAttempts(open: OpenDatabase): void {
  describe('Counts of sign-in attempts', () => {
    const database = setUpDatabase(open)
    const readAttempts = async (key: string) => (await readAttemptCounts(database(), [key])).get(key)
    const elapse = (ms: number) =>
      database().commit([
        rawChange(
          `UPDATE sign_in_attempts SET last_attempt_ms = last_attempt_ms - ?,
        paused_until_ms = CASE WHEN paused_until_ms = 0 THEN 0 ELSE paused_until_ms - ? END`,
          [ms, ms],
        ),
      ])

    test.each(TEXTS)('are stored per key: %j', async (key) => {
      await countAttempts(database(), [key], LIMIT)
      await countAttempts(database(), [key, 'always'], LIMIT)
      const read = await readAttemptCounts(database(), [key, 'none'])
      expect([...read.keys()]).toEqual([key])
      expect(read.get(key)).toMatchObject({ attempts: 2, pauses: 0 })
      expect(read.get(key)?.pauseLeftMs).toBeLessThanOrEqual(0)
      expect(Math.abs(read.get(key)?.idleMs ?? -1e9)).toBeLessThan(60_000)
      await refundAttempts(database(), [key, 'always'], [])
      expect(await readAttempts(key)).toBeUndefined()
    })

    test('count every concurrent attempt, and pause at the last allowed one', async () => {
      await runConcurrently(() => countAttempts(database(), ['a', 'b'], { ...LIMIT, maxAttempts: CONCURRENCY }))
      expect(await readAttempts('a')).toMatchObject({ attempts: CONCURRENCY })
      for (const key of ['a', 'b']) {
        const left = (await readAttempts(key))?.pauseLeftMs ?? 0
        expect(left).toBeGreaterThan(0)
        expect(left).toBeLessThanOrEqual(LIMIT.pauseMs)
      }
    })

    test('do not change during a pause, and start over after it', async () => {
      for (let i = 0; i < 9; i += 1) await countAttempts(database(), ['paused'], LIMIT)
      expect(await readAttempts('paused')).toMatchObject({ attempts: 5 })
      await elapse(LIMIT.pauseMs + 1000)
      await countAttempts(database(), ['paused'], LIMIT)
      expect(await readAttempts('paused')).toMatchObject({ attempts: 1 })
      expect((await readAttempts('paused'))?.pauseLeftMs).toBeLessThanOrEqual(0)
    })

    test('lose a refunded attempt, and never become negative', async () => {
      await countAttempts(database(), ['one', 'two'], LIMIT)
      await countAttempts(database(), ['two'], LIMIT)
      await refundAttempts(database(), [], ['one', 'two', 'none'])
      await refundAttempts(database(), [], ['one'])
      expect(await readAttempts('one')).toMatchObject({ attempts: 0 })
      expect(await readAttempts('two')).toMatchObject({ attempts: 1 })
      expect(await readAttempts('none')).toBeUndefined()
    })

    test.each(TEXTS)('are removed with all counts below a key, and no others: %j', async (key) => {
      const below = [`${key}/`, `${key}/a`, `${key}/~/b`]
      const others = [`${key}0`, `${key}.`, `${key}-/a`, `${key}a/b`]
      await countAttempts(database(), [key, ...below, ...others], LIMIT)
      await database().commit([deleteAttemptsChange(key)])
      const left = await readAttemptCounts(database(), [key, ...below, ...others])
      expect([...left.keys()].toSorted()).toEqual(others.toSorted())
      await refundAttempts(database(), others, [])
    })

    test('are swapped together, and only if unchanged since they were read', async () => {
      const after = { attempts: 1, pauses: 0, pauseMs: 0 }
      const first = { key: 'swap 1', before: null, after }
      expect(await swapAttemptCounts(database(), [first], HOUR_MS)).toBe(true)
      expect(await swapAttemptCounts(database(), [{ ...first, key: 'swap 2' }, first], HOUR_MS)).toBe(false)
      expect(await readAttempts('swap 2')).toBeUndefined()
      const before = (await readAttempts('swap 1')) ?? null
      const next = { key: 'swap 1', before, after: { attempts: 0, pauses: 3, pauseMs: 30_000 } }
      expect(await swapAttemptCounts(database(), [next], HOUR_MS)).toBe(true)
      expect(await readAttempts('swap 1')).toMatchObject({ attempts: 0, pauses: 3 })
      expect((await readAttempts('swap 1'))?.pauseLeftMs).toBeGreaterThan(0)
      expect(await swapAttemptCounts(database(), [next], HOUR_MS)).toBe(false)
    })

    test('are swapped by one of many concurrent writers', async () => {
      await countAttempts(database(), ['raced'], LIMIT)
      const before = (await readAttempts('raced')) ?? null
      const { done } = await runConcurrently(() =>
        swapAttemptCounts(
          database(),
          [{ key: 'raced', before, after: { attempts: 2, pauses: 0, pauseMs: 0 } }],
          HOUR_MS,
        ),
      )
      expect(done.filter(Boolean)).toHaveLength(1)
      expect(await readAttempts('raced')).toMatchObject({ attempts: 2 })
    })

    test('are removed when they are old, and when there are too many', async () => {
      await countAttempts(database(), ['old'], LIMIT)
      await elapse(HOUR_MS + 1000)
      await countAttempts(database(), ['young'], LIMIT)
      expect(await selectRows(database(), 'SELECT key FROM sign_in_attempts')).toEqual([{ key: 'young' }])
      await database().commit([
        rawChange(`INSERT INTO sign_in_attempts
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50010)
          SELECT 'many ' || i, 1, 0, 0, (SELECT last_attempt_ms FROM sign_in_attempts) - i FROM n`),
      ])
      await countAttempts(database(), ['last'], LIMIT)
      expect(await countRows(database(), 'sign_in_attempts')).toBe(50_000)
      expect(
        [...(await readAttemptCounts(database(), ['young', 'last', 'many 1', 'many 50010'])).keys()].toSorted(),
      ).toEqual(['last', 'many 1', 'young'])
    })

    test('ignore a pause that ends later than one that starts now', async () => {
      for (let i = 0; i < 5; i += 1) await countAttempts(database(), ['set back'], LIMIT)
      await elapse(-2 * LIMIT.pauseMs)
      expect((await readAttempts('set back'))?.pauseLeftMs).toBeGreaterThan(LIMIT.pauseMs)
      await countAttempts(database(), ['set back'], LIMIT)
      expect(await readAttempts('set back')).toMatchObject({ attempts: 1 })
    })
  })
}
