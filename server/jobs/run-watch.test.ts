import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { AppError } from '@/lib/errors'
import { clock } from '@/server/timing/clock'
import { type TestClock, useTestClock } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { type NewRun, queueRun, queueRunChange } from '@/server/db/jobs/runs'

const home = createTestHome()

const POLL_INTERVAL_MS = 500
let time: TestClock
/** For each run how it was reported, in order. */
let reported: string[]
let stops: (() => void)[]

beforeEach(() => {
  time = useTestClock()
  reported = []
  stops = []
})
afterEach(async () => {
  for (const stop of stops) stop()
  vi.restoreAllMocks()
  await home.database.commit([rawChange('DELETE FROM runs')])
})

async function watch(): Promise<void> {
  stops.push(
    await home.services.runWatch.listen(({ runs }) =>
      reported.push(...runs.map(({ run }) => `${run.title} ${run.state}`)),
    ),
  )
}

/** Lets the watch poll once, and waits until it has reported what it found. */
async function poll(): Promise<void> {
  await time.whenWaiting(POLL_INTERVAL_MS)
  await time.advance(POLL_INTERVAL_MS)
  await time.whenWaiting(POLL_INTERVAL_MS)
}

const newRun = (title: string): NewRun => ({ kind: 'test', title, spec: {}, actor: COMMAND_LINE, table: null })
const queue = (title: string) => queueRun(home.database, newRun(title))

/** In one transaction, so that no poll comes in between. */
async function comeAndGo(title: string): Promise<void> {
  const { id, change } = queueRunChange(home.database, newRun(title))
  const cancel = "UPDATE runs SET state = 'cancelled', finished_at_ms = created_at_ms WHERE id = ?"
  await home.database.commit([change, rawChange(cancel, [id], 1)])
}

it('A run that starts and ends between two polls is reported once, and none that had ended before', async () => {
  await comeAndGo('before')
  await watch()
  await comeAndGo('between')
  await poll()
  await queue('last')
  await poll()
  expect(reported).toEqual(['between cancelled', 'last queued'])
})

it('A run that starts and ends during a poll is reported once', async () => {
  await watch()
  const { read } = home.database
  let reads = 0
  let lookTitles: string[] = []
  // One run starts and ends before each read of one poll, whichever read may see it.
  vi.spyOn(home.database, 'read').mockImplementation(async (query) => {
    reads += 1
    if (reads <= 5) {
      const title = `during ${reads}`
      lookTitles = [...lookTitles, `${title} cancelled`]
      await comeAndGo(title)
    }
    return read(query)
  })
  await poll()
  expect(reads).toBeGreaterThanOrEqual(5)
  await poll()
  await queue('last')
  await poll()
  expect(reported.toSorted()).toEqual([...lookTitles, 'last queued'].toSorted())
})

it('Only one poll runs at a time, however slow the database is', async () => {
  await watch()
  const { read } = home.database
  let underWay = 0
  let maxUnderWay = 0
  let reads = 0
  vi.spyOn(home.database, 'read').mockImplementation(async (query) => {
    underWay += 1
    reads += 1
    maxUnderWay = Math.max(maxUnderWay, underWay)
    await clock.pause(POLL_INTERVAL_MS + 200)
    underWay -= 1
    return read(query)
  })
  await watch()
  const isPolledAgain = () => reads > 6
  while (!isPolledAgain()) await time.advance(POLL_INTERVAL_MS)
  expect(maxUnderWay).toBe(1)
})

it('A listener is refused while the database cannot be read, and the next one receives later changes', async () => {
  vi.spyOn(home.database, 'read').mockRejectedValue(new AppError('database-unavailable', 'Away.'))
  await expect(Promise.all([watch(), watch()])).rejects.toMatchObject({ code: 'database-unavailable' })
  vi.restoreAllMocks()
  await watch()
  await queue('later')
  await poll()
  expect(reported).toEqual(['later queued'])
})

it('The poll after a failed one reports what that one missed', async () => {
  await watch()
  const { read } = home.database
  let reads = 0
  vi.spyOn(home.database, 'read').mockImplementation((query) => {
    reads += 1
    return reads === 3 ? Promise.reject(new AppError('database-unavailable', 'Away.')) : read(query)
  })
  await queue('meanwhile')
  await poll()
  expect(reported).toEqual([])
  await poll()
  expect(reported).toEqual(['meanwhile queued'])
})
