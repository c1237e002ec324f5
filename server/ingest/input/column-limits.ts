import 'server-only'
import type { DuckdbLimits } from '@/server/data-files/duckdb/duckdb-session'

/** DuckDB reserves blocks for each column, also for a few rows, and fills a small part of them. */
const MIB_PER_COLUMN = 1.25
/** The time to plan a statement that compares all of its expressions grows with the square of their number. */
const MANY_COLUMNS = 500

/** More memory for a table of hundreds of columns, without which DuckDB does not take their first row. */
export function limitsForColumns(limits: DuckdbLimits, columnCount: number): DuckdbLimits {
  return {
    ...limits,
    memoryMiB: Math.max(limits.memoryMiB, Math.ceil(MIB_PER_COLUMN * columnCount)),
    ...(columnCount > MANY_COLUMNS && { hasManyColumns: true }),
  }
}
