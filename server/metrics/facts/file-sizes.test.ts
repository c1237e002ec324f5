import { beforeAll, expect, it } from 'vitest'
import { UNKNOWN, ZERO } from '@/lib/facts/amounts'
import { createTestHome } from '@/testing/homes/test-home'
import { addedFactChanges } from '@/server/db/facts/fact-rows'
import { DAY_MS } from '@/server/db/facts/sum-tables'
import { readFileSizes, readMedianSizes } from './file-sizes'

const testHome = createTestHome()
const MIB = 1024 ** 2
const FIRST_MS = 20_000 * DAY_MS
const [ORDERS, VISITS] = [1, 2]

/** A commit that brings files of one size. */
const commit = (seq: number, day: number, files: number, fileBytes: number, change: { operation?: string } = {}) => ({
  seq,
  kind: 'commit' as const,
  atMs: FIRST_MS + day * DAY_MS + 1,
  statedAtMs: null,
  snapshotId: String(seq),
  enteredAtMs: null,
  operation: 'append',
  writer: null,
  committedBy: null,
  branch: null,
  reason: null,
  detail: null,
  added: { ...ZERO, files, bytes: files * fileBytes },
  removed: ZERO,
  ...change,
})

beforeAll(async () => {
  const unknown = { ...commit(5, 2, 9, MIB), added: { ...UNKNOWN, files: 9 } }
  await testHome.database.commit([
    ...addedFactChanges(
      { id: ORDERS, catalog: 'local' },
      {
        rows: [
          commit(1, 0, 3, 4 * MIB),
          commit(2, 0, 1, 256 * MIB),
          commit(3, 2, 1, 256 * MIB),
          commit(4, 2, 500, MIB, { operation: 'replace' }),
          unknown,
        ],
        events: [],
      },
    ),
    ...addedFactChanges({ id: VISITS, catalog: 'local' }, { rows: [commit(1, 2, 1, 16 * MIB)], events: [] }),
  ])
})

const range = { fromMs: FIRST_MS, toMs: FIRST_MS + 3 * DAY_MS }
/** Within the half power of two in which sizes are counted. */
const isAbout = (bytes: number | null | undefined, size: number) =>
  bytes != null && Math.abs(Math.log2(bytes / size)) <= 0.5

it('The files that came in are counted by their size, by day, and those of rewrites and of unknown size are not', async () => {
  for (const of of [{ catalogs: ['local'] }, { tableIds: [ORDERS, VISITS] }]) {
    const { steps, commits, smallCommits, target } = await readFileSizes(testHome.database, of, range)
    expect(steps.map(({ startMs }) => (startMs - FIRST_MS) / DAY_MS)).toEqual([0, 2])
    expect(isAbout(steps[0]?.medianBytes, 4 * MIB)).toBe(true)
    expect(isAbout(steps[0]?.ninetiethBytes, 256 * MIB)).toBe(true)
    expect(isAbout(steps[1]?.tenthBytes, 16 * MIB)).toBe(true)
    expect([commits, smallCommits, target]).toEqual([4, 2, null])
  }
  const ofOne = await readFileSizes(testHome.database, { tableIds: [VISITS] }, range)
  expect([ofOne.commits, ofOne.smallCommits, ofOne.steps.length]).toEqual([1, 1, 1])
})

it('Long periods are summed by week, and each table has its median', async () => {
  const { steps, stepDays } = await readFileSizes(
    testHome.database,
    { catalogs: ['local'] },
    { fromMs: FIRST_MS - 200 * DAY_MS, toMs: FIRST_MS + 3 * DAY_MS },
  )
  expect([stepDays, steps.length]).toEqual([7, 1])
  const medians = await readMedianSizes(testHome.database, [ORDERS, VISITS], range)
  expect(isAbout(medians.get(ORDERS), 4 * MIB)).toBe(true)
  expect(isAbout(medians.get(VISITS), 16 * MIB)).toBe(true)
})
