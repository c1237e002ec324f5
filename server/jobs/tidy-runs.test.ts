import { expect, it } from 'vitest'
import { createTestHome, signInAs } from '@/testing/homes/test-home'
import { rawChange, rawQuery } from '@/testing/databases/test-sql'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listRuns, queueRun, readRun } from '@/server/db/jobs/runs'
import { logChanges, readLog } from '@/server/db/jobs/run-logs'
import { followRun, withWorker } from './follow-run'
import { TIDY_RUNS, tidyRuns, tidySchedule } from './tidy-runs'

const home = createTestHome()

const DAY_MS = 24 * 60 * 60_000
const NEW_YEAR_MS = Date.UTC(2026, 0, 1)

const queue = (kind: string) =>
  queueRun(home.database, { kind, title: kind, spec: {}, actor: COMMAND_LINE, table: null })

async function endedRun(daysAgo: number): Promise<string> {
  const id = await queue('test')
  const line = { atMs: 1, level: 'info', text: 'said' } as const
  await home.database.commit([
    rawChange("UPDATE runs SET state = 'failed', finished_at_ms = ? WHERE id = ?", [
      home.database.nowMs() - daysAgo * DAY_MS,
      id,
    ]),
    ...logChanges(id, [line]),
  ])
  return id
}

async function tidy() {
  const id = await queue(TIDY_RUNS)
  return withWorker(home.services, { [TIDY_RUNS]: tidyRuns(home.services) }, () =>
    followRun(home.database, id, { signal: new AbortController().signal, onProgress: () => {}, pollMs: 5 }),
  )
}

it('removes runs that ended more than a month ago, with their logs, and no others', async () => {
  const old = await endedRun(31)
  const fresh = await endedRun(29)
  const open = await signInAs(home.services, 'viewer')
  // Signing in removes expired sessions too.
  const { sessionId } = await signInAs(home.services, 'viewer', { hours: -1 })
  await home.database.commit([
    rawChange("INSERT INTO idempotency VALUES ('a', 'k', 'o', '{}', ?)", [home.database.nowMs() - 2 * DAY_MS]),
    ...logChanges('gone', [{ atMs: 1, level: 'info', text: 'late' }]),
  ])
  const run = await tidy()
  expect(run).toMatchObject({ state: 'succeeded', outcome: { runs: 1, sessions: 1, answers: 1, uploads: 0 } })
  const database = home.database
  expect(await readRun(database, old)).toBeNull()
  expect(await readLog(database, old, 0, 10)).toEqual([])
  expect(await readLog(database, 'gone', 0, 10)).toEqual([])
  expect(await readRun(home.database, fresh)).not.toBeNull()
  expect(await readLog(home.database, fresh, 0, 10)).toHaveLength(1)
  const sessions = await database.read(rawQuery<{ id: string }>('SELECT id FROM sessions'))
  expect(sessions.map(({ id }) => id)).toContain(open.sessionId)
  expect(sessions.map(({ id }) => id)).not.toContain(sessionId)
  expect((await readLog(home.database, run.id, 0, 10)).map(({ text }) => text)).toContain(
    '1 run, 1 session and 1 stored response removed.',
  )
})

it('keeps the newest ten thousand runs, and every run that has not ended', async () => {
  const waiting = await queue('test')
  await home.database.commit([
    rawChange('UPDATE runs SET next_attempt_at_ms = ? WHERE id = ?', [home.database.nowMs() + 600_000, waiting]),
    rawChange(
      `WITH RECURSIVE n (i) AS (SELECT 10001 UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
        INSERT INTO runs (id, kind, title, state, spec, actor, created_at_ms, finished_at_ms)
        SELECT '000000000000000000000' || cast(i AS text), 'test', 'Test', 'succeeded', '{}', '{}', 1, ? FROM n`,
      [home.database.nowMs()],
    ),
  ])
  const run = await tidy()
  const [{ ended } = { ended: 0 }] = await home.database.read(
    rawQuery<{ ended: number }>("SELECT count(*) AS ended FROM runs WHERE state = 'succeeded' OR state = 'failed'"),
  )
  // The clean-up run itself has ended too.
  expect(ended).toBe(10_001)
  expect((await listRuns(home.database, { states: ['queued'], limit: 5 })).map(({ id }) => id)).toEqual([waiting])
  expect(run.outcome?.runs).toBeGreaterThan(1_000)
})

it('runs at night, at a random minute', () => {
  const schedule = tidySchedule(NEW_YEAR_MS, 0.999)
  expect(schedule).toMatchObject({ kind: TIDY_RUNS, cron: '59 3 * * *', isEnabled: true })
  expect(schedule.nextAtMs).toBeGreaterThan(NEW_YEAR_MS)
  expect(tidySchedule(NEW_YEAR_MS, 0).cron).toBe('0 3 * * *')
})
