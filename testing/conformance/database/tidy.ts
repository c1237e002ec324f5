import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { responseChanges, IDEMPOTENCY_RETENTION_MS } from '@/server/db/idempotency'
import { queueRun, readRun } from '@/server/db/jobs/runs'
import { openSession } from '@/server/db/auth/sessions'
import { tidyDatabase } from '@/server/db/tidy'
import { newRun } from './jobs/jobs'
import { countRows, addTestUser, type OpenDatabase, setUpDatabase, selectRows } from './testbed'

const DAY_MS = 24 * 60 * 60_000
const MAX_ENDED_RUNS = 10_000

export function describeTidying(open: OpenDatabase): void {
  describe('Tidying', () => {
    const database = setUpDatabase(open)
    const tidy = (signal = new AbortController().signal) => tidyDatabase(database(), { signal })
    /** Adds ended runs with one log line each, older than every run that was queued. */
    const addEndedRuns = (start: string, count: number, finishedAtMs: number) =>
      database().commit([
        rawChange(
          `INSERT INTO runs (id, kind, title, state, spec, actor, created_at_ms, finished_at_ms)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
            SELECT '${start}' || (100000 + i), 'k', 't', 'succeeded', '{}', '{}', 1, ${finishedAtMs} FROM n`,
        ),
        rawChange(
          `INSERT INTO run_logs (run_id, seq, at_ms, level, text)
            SELECT id, 1, 1, 'info', 'x' FROM runs WHERE id LIKE '${start}%'`,
        ),
      ])

    test('finds nothing to do in a new database', async () => {
      expect(await tidy()).toEqual({ runs: 0, sessions: 0, answers: 0 })
    })

    test('removes expired sessions and responses', async () => {
      const userId = await addTestUser(database())
      for (const sessionId of ['over', 'open']) await openSession(database(), { sessionId, userId, lifeMs: 60_000 })
      for (const key of ['over', 'open'])
        await database().commit(responseChanges({ actorId: 'u', key, operation: 'o' }, 'r'))
      await database().commit([
        rawChange("UPDATE sessions SET expires_at_ms = expires_at_ms - 60000 WHERE id = 'over'"),
        rawChange("UPDATE idempotency SET at_ms = at_ms - ? WHERE key = 'over'", [IDEMPOTENCY_RETENTION_MS]),
      ])
      expect(await tidy()).toEqual({ runs: 0, sessions: 1, answers: 1 })
      expect(await selectRows(database(), 'SELECT id FROM sessions')).toEqual([{ id: 'open' }])
      expect(await selectRows(database(), 'SELECT key FROM idempotency')).toEqual([{ key: 'open' }])
    })

    test('removes ended runs that are old, with their logs, and no others', async () => {
      const nowMs = database().nowMs()
      const [old, young, waiting] = [
        await queueRun(database(), newRun()),
        await queueRun(database(), newRun()),
        await queueRun(database(), newRun()),
      ]
      for (const [id, state, age] of [
        [old, 'failed', 31],
        [young, 'cancelled', 29],
        [waiting, 'queued', 99],
      ] as const)
        await database().commit([
          rawChange('UPDATE runs SET state = ?, finished_at_ms = ? WHERE id = ?', [state, nowMs - age * DAY_MS, id], 1),
          rawChange("INSERT INTO run_logs VALUES (?, 1, 1, 'info', 'x')", [id], 1),
        ])
      await addEndedRuns('00A', 1_203, nowMs - 31 * DAY_MS)
      expect(await tidy()).toMatchObject({ runs: 1_204 })
      expect(await readRun(database(), old)).toBeNull()
      expect(
        (await selectRows(database(), 'SELECT run_id FROM run_logs ORDER BY run_id')).map(({ run_id }) => run_id),
      ).toEqual([young, waiting].toSorted())
      expect(await countRows(database(), 'runs')).toBe(2)
    })

    test('keeps the newest 10 000 ended runs', async () => {
      await addEndedRuns('00B', MAX_ENDED_RUNS + 2, database().nowMs())
      expect(await tidy()).toMatchObject({ runs: 3 })
      expect(await countRows(database(), "runs WHERE state <> 'queued'")).toBe(MAX_ENDED_RUNS)
      expect(await selectRows(database(), 'SELECT id FROM runs ORDER BY id LIMIT 1')).toEqual([{ id: '00B100004' }])
      expect(await countRows(database(), 'run_logs')).toBe(MAX_ENDED_RUNS + 1)
    })

    test('removes lines of removed runs', async () => {
      await database().commit([
        rawChange(`INSERT INTO run_logs
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1002)
          SELECT 'gone' || (i / 2), i, 1, 'info', 'x' FROM n`),
      ])
      expect(await tidy()).toEqual({ runs: 0, sessions: 0, answers: 0 })
      expect(await countRows(database(), 'run_logs')).toBe(MAX_ENDED_RUNS + 1)
    })

    test('stops between two batches when it is aborted', async () => {
      await addEndedRuns('00C', 600, 1)
      const controller = new AbortController()
      controller.abort()
      await expect(tidy(controller.signal)).rejects.toMatchObject({ name: 'AbortError' })
      expect(await countRows(database(), "runs WHERE id LIKE '00C%'")).toBe(600)
    })
  })
}
