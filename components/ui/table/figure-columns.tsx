import type { FunctionComponent } from 'react'
import { Bytes } from '../values/bytes'
import { Count } from '../values/count'
import type { Column } from './data-table'

type FigureOptions<Row> = Omit<Column<Row>, 'id' | 'header' | 'align' | 'cell' | 'sortBy'> & {
  /** Why a row may not have the figure. */
  reason?: string
}

type FigureProps = { value: number | null; reason?: string | undefined }

/** The sortable columns that show their figures by a component. Null: unknown. */
function figureColumn(Figure: FunctionComponent<FigureProps>) {
  return <Row,>(
    id: string,
    header: string,
    sortBy: (row: Row) => number | null,
    { reason, ...column }: FigureOptions<Row> = {},
  ): Column<Row> => ({
    ...column,
    id,
    header,
    align: 'end',
    cell: (row) => <Figure value={sortBy(row)} reason={reason} />,
    sortBy,
  })
}

export const countColumn = figureColumn(Count)

export const bytesColumn = figureColumn(Bytes)
