import { niceTicks } from '@/components/chart/ticks'
import type { ResultColumn } from '@/lib/query/engine'
import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'

export const CHART_KINDS = ['line', 'bar', 'scatter', 'histogram'] as const
export type ChartKind = (typeof CHART_KINDS)[number]

/** The columns of a result that a chart shows, by index. A histogram has no `y`. */
export type ChartChoice = { kind: ChartKind; x: number; y: number | null }

/** The most points of a line or a scatter plot, and the most bars. */
export const MAX_POINTS = 2000
export const MAX_BARS = 50
/** The most rows that are counted in the ranges of a histogram. */
export const MAX_COUNTED_ROWS = 100_000
const MAX_RANGES = 40

/**
 * A point of a chart. `x` and `y` are its position and may be rounded; the texts are exact. `row` is the row of the
 * result, from 0; null for a range of a histogram.
 */
export type ChartPoint = { row: number | null; x: number; y: number; xText: string; yText: string }

export type ChartData = {
  points: readonly ChartPoint[]
  /** Rows in the chart, without those that were left out. */
  shownRows: number
  /** Rows within the bound whose value is null, not a number or infinite. */
  leftOutRows: number
  /** Rows beyond the bound. */
  unreadRows: number
}

/** How to read a result. `text` is the text that the grid shows. */
export type ChartSource = {
  columns: readonly ResultColumn[]
  rowCount: number
  value: (row: number, column: number) => RowValue | null
  text: (row: number, column: number) => string
}

type ColumnRole = 'number' | 'time' | 'category' | 'none'

/** The part that a column can play in a chart. */
export function columnRole(type: Type): ColumnRole {
  if (typeof type !== 'string') return 'none'
  if (/^(int|long|float|double|decimal)/.test(type)) return 'number'
  if (/^(date|timestamp)/.test(type)) return 'time'
  return /^(string|boolean|uuid|time)$/.test(type) ? 'category' : 'none'
}

/** The columns that can be the horizontal and the vertical axis of a kind of chart. */
export function axisColumns(kind: ChartKind, columns: readonly ResultColumn[]): { x: number[]; y: number[] } {
  const withRole = (...roles: readonly ColumnRole[]) =>
    columns.flatMap(({ type }, index) => (roles.includes(columnRole(type)) ? [index] : []))
  const numbers = withRole('number')
  if (kind === 'histogram') return { x: withRole('number', 'time'), y: [] }
  return { x: kind === 'bar' ? withRole('category', 'time', 'number') : withRole('number', 'time'), y: numbers }
}

/** The choice for a kind: the first columns that fit, two different ones if there are two. Null without them. */
export function defaultChoice(kind: ChartKind, columns: readonly ResultColumn[]): ChartChoice | null {
  const { x, y } = axisColumns(kind, columns)
  const roleOf = (index: number) => columnRole(columns[index]?.type ?? 'unknown')
  if (kind === 'histogram') {
    const counted = x.find((index) => roleOf(index) === 'number') ?? x[0]
    return counted === undefined ? null : { kind, x: counted, y: null }
  }
  const preferred = kind === 'bar' ? 'category' : kind === 'line' ? 'time' : 'number'
  const first = x.find((index) => roleOf(index) === preferred) ?? x[0]
  const second = y.find((index) => index !== first)
  return first === undefined || second === undefined ? null : { kind, x: first, y: second }
}

/**
 * A line over time, bars over categories, points of two numbers, or the distribution of one number; null if the columns
 * allow none of these.
 */
export function bestChoice(columns: readonly ResultColumn[]): ChartChoice | null {
  const roles = new Set(columns.map(({ type }) => columnRole(type)))
  const order: readonly ChartKind[] = roles.has('time')
    ? ['line', 'bar', 'scatter', 'histogram']
    : roles.has('category')
      ? ['bar', 'scatter', 'histogram']
      : ['scatter', 'histogram', 'bar']
  for (const kind of order) {
    const choice = defaultChoice(kind, columns)
    if (choice !== null) return choice
  }
  return null
}

