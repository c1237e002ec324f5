'use client'
import { createSortedRowModel, rowSortingFeature, tableFeatures, useTable } from '@tanstack/react-table'
import { useMemo } from 'react'
import { compareSortKeys, type Sort, type SortKey } from './table-sort'

type Sortable<Row> = { id: string; sortBy?: (row: Row) => SortKey }
type RowBox<Row> = { row: Row }

const FEATURES = tableFeatures({ rowSortingFeature, sortedRowModel: createSortedRowModel() })

/** Rows in a stable order by a column, or unchanged without a sort. Unknown values come last in both directions. */
export function useSortedRows<Row>(rows: readonly Row[], columns: readonly Sortable<Row>[], sort: Sort | null): Row[] {
  const column = columns.find(({ id }) => id === sort?.columnId)
  const keyOf = column?.sortBy
  const data = useMemo(() => rows.map((row): RowBox<Row> => ({ row })), [rows])
  const definitions = useMemo(
    () => [
      {
        id: 'key',
        accessorFn: ({ row }: RowBox<Row>) => keyOf?.(row) ?? undefined,
        sortUndefined: 'last' as const,
        sortFn: (a: { getValue: (id: string) => unknown }, b: { getValue: (id: string) => unknown }) =>
          compareSortKeys(a.getValue('key') as SortKey, b.getValue('key') as SortKey),
      },
    ],
    [keyOf],
  )
  const sorting = useMemo(() => (keyOf && sort ? [{ id: 'key', desc: sort.descending }] : []), [keyOf, sort])
  const table = useTable({ features: FEATURES, columns: definitions, data, state: { sorting } })
  return table.getRowModel().rows.map((entry) => entry.original.row)
}
