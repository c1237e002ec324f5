import { Bytes } from '../values/bytes'
import { Count } from '../values/count'
import type { Column } from './data-table'

type FigureOptions<Row> = Omit<Column<Row>, 'id' | 'header' | 'align' | 'cell' | 'sortBy'> & {
  /** Why a row may not have the figure. */
  reason?: string
}

const NOT_KNOWN = 'not known'

/** A sortable column of numbers. Null: unknown. */
export function countColumn<Row>(
  id: string,
  header: string,
  valueOf: (row: Row) => number | null,
  { reason = NOT_KNOWN, ...column }: FigureOptions<Row> = {},
): Column<Row> {
  return {
    ...column,
    id,
    header,
    align: 'end',
    cell: (row) => <Count value={valueOf(row)} reason={reason} />,
    sortBy: valueOf,
  }
}

/** A sortable column of sizes. Null: unknown. */
export function bytesColumn<Row>(
  id: string,
  header: string,
  bytesOf: (row: Row) => number | null,
  { reason = NOT_KNOWN, ...column }: FigureOptions<Row> = {},
): Column<Row> {
  return {
    ...column,
    id,
    header,
    align: 'end',
    cell: (row) => <Bytes value={bytesOf(row)} reason={reason} />,
    sortBy: bytesOf,
  }
}
