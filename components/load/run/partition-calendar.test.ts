import { describe, expect, it } from 'vitest'
import type { AddedPartition } from '@/lib/contract/table/added-files'
import { toCalendar } from './partition-calendar'

const partitionAt = (timeIndex: number | null): AddedPartition => ({
  label: `p=${timeIndex}`,
  timeIndex,
  rowCount: 1,
  fileCount: 1,
  bytes: 1,
})
const dayIndex = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000

const written = (cells: readonly unknown[]) => cells.flatMap((cell, column) => (cell === null ? [] : [column]))

describe('A calendar of partitions', () => {
  it('has a row for each month with partitions, and a cell for each of its days', () => {
    const { rows, rowNoun, hiddenRowCount } = toCalendar(
      ['2000-02-29', '2000-02-01', '2001-07-31', '1969-12-31'].map((day) => partitionAt(dayIndex(day))),
      'day',
    )
    expect(rows.map(({ label, cells }) => [label, cells.length, written(cells)])).toEqual([
      ['Dec 1969', 31, [30]],
      ['Feb 2000', 29, [0, 28]],
      ['Jul 2001', 31, [30]],
    ])
    expect([rowNoun, hiddenRowCount]).toEqual(['month', 0])
  })

  it('has the months of years, and the hours of days, also before 1970', () => {
    expect(
      toCalendar([partitionAt(-1), partitionAt(13)], 'month').rows.map(({ label, cells }) => [label, written(cells)]),
    ).toEqual([
      ['1969', [11]],
      ['1971', [1]],
    ])
    expect(
      toCalendar([partitionAt(-1), partitionAt(25)], 'hour').rows.map(({ label, cells }) => [label, written(cells)]),
    ).toEqual([
      ['1969-12-31', [23]],
      ['1970-01-02', [1]],
    ])
  })

  it('shows the newest rows, counts the others, and lists partitions without a time', () => {
    const years = Array.from({ length: 30 }, (_, year) => partitionAt(year * 12))
    const { rows, hiddenRowCount, others } = toCalendar([...years, partitionAt(null)], 'month')
    expect([rows.length, rows[0]?.label, rows.at(-1)?.label, hiddenRowCount]).toEqual([24, '1976', '1999', 6])
    expect(others).toEqual([partitionAt(null)])
  })
})
