import type { AddedPartition, PartitionTime } from '@/lib/contract/table/added-files'

/** A row of a calendar: the days of a month, the months of a year, or the hours of a day. Null: nothing was written. */
export type CalendarRow = { label: string; cells: (AddedPartition | null)[] }

export type PartitionCalendar = {
  rows: CalendarRow[]
  /** The unit of a row. */
  rowNoun: 'month' | 'year' | 'day'
  /** Earlier rows that are not shown. */
  hiddenRowCount: number
  /** Partitions without a time. */
  others: AddedPartition[]
}

const MAX_ROWS = 24
const HOURS = 24
const MONTHS = 12
const MONTH_NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_MS = 86_400_000

type Position = { row: number; column: number }

/** Partitions of time as a calendar with the newest rows. Rows without a partition are left out. */
export function toCalendar(partitions: readonly AddedPartition[], unit: PartitionTime): PartitionCalendar {
  const rows = new Map<number, Map<number, AddedPartition>>()
  for (const partition of partitions) {
    if (partition.timeIndex === null) continue
    const { row, column } = positionOf(partition.timeIndex, unit)
    const cells = rows.get(row) ?? new Map<number, AddedPartition>()
    rows.set(row, cells.set(column, partition))
  }
  const ordered = [...rows].toSorted(([a], [b]) => a - b)
  return {
    rows: ordered.slice(-MAX_ROWS).map(([row, cells]) => ({
      label: rowLabel(row, unit),
      cells: Array.from({ length: cellCount(row, unit) }, (_, column) => cells.get(column) ?? null),
    })),
    rowNoun: unit === 'day' ? 'month' : unit === 'month' ? 'year' : 'day',
    hiddenRowCount: Math.max(0, ordered.length - MAX_ROWS),
    others: partitions.filter(({ timeIndex }) => timeIndex === null),
  }
}

/** Rows count months, years or days since 1970. */
function positionOf(timeIndex: number, unit: PartitionTime): Position {
  if (unit === 'hour') return split(timeIndex, HOURS)
  if (unit === 'month') return split(timeIndex, MONTHS)
  const date = new Date(timeIndex * DAY_MS)
  return { row: (date.getUTCFullYear() - 1970) * MONTHS + date.getUTCMonth(), column: date.getUTCDate() - 1 }
}

function split(index: number, length: number): Position {
  const row = Math.floor(index / length)
  return { row, column: index - row * length }
}

function cellCount(row: number, unit: PartitionTime): number {
  if (unit === 'hour') return HOURS
  if (unit === 'month') return MONTHS
  return new Date(Date.UTC(1970, row + 1, 0)).getUTCDate()
}

function rowLabel(row: number, unit: PartitionTime): string {
  if (unit === 'month') return String(1970 + row)
  if (unit === 'hour') return new Date(row * DAY_MS).toISOString().slice(0, 10)
  const { row: year, column: month } = split(row, MONTHS)
  return `${MONTH_NAMES[month]} ${1970 + year}`
}
