import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { queueRunChange, readRun } from '@/server/db/jobs/runs'
import { LEASE_MS } from '@/server/db/jobs/run-leases'
import {
  ensureSchedule,
  lastRunChange,
  listSchedules,
  advanceSchedule,
  readSchedule,
  type Schedule,
  setTimesChange,
} from '@/server/db/jobs/schedules'
import { removeWorker, isWorkerAlive, recordHeartbeat } from '@/server/db/jobs/workers'
import { newRun } from './jobs'
import {
  runConcurrently,
  compareBytes,
  countRows,
  MAX_INTEGER,
  NAMES,
  type OpenDatabase,
  setUpDatabase,
  selectRows,
  TEXTS,
  undoneAtChange,
} from '@/testing/conformance/database/testbed'

function schedule(id: string, change: Partial<Schedule> = {}): Omit<Schedule, 'lastRunId' | 'skippedAtMs'> {
  const times = { cron: '0 3 * * *', timeZone: 'Europe/Berlin', isEnabled: true, nextAtMs: 1000 }
  const { scheduleId: _, ...task } = newRun({ exclusiveKey: null })
  return { id, ...task, ...times, ...change }
}

export function describeSchedules(open: OpenDatabase): void {
  describe('Schedules', () => {
    const database = setUpDatabase(open)

    test.each(TEXTS)('are stored as they were created: %j', async (text) => {
      const created = schedule(text, {
        title: text,
        cron: text,
        spec: { nul: 'a\0b', [text]: text },
        nextAtMs: MAX_INTEGER,
      })
      await ensureSchedule(database(), created)
      const stored = { ...created, lastRunId: null, skippedAtMs: null }
      expect(await readSchedule(database(), text)).toEqual(stored)
      await ensureSchedule(database(), schedule(text, { title: 'other' }))
      expect(await readSchedule(database(), text)).toEqual(stored)
    })

    test('are created once by many concurrent writers', async () => {
      await runConcurrently((i) =>
        ensureSchedule(database(), schedule('at once', { title: `made by ${i}`, table: null })),
      )
      expect((await readSchedule(database(), 'at once'))?.title).toMatch(/^made by/)
      expect(await readSchedule(database(), 'none')).toBeNull()
    })

    test('are listed by title, in the order of its bytes', async () => {
      for (const title of NAMES) await ensureSchedule(database(), schedule(`titled ${title}`, { title }))
      const titles = (await listSchedules(database())).map(({ title }) => title)
      expect(titles).toEqual(titles.toSorted(compareBytes))
      expect(titles).toEqual(expect.arrayContaining([...NAMES]))
    })

    test('get other times if they exist', async () => {
      await ensureSchedule(database(), schedule('times'))
      const times = { cron: '* * * * *', timeZone: 'UTC', isEnabled: false, nextAtMs: null }
      expect(await database().commit([setTimesChange('times', times)])).toEqual([1])
      expect(await readSchedule(database(), 'times')).toMatchObject(times)
      const both = [setTimesChange('times', { ...times, isEnabled: true }), setTimesChange('none', times)]
      await expect(database().commit(both)).rejects.toThrow(undoneAtChange(1))
      expect(await readSchedule(database(), 'times')).toMatchObject(times)
      expect(await advanceSchedule(database(), { id: 'times', nextAtMs: null }, { nextAtMs: 5 })).toBe(false)
    })

    test('are advanced by one of many workers, together with the run that is due', async () => {
      await ensureSchedule(database(), schedule('due'))
      const queued = Array.from({ length: 16 }, () => queueRunChange(database(), newRun({ scheduleId: 'due' })))
      const { done } = await runConcurrently(async (i) => {
        const run = queued[i]
        if (!run) throw new Error('no run')
        const to = { nextAtMs: 2000, lastRunId: run.id }
        return (await advanceSchedule(database(), { id: 'due', nextAtMs: 1000 }, to, [run.change])) ? run.id : null
      })
      const [moved, ...others] = done.filter((id) => id !== null)
      expect(others).toEqual([])
      expect(await readSchedule(database(), 'due')).toMatchObject({ nextAtMs: 2000, lastRunId: moved })
      expect((await readRun(database(), moved ?? ''))?.scheduleId).toBe('due')
      expect(await countRows(database(), "runs WHERE schedule_id = 'due'")).toBe(1)
      const skipped = { nextAtMs: null, skippedAtMs: MAX_INTEGER }
      expect(await advanceSchedule(database(), { id: 'due', nextAtMs: 2000 }, skipped)).toBe(true)
      expect(await readSchedule(database(), 'due')).toMatchObject({ ...skipped, lastRunId: moved })
      expect(await advanceSchedule(database(), { id: 'due', nextAtMs: 2000 }, { nextAtMs: 1 })).toBe(false)
      expect(await advanceSchedule(database(), { id: 'due', nextAtMs: null }, { nextAtMs: 1 })).toBe(true)
    })

    test('record their newest run if it follows the one that was read', async () => {
      await ensureSchedule(database(), schedule('last'))
      expect(await database().commit([lastRunChange('last', 'r1', null)])).toEqual([1])
      await expect(database().commit([lastRunChange('last', 'r2', null)])).rejects.toThrow(undoneAtChange(0))
      expect(await database().commit([lastRunChange('last', 'r2', 'r1')])).toEqual([1])
      await expect(database().commit([lastRunChange('none', 'r2', null)])).rejects.toThrow(undoneAtChange(0))
      expect((await readSchedule(database(), 'last'))?.lastRunId).toBe('r2')
    })
  })
}

export function describeWorkers(open: OpenDatabase): void {
  describe('Workers', () => {
    const database = setUpDatabase(open)
    const elapse = (ms: number) =>
      database().commit([rawChange('UPDATE workers SET seen_at_ms = seen_at_ms - ?', [ms])])

    test('are alive for the length of a lease after a heartbeat', async () => {
      expect(await isWorkerAlive(database())).toBe(false)
      await recordHeartbeat(database(), "it's a worker")
      await recordHeartbeat(database(), "it's a worker")
      expect(await countRows(database(), 'workers')).toBe(1)
      expect(await isWorkerAlive(database())).toBe(true)
      await elapse(LEASE_MS)
      expect(await isWorkerAlive(database())).toBe(false)
      await elapse(-3 * LEASE_MS)
      expect(await isWorkerAlive(database())).toBe(false)
      await recordHeartbeat(database(), "it's a worker")
      expect(await isWorkerAlive(database())).toBe(true)
    })

    test('are removed when they unregister, or had no heartbeat for long', async () => {
      await elapse(LEASE_MS * 101)
      await recordHeartbeat(database(), 'young')
      expect(await selectRows(database(), 'SELECT id FROM workers')).toEqual([{ id: 'young' }])
      await removeWorker(database(), 'young')
      await removeWorker(database(), 'young')
      expect(await countRows(database(), 'workers')).toBe(0)
    })

    test('may send many heartbeats at once', async () => {
      await runConcurrently((i) => recordHeartbeat(database(), `w${i % 4}`))
      expect(await countRows(database(), 'workers')).toBe(4)
    })
  })
}
