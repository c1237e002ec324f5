import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { queueRunChange, readRun } from '@/server/db/jobs/runs'
import { LEASE_MS } from '@/server/db/jobs/run-leases'
import {
  advanceSchedule,
  type ConsoleSchedule,
  createSchedule,
  editScheduleChange,
  ensureSchedule,
  giveScheduleChange,
  lastRunChange,
  listFailedSchedules,
  listSchedules,
  type NewSchedule,
  pauseScheduleChange,
  readSchedule,
  removeScheduleChange,
  scheduleStateChange,
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

const WATCHED = { catalog: 'local', namespace: ['a.b', 'c'], table: 'watched' }

/** The fields that a schedule of the console does not set. */
const UNSET = {
  ownerId: null,
  lastRunId: null,
  skippedAtMs: null,
  startsBy: 'times',
  watchedTables: [],
  seenHeads: null,
  state: null,
  pausedBecause: null,
  version: 1,
  createdAtMs: null,
  changedAtMs: null,
}

function schedule(id: string, change: Partial<ConsoleSchedule> = {}): ConsoleSchedule {
  const times = { cron: '0 3 * * *', timeZone: 'Europe/Berlin', isEnabled: true, nextAtMs: 1000 }
  const { scheduleId: _, ...task } = newRun({ exclusiveKey: null })
  return { id, ...task, ...times, ...change }
}

function savedWork(id: string, ownerId: string, change: Partial<NewSchedule> = {}): NewSchedule {
  const base = schedule(id)
  const actor = { ...base.actor, userId: ownerId }
  return { ...base, actor, ownerId, startsBy: 'times', watchedTables: [], ...change }
}

const LIMITED = { hasNoLimit: false }

export function describeSchedules(open: OpenDatabase): void {
  describe('Schedules', () => {
    const database = setUpDatabase(open)
    const requireSchedule = async (id: string) => {
      const found = await readSchedule(database(), id)
      if (!found) throw new Error(`There is no schedule ${id}.`)
      return found
    }

    test.each(TEXTS)('are stored as they were created: %j', async (text) => {
      const created = schedule(text, {
        title: text,
        cron: text,
        spec: { nul: 'a\0b', [text]: text },
        nextAtMs: MAX_INTEGER,
      })
      await ensureSchedule(database(), created)
      const stored = { ...created, ...UNSET }
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

    test('are changed if they have the version that was read', async () => {
      await ensureSchedule(database(), schedule('times'))
      const before = await requireSchedule('times')
      const times = { cron: '* * * * *', timeZone: 'UTC', isEnabled: false, nextAtMs: null }
      const edit = { title: 'Other', ...times, startsBy: 'times', watchedTables: [] } as const
      expect(await database().commit([editScheduleChange(before, edit)])).toEqual([1])
      const changed = await requireSchedule('times')
      expect(changed).toMatchObject({ ...edit, version: 2 })
      expect(changed.changedAtMs).toBeGreaterThan(0)
      await expect(database().commit([editScheduleChange(before, edit)])).rejects.toThrow(undoneAtChange(0))
      expect(await advanceSchedule(database(), { id: 'times', nextAtMs: null }, { nextAtMs: 5 })).toBe(false)
    })

    test('of users are created as they are, up to the limit of each, by many at once', async () => {
      const created = savedWork('saved 0', 'owner', { startsBy: 'tables', watchedTables: [WATCHED] })
      await createSchedule(database(), created, LIMITED)
      expect(await requireSchedule('saved 0')).toMatchObject(created)
      const { refused } = await runConcurrently((i) =>
        createSchedule(database(), savedWork(`saved by owner ${i}`, 'owner'), LIMITED),
      )
      const owned = (await listSchedules(database())).filter(({ ownerId }) => ownerId === 'owner')
      expect(owned.length).toBeLessThanOrEqual(20)
      for (let i = owned.length; i < 20; i += 1)
        await createSchedule(database(), savedWork(`more ${i}`, 'owner'), LIMITED)
      expect(refused).toEqual([])
      const oneMore = savedWork('one more', 'owner')
      await expect(createSchedule(database(), oneMore, LIMITED)).rejects.toThrow('at most 20 schedules')
      await createSchedule(database(), oneMore, { hasNoLimit: true })
      await createSchedule(database(), savedWork('of another', 'other'), LIMITED)
    })

    test('that pause, are given away and removed need their version', async () => {
      await createSchedule(database(), savedWork('given', 'from'), LIMITED)
      const before = await requireSchedule('given')
      expect(await database().commit([pauseScheduleChange(before, 'because')])).toEqual([1])
      const paused = await requireSchedule('given')
      expect(paused).toMatchObject({ isEnabled: false, nextAtMs: null, pausedBecause: 'because', version: 2 })
      const given = { actor: { ...paused.actor, userId: 'to' }, isEnabled: true, nextAtMs: 7 }
      await expect(database().commit([giveScheduleChange(before, given, LIMITED)])).rejects.toThrow(undoneAtChange(0))
      await expect(
        database().commit([
          giveScheduleChange(paused, { ...given, actor: { ...paused.actor, userId: 'owner' } }, LIMITED),
        ]),
      ).rejects.toThrow(undoneAtChange(0))
      expect(await database().commit([giveScheduleChange(paused, given, LIMITED)])).toEqual([1])
      const taken = await requireSchedule('given')
      expect(taken).toMatchObject({ ownerId: 'to', pausedBecause: null, isEnabled: true, nextAtMs: 7, version: 3 })
      await database().commit([scheduleStateChange('given', { position: TEXTS[0] ?? '' })])
      expect((await requireSchedule('given')).state).toEqual({ position: TEXTS[0] })
      await expect(database().commit([removeScheduleChange(paused)])).rejects.toThrow(undoneAtChange(0))
      expect(await database().commit([removeScheduleChange(taken)])).toEqual([1])
      expect(await readSchedule(database(), 'given')).toBeNull()
      const own = await requireSchedule('times')
      await expect(database().commit([removeScheduleChange(own)])).rejects.toThrow(undoneAtChange(0))
    })

    test('keep the heads that they saw until they watch other tables', async () => {
      const watching = savedWork('watching', 'watcher', { startsBy: 'tables', watchedTables: [WATCHED] })
      await createSchedule(database(), watching, LIMITED)
      expect(await advanceSchedule(database(), watching, { nextAtMs: 9, seenHeads: ['1', null] })).toBe(true)
      const seen = await requireSchedule('watching')
      expect(seen.seenHeads).toEqual(['1', null])
      await database().commit([editScheduleChange(seen, { ...seen, title: 'Renamed' })])
      const renamed = await requireSchedule('watching')
      expect(renamed).toMatchObject({ title: 'Renamed', seenHeads: ['1', null] })
      await database().commit([editScheduleChange(renamed, { ...renamed, watchedTables: [] })])
      expect((await requireSchedule('watching')).seenHeads).toBeNull()
    })

    test('of users whose last run failed are found', async () => {
      const { change: queued, id } = queueRunChange(database(), newRun({ scheduleId: 'failing' }))
      await createSchedule(database(), savedWork('failing', 'failer'), LIMITED, [queued])
      await database().commit([lastRunChange('failing', id, null)])
      expect(await listFailedSchedules(database())).toEqual([])
      await database().commit([rawChange("UPDATE runs SET state = 'failed' WHERE id = ?", [id])])
      expect((await listFailedSchedules(database())).map((one) => one.id)).toEqual(['failing'])
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
