import { expect, it } from 'vitest'
import { listFreshness } from './freshness'

const HOUR_MS = 3_600_000
const NOW_MS = 100 * HOUR_MS

it('The latest tables come first, those without a usual interval last, and those without commits are left out', () => {
  const table = (name: string, agoMs: number | null, usualIntervalMs: number | null) => ({
    table: { catalog: 'lake', namespace: ['demo'], table: name },
    lastCommitMs: agoMs === null ? null : NOW_MS - agoMs,
    usualIntervalMs,
  })
  const tables = [
    table('in time', HOUR_MS, 2 * HOUR_MS),
    table('empty', null, null),
    table('not judged', 90 * HOUR_MS, null),
    table('late', HOUR_MS, HOUR_MS / 6),
  ]
  const names = (limit: number) => listFreshness(tables, { nowMs: NOW_MS, limit }).map(({ table }) => table.table)
  expect(names(9)).toEqual(['late', 'in time', 'not judged'])
  expect(names(1)).toEqual(['late'])
})
