import { AppError } from '@/lib/errors'
import { findExactNameEdits, type NamedTable } from '@/lib/query/duckdb/exact-names'
import type { TableScan } from '@/lib/query/load/table-scan'
import type { Edit } from '@/lib/query/tables/rewrite-tables'
import type { Statement } from '@/lib/query/statement/statements'
import type { TableReference } from '@/lib/query/tables/table-references'

/** @param scan none for a view */
export function toNamedTable(reference: TableReference, scan: TableScan | undefined): NamedTable {
  return { reference, fields: scan?.fields ?? null, renamedColumns: scan?.renamedColumns ?? [] }
}

/** The edits, or why the SQL of a view is refused. */
export function tryFindExactNameEdits({ tokens }: Statement, tables: readonly NamedTable[]): Edit[] | string {
  try {
    return findExactNameEdits(tokens, tables)
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}
