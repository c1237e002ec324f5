import { ulid } from 'ulid'
import { expect, it } from 'vitest'
import { createTestHome } from '@/testing/homes/test-home'
import { auditChange, type NewAuditEntry } from './audit'
import { countAudit } from './audit-counts'

const home = createTestHome()

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const MIDNIGHT_MS = Date.UTC(2026, 10, 22)

type Written = Partial<NewAuditEntry> & { atMs: number }

async function write(...entries: Written[]) {
  await home.database.commit(
    entries.map(({ atMs, ...entry }) =>
      auditChange(
        { actor: { userId: 'u', username: 'ada' }, requestId: null, action: 'append', ...entry },
        // Not in the order of all ids of this process.
        { id: ulid(atMs), atMs },
      ),
    ),
  )
}

it('counts each outcome per half an hour of a day, and leaves out what does not fit the filter', async () => {
  await write(
    { atMs: MIDNIGHT_MS - 1 },
    { atMs: MIDNIGHT_MS },
    { atMs: MIDNIGHT_MS + HOUR_MS - 1 },
    { atMs: MIDNIGHT_MS + HOUR_MS, action: 'refuse-request' },
    { atMs: MIDNIGHT_MS + HOUR_MS, action: 'refuse-sign-in' },
    { atMs: MIDNIGHT_MS + HOUR_MS, action: 'fail-connection-test' },
    { atMs: MIDNIGHT_MS + HOUR_MS, outcome: 'unknown' },
    { atMs: MIDNIGHT_MS + HOUR_MS, outcome: 'committed' },
    { atMs: MIDNIGHT_MS + HOUR_MS, outcome: 'not-committed' },
    { atMs: MIDNIGHT_MS + DAY_MS - 1, actor: { userId: 'b', username: 'bo' } },
    { atMs: MIDNIGHT_MS + DAY_MS },
  )
  const day = { fromMs: MIDNIGHT_MS + 1, toMs: MIDNIGHT_MS + DAY_MS }
  expect(await countAudit(home.database, day)).toEqual({
    fromMs: MIDNIGHT_MS,
    toMs: MIDNIGHT_MS + DAY_MS,
    stepMs: HOUR_MS / 2,
    isTruncated: false,
    counts: [
      { startMs: MIDNIGHT_MS + HOUR_MS / 2, outcome: 'done', entryCount: 1 },
      { startMs: MIDNIGHT_MS + HOUR_MS, outcome: 'failed', entryCount: 1 },
      { startMs: MIDNIGHT_MS + HOUR_MS, outcome: 'found-done', entryCount: 1 },
      { startMs: MIDNIGHT_MS + HOUR_MS, outcome: 'not-committed', entryCount: 1 },
      { startMs: MIDNIGHT_MS + HOUR_MS, outcome: 'refused', entryCount: 2 },
      { startMs: MIDNIGHT_MS + HOUR_MS, outcome: 'unknown', entryCount: 1 },
      { startMs: MIDNIGHT_MS + DAY_MS - HOUR_MS / 2, outcome: 'done', entryCount: 1 },
    ],
  })
  const ofBo = await countAudit(home.database, { ...day, actor: 'bo' })
  expect(ofBo.counts.map(({ entryCount }) => entryCount)).toEqual([1])
})

it('begins with the oldest entry when the filter has no beginning, and looks at a bounded number of entries', async () => {
  const years = Array.from({ length: 10 }, (_, i) => ({
    atMs: MIDNIGHT_MS - (10 - i) * 365 * DAY_MS,
    actor: { userId: 'c', username: 'cy' },
  }))
  await write(...years)
  const whole = await countAudit(home.database, { actor: 'cy', toMs: MIDNIGHT_MS })
  expect(whole.stepMs).toBe(90 * DAY_MS)
  expect(whole.fromMs).toBeLessThanOrEqual(years[0]?.atMs ?? 0)
  expect(whole.counts.reduce((sum, { entryCount }) => sum + entryCount, 0)).toBe(10)
  const newest = await countAudit(home.database, { toMs: MIDNIGHT_MS }, 3)
  expect(newest.isTruncated).toBe(true)
  expect(newest.counts.reduce((sum, { entryCount }) => sum + entryCount, 0)).toBeLessThanOrEqual(3)
})

it('returns no step when nothing was written', async () => {
  const counts = await countAudit(home.database, { toMs: 1000 })
  expect(counts).toMatchObject({ counts: [], isTruncated: false })
})
