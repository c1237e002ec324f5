import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { rawChange } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listRuns, type Run } from '@/server/db/jobs/runs'
import { readLog } from '@/server/db/jobs/run-logs'
import { type ConsoleSchedule, ensureSchedule, readSchedule } from '@/server/db/jobs/schedules'
import { nextTime, nextTimes } from './cron-times'
import { runScheduleLoop, ScheduleQueue } from './schedule-loop'

const home = createTestHome()
const newQueue = () => new ScheduleQueue(home.services, {}, new AbortController().signal)

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** 2026-01-01T00:00Z */
const NEW_YEAR_MS = Date.UTC(2026, 0, 1)

afterEach(async () => {
  await home.database.commit([
    rawChange('DELETE FROM schedules'),
    rawChange('DELETE FROM runs'),
    rawChange('DELETE FROM run_logs'),
  ])
})

async function schedule(more: Partial<ConsoleSchedule> = {}): Promise<void> {
  const times = { cron: '30 3 * * *', timeZone: 'UTC', ...more }
  await ensureSchedule(home.database, {
    id: 'nightly',
    kind: 'test',
    title: 'Every night',
    spec: { deep: true },
    actor: COMMAND_LINE,
    table: null,
    isEnabled: true,
    nextAtMs: nextTime(times, NEW_YEAR_MS),
    ...times,
    ...more,
  })
}
const runs = () => listRuns(home.database, { limit: 100 })
const endAll = () => home.database.commit([rawChange("UPDATE runs SET state = 'succeeded', finished_at_ms = 1")])

describe('A schedule', () => {
  it('queues its run when it is due, and not before', async () => {
    await schedule()
    await newQueue().queueDue(NEW_YEAR_MS + 3 * HOUR_MS)
    expect(await runs()).toEqual([])
    await newQueue().queueDue(NEW_YEAR_MS + 3.5 * HOUR_MS)
    const [run] = await runs()
    expect(run).toMatchObject({ kind: 'test', title: 'Every night', spec: { deep: true }, scheduleId: 'nightly' })
    expect(await readSchedule(home.database, 'nightly')).toMatchObject({
      nextAtMs: NEW_YEAR_MS + DAY_MS + 3.5 * HOUR_MS,
      lastRunId: run?.id,
    })
    expect(await readLog(home.database, run?.id ?? '', 0, 1)).toMatchObject([
      { text: 'Queued by its schedule, 30 3 * * *.' },
    ])
    await newQueue().queueDue(NEW_YEAR_MS + 4 * HOUR_MS)
    expect(await runs()).toHaveLength(1)
  })

  it('that was missed for a week is queued once', async () => {
    await schedule()
    await newQueue().queueDue(NEW_YEAR_MS + 7 * DAY_MS)
    await newQueue().queueDue(NEW_YEAR_MS + 7 * DAY_MS + MINUTE_MS)
    expect(await runs()).toHaveLength(1)
    expect((await readSchedule(home.database, 'nightly'))?.nextAtMs).toBe(NEW_YEAR_MS + 7 * DAY_MS + 3.5 * HOUR_MS)
  })

  it('that many workers find due is queued once', async () => {
    await schedule()
    await Promise.all(Array.from({ length: 10 }, () => newQueue().queueDue(NEW_YEAR_MS + DAY_MS)))
    expect(await runs()).toHaveLength(1)
  })

  it('is skipped while its last run is still running, and says so in the schedule and in the log', async () => {
    await schedule()
    await newQueue().queueDue(NEW_YEAR_MS + DAY_MS)
    const nextMs = NEW_YEAR_MS + 2 * DAY_MS
    await newQueue().queueDue(nextMs)
    const [run, ...others] = await runs()
    expect(others).toEqual([])
    expect(await readSchedule(home.database, 'nightly')).toMatchObject({ skippedAtMs: nextMs, lastRunId: run?.id })
    expect(await readLog(home.database, run?.id ?? '', 1, 10)).toMatchObject([
      { level: 'warning', text: expect.stringContaining('skipped') },
    ])
    await endAll()
    await newQueue().queueDue(nextMs + DAY_MS)
    expect(await runs()).toHaveLength(2)
  })

  it('that is switched off queues nothing', async () => {
    await schedule({ isEnabled: false })
    await newQueue().queueDue(NEW_YEAR_MS + DAY_MS)
    expect(await runs()).toEqual([])
  })

  it('that cannot be read does not hold up the others', async () => {
    await schedule({ id: 'broken', title: 'A', nextAtMs: 1 })
    await home.database.commit([rawChange("UPDATE schedules SET cron = 'whenever'")])
    await schedule()
    await newQueue().queueDue(NEW_YEAR_MS + DAY_MS)
    expect((await runs()).map(({ scheduleId }: Run) => scheduleId)).toEqual(['nightly'])
  })

  it('is not queued twice when the clock is corrected by a minute', async () => {
    await schedule()
    await newQueue().queueDue(NEW_YEAR_MS + 3.5 * HOUR_MS)
    await endAll()
    await newQueue().queueDue(NEW_YEAR_MS + 3.5 * HOUR_MS - MINUTE_MS)
    await newQueue().queueDue(NEW_YEAR_MS + 3.5 * HOUR_MS)
    expect(await runs()).toHaveLength(1)
  })

  it('does not wait for a year after the clock was a year ahead', async () => {
    await schedule({ nextAtMs: NEW_YEAR_MS + 365 * DAY_MS })
    await newQueue().queueDue(NEW_YEAR_MS)
    expect((await readSchedule(home.database, 'nightly'))?.nextAtMs).toBe(NEW_YEAR_MS + 3.5 * HOUR_MS)
  })

  it('that exists keeps the times that users have set', async () => {
    await schedule({ cron: '1 1 * * *' })
    await schedule()
    expect((await readSchedule(home.database, 'nightly'))?.cron).toBe('1 1 * * *')
  })
})

