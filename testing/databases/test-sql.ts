import { CompiledQuery } from 'kysely'
import type { Change, Query, SqlValue } from '@/server/db/database'
import { change, type Dialect, query } from '@/server/db/statement'

/**
 * A query in plain SQL, for tests that look behind the modules of `server/db` or damage their data. Parameters are `?`.
 */
export function rawQuery<Row extends Record<string, SqlValue>>(
  sql: string,
  params: readonly SqlValue[] = [],
): Query<Row> {
  return query((dialect) => ({ compile: () => CompiledQuery.raw(toDialect(sql, dialect), [...params]) }))
}

/** @param expectedRows as for every change: another number rolls the transaction back */
export function rawChange(sql: string, params: readonly SqlValue[] = [], expectedRows?: number): Change {
  return change(
    (dialect) => ({ compile: () => CompiledQuery.raw(toDialect(sql, dialect), [...params]) }),
    expectedRows === undefined ? {} : { expectedRows },
  )
}

/** Every table of the database, including those of its adapter. */
export function tableNames(): Query<{ name: string }> {
  const sqliteSql = "SELECT name FROM sqlite_schema WHERE type = 'table'"
  const postgresSql = 'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()'
  return query(({ name }) => ({ compile: () => CompiledQuery.raw(name === 'sqlite' ? sqliteSql : postgresSql) }))
}

function toDialect(sql: string, { name }: Dialect): string {
  if (name === 'sqlite') return sql
  let count = 0
  return sql.replaceAll('?', () => {
    count += 1
    return `$${count}`
  })
}
