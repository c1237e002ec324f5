import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { auditChange } from '@/server/db/audit'
import {
  listEndedRuns,
  listRunKinds,
  listRuns,
  type NewRun,
  queueRun,
  queueRunChange,
  readRun,
  readRuns,
  requestCancel,
} from '@/server/db/jobs/runs'
import { claimRun, endRun } from '@/server/db/jobs/run-leases'
import {
  runConcurrently,
  CONCURRENCY,
  countRows,
  NAMES,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
  undoneAtChange,
} from '@/testing/conformance/database/testbed'

export const NO_LIMITS = { overall: 1000, byKind: {} }

export function newRun(change: Partial<NewRun> = {}): NewRun {
  return {
    kind: 'ingest',
    title: 'Load a file',
    spec: { n: 1 },
    actor: { userId: 'u', username: 'ada', role: 'editor' },
    table: { catalog: 'local', namespace: ['a'], table: 't' },
    ...change,
  }
}

export function describeJobs(open: OpenDatabase): void {
  describe('Runs', () => {
    const database = setUpDatabase(open)
    const ids = (runs: readonly { id: string }[]) => runs.map(({ id }) => id)
    const end = (id: string, state: string, finishedAtMs = 1) =>
      database().commit([
        rawChange('UPDATE runs SET state = ?, finished_at_ms = ? WHERE id = ?', [state, finishedAtMs, id], 1),
      ])

    test.each(TEXTS)('are queued as requested: %j', async (text) => {
      const request = newRun({
        kind: text,
        title: text,
        spec: { [text]: [text, null, 2 ** 53 - 1, { nul: 'a\0b' }] },
        table: { catalog: text, namespace: [text.replaceAll('\x1F', ''), 'ä'], table: text },
        exclusiveKey: text,
        lane: 'small',
        scheduleId: text,
      })
      const id = await queueRun(database(), request)
      const run = await readRun(database(), id)
      expect(run).toEqual({
        ...request,
        id,
        state: 'queued',
        createdAtMs: expect.any(Number),
        startedAtMs: null,
        attemptStartedAtMs: null,
        finishedAtMs: null,
        attempt: 0,
        retries: 0,
        nextAttemptAtMs: null,
        scheduledForMs: null,
        awaitedUploads: 0,
        leaseOwner: null,
        leaseUntilMs: null,
        isCancelRequested: false,
        progress: null,
        journal: null,
        outcome: null,
        error: null,
      })
      expect(Math.abs((run?.createdAtMs ?? 0) - database().nowMs())).toBeLessThan(60_000)
      expect(ids(await listRuns(database(), { limit: 1, kind: text }))).toEqual([id])
      expect(await listRunKinds(database())).toContain(text)
    })

    test('may have no table', async () => {
      const id = await queueRun(database(), newRun({ table: null }))
      expect(await readRun(database(), id)).toMatchObject({ table: null, exclusiveKey: null, scheduleId: null })
      expect(await readRun(database(), 'none')).toBeNull()
      expect([...(await readRuns(database(), [id, 'none', id])).keys()]).toEqual([id])
      expect(await readRuns(database(), [])).toEqual(new Map())
    })

    test('are listed newest first, by page, state, kind and table', async () => {
      const table = { catalog: 'listed', namespace: ['a', 'b'], table: 't' }
      const queued: string[] = []
      for (let i = 0; i < 10; i += 1)
        queued.push(await queueRun(database(), newRun({ table, kind: i % 2 ? 'odd' : 'even' })))
      const newest = queued.toReversed()
      const list = async (filter: Partial<Parameters<typeof listRuns>[1]>) =>
        ids(await listRuns(database(), { limit: 100, table, ...filter }))
      expect(await list({})).toEqual(newest)
      expect(ids(await listRuns(database(), { limit: 10 }))).toEqual(newest)
      expect(await list({ limit: 3 })).toEqual(newest.slice(0, 3))
      expect(await list({ limit: 4, before: newest[2] ?? '' })).toEqual(newest.slice(3, 7))
      expect(await list({ kind: 'odd' })).toEqual(newest.filter((_, i) => i % 2 === 0))
      await end(queued[0] ?? '', 'failed')
      await end(queued[3] ?? '', 'succeeded')
      expect(await list({ states: ['failed', 'succeeded'] })).toEqual([queued[3], queued[0]])
      expect(await list({ states: ['queued'], kind: 'odd', limit: 2 })).toEqual([queued[9], queued[7]])
      expect(ids(await listRuns(database(), { limit: 9, states: ['failed', 'succeeded'] }))).toEqual([
        queued[3],
        queued[0],
      ])
      expect(await list({ states: [] })).toEqual([])
      expect(await list({ table: { ...table, namespace: ['a'] } })).toEqual([])
    })

    test.each(NAMES)('of a table named %j belong to no other table', async (name) => {
      const table = { catalog: 'names', namespace: [name], table: name }
      const id = await queueRun(database(), newRun({ table }))
      expect(ids(await listRuns(database(), { limit: 10, table }))).toEqual([id])
    })

    test('that have ended are listed if they are newer or named', async () => {
      const queued: string[] = []
      for (let i = 0; i < 6; i += 1) queued.push(await queueRun(database(), newRun()))
      const [a = '', b = '', c = '', d = '', e = '', f = ''] = queued
      for (const [id, state] of [
        [a, 'failed'],
        [b, 'cancelled'],
        [d, 'succeeded'],
        [f, 'succeeded'],
      ] as const)
        await end(id, state)
      expect(ids(await listEndedRuns(database(), { ids: [], after: c, limit: 9 }))).toEqual([f, d])
      expect(ids(await listEndedRuns(database(), { ids: [a, e], after: c, limit: 9 }))).toEqual([f, d, a])
      expect(ids(await listEndedRuns(database(), { ids: [a, e], after: c, limit: 2 }))).toEqual([f, d])
      expect(ids(await listEndedRuns(database(), { ids: [], after: f, limit: 9 }))).toEqual([])
    })

    test('are queued together with related rows, or not at all', async () => {
      const queued = queueRunChange(database(), newRun())
      expect(await database().commit([queued.change])).toEqual([1])
      expect(await readRun(database(), queued.id)).not.toBeNull()
      const other = queueRunChange(database(), newRun())
      await expect(database().commit([other.change, queued.change])).rejects.toThrow(undoneAtChange(1))
      expect(await readRun(database(), other.id)).toBeNull()
    })

    test('are cancelled at once while queued, asked to stop while running, and unchanged once ended', async () => {
      const audit = () =>
        auditChange({
          actor: { userId: 'u', username: 'ada' },
          action: 'cancel-run',
          table: null,
          tableUuid: null,
          before: null,
          after: null,
          requestId: null,
          undoes: null,
        })
      await database().commit([rawChange("UPDATE runs SET state = 'succeeded' WHERE state = 'queued'")])
      const running = await queueRun(database(), newRun())
      expect((await claimRun(database(), 'w', NO_LIMITS))?.run.id).toBe(running)
      const waiting = await queueRun(database(), newRun())
      const audits = await countRows(database(), 'audit')
      await requestCancel(database(), waiting, [audit()])
      expect(await readRun(database(), waiting)).toMatchObject({
        state: 'cancelled',
        isCancelRequested: true,
        finishedAtMs: expect.any(Number),
        error: { code: 'cancelled', facts: {} },
      })
      await requestCancel(database(), running, [audit()])
      expect(await readRun(database(), running)).toMatchObject({
        state: 'running',
        isCancelRequested: true,
        finishedAtMs: null,
        error: null,
      })
      await endRun(database(), running, 'w', 'failed', { code: 'internal', detail: 'x', facts: { n: null } })
      const ended = await readRun(database(), running)
      for (const id of [running, waiting, 'none']) await requestCancel(database(), id, [audit()])
      expect(await readRun(database(), running)).toEqual(ended)
      expect(await countRows(database(), 'audit')).toBe(audits + 2)
    })

    test('are queued by many concurrent writers, each with its own id', async () => {
      const { done } = await runConcurrently(() => queueRun(database(), newRun({ kind: 'at once' })))
      expect(new Set(done).size).toBe(CONCURRENCY)
      expect(ids(await listRuns(database(), { limit: 100, kind: 'at once' }))).toEqual(done.toSorted().toReversed())
    })
  })
}
