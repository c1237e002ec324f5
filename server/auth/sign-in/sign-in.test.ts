import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { findOpenSession } from '@/server/db/auth/sessions'
import { addUser, disableUser, enableUser, removeUser } from '@/server/db/auth/users'
import { signIn } from './sign-in'

const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 10, 20)

const home = createTestHome({ LAKESHORE_SESSION_HOURS: '2' })
beforeAll(async () => {
  const passwordHash = await home.services.passwords.hash('the right one')
  for (const username of ['Ada', 'bob']) {
    await addUser(home.database, { username, passwordHash, hasGeneratedPassword: false, role: 'viewer' })
  }
})

afterEach(() => {
  vi.useRealTimers()
})

function attempt(username: string, password: string, { address = '10.0.0.1' } = {}) {
  vi.setSystemTime(START_MS)
  return signIn(home.services, { username, password, address, requestId: 'r' })
}

/** Runs `work` right after the next password check. */
function afterNextCheck(work: () => Promise<unknown>): void {
  const { passwords } = home.services
  const matches = passwords.matches.bind(passwords)
  vi.spyOn(passwords, 'matches').mockImplementationOnce(async (password, hash) => {
    const isRight = await matches(password, hash)
    await work()
    return isRight
  })
}

it('opens a session that ends after the configured hours, even if it is in use', async () => {
  const { sessionId, userId } = await attempt('Ada', 'the right one')
  vi.setSystemTime(START_MS + 119 * MINUTE_MS)
  expect(await findOpenSession(home.database, sessionId)).toMatchObject({ userId })
  vi.setSystemTime(START_MS + 120 * MINUTE_MS)
  expect(await findOpenSession(home.database, sessionId)).toBeNull()
})

it('accepts a name in any case', async () => {
  expect((await attempt('ada', 'the right one')).userId).toBe((await attempt('ADA', 'the right one')).userId)
})

it('distinguishes letters that only share a lower-case form', async () => {
  const passwordHash = await home.services.passwords.hash('the right one')
  await addUser(home.database, { username: 'kim', passwordHash, hasGeneratedPassword: false, role: 'viewer' })
  await expect(attempt('\u212aim', 'the right one')).rejects.toMatchObject({ code: 'wrong-credentials' })
})

it('refuses a wrong password and an unknown name in the same words', async () => {
  const refusals = await Promise.all(
    ['Ada', 'nobody'].map((name) => attempt(name, 'wrong', { address: '10.0.0.2' }).catch((error: unknown) => error)),
  )
  const [known, unknown] = refusals.map((error) => JSON.stringify([String(error), error]))
  expect(known).toBe(unknown)
  expect(refusals[0]).toMatchObject({ code: 'wrong-credentials', facts: { attemptsLeft: 4, pauseSeconds: 900 } })
})

it('refuses a disabled user in the same words as a wrong password, until they are enabled', async () => {
  const passwordHash = await home.services.passwords.hash('the right one')
  const dee = { username: 'dee', passwordHash, hasGeneratedPassword: false, role: 'viewer' } as const
  const userId = await addUser(home.database, dee)
  await disableUser(home.database, userId)
  const refusals = await Promise.all(
    [
      ['dee', 'the right one'],
      ['nobody', 'wrong'],
    ].map(([name = '', password = '']) =>
      attempt(name, password, { address: '10.0.0.3' }).catch((error: unknown) => error),
    ),
  )
  const [disabled, unknown] = refusals.map((error) => JSON.stringify([String(error), error]))
  expect(disabled).toBe(unknown)
  await enableUser(home.database, userId)
  expect((await attempt('dee', 'the right one', { address: '10.0.0.3' })).userId).toBe(userId)
})

it.each([
  ['disabled', disableUser],
  ['removed', removeUser],
] as const)('opens no session for a user who is %s while their password is checked', async (what, removeUser) => {
  const passwordHash = await home.services.passwords.hash('the right one')
  const user = { username: `${what}-meanwhile`, passwordHash, hasGeneratedPassword: false, role: 'viewer' } as const
  const userId = await addUser(home.database, user)
  afterNextCheck(() => removeUser(home.database, userId))
  const signingIn = attempt(user.username, 'the right one', { address: '10.0.0.4' })
  await expect(signingIn).rejects.toMatchObject({ code: 'wrong-credentials' })
})

it('refuses even the right password during a pause', async () => {
  for (let i = 0; i < 5; i += 1) await attempt('bob', 'wrong').catch(() => null)
  await expect(attempt('bob', 'the right one')).rejects.toMatchObject({ code: 'too-many-requests' })
})
