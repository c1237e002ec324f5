import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { createTestHome } from '@/testing/homes/test-home'
import { forgetUserAttempts, countAttempt } from './sign-in-limit'

const MINUTE_MS = 60_000
const START_MS = Date.UTC(2026, 10, 20)

const home = createTestHome()
beforeEach(() => {
  vi.setSystemTime(START_MS)
})
afterEach(() => {
  vi.useRealTimers()
})

/** Attempts with a wrong password, one after another. */
async function failTimes(
  attempts: number,
  attempt: (i: number) => { username: string; address: string },
  nowMs = START_MS,
) {
  const answers: AppError[] = []
  for (let i = 0; i < attempts; i += 1) answers.push(await failOnce(attempt(i), nowMs))
  return answers
}

function failOnce(attempt: { username: string; address: string }, nowMs = START_MS): Promise<AppError> {
  vi.setSystemTime(nowMs)
  return countAttempt(home.services, attempt).then(
    (attempt) => attempt.toError(),
    (error: unknown) => (error instanceof AppError ? error : Promise.reject(error)),
  )
}

const as = (username: string) => () => ({ username, address: '10.0.0.1' })
const firstPause = (answers: AppError[]) => answers.findIndex(({ code }) => code === 'too-many-requests')

it('pauses after five failed attempts, and longer each time', async () => {
  const first = await failTimes(5, as('bob'))
  expect(first.map(({ facts }) => facts)).toEqual(
    [4, 3, 2, 1, 0].map((attemptsLeft) => ({ attemptsLeft, pauseSeconds: 900 })),
  )
  expect(first[0]?.message).toBe('4 attempts left before a pause of 15 min.')
  expect(await failOnce(as('bob')(), START_MS + 14 * MINUTE_MS)).toMatchObject({
    code: 'too-many-requests',
    facts: { pauseSeconds: 60 },
  })
  const second = await failTimes(5, as('bob'), START_MS + 15 * MINUTE_MS)
  expect(second.at(-1)?.facts).toEqual({ attemptsLeft: 0, pauseSeconds: 1800 })
  expect(await failOnce(as('bob')(), START_MS + 44 * MINUTE_MS)).toMatchObject({ code: 'too-many-requests' })
  expect(await failOnce(as('bob')(), START_MS + 45 * MINUTE_MS)).toMatchObject({ code: 'wrong-credentials' })
})

it('resets the count of a name after a correct password, even at the last attempt', async () => {
  await failTimes(4, as('cy'))
  await (await countAttempt(home.services, as('cy')())).markSucceeded()
  expect((await failOnce(as('cy')())).facts).toMatchObject({ attemptsLeft: 4, pauseSeconds: 900 })
})

it('forgets everything after a day, and nothing before', async () => {
  await failTimes(5, as('flo'))
  const day = await failOnce(as('flo')(), START_MS + 24 * 60 * MINUTE_MS)
  expect(day.facts).toEqual({ attemptsLeft: 4, pauseSeconds: 1800 })
  await failTimes(6, as('fay'))
  const nextDay = await failOnce(as('fay')(), START_MS + 24 * 60 * MINUTE_MS + 1)
  expect(nextDay.facts).toEqual({ attemptsLeft: 4, pauseSeconds: 900 })
})

it('counts concurrent attempts', async () => {
  const answers = await Promise.all(Array.from({ length: 8 }, () => failOnce(as('dee')())))
  expect(answers.filter(({ code }) => code === 'wrong-credentials').length).toBeLessThanOrEqual(5)
  expect(await failOnce(as('dee')())).toMatchObject({ code: 'too-many-requests' })
})

it('counts attempts by name even when the addresses are forged', async () => {
  expect(firstPause(await failTimes(30, (i) => ({ username: 'eve', address: `10.1.0.${i}` })))).toBe(25)
})

it('pauses an address that attempts many names', async () => {
  expect(firstPause(await failTimes(52, (i) => ({ username: `name-${i}`, address: '10.2.0.1' })))).toBe(50)
})

it('resets the counts of a name for every address, and of no other name', async () => {
  for (const address of ['10.3.0.1', '10.3.0.2', '10.3.0.3']) {
    await failTimes(5, () => ({ username: 'Gil', address }))
    await failTimes(5, () => ({ username: 'gi', address }))
  }
  await home.database.commit([forgetUserAttempts(home.services.keys, 'gIL')])
  for (const address of ['10.3.0.1', '10.3.0.2', '10.3.0.3']) {
    const { code, facts } = await failOnce({ username: 'gil', address })
    expect([code, facts.attemptsLeft]).toEqual(['wrong-credentials', 4])
    expect(await failOnce({ username: 'gi', address })).toMatchObject({ code: 'too-many-requests' })
  }
})

it('locks no user out for longer than a pause when the clock was set back', async () => {
  await failTimes(5, as('set-back'))
  const dayBeforeMs = START_MS - 24 * 60 * MINUTE_MS
  expect(await failOnce(as('set-back')(), dayBeforeMs)).toMatchObject({ code: 'wrong-credentials' })
  await failTimes(4, as('set-back'), dayBeforeMs)
  expect(await failOnce(as('set-back')(), dayBeforeMs)).toMatchObject({ code: 'too-many-requests' })
})
