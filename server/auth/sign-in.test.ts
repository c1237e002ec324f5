import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { makeTestHome } from '@/scripts/test-home'
import { openDatabase } from '@/server/db/open-database'
import { findOpenSession } from '@/server/db/sessions'
import { addUser } from '@/server/db/users'
import { hashPassword } from './passwords'
import { signIn } from './sign-in'

const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 10, 20)

makeTestHome({ LAKESHORE_SESSION_HOURS: '2' })
beforeAll(async () => {
  const passwordHash = await hashPassword('the right one')
  for (const username of ['Ada', 'bob']) {
    await addUser(openDatabase(), { username, passwordHash, hasGeneratedPassword: false, role: 'viewer' })
  }
})

afterEach(() => {
  vi.useRealTimers()
})

function attempt(username: string, password: string, { address = '10.0.0.1' } = {}) {
  vi.setSystemTime(START_MS)
  return signIn({ username, password, address })
}

it('opens a session that ends after the set hours, whatever is done in it', async () => {
  const { sessionId, userId } = await attempt('Ada', 'the right one')
  vi.setSystemTime(START_MS + 119 * MINUTE_MS)
  expect(await findOpenSession(openDatabase(), sessionId)).toMatchObject({ userId })
  vi.setSystemTime(START_MS + 120 * MINUTE_MS)
  expect(await findOpenSession(openDatabase(), sessionId)).toBeNull()
})

it('takes a name in any case', async () => {
  expect((await attempt('ada', 'the right one')).userId).toBe((await attempt('ADA', 'the right one')).userId)
})

it('takes no letter for another that only its small form is', async () => {
  const passwordHash = await hashPassword('the right one')
  await addUser(openDatabase(), { username: 'kim', passwordHash, hasGeneratedPassword: false, role: 'viewer' })
  await expect(attempt('\u212aim', 'the right one')).rejects.toMatchObject({ code: 'wrong-credentials' })
})

it('refuses a wrong password and a name nobody has in the same words', async () => {
  const refusals = await Promise.all(
    ['Ada', 'nobody'].map((name) => attempt(name, 'wrong', { address: '10.0.0.2' }).catch((error: unknown) => error)),
  )
  const [known, unknown] = refusals.map((error) => JSON.stringify([String(error), error]))
  expect(known).toBe(unknown)
  expect(refusals[0]).toMatchObject({ code: 'wrong-credentials', facts: { triesLeft: 4, pauseSeconds: 900 } })
})

it('does not let the right password in during a pause', async () => {
  for (let i = 0; i < 5; i += 1) await attempt('bob', 'wrong').catch(() => null)
  await expect(attempt('bob', 'the right one')).rejects.toMatchObject({ code: 'too-many-requests' })
})
