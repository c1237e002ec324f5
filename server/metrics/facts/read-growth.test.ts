import { beforeAll, describe, expect, it } from 'vitest'
import { ZERO } from '@/lib/facts/amounts'
import { EMPTY_HISTORY } from '@/lib/facts/fold-version'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import type { WrittenFact } from '@/server/db/facts/fact-writers'
import { newHistoryChange } from '@/server/db/facts/histories'
import { createTestHome } from '@/testing/homes/test-home'
import { readGrowth } from './read-growth'

const DAY_MS = 86_400_000
const home = createTestHome()
const table = { catalog: 'local', namespace: ['growth'], table: 'orders' }
/** The middle of today and of the days before it. */
const noon = (daysAgo: number) => Math.floor(home.database.nowMs() / DAY_MS) * DAY_MS - daysAgo * DAY_MS + DAY_MS / 2

function fact(seq: number, atMs: number, rows: number, more: Partial<WrittenFact> = {}): WrittenFact {
  return {
    seq,
    kind: 'commit',
    atMs,
    statedAtMs: null,
    snapshotId: String(seq),
    enteredAtMs: null,
    operation: 'append',
    writer: null,
    branch: null,
    reason: null,
    detail: null,
    added: { ...ZERO, rows, files: 1, bytes: rows * 2 },
    removed: ZERO,
    committedBy: null,
    ...more,
  }
}

beforeAll(async () => {
  const rewritten = { ...ZERO, rows: 200_000, files: 2, bytes: 400_000 }
  const rows = [
    fact(1, noon(400), 150_000),
    fact(2, noon(3), 50_000),
    fact(3, noon(2), 50_000),
    fact(4, noon(2) + 1, 50_000, { kind: 'taken-back' }),
    fact(5, noon(1), 0, {
      operation: 'replace',
      added: { ...rewritten, files: 1, bytes: 300_000 },
      removed: rewritten,
    }),
  ]
  await home.database.commit([
    newHistoryChange({
      id: 7,
      table,
      tableUuid: 'u',
      metadataLocation: 'm',
      version: { properties: {} } as never,
      state: {
        ...EMPTY_HISTORY,
        seq: 5,
        lastAtMs: noon(1),
        total: { ...ZERO, rows: 200_000, files: 1, bytes: 300_000 },
      },
      droppedAtMs: null,
    }),
    ...addedFactChanges(
      { id: 7, catalog: 'local' },
      {
        rows,
        events: [
          { atMs: noon(2) + 1, kind: 'rollback', fromId: '3', toId: '2', count: 1 },
          { atMs: noon(1), kind: 'expiry', count: 2, isAtLeast: false },
          { atMs: noon(1), kind: 'schema', fromId: 0, toId: 1 },
        ],
      },
    ),
  ])
})

describe('The growth of a table', () => {
  it('ends each day with the rows and bytes that it had, whatever was rolled back, rewritten or expired', async () => {
    const growth = await readGrowth(home.database, table, '30d')
    expect(growth.start).toEqual({ rows: 150_000, files: 1, bytes: 300_000 })
    expect(growth.periods).toHaveLength(30)
    expect(growth.operations).toEqual(['append', 'replace'])
    expect(growth.periods.slice(-5).map(({ rows, files, bytes, commits }) => [rows, files, bytes, ...commits])).toEqual(
      [
        [150_000, 1, 300_000, 0, 0],
        [200_000, 2, 400_000, 1, 0],
        [200_000, 2, 400_000, 1, 0],
        [200_000, 1, 300_000, 0, 1],
        [200_000, 1, 300_000, 0, 0],
      ],
    )
    expect(growth.events).toEqual([
      { atMs: noon(2) + 1, kind: 'rollback', toId: null },
      { atMs: noon(1), kind: 'schema', toId: 1 },
    ])
  })

  it('is by hour for a week, and has the same end', async () => {
    const { periods, periodMs, start } = await readGrowth(home.database, table, '7d')
    expect(periodMs).toBe(3_600_000)
    expect(periods.length).toBe(24 * 7)
    expect(start.rows).toBe(150_000)
    expect(periods.at(-1)).toMatchObject({ rows: 200_000, bytes: 300_000 })
  })

  it('begins with the first commit of a young table', async () => {
    const young = { ...table, table: 'young' }
    await home.database.commit([
      newHistoryChange({
        id: 8,
        table: young,
        tableUuid: 'v',
        metadataLocation: 'm',
        version: { properties: {} } as never,
        state: { ...EMPTY_HISTORY, seq: 1, lastAtMs: noon(1), total: { ...ZERO, rows: 5, files: 1, bytes: 10 } },
        droppedAtMs: null,
      }),
      ...addedFactChanges({ id: 8, catalog: 'local' }, { rows: [fact(1, noon(1), 5)], events: [] }),
    ])
    const { start, periods } = await readGrowth(home.database, young, '1y')
    expect(start).toEqual({ rows: 0, files: 0, bytes: 0 })
    expect(periods.map(({ rows }) => rows)).toEqual([5, 5])
  })

  it('is unknown before its history was read', async () => {
    const unread = { ...table, table: 'other' }
    expect(await readGrowth(home.database, unread, '30d')).toMatchObject({ history: null, periods: [] })
  })
})
