import { useMemo } from 'react'
import type { ColumnLayout } from '@/components/ui/grid/column-layout'
import type { RowOrder } from '@/lib/client/rows/sort-rows'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { ShownVersion } from '@/lib/query/tables/select-from-table'
import type { OutputFilter } from '@/lib/scan/output/encode-scan'
import { type SortDirection, sortProblem } from '@/lib/scan/sort/sort-keys'
import { arrangeColumns } from '../columns/column-arrangement'

/** Which rows of a table a grid shows, with which columns and in which order. */
export type SelectedRows = {
  table: TableIdentifier
  shown: ShownVersion
  /** The shown columns, in order. */
  fields: readonly NestedField[]
  /** Whether these are all columns of the table, in its order. */
  areAllColumns: boolean
  /** On the rows, with all columns of the table; null without one. */
  filter: OutputFilter | null
  /** How the rows are sorted; null in the order of their files. */
  sort: { field: NestedField; direction: SortDirection } | null
}

type SelectedRowsOptions = Pick<SelectedRows, 'table' | 'shown'> & {
  /** All columns of the table. */
  fields: readonly NestedField[]
  layout: ColumnLayout
  where: string | undefined
  /** The order in the address, even of a column that cannot be sorted. */
  order: RowOrder | null
}

/** Is another object only when other rows are selected. */
export function useSelectedRows({ table, shown, fields, layout, where, order }: SelectedRowsOptions): SelectedRows {
  // As text: the address is parsed on every render.
  const orderText = JSON.stringify(order)
  return useMemo(() => {
    const direction = JSON.parse(orderText) as RowOrder | null
    const field = direction && fields.find(({ id }) => id === direction.fieldId)
    return {
      table,
      shown,
      ...shownColumns(fields, layout),
      filter: where === undefined ? null : { where, fields },
      sort: direction && field && sortProblem(field.type) === undefined ? { field, direction } : null,
    }
  }, [table, shown, fields, layout, where, orderText])
}

/** The columns that are not hidden, in the order of the grid. */
function shownColumns(fields: readonly NestedField[], layout: ColumnLayout) {
  const hidden = new Set(layout.hidden)
  const shown = arrangeColumns(fields, layout).filter(({ id }) => !hidden.has(String(id)))
  return {
    fields: shown,
    areAllColumns: shown.every(({ id }, i) => id === fields[i]?.id) && shown.length === fields.length,
  }
}
