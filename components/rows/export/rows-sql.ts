import { filterToSql } from '@/lib/query/predicate-sql'
import { orderBySql, selectRows } from '@/lib/query/select-from-table'
import type { ExportedRows } from './exported-rows'

type SelectedRows = Pick<ExportedRows, 'table' | 'shown' | 'fields' | 'areAllColumns' | 'filter'> & {
  sort: Pick<NonNullable<ExportedRows['sort']>, 'field' | 'direction'> | null
}

/** The rows of a grid as SQL, with its columns, version, filter and order. Null if it shows no columns. */
export function rowsSql({ table, shown, fields, areAllColumns, filter, sort }: SelectedRows): string | null {
  if (fields.length === 0) return null
  return selectRows(table, shown, {
    columns: areAllColumns ? null : fields.map(({ name }) => name),
    where: filter && filterToSql(filter),
    orderBy: sort && orderBySql(sort.field, sort.direction),
  })
}
