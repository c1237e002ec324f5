import type { Type } from '@/lib/iceberg/schema/types'
import type { Aggregation } from '@/lib/query/result-display'
import { valueText } from '@/lib/scan/value-text'
import { axisNumber, type ChartSource, decimalScale } from './chart-source'

/** The rows that one point stands for. */
export type RowGroup = {
  rowCount: number
  firstRow: number
  /** Exact for whole numbers and decimals, whose unscaled values are summed. */
  sum: Addend
  least: { value: Addend; row: number }
  greatest: { value: Addend; row: number }
}
type Addend = number | bigint

/** Adds a row to a group, or begins one; returns null for a value that is not a number. */
export function addRow(group: RowGroup | undefined, source: ChartSource, row: number, column: number): RowGroup | null {
  const position = axisNumber(source, row, column)
  if (position === null) return null
  const raw = source.value(row, column)
  const value = typeof raw === 'bigint' ? raw : position
  const at = { value, row }
  if (group === undefined) return { rowCount: 1, firstRow: row, sum: value, least: at, greatest: at }
  group.rowCount += 1
  group.sum =
    typeof group.sum === 'bigint' && typeof value === 'bigint' ? group.sum + value : Number(group.sum) + position
  if (value < group.least.value) group.least = at
  if (value > group.greatest.value) group.greatest = at
  return group
}

/** The number and the text of a group. The text of a single row, a least and a greatest value is that of the grid. */
export function groupValue(
  { rowCount, firstRow, sum, least, greatest }: RowGroup,
  aggregation: Aggregation,
  source: ChartSource,
  column: number,
): { y: number; text: string } {
  const type = source.columns[column]?.type ?? 'unknown'
  if (rowCount === 1 && aggregation !== 'count') return { y: toNumber(sum, type), text: source.text(firstRow, column) }
  switch (aggregation) {
    case 'count':
      return { y: rowCount, text: String(rowCount) }
    case 'min':
      return { y: toNumber(least.value, type), text: source.text(least.row, column) }
    case 'max':
      return { y: toNumber(greatest.value, type), text: source.text(greatest.row, column) }
    case 'sum':
      return { y: toNumber(sum, type), text: sumText(sum, type) }
    case 'mean': {
      const y = toNumber(sum, type) / rowCount
      return { y, text: roundedText(y) }
    }
  }
}

function toNumber(value: Addend, type: Type): number {
  return typeof type === 'string' && type.startsWith('decimal')
    ? Number(value) / 10 ** decimalScale(type)
    : Number(value)
}

function sumText(sum: Addend, type: Type): string {
  return typeof sum === 'bigint' && typeof type === 'string' ? valueText(type, sum, 'UTC') : roundedText(Number(sum))
}

/** Without the digits that floating-point arithmetic makes up. */
function roundedText(value: number): string {
  return String(Number(value.toPrecision(12)))
}
