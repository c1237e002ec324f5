import type { ResultColumn } from '@/lib/query/engine'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'

/** How to read a result. `text` is the text that the grid shows. */
export type ChartSource = {
  columns: readonly ResultColumn[]
  rowCount: number
  /** Whether the result was cut at a limit, and has more rows than these. */
  isTruncated: boolean
  value: (row: number, column: number) => RowValue | null
  text: (row: number, column: number) => string
}

/**
 * A point of a chart. `x` and `y` are its position and may be rounded; `yText` is exact. `row` is the row of the result,
 * from 0; null for a point of several rows.
 */
export type ChartPoint = { position: number; series: number; row: number | null; x: number; y: number; yText: string }

export type ChartData = {
  /** The largest first; measures in the order of their choice. */
  series: readonly { key: string; label: string }[]
  /** Values of X, in the order in which they are drawn. Points refer to them by `position`. */
  xs: readonly { x: number; text: string }[]
  /** By position, then by series. */
  points: readonly ChartPoint[]
  /** The most rows of one point. With more than one, points have aggregated values. */
  maxRowsPerPoint: number
  /** Rows with a value in the chart, also those of series and values of X that are left out. */
  shownRows: number
  /** Rows within the bound whose value is null, not a number or infinite. */
  leftOutRows: number
  /** Rows beyond the bound. */
  unreadRows: number
  /** How many values of X are beyond the bound. */
  leftOutXs: number
  /** Labels of the series that are beyond the bound, the largest first. */
  leftOutSeries: readonly string[]
}

export type ColumnRole = 'number' | 'time' | 'category' | 'none'

/** The part that a column can play in a chart. */
export function columnRole(type: Type): ColumnRole {
  if (typeof type !== 'string') return 'none'
  if (/^(int|long|float|double|decimal)/.test(type)) return 'number'
  if (/^(date|timestamp)/.test(type)) return 'time'
  return /^(string|boolean|uuid|time)$/.test(type) ? 'category' : 'none'
}

/** A name may be a whole expression. */
const MAX_LABEL_CHARS = 200

/** Names of the columns for people: an empty name and a second column of the same name get a number. */
export function columnLabels(columns: readonly Pick<ResultColumn, 'name'>[]): string[] {
  const taken = new Set<string>()
  return columns.map(({ name }, index) => {
    const start = name === '' ? `column ${index + 1}` : name.slice(0, MAX_LABEL_CHARS)
    let label = start
    for (let number = 2; taken.has(label); number++) label = `${start} (${number})`
    taken.add(label)
    return label
  })
}

/** The position of a value on an axis: times in milliseconds, dates in days. Null for a value without a position. */
export function axisNumber({ columns, value }: ChartSource, row: number, column: number): number | null {
  return axisValue(columns[column]?.type, value(row, column))
}

/** The position of one value of a type. */
export function axisValue(type: Type | undefined, raw: RowValue | null): number | null {
  if (raw === null || typeof type !== 'string') return null
  if (type.startsWith('decimal')) return typeof raw === 'bigint' ? Number(raw) / 10 ** decimalScale(type) : null
  if (typeof raw === 'bigint') {
    if (type === 'timestamp_ns') return Number(raw / 1000n) / 1000
    return type.startsWith('timestamp') ? Number(raw) / 1000 : Number(raw)
  }
  return typeof raw === 'number' && Number.isFinite(raw) ? raw : null
}

/** A key by which equal values are grouped. Values of different kinds have different keys. */
export function groupKey(source: ChartSource, row: number, column: number): unknown {
  const raw = source.value(row, column)
  return typeof raw === 'object' && raw !== null ? source.text(row, column) : raw
}

export function decimalScale(type: string): number {
  return Number(/,\s*(\d+)\)/.exec(type)?.[1] ?? 0)
}
