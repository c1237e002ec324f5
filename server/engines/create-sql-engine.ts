import 'server-only'
import type { Config } from '@/server/config/config'
import { createDuckdbEngine } from './duckdb/duckdb-engine'
import type { SqlEngine } from './sql-engine'

/** The engine that the settings choose; null: the server runs no SQL. */
export function createSqlEngine({ queries }: Pick<Config, 'queries'>): SqlEngine | null {
  return queries.processes === 0 ? null : createDuckdbEngine(queries)
}
