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

/** The position of a group on the axis of values, which may be rounded. */
export function groupNumber(group: RowGroup, aggregation: Aggregation, type: Type): number {
  switch (aggregation) {
    case 'count':
      return group.rowCount
    case 'min':
      return toNumber(group.least.value, type)
    case 'max':
      return toNumber(group.greatest.value, type)
    case 'sum':
      return toNumber(group.sum, type)
    case 'mean':
      return toNumber(group.sum, type) / group.rowCount
  }
}

/** The exact text of a group; that of the grid for a single row, a least and a greatest value. */
export function groupText(group: RowGroup, aggregation: Aggregation, source: ChartSource, column: number): string {
  const type = source.columns[column]?.type ?? 'unknown'
  if (aggregation === 'count') return String(group.rowCount)
  if (group.rowCount === 1) return source.text(group.firstRow, column)
  if (aggregation === 'min') return source.text(group.least.row, column)
  if (aggregation === 'max') return source.text(group.greatest.row, column)
  return aggregation === 'sum' && typeof group.sum === 'bigint' && typeof type === 'string'
    ? valueText(type, group.sum, 'UTC')
    : roundedText(groupNumber(group, aggregation, type))
}

function toNumber(value: Addend, type: Type): number {
  return typeof type === 'string' && type.startsWith('decimal')
    ? Number(value) / 10 ** decimalScale(type)
    : Number(value)
}

/** Without the digits that floating-point arithmetic makes up. */
function roundedText(value: number): string {
  return String(Number(value.toPrecision(12)))
}