it('Schedules are checked until the worker stops', async () => {
  await schedule({ nextAtMs: 1 })
  const stop = new AbortController()
  const loop = runScheduleLoop(home.services, { kinds: {}, signal: stop.signal, pollIntervalMs: 5 })
  await vi.waitUntil(async () => (await runs()).length === 1, 50_000)
  stop.abort()
  await expect(loop).resolves.toBeUndefined()
})

describe('Times of a cron expression', () => {
  const at = (text: string) => Date.parse(text)

  it('follow the time zone, across daylight saving changes', () => {
    const times = { cron: '30 2 * * *', timeZone: 'Europe/Berlin' }
    // On 2026-03-29 the clocks of Berlin go from 2 to 3: a run at 2:30 comes once.
    const found = nextTimes(times, 3, at('2026-03-28T00:00Z')).map((ms) => new Date(ms).toISOString())
    expect(found[0]).toBe('2026-03-28T01:30:00.000Z')
    expect(found[2]).toBe('2026-03-30T00:30:00.000Z')
    expect(found).toHaveLength(3)
  })

  it.each([
    ['0 * * * *', '2026-01-01T00:00Z', ['2026-01-01T01:00Z', '2026-01-01T02:00Z']],
    ['*/20 * * * *', '2026-01-01T00:01Z', ['2026-01-01T00:20Z', '2026-01-01T00:40Z']],
    ['0 0 29 2 *', '2026-01-01T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    // POSIX crontab: if both the day of the month and the day of the week are given, either one matches.
    ['0 0 13 * 5', '2026-01-05T00:00Z', ['2026-01-09T00:00Z', '2026-01-13T00:00Z']],
  ])('%s after %s', (cron, after, times) => {
    expect(nextTimes({ cron, timeZone: 'UTC' }, 2, at(after))).toEqual(times.map(at))
  })

  it.each(['', 'whenever', '* * * *', '60 * * * *', '*/5 * * * * *', '0 0 * * 9'])('"%s" is invalid', (cron) => {
    expect(() => nextTime({ cron, timeZone: 'UTC' }, 0)).toThrow(/is not a cron expression/)
  })

  it('are refused in an unknown time zone', () => {
    expect(() => nextTime({ cron: '* * * * *', timeZone: 'Mars/Olympus' }, 0)).toThrow('no time zone "Mars/Olympus"')
  })

  it('that never come are null', () => {
    expect(nextTime({ cron: '0 0 31 2 *', timeZone: 'UTC' }, 0)).toBeNull()
  })
})
