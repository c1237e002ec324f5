import { toCell } from '@/components/table/rows/row-cell'
import type { GridSort } from '@/components/ui/grid/column-layout'
import type { Cell, GridColumn } from '@/components/ui/grid/grid-cell'
import type { QueryResult } from '@/lib/query/engine'
import { formatCount } from '@/lib/format/count'
import type { Type } from '@/lib/iceberg/schema/types'
import { intervalOrder } from '@/lib/query/statement/interval-order'
import type { RowValue } from '@/lib/scan/read/row-values'
import { hasInstants } from '@/lib/scan/value-text'
import { sortRows } from './sort-result'

/** A result for the grid. Cells are addressed by row, from 0, and by column key, which is the column's index. */
export type ResultTable = {
  columns: readonly GridColumn[]
  /** Some columns, or members of their values, are instants. */
  hasInstants: boolean
  cell: (row: number, columnKey: string) => Cell | undefined
  /** The value to show in a popover; null without one. */
  value: (row: number, columnKey: string) => { name: string; type: Type; value: RowValue } | null
  /** The last column as lines, for results that are text (EXPLAIN). */
  text: string
  /** Why the rows cannot be sorted by a column; undefined if they can. */
  sortProblem: (columnKey: string) => string | undefined
  /** The exact value of a row of the result, whatever the sort. */
  valueAt: (row: number, column: number) => RowValue | null
  /** The table with its rows sorted. */
  sorted: (sort: GridSort) => Pick<ResultTable, 'cell' | 'value'> & RowOrder
}

/** Where the rows of a result are in the sorted grid; both from 0. */
export type RowOrder = { toResultRow: (gridRow: number) => number; toGridRow: (resultRow: number) => number }

/** More rows would block the page while they are sorted. */
const MAX_SORTED_ROWS = 100_000

const CHAR_PX = 8
const PADDING_PX = 24
const WIDTH_PX = { min: 72, max: 420 }
/** Rows that are measured for the width of a column. */
const MEASURED_ROWS = 100

/** The type of a column of a result, as its header and its panels name it. */
export function sqlTypeLabel(sqlType: string): string {
  return sqlType.replaceAll('TIMESTAMP WITH TIME ZONE', 'timestamptz').toLowerCase()
}

/**
 * The zone of SQL, in which results show instants: in another one, the beginning of a month would be some hours after
 * midnight, and a row would not seem to match the times of its own statement.
 */
export const RESULT_ZONE = 'UTC'

export function resultTable({
  columns,
  batches,
  rowCount,
  isTruncated,
  isText,
}: Pick<QueryResult, 'columns' | 'batches' | 'rowCount' | 'isTruncated' | 'isText'>): ResultTable {
  const batchStarts: number[] = []
  let batchStart = 0
  for (const batch of batches) {
    batchStarts.push(batchStart)
    batchStart += batch.rowCount
  }
  const types = columns.map(({ type }) => type)

  const readValue = (row: number, column: number): RowValue | null => {
    const batch = lastIndexAtMost(batchStarts, row)
    return batches[batch]?.value(row - (batchStarts[batch] ?? 0), column) ?? null
  }
  const cell = (row: number, columnKey: string): Cell | undefined => {
    const type = types[Number(columnKey)]
    if (type === undefined || row >= rowCount) return undefined
    return toCell(type, readValue(row, Number(columnKey)), RESULT_ZONE)
  }

  const value: ResultTable['value'] = (row, columnKey) => {
    const type = types[Number(columnKey)]
    const cellValue = readValue(row, Number(columnKey))
    return type === undefined || cellValue === null
      ? null
      : { name: columns[Number(columnKey)]?.name ?? '', type, value: cellValue }
  }

  const sorted: ResultTable['sorted'] = (sort) => {
    if (sort === null) return { cell, value, toResultRow: (row) => row, toGridRow: (row) => row }
    const column = Number(sort.columnKey)
    // An interval is a text.
    const isInterval = columns[column]?.sqlType === 'INTERVAL'
    const sortValue = (row: number) => {
      const rowValue = readValue(row, column)
      return isInterval && typeof rowValue === 'string' ? intervalOrder(rowValue) : rowValue
    }
    const order = sortRows(rowCount, sortValue, sort.isDescending)
    return {
      cell: (row, columnKey) => cell(order[row] ?? rowCount, columnKey),
      value: (row, columnKey) => value(order[row] ?? rowCount, columnKey),
      toResultRow: (row) => order[row] ?? row,
      toGridRow: (row) => order.indexOf(row),
    }
  }

  const lastCell = (row: number) => cell(row, String(types.length - 1))?.text ?? ''

  return {
    hasInstants: types.some(hasInstants),
    columns: columns.map(({ name, type, sqlType }, i) => {
      const typeLabel = sqlTypeLabel(sqlType)
      return {
        key: String(i),
        name,
        typeLabel,
        align: isNumber(type) ? 'right' : 'left',
        mono: isMono(type),
        width: measureColumnPx(
          [name, typeLabel],
          Math.min(rowCount, MEASURED_ROWS),
          (row) => cell(row, String(i))?.text ?? '',
        ),
      }
    }),
    cell,
    value,
    valueAt: readValue,
    sorted,
    sortProblem: (columnKey) => {
      if (isTruncated) return 'The result is truncated. Sort it with ORDER BY.'
      if (rowCount > MAX_SORTED_ROWS) return `More than ${formatCount(MAX_SORTED_ROWS)} rows. Sort them with ORDER BY.`
      return typeof types[Number(columnKey)] === 'string' ? undefined : 'Nested values cannot be sorted.'
    },
    text: isText ? Array.from({ length: rowCount }, (_, row) => lastCell(row)).join('\n') : '',
  }
}

/** Index of the last number that is at most `value`, in an ascending list. */
function lastIndexAtMost(ascending: readonly number[], value: number): number {
  let low = 0
  let high = ascending.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((ascending[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}

function measureColumnPx(names: readonly string[], rows: number, text: (row: number) => string): number {
  let maxChars = Math.max(...names.map(({ length }) => length))
  for (let row = 0; row < rows; row++) maxChars = Math.max(maxChars, text(row).length)
  return Math.min(WIDTH_PX.max, Math.max(WIDTH_PX.min, Math.ceil(maxChars * CHAR_PX) + PADDING_PX))
}

function isNumber(type: Type): boolean {
  return typeof type === 'string' && /^(int|long|float|double|decimal)/.test(type)
}

function isMono(type: Type): boolean {
  return typeof type === 'string' && /^(date|time|binary|uuid)/.test(type)
}
