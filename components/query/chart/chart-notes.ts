import { formatCount, formatQuantity } from '@/lib/format/count'
import { formatList } from '@/lib/format/sentence'
import type { Aggregation } from '@/lib/query/result-display'
import type { ChartChoice } from './chart-choice'
import { type ChartData, type ChartSource, columnLabels } from './chart-source'
import { axisNote, valueTicks } from './value-axis'

/** Names that a note lists; more are counted. */
const MAX_LISTED = 5
const AGGREGATION_NAMES: Readonly<Record<Aggregation, string>> = {
  sum: 'sum',
  mean: 'mean',
  min: 'minimum',
  max: 'maximum',
  count: 'count',
}

/** The name of the value of a point: `flights`, or `sum of flights` when rows share their values of X. */
export function measureName(choice: ChartChoice, data: ChartData, { columns }: Pick<ChartSource, 'columns'>): string {
  if (choice.kind === 'histogram') return 'rows'
  const labels = columnLabels(columns)
  const names = formatList(choice.y.map((index) => labels[index] ?? ''))
  return data.maxRowsPerPoint > 1 ? `${AGGREGATION_NAMES[choice.aggregation]} of ${names}` : names
}

/** The part of the result that a chart shows, and how: the rows first, then whatever a reader could mistake. */
export function chartNotes(choice: ChartChoice, data: ChartData, source: ChartSource): string[] {
  const labels = columnLabels(source.columns)
  const x = labels[choice.x] ?? ''
  const notes = [rowsNote(choice, data, source)]
  if (data.leftOutXs > 0) {
    const total = data.xs.length + data.leftOutXs
    notes.push(`first ${formatCount(data.xs.length)} of ${formatQuantity(total, 'value')} of ${x}`)
  }
  if (data.leftOutSeries.length > 0) {
    const total = data.series.length + data.leftOutSeries.length
    const rule = choice.kind === 'scatter' ? 'with the most points' : 'the largest'
    notes.push(
      `${formatCount(data.series.length)} of ${formatQuantity(total, 'series', 'series')}, ${rule}; not shown: ${listNames(data.leftOutSeries)}`,
    )
  }
  if (data.maxRowsPerPoint > 1) {
    notes.push(
      `${measureName(choice, data, source)} where ${x} repeats (up to ${formatQuantity(data.maxRowsPerPoint, 'row')} a point)`,
    )
  }
  const axis = choice.kind === 'line' && data.points.length > 0 ? axisNote(valueTicks('line', data.points)) : null
  return axis === null ? notes : [...notes, axis]
}

/** `first 2,000 of 3,500 rows, 3 without a number left out`. How many rows a truncated result would have is unknown. */
function rowsNote(
  { kind }: ChartChoice,
  { shownRows, leftOutRows, unreadRows, xs }: ChartData,
  { isTruncated }: ChartSource,
): string {
  const read = shownRows + leftOutRows
  const rows = isTruncated
    ? `the first ${formatQuantity(read, 'row')}`
    : unreadRows > 0
      ? `first ${formatCount(read)} of ${formatQuantity(read + unreadRows, 'row')}`
      : read === 1
        ? '1 row'
        : `all ${formatQuantity(read, 'row')}`
  const ranges = kind === 'histogram' ? ` in ${formatQuantity(xs.length, 'range')}` : ''
  const skipped = leftOutRows > 0 ? `, ${formatCount(leftOutRows)} without a number left out` : ''
  return rows + ranges + skipped
}

function listNames(names: readonly string[]): string {
  const more = names.length - MAX_LISTED
  return more > 0 ? `${names.slice(0, MAX_LISTED).join(', ')} and ${formatCount(more)} more` : formatList(names)
}
