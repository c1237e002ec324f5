import 'server-only'
import { isSameTable, type TableIdentifier } from '@/lib/names/identifiers'
import { findTableReferences } from '@/lib/query/tables/table-references'
import { resolveTableName } from '@/lib/query/tables/table-name'
import { splitStatements, statementAt } from '@/lib/query/statement/statements'
import type { SavedQuery } from './save-result-spec'

/** Any time may be named, because no table is read. */
const CLOCK = { requiresZone: false, nowMs: Number.POSITIVE_INFINITY }

/**
 * The tables and views that a statement names, each once. Tables behind its views are not known without reading them.
 *
 * @throws {AppError} query-failed for a statement that cannot be read
 */
export function namedTables(
  { sql, cursor, connection }: Pick<SavedQuery, 'sql' | 'cursor' | 'connection'>,
  connections: readonly string[],
): TableIdentifier[] {
  const tables: TableIdentifier[] = []
  for (const { parts, nameRange, file } of findTableReferences(
    statementAt(splitStatements(sql), cursor)?.tokens ?? [],
    CLOCK,
  )) {
    if (file !== undefined) continue
    const table = resolveTableName(parts, nameRange, { connection, connections })
    if (!tables.some((other) => isSameTable(other, table))) tables.push(table)
  }
  return tables
}
