import { useEffect, useEffectEvent, useMemo } from 'react'
import { filterToSql } from '@/lib/query/predicate-sql'
import { orderBySql, selectRows } from '@/lib/query/tables/select-from-table'
import type { SelectedRows } from './selected-rows'

/** The rows of a grid as SQL, with its columns, version, filter and order. Null if it shows no columns. */
export function rowsSql({ table, shown, fields, areAllColumns, filter, sort }: SelectedRows): string | null {
  if (fields.length === 0) return null
  return selectRows(table, shown, {
    columns: areAllColumns ? null : fields.map(({ name }) => name),
    where: filter && filterToSql(filter),
    orderBy: sort && orderBySql(sort.field, sort.direction),
  })
}

/**
 * The rows of a grid as SQL.
 *
 * @param onSql gets every new SQL, and null when the grid unmounts
 */
export function useRowsSql(rows: SelectedRows, onSql: ((sql: string | null) => void) | undefined): string | null {
  const sql = useMemo(() => rowsSql(rows), [rows])
  const reportSql = useEffectEvent((shownSql: string | null) => onSql?.(shownSql))
  useEffect(() => {
    reportSql(sql)
    return () => reportSql(null)
  }, [sql])
  return sql
}
