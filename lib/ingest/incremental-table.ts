import { entryLabel, isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import type { LoadLanding } from './load-landing'

/** The changes after which a table has more than appended rows: how a run goes on that reads only these. */
export const OTHER_CHANGES = ['stop', 'read-appends-only', 'read-all'] as const
export type OtherChanges = (typeof OTHER_CHANGES)[number]

/** A table of a statement of which each run reads only the rows that were appended since the run before. */
export type IncrementalTable = {
  table: TableIdentifier
  /**
   * When rows were deleted or overwritten since: `stop` fails the run, `read-appends-only` ignores these changes, and
   * `read-all` reads the whole table.
   */
  onOtherChanges: OtherChanges
  /**
   * Rows are read again if their time is at most so long before the newest time that earlier runs have read. The column
   * is a date or a timestamp at the top level.
   */
  lateness?: { column: string; seconds: number }
}

/** A position is stored for each. */
export const MAX_INCREMENTAL_TABLES = 10
export const MAX_LATENESS_SECONDS = 366 * 24 * 60 * 60

/** Why rows cannot be read like this, in a sentence; null if they can. */
export function incrementalProblem(tables: readonly IncrementalTable[], { operation }: LoadLanding): string | null {
  if (tables.length === 0) return null
  if (operation === 'replace-table' || operation === 'replace-where')
    return 'A result of appended rows cannot replace all rows or the rows of a filter, because rows that earlier runs have read would be lost. Append the rows, upsert them, or replace partitions.'
  for (const [i, { table, onOtherChanges, lateness }] of tables.entries()) {
    const label = entryLabel(table)
    if (tables.findIndex((other) => isSameTable(other.table, table)) < i) return `${label} is named twice.`
    if (operation !== 'append') continue
    if (lateness !== undefined)
      return `Late rows of ${label} are read again, so appending would add them twice. Upsert the rows, or replace partitions.`
    if (onOtherChanges === 'read-all')
      return `All rows of ${label} may be read again, so appending would add them twice. Upsert the rows, or replace partitions.`
  }
  return null
}