export function chartData({ kind, x, y }: ChartChoice, source: ChartSource): ChartData {
  if (y === null) return histogramData(x, source)
  const maxRows = kind === 'bar' ? MAX_BARS : MAX_POINTS
  const rows = Math.min(source.rowCount, maxRows)
  const points: ChartPoint[] = []
  for (let row = 0; row < rows; row++) {
    const at = kind === 'bar' ? row : axisNumber(source, row, x)
    const height = axisNumber(source, row, y)
    if (at === null || height === null) continue
    points.push({ row, x: at, y: height, xText: source.text(row, x), yText: source.text(row, y) })
  }
  // A line goes from left to right, whatever the order of the rows.
  if (kind === 'line') points.sort((a, b) => a.x - b.x)
  return {
    points,
    shownRows: points.length,
    leftOutRows: rows - points.length,
    unreadRows: source.rowCount - rows,
  }
}

function histogramData(column: number, source: ChartSource): ChartData {
  const rows = Math.min(source.rowCount, MAX_COUNTED_ROWS)
  const values: number[] = []
  let lowest = { value: Number.POSITIVE_INFINITY, row: 0 }
  let highest = { value: Number.NEGATIVE_INFINITY, row: 0 }
  for (let row = 0; row < rows; row++) {
    const value = axisNumber(source, row, column)
    if (value === null) continue
    values.push(value)
    if (value < lowest.value) lowest = { value, row }
    if (value > highest.value) highest = { value, row }
  }
  const counts = { shownRows: values.length, leftOutRows: rows - values.length, unreadRows: source.rowCount - rows }
  if (values.length === 0) return { points: [], ...counts }
  if (lowest.value === highest.value) {
    const text = source.text(lowest.row, column)
    const y = values.length
    return { points: [{ row: null, x: lowest.value, y, xText: text, yText: String(y) }], ...counts }
  }
  const type = source.columns[column]?.type ?? 'unknown'
  const isWhole = type === 'int' || type === 'long' || type === 'date'
  const edges = rangeEdges(lowest.value, highest.value, isWhole)
  const first = edges[0] ?? 0
  const step = (edges[1] ?? first + 1) - first
  const bins = edges.slice(0, -1).map(() => 0)
  for (const value of values) {
    const index = Math.min(bins.length - 1, Math.max(0, Math.floor((value - first) / step)))
    bins[index] = (bins[index] ?? 0) + 1
  }
  const label = (edge: number) => edgeText(edge, type)
  const points = bins.map((y, index) => {
    const [from, to] = [edges[index] ?? 0, edges[index + 1] ?? 0]
    return { row: null, x: from, y, xText: `${label(from)} to ${label(to)}`, yText: String(y) }
  })
  return { points, ...counts }
}

/** Round edges of about twenty ranges. Ranges of whole numbers are whole. */
function rangeEdges(min: number, max: number, isWhole: boolean): number[] {
  const [first = min, second = max] = niceTicks(min, max, isWhole ? 'count' : 'ratio')
  const wide = second - first
  const step = isWhole ? Math.max(1, Math.ceil(wide / 5)) : wide / 5
  const start = Math.floor(min / step) * step
  const count = Math.min(MAX_RANGES, Math.floor((max - start) / step) + 1)
  return Array.from({ length: count + 1 }, (_, index) => start + index * step)
}

/** An edge is a computed number: beyond 2^53 and for fractions it is rounded. */
function edgeText(edge: number, type: Type): string {
  if (columnRole(type) === 'time') {
    const ms = type === 'date' ? edge * 86_400_000 : edge
    return Math.abs(ms) < 8.64e15
      ? new Date(ms)
          .toISOString()
          .replace('T', ' ')
          .slice(0, type === 'date' ? 10 : 19)
      : '–'
  }
  const isRounded = Math.abs(edge) > Number.MAX_SAFE_INTEGER
  return `${isRounded ? '≈ ' : ''}${Number(edge.toPrecision(12))}`.replace('-', '−')
}

/** The position of a value on an axis: times in milliseconds, dates in days. Null for a value without a position. */
function axisNumber({ columns, value }: ChartSource, row: number, column: number): number | null {
  const type = columns[column]?.type
  const raw = value(row, column)
  if (raw === null || typeof type !== 'string') return null
  if (type.startsWith('decimal')) return typeof raw === 'bigint' ? Number(raw) / 10 ** scaleOf(type) : null
  if (typeof raw === 'bigint') {
    if (type === 'timestamp_ns') return Number(raw / 1000n) / 1000
    return type.startsWith('timestamp') ? Number(raw) / 1000 : Number(raw)
  }
  return typeof raw === 'number' && Number.isFinite(raw) ? raw : null
}

function scaleOf(type: string): number {
  return Number(/,\s*(\d+)\)/.exec(type)?.[1] ?? 0)
}
