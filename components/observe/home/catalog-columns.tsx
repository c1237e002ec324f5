import type { Column } from '@/components/ui/table/data-table'

type Placed = { place: { catalog: string } }

/** The column of the catalog when the rows have several, because tables of different catalogs may share a name. */
export function catalogColumns<Row extends Placed>(rows: readonly Row[]): Column<Row>[] {
  if (new Set(rows.map(({ place }) => place.catalog)).size < 2) return []
  return [
    {
      id: 'catalog',
      header: 'Catalog',
      sortBy: ({ place }) => place.catalog,
      cell: ({ place }) => <span className="secondary">{place.catalog}</span>,
    },
  ]
}
