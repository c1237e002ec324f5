import type { Type } from '@/lib/iceberg/schema/types'
import type { ResultColumn } from '@/lib/query/engine'
import { type Aggregation, type ChartKind, MAX_SERIES, type NamedChart } from '@/lib/query/result-display'
import { type ChartSource, columnLabels, type ColumnRole, columnRole, groupKey } from './chart-source'

/** The columns of a result that a chart shows, by index. */
export type ChartChoice = {
  kind: ChartKind
  x: number
  /** The measures; empty for a histogram. */
  y: readonly number[]
  /** Each value of this column is a series; null for a series per measure. */
  series: number | null
  aggregation: Aggregation
}

/** The most rows that are read to find the column that becomes the series. */
const MAX_CHECKED_ROWS = 10_000

/** The columns that can be the horizontal axis, the measures and the series of a kind of chart. */
export function chartColumns(
  kind: ChartKind,
  columns: readonly ResultColumn[],
): { x: number[]; y: number[]; series: number[] } {
  const withRole = (...roles: readonly ColumnRole[]) =>
    columns.flatMap(({ type }, index) => (roles.includes(columnRole(type)) ? [index] : []))
  const series = withRole('category', 'time', 'number')
  if (kind === 'histogram') return { x: withRole('number', 'time'), y: [], series: [] }
  return { x: kind === 'bar' ? series : withRole('number', 'time'), y: withRole('number'), series }
}

/** Whether the columns allow a kind of chart. */
export function isPossible(kind: ChartKind, columns: readonly ResultColumn[]): boolean {
  return defaultAxes(kind, columns) !== null
}

/**
 * The choice for a kind: the first columns that fit, two different ones. If values of X repeat, the first column of
 * texts that tells their rows apart becomes the series. Null if the columns do not allow the kind.
 */
export function defaultChoice(kind: ChartKind, source: ChartSource): ChartChoice | null {
  const axes = defaultAxes(kind, source.columns)
  if (axes === null) return null
  const { x, y } = axes
  return { kind, x, y, series: defaultSeries(kind, x, source), aggregation: defaultAggregation(y, source.columns) }
}

/**
 * A line over time, bars over categories, points of two numbers, or the distribution of one number; null if the columns
 * allow none of these.
 */
export function bestChoice(source: ChartSource): ChartChoice | null {
  const roles = new Set(source.columns.map(({ type }) => columnRole(type)))
  const order: readonly ChartKind[] = roles.has('time')
    ? ['line', 'bar', 'scatter', 'histogram']
    : roles.has('category')
      ? ['bar', 'scatter', 'histogram']
      : ['scatter', 'histogram', 'bar']
  const kind = order.find((each) => isPossible(each, source.columns))
  return kind === undefined ? null : defaultChoice(kind, source)
}

function isFloatingPoint(type: Type | undefined): boolean {
  return type === 'float' || type === 'double'
}

/** Sums of whole numbers and decimals; the mean of floating-point numbers, which are seldom amounts. */
export function defaultAggregation(y: readonly number[], columns: readonly ResultColumn[]): Aggregation {
  return y.some((index) => isFloatingPoint(columns[index]?.type)) ? 'mean' : 'sum'
}

/** The choice that a chart by names means for a result; null if the result does not have its columns. */
export function resolveChart(chart: NamedChart, columns: readonly ResultColumn[]): ChartChoice | null {
  const labels = columnLabels(columns)
  const possible = chartColumns(chart.kind, columns)
  const x = labels.indexOf(chart.x)
  const y = chart.y.map((name) => labels.indexOf(name))
  const series = chart.series === null ? null : labels.indexOf(chart.series)
  const fits =
    possible.x.includes(x) &&
    y.every((index) => possible.y.includes(index)) &&
    y.length > 0 === (chart.kind !== 'histogram') &&
    (series === null || possible.series.includes(series))
  if (!fits) return null
  const aggregation = chart.aggregation ?? defaultAggregation(y, columns)
  return { kind: chart.kind, x, y: y.slice(0, MAX_SERIES), series, aggregation }
}

/** The inverse of {@link resolveChart}. */
export function nameChart(
  { kind, x, y, series, aggregation }: ChartChoice,
  columns: readonly ResultColumn[],
): NamedChart {
  const labels = columnLabels(columns)
  const nameOf = (index: number) => labels[index] ?? ''
  return { kind, x: nameOf(x), y: y.map(nameOf), series: series === null ? null : nameOf(series), aggregation }
}

function defaultAxes(kind: ChartKind, columns: readonly ResultColumn[]): Pick<ChartChoice, 'x' | 'y'> | null {
  const { x, y } = chartColumns(kind, columns)
  const roleOf = (index: number) => columnRole(columns[index]?.type ?? 'unknown')
  if (kind === 'histogram') {
    const counted = x.find((index) => roleOf(index) === 'number') ?? x[0]
    return counted === undefined ? null : { x: counted, y: [] }
  }
  const preferred = kind === 'bar' ? 'category' : kind === 'line' ? 'time' : 'number'
  const first = x.find((index) => roleOf(index) === preferred) ?? x[0]
  const second = y.find((index) => index !== first)
  return first === undefined || second === undefined ? null : { x: first, y: [second] }
}

function defaultSeries(kind: ChartKind, x: number, source: ChartSource): number | null {
  if ((kind !== 'line' && kind !== 'bar') || areDistinct(source, x, null)) return null
  const categories = chartColumns(kind, source.columns).series.filter(
    (index) => index !== x && columnRole(source.columns[index]?.type ?? 'unknown') === 'category',
  )
  return categories.find((index) => areDistinct(source, x, index)) ?? null
}

/** Whether no two rows have the same value of X, or the same pair with that of another column. */
function areDistinct(source: ChartSource, x: number, other: number | null): boolean {
  const found = new Map<unknown, Set<unknown>>()
  for (let row = 0; row < Math.min(source.rowCount, MAX_CHECKED_ROWS); row++) {
    const key = groupKey(source, row, x)
    const others = found.get(key) ?? new Set()
    const otherKey = other === null ? null : groupKey(source, row, other)
    if (others.has(otherKey)) return false
    found.set(key, others.add(otherKey))
  }
  return true
}
