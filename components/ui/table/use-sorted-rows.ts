'use client'
import { useMemo } from 'react'
import { compareSortKeys, type Sort, type SortKey } from './table-sort'

type Sortable<Row> = { id: string; sortBy?: (row: Row) => SortKey }

/** Rows in a stable order by a column, or unchanged without a sort. Unknown values come last in both directions. */
export function useSortedRows<Row>(
  rows: readonly Row[],
  columns: readonly Sortable<Row>[],
  sort: Sort | null,
): readonly Row[] {
  const keyOf = columns.find(({ id }) => id === sort?.columnId)?.sortBy
  const isDescending = sort?.descending === true
  return useMemo(() => (keyOf ? sortRows(rows, keyOf, isDescending) : rows), [rows, keyOf, isDescending])
}

function sortRows<Row>(rows: readonly Row[], keyOf: (row: Row) => SortKey, isDescending: boolean): Row[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .toSorted((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null)
      return isDescending ? compareSortKeys(b.key, a.key) : compareSortKeys(a.key, b.key)
    })
    .map(({ row }) => row)
}
