import { describe, expect, it } from 'vitest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { mainChange } from './main-change'

const [first, second, third] = SAMPLE_SNAPSHOT_IDS
const sample = sampleMetadata()
const timeOf = (index: 0 | 1 | 2 | 3) => sampleSnapshot(index).timestampMs

/** The n-th snapshot has 10 n rows and 100 n bytes, unless the writer left the totals out. */
function tableOf(change: Partial<TableMetadata>, hasTotals = true): LoadedTable {
  const summaryOf = (count: number) => ({
    operation: 'append',
    'added-records': '10',
    'added-files-size': '100',
    ...(hasTotals && {
      'total-records': String(count * 10),
      'total-files-size': String(count * 100),
      'total-data-files': String(count),
      'total-delete-files': '0',
    }),
  })
  const snapshots = ([0, 1, 2, 3] as const).map((index) => sampleSnapshot(index, { summary: summaryOf(index + 1) }))
  const metadata = sampleMetadata({ snapshots, ...change })
  const read: Partial<LoadedTable> = {
    identifier: { catalog: 'local', namespace: ['demo'], table: 'flights' },
    metadata,
  }
  return read as LoadedTable
}
const onMain = (...snapshotIds: string[]) => ({
  currentSnapshotId: snapshotIds.at(-1) ?? null,
  snapshotLog: snapshotIds.map((snapshotId, i) => ({ snapshotId, timestampMs: timeOf(0) + i * 1_000 })),
})

describe('The change of main', () => {
  it('is that of its totals', () => {
    const table = tableOf({})
    expect(sample.snapshotLog).toHaveLength(4)
    expect(mainChange(table, timeOf(1), { rowCount: 40, liveBytes: 400 })).toEqual({ rows: 20, bytes: 200 })
    expect(mainChange(table, timeOf(0) - 1, { rowCount: 40, liveBytes: 400 })).toEqual({ rows: 40, bytes: 400 })
  })

  it('has no rows of other branches, and none that were rolled back', () => {
    const ahead = tableOf(onMain(first, second))
    expect(mainChange(ahead, timeOf(0), { rowCount: 20, liveBytes: 200 })).toEqual({ rows: 10, bytes: 100 })
    const rolledBack = tableOf(onMain(first, second, third, second))
    expect(mainChange(rolledBack, timeOf(0) + 1_000, { rowCount: 20, liveBytes: 200 })).toEqual({ rows: 0, bytes: 0 })
  })

  it.each([
    ['its log no longer reaches back to the time', {}, { snapshotLog: sample.snapshotLog.slice(2, 3) }],
    ['the snapshot of then has no totals', { hasTotals: false }, {}],
  ])('is that of the commits on main when %s', (_when, { hasTotals = true }: { hasTotals?: boolean }, change) => {
    const table = tableOf({ ...change, currentSnapshotId: third }, hasTotals)
    expect(mainChange(table, timeOf(1) - 1, { rowCount: 30, liveBytes: 300 })).toEqual({ rows: 20, bytes: 200 })
  })
})
