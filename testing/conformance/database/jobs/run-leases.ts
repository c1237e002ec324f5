import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { type NewRun, queueRun, readRun, requestCancel } from '@/server/db/jobs/runs'
import {
  abandonRun,
  claimRun,
  endLease,
  endRun,
  forgetError,
  journalChange,
  LEASE_MS,
  readOverlongLeases,
  MAX_RETRY_PAUSE_MS,
  renewLease,
  requeueRun,
  type RunLimits,
  retryLater,
  successChange,
} from '@/server/db/jobs/run-leases'
import { readRunsAhead } from '@/server/db/jobs/run-queue'
import { newRun, NO_LIMITS } from './jobs'
import {
  runConcurrently,
  CONCURRENCY,
  type OpenDatabase,
  setUpDatabase,
  undoneAtChange,
} from '@/testing/conformance/database/testbed'

const PROGRESS = {
  phase: 'writing',
  done: 2 ** 53 - 1,
  total: 2 ** 53 - 1,
  unit: 'bytes',
  counters: { rowsRead: 1, filesWritten: 1 },
} as const
const ERROR = { code: 'internal', detail: "it's \0 \\ %", facts: { n: 1, none: null } } as const

export function describeRunLeases(open: OpenDatabase): void {
  describe('Leases of runs', () => {
    const database = setUpDatabase(open)

    /** Queues the runs of the test, and ends all others. */
    async function queueOnly(...runs: Partial<NewRun>[]): Promise<string[]> {
      await database().commit([
        rawChange("UPDATE runs SET state = 'failed' WHERE state = 'queued' OR state = 'running'"),
      ])
      const ids: string[] = []
      for (const run of runs) ids.push(await queueRun(database(), newRun(run)))
      return ids
    }
    const claim = async (owner: string, limits: RunLimits = NO_LIMITS, heldRunIds: string[] = []) =>
      (await claimRun(database(), owner, limits, heldRunIds))?.run.id ?? null
    const elapse = (id: string, ms: number) =>
      database().commit([
        rawChange(
          'UPDATE runs SET lease_until_ms = lease_until_ms - ?, next_attempt_at_ms = next_attempt_at_ms - ? WHERE id = ?',
          [ms, ms, id],
          1,
        ),
      ])

    test('are given to one worker at a time, the oldest run first', async () => {
      const [a = '', b] = await queueOnly({}, {})
      const claimed = await claimRun(database(), 'w1', NO_LIMITS)
      expect(claimed).toMatchObject({
        isAbandoned: false,
        run: { id: a, state: 'running', leaseOwner: 'w1', attempt: 1, nextAttemptAtMs: null, error: null },
      })
      const nowMs = database().nowMs()
      expect(Math.abs((claimed?.run.leaseUntilMs ?? 0) - nowMs - LEASE_MS)).toBeLessThan(10_000)
      expect(Math.abs((claimed?.run.startedAtMs ?? 0) - nowMs)).toBeLessThan(10_000)
      expect(claimed?.run.attemptStartedAtMs).toBe(claimed?.run.startedAtMs)
      expect(await claim('w2')).toBe(b)
      expect(await claim('w3')).toBeNull()
    })

    test('go to runs in an order that a waiting run can see, without those that wait for their time', async () => {
      const later = { scheduledForMs: Number.MAX_SAFE_INTEGER }
      const [a, , b, c = '', d] = await queueOnly({}, later, { kind: 'other' }, {}, {})
      expect(await claim('w')).toBe(a)
      const ahead = async (id: string | undefined, limit = 10) => {
        const { count, runs } = await readRunsAhead(database(), { id: id ?? '', kind: 'ingest', lane: 'common' }, limit)
        return [count, runs.map((run) => run.id)]
      }
      expect(await ahead(c)).toEqual([1, [a]])
      expect(await ahead(d)).toEqual([2, [a, c]])
      expect(await ahead(d, 1), 'counts also those beyond the limit').toEqual([2, [a]])
      expect(await claim('w')).toBe(b)
      expect(await claim('w')).toBe(c)
      expect(await ahead(d)).toEqual([2, [a, c]])
      await retryLater(database(), c, 'w', { pauseMs: 60_000, error: ERROR })
      expect(await ahead(d), 'a run that waits for a retry is not before it').toEqual([1, [a]])
    })

    test('of a lane wait for no run of another, and those that go back to the queue stay in theirs', async () => {
      const small = { lane: 'small' } as const
      const [a = '', b, c = '', d = ''] = await queueOnly({}, {}, small, small)
      const limits = { overall: 9, byKind: { ingest: 1 } }
      expect(await claim('w', limits)).toBe(a)
      expect(await claim('w', limits)).toBe(c)
      expect(await claim('w', limits), 'both lanes are full').toBeNull()
      const ahead = (id: string, lane: 'common' | 'small') =>
        readRunsAhead(database(), { id, kind: 'ingest', lane }, 9).then(({ runs }) =>
          runs.map(({ id: other }) => other),
        )
      expect([await ahead(d, 'small'), await ahead(b ?? '', 'common')]).toEqual([[c], [a]])
      await requeueRun(database(), a, 'w')
      await retryLater(database(), c, 'w', { pauseMs: 60_000, error: ERROR })
      await elapse(c, 61_000)
      expect([await claim('w', limits), await claim('w', limits), await claim('w', limits)]).toEqual([a, c, null])
      await elapse(c, LEASE_MS + 10_000)
      expect(await claim('next', limits), 'its worker was killed').toBe(c)
      expect(await claim('next', limits)).toBeNull()
      await endRun(database(), c, 'next', 'failed', ERROR)
      expect(await claim('next', limits)).toBe(d)
    })

    test('are given to many workers at once, and no run twice', async () => {
      const queued = await queueOnly(...Array.from({ length: CONCURRENCY + 4 }, () => ({})))
      const { done } = await runConcurrently((i) => claim(`w${i}`))
      expect(new Set(done)).toEqual(new Set(queued.slice(0, CONCURRENCY)))
      expect(done).toHaveLength(CONCURRENCY)
    })

    test('never exceed the limits, however many workers claim at once', async () => {
      const kinds = Array.from({ length: CONCURRENCY }, (_, i) => ({ kind: i < 8 ? 'large' : 'small' }))
      const queued = await queueOnly(...kinds)
      const { done } = await runConcurrently((i) => claim(`w${i}`, { overall: 7, byKind: { large: 2, other: 0 } }))
      const claimed = done.filter((id) => id !== null)
      expect(claimed).toHaveLength(7)
      expect(claimed.filter((id) => queued.indexOf(id) < 8)).toHaveLength(2)
      await queueOnly({ kind: 'large' })
      expect(await claim('w', { overall: 7, byKind: { large: 0 } })).toBeNull()
      expect(await claim('w', { overall: 0, byKind: {} })).toBeNull()
    })

    test('are given to one run of a key at a time', async () => {
      const key = "key's %"
      const [first = '', ...rest] = await queueOnly(
        ...Array.from({ length: 4 }, () => ({ exclusiveKey: key })),
        { exclusiveKey: "Key's %" },
        { exclusiveKey: null },
        { exclusiveKey: null },
      )
      const { done } = await runConcurrently((i) => claim(`w${i}`))
      expect(done.filter((id) => id !== null).toSorted()).toEqual([first, ...rest.slice(3)])
      expect(
        await endRun(database(), first, (await readRun(database(), first))?.leaseOwner ?? '', 'failed', ERROR),
      ).toBe(true)
      expect(await claim('next')).toBe(rest[0])
    })

    test('that expired are given to another worker, even beyond the limits', async () => {
      const [a = ''] = await queueOnly({})
      await claim('first')
      expect(await claimRun(database(), 'second', { overall: 0, byKind: {} })).toBeNull()
      await elapse(a, LEASE_MS + 10_000)
      expect(await claim('first', NO_LIMITS, [a, 'other'])).toBeNull()
      const { done } = await runConcurrently((i) =>
        claimRun(database(), `w${i}`, { overall: 0, byKind: {} }, ['other']),
      )
      const taken = done.filter((one) => one !== null)
      expect(taken).toMatchObject([{ isAbandoned: true, run: { id: a, attempt: 2 } }])
      expect(await renewLease(database(), a, 'first', null)).toEqual({ isOurs: false, isCancelRequested: false })
    })

    test('are renewed by their owner, which learns whether the run has to end', async () => {
      const [a = ''] = await queueOnly({})
      await claim('w1')
      await elapse(a, LEASE_MS)
      expect(await renewLease(database(), a, 'w1', PROGRESS)).toEqual({ isOurs: true, isCancelRequested: false })
      const renewed = await readRun(database(), a)
      expect(renewed?.progress).toEqual(PROGRESS)
      expect((renewed?.leaseUntilMs ?? 0) - database().nowMs()).toBeGreaterThan(LEASE_MS / 2)
      expect(await renewLease(database(), a, 'w1', null)).toMatchObject({ isOurs: true })
      expect((await readRun(database(), a))?.progress).toEqual(PROGRESS)
      await requestCancel(database(), a)
      expect(await renewLease(database(), a, 'w1', null)).toEqual({ isOurs: true, isCancelRequested: true })
      expect(await renewLease(database(), 'none', 'w1', null)).toEqual({ isOurs: false, isCancelRequested: false })
    })

    test('end with the run, in the transaction of its effect', async () => {
      const [a = ''] = await queueOnly({})
      await claim('w1')
      const journal = { files: ["it's", 'a\0b'] }
      expect(await database().commit([journalChange(a, 'w1', journal)])).toEqual([1])
      expect((await readRun(database(), a))?.journal).toEqual(journal)
      await expect(database().commit([journalChange(a, 'w1', null), journalChange(a, 'w2', null)])).rejects.toThrow(
        undoneAtChange(1),
      )
      expect((await readRun(database(), a))?.journal).toEqual(journal)
      await database().commit([successChange(a, 'w1', { rows: 3 }, PROGRESS)])
      expect(await readRun(database(), a)).toMatchObject({
        state: 'succeeded',
        outcome: { rows: 3 },
        progress: PROGRESS,
        journal: null,
        leaseOwner: null,
        leaseUntilMs: null,
        finishedAtMs: expect.any(Number),
      })
      await expect(database().commit([successChange(a, 'w1', {}, PROGRESS)])).rejects.toThrow(undoneAtChange(0))
      expect(await endRun(database(), a, 'w1', 'failed', ERROR)).toBe(false)
    })

    test('end with a run that fails, is requeued, or is retried later', async () => {
      const [a = '', b = '', c = ''] = await queueOnly({}, {}, {})
      for (const _ of [a, b, c]) await claim('w1')
      expect(await endRun(database(), a, 'w2', 'cancelled', ERROR)).toBe(false)
      expect(await endRun(database(), a, 'w1', 'cancelled', ERROR)).toBe(true)
      expect(await readRun(database(), a)).toMatchObject({ state: 'cancelled', error: ERROR, leaseOwner: null })
      expect(await requeueRun(database(), b, 'w2')).toBe(false)
      expect(await requeueRun(database(), b, 'w1')).toBe(true)
      expect(await readRun(database(), b)).toMatchObject({ state: 'queued', attempt: 0, leaseUntilMs: null })
      await endRun(database(), (await claim('w1')) ?? '', 'w1', 'failed', ERROR)
      const again = { pauseMs: 60_000, error: ERROR }
      expect(await retryLater(database(), c, 'w1', again)).toBe(true)
      expect(await readRun(database(), c)).toMatchObject({ state: 'queued', attempt: 1, retries: 1, error: ERROR })
      expect(await claim('w1')).toBeNull()
      await elapse(c, 61_000)
      expect(await claim('w1')).toBe(c)
      expect((await readRun(database(), c))?.error).toBeNull()
      await requestCancel(database(), c)
      expect(await retryLater(database(), c, 'w1', again)).toBe(false)
    })

    test('protect an abandoned run for the given pause, and keep its error until it is forgotten', async () => {
      const [a = ''] = await queueOnly({})
      await claim('w1')
      const abandon = (owner: string, pauseMs: number) => abandonRun(database(), a, owner, { pauseMs, error: ERROR })
      expect(await abandon('w2', 0)).toBe(false)
      expect(await abandon('w1', 60_000)).toBe(true)
      expect(await claim('w2')).toBeNull()
      await elapse(a, 61_000)
      expect(await claim('w2')).toBe(a)
      expect(await abandon('w2', 0)).toBe(true)
      expect(await readRun(database(), a)).toMatchObject({ leaseOwner: null, leaseUntilMs: 0, error: ERROR })
      expect(await claim('w3')).toBe(a)
      expect((await readRun(database(), a))?.error).toEqual(ERROR)
      expect(await forgetError(database(), a, 'w2')).toBe(false)
      expect(await forgetError(database(), a, 'w3')).toBe(true)
      expect((await readRun(database(), a))?.error).toBeNull()
    })

    test('and pauses that are too long are ended: the clock was set back', async () => {
      const [a = '', b = ''] = await queueOnly({}, {})
      for (const _ of [a, b]) await claim('w1')
      await elapse(a, -1_000_000)
      const leaseUntilMs = (await readRun(database(), a))?.leaseUntilMs ?? 0
      expect(await readOverlongLeases(database())).toEqual([{ id: a, leaseUntilMs }])
      await endLease(database(), a, leaseUntilMs + 1)
      expect(await claim('w2')).toBeNull()
      await endLease(database(), a, leaseUntilMs)
      expect(await readOverlongLeases(database())).toEqual([])
      expect(await claim('w2')).toBe(a)
      await retryLater(database(), b, 'w1', { pauseMs: 1000, error: ERROR })
      await elapse(b, -MAX_RETRY_PAUSE_MS / 2)
      expect(await claim('w2')).toBeNull()
      await elapse(b, -MAX_RETRY_PAUSE_MS)
      expect(await claim('w2')).toBe(b)
    })
  })
}
