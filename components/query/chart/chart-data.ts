import { MAX_SERIES } from '@/lib/query/result-display'
import type { ChartChoice } from './chart-choice'
import { axisNumber, type ChartData, type ChartPoint, type ChartSource, columnLabels, groupKey } from './chart-source'
import { addRow, groupNumber, groupText, type RowGroup } from './group-rows'
import { histogramData } from './histogram'

/** The most values of X of a line, points of a scatter plot, and groups of bars. */
export const MAX_POINTS = 2000
export const MAX_BARS = 50
/** The most rows that a chart reads. */
export const MAX_READ_ROWS = 100_000

export function chartData(choice: ChartChoice, source: ChartSource): ChartData {
  if (choice.kind === 'histogram') return histogramData(choice.x, source, MAX_READ_ROWS)
  const { xs, series, maxRowsPerPoint, ...counts } = groupRows(choice, source)
  const aggregation = maxRowsPerPoint > 1 ? choice.aggregation : 'sum'
  const numberOf = (group: RowGroup, y: number) => groupNumber(group, aggregation, source.columns[y]?.type ?? 'unknown')
  // The number of points in a scatter plot, whose values are positions and not amounts.
  const weightOf = ({ groups, y }: GroupedSeries) =>
    choice.kind === 'scatter'
      ? groups.size
      : [...groups.values()].reduce((sum, group) => sum + Math.abs(numberOf(group, y)), 0)
  const largest = series
    .map((each) => ({ ...each, weight: weightOf(each) }))
    // A measure keeps its position next to the others.
    .sort((a, b) => (choice.series === null ? 0 : b.weight - a.weight))
  const shown = largest.slice(0, MAX_SERIES)
  // A line goes from left to right, whatever the order of the rows.
  const order = xs.map((_, index) => index)
  if (choice.kind === 'line') order.sort((a, b) => (xs[a]?.x ?? 0) - (xs[b]?.x ?? 0))
  const points = order.flatMap((index, position) =>
    shown.flatMap(({ groups, y }, number): ChartPoint[] => {
      const group = groups.get(index)
      if (group === undefined) return []
      const row = group.rowCount === 1 ? group.firstRow : null
      return [
        {
          position,
          series: number,
          row,
          x: xs[index]?.x ?? 0,
          y: numberOf(group, y),
          yText: groupText(group, aggregation, source, y),
        },
      ]
    }),
  )
  return {
    ...counts,
    series: shown.map(({ key, label }) => ({ key, label })),
    xs: order.flatMap((index) => xs[index] ?? []),
    points,
    maxRowsPerPoint,
    leftOutSeries: largest.slice(MAX_SERIES).map(({ label }) => label),
  }
}

/** The rows of each point of a series, by the index of its value of X. */
type GroupedSeries = { key: string; label: string; y: number; groups: Map<number, RowGroup> }

function groupRows({ kind, x, y, series: seriesColumn }: ChartChoice, source: ChartSource) {
  const isScatter = kind === 'scatter'
  const labels = columnLabels(source.columns)
  const rows = Math.min(source.rowCount, isScatter ? MAX_POINTS : MAX_READ_ROWS)
  const maxXs = kind === 'bar' ? MAX_BARS : MAX_POINTS
  const xs: { x: number; text: string }[] = []
  const indices = new Map<unknown, number>()
  const leftOutXs = new Set<unknown>()
  const series = new Map<unknown, GroupedSeries[]>()
  let [shownRows, maxRowsPerPoint] = [0, 0]

  const addX = (row: number, at: number | null): number | null => {
    const key = isScatter ? row : groupKey(source, row, x)
    const known = indices.get(key)
    if (known !== undefined) return known
    if (xs.length >= maxXs) {
      leftOutXs.add(key)
      return null
    }
    indices.set(key, xs.length)
    return xs.push({ x: at ?? xs.length, text: source.text(row, x) }) - 1
  }
  const seriesOf = (row: number): GroupedSeries[] => {
    const key = seriesColumn === null ? null : groupKey(source, row, seriesColumn)
    const known = series.get(key)
    if (known !== undefined) return known
    const value = seriesColumn === null ? null : source.text(row, seriesColumn)
    // The texts of null and of an empty value may be values, too.
    const keyValue = typeof key === 'string' || key === null ? key : value
    const added = y.map((column): GroupedSeries => {
      const measure = labels[column] ?? ''
      const label = value === null ? measure : y.length > 1 ? `${value} ${measure}` : value
      return { key: JSON.stringify([keyValue, measure]), label, y: column, groups: new Map() }
    })
    series.set(key, added)
    return added
  }
  for (let row = 0; row < rows; row++) {
    const at = kind === 'bar' ? null : axisNumber(source, row, x)
    if (kind !== 'bar' && at === null) continue
    if (y.every((column) => axisNumber(source, row, column) === null)) continue
    shownRows += 1
    const index = addX(row, at)
    if (index === null) continue
    for (const { groups, y: column } of seriesOf(row)) {
      const group = addRow(groups.get(index), source, row, column)
      if (group === null) continue
      groups.set(index, group)
      maxRowsPerPoint = Math.max(maxRowsPerPoint, group.rowCount)
    }
  }
  return {
    xs,
    series: [...series.values()].flat(),
    maxRowsPerPoint,
    shownRows,
    leftOutRows: rows - shownRows,
    unreadRows: source.rowCount - rows,
    leftOutXs: leftOutXs.size,
  }
}
