import { niceTicks } from '@/components/chart/ticks'
import { floorDivide } from '@/lib/iceberg/schema/calendar'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { Type } from '@/lib/iceberg/schema/types'
import { axisNumber, axisValue, type ChartData, type ChartSource, columnRole, decimalScale } from './chart-source'

const MAX_RANGES = 40

/** Rows by ranges of a column of numbers or times. */
export function histogramData(column: number, source: ChartSource, maxRows: number): ChartData {
  const rows = Math.min(source.rowCount, maxRows)
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
  const toData = (ranges: readonly { x: number; text: string; count: number }[]): ChartData => ({
    series: [{ key: 'rows', label: 'rows' }],
    xs: ranges.map(({ x, text }) => ({ x, text })),
    points: ranges.map(({ x, count: y }, position) => ({ position, series: 0, row: null, x, y, yText: String(y) })),
    maxRowsPerPoint: 1,
    shownRows: values.length,
    leftOutRows: rows - values.length,
    unreadRows: source.rowCount - rows,
    leftOutXs: 0,
    leftOutSeries: [],
  })
  if (values.length === 0) return toData([])
  const exact = exactRanges(column, source, rows)
  if (exact !== null) return toData(exact)
  if (lowest.value === highest.value)
    return toData([{ x: lowest.value, text: source.text(lowest.row, column), count: values.length }])
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
  return toData(
    bins.map((count, index) => {
      const [from, to] = [edges[index] ?? 0, edges[index + 1] ?? 0]
      return { x: from, text: `${label(from)} to ${label(to)}`, count }
    }),
  )
}

/**
 * The ranges of values that are whole numbers of a unit: of the last digit of a decimal, or a microsecond. A number may
 * have too few digits to tell such values apart. Null for other values, and for a single one.
 */
function exactRanges(column: number, source: ChartSource, rows: number) {
  const values: bigint[] = []
  for (let row = 0; row < rows; row++) {
    const value = source.value(row, column)
    if (typeof value === 'bigint') values.push(value)
    else if (value !== null) return null
  }
  const low = values.reduce((least, value) => (value < least ? value : least), values[0] ?? 0n)
  const high = values.reduce((most, value) => (value > most ? value : most), low)
  if (low === high) return null
  const [first = 0, second = 1] = niceTicks(0, Number(high - low), 'count')
  const step = roundStep(Math.max(1, Math.ceil((second - first) / 5)))
  const start = floorDivide(low, step) * step
  const counts = new Array<number>(Number((high - start) / step) + 1).fill(0)
  for (const value of values) {
    const index = Number((value - start) / step)
    counts[index] = (counts[index] ?? 0) + 1
  }
  const edge = (index: number) => start + BigInt(index) * step
  const type = source.columns[column]?.type ?? 'unknown'
  const text = (index: number) => exactEdgeText(edge(index), type)
  return counts.map((count, index) => ({
    x: axisValue(type, edge(index)) ?? 0,
    text: `${text(index)} to ${text(index + 1)}`,
    count,
  }))
}

/** The digits of a round step beyond those of a number are zeros. */
function roundStep(step: number): bigint {
  if (Number.isSafeInteger(step)) return BigInt(step)
  const [digits = '1', exponent = '0'] = step.toExponential(2).split('e')
  return BigInt(digits.replace('.', '')) * 10n ** BigInt(Number(exponent) - 2)
}

function exactEdgeText(edge: bigint, type: Type): string {
  if (columnRole(type) === 'time') return edgeText(axisValue(type, edge) ?? 0, type)
  const scale = typeof type === 'string' && type.startsWith('decimal') ? decimalScale(type) : 0
  const text = scale === 0 ? String(edge) : formatValue(`decimal(38, ${scale})`, edge).replace(/\.?0+$/, '')
  return text.replace('-', '−')
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
