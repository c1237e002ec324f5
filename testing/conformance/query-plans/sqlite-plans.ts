import type { DatabaseSync } from 'node:sqlite'
import { readsMostRows, type TableScan } from './full-scans'
import type { RecordedStatement } from './recorder'

/**
 * @param database of this version; its rows do not matter. SQLite reads the schema once per connection, so a caller with
 *   many statements opens one connection for all.
 */
export function explainSqlite(database: DatabaseSync, statement: RecordedStatement): TableScan[] {
  const steps = database.prepare(`EXPLAIN QUERY PLAN ${statement.sql}`).all()
  return steps.flatMap(({ detail }) => toScan(String(detail), statement) ?? [])
}

/**
 * `SCAN t`, or `SEARCH t USING INDEX i (a=? AND b>?)`; a search without conditions seeks the least or greatest. Other
 * steps read no table.
 */
function toScan(how: string, statement: RecordedStatement): TableScan | null {
  const [, verb, name = ''] = /^(SCAN|SEARCH) (\w+)/.exec(how) ?? []
  if (verb === undefined) return null
  const conditions = /\(([^()]*)\)$/.exec(how)?.[1]
  const columns = [...(conditions ?? '').matchAll(/(\w+)[=<>]/g)].map(([, column = '']) => column)
  const isFullScan = verb === 'SCAN' || (conditions !== undefined && readsMostRows(columns, statement))
  return { table: tableOf(name, statement.sql), how, isFullScan }
}

/** A plan names a table as the statement does. */
function tableOf(name: string, sql: string): string {
  return new RegExp(`"(\\w+)" as "${name}"`).exec(sql)?.[1] ?? name
}
