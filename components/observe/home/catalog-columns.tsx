import type { Column } from '@/components/ui/table/data-table'

/** The column of the catalog when the rows have several, because tables of different catalogs may share a name. */
export function catalogColumns<Row>(rows: readonly Row[], toCatalog: (row: Row) => string): Column<Row>[] {
  if (new Set(rows.map(toCatalog)).size < 2) return []
  return [
    {
      id: 'catalog',
      header: 'Catalog',
      sortBy: toCatalog,
      cell: (row) => <span className="secondary">{toCatalog(row)}</span>,
    },
  ]
}
