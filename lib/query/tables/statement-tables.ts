import type { AsOf } from '@/lib/iceberg/as-of'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { QueryRequest } from '@/lib/query/engine'
import { splitStatements, statementAt } from '@/lib/query/statement/statements'
import { resolveTableName } from './table-name'
import { findTableReferences } from './table-references'

/** A table or view that a statement names, in the state that it reads. */
export type StatementTable = {
  identifier: TableIdentifier
  asOf: AsOf
  /** How the rest of the statement refers to it. */
  name: string
}

/**
 * The tables and views that the statement at the cursor names.
 *
 * @throws {AppError} query-failed for a statement that cannot be read
 */
export function findNamedTables(
  request: Pick<QueryRequest, 'sql' | 'cursor' | 'connection' | 'connections' | 'asOf'>,
): StatementTable[] {
  const statement = statementAt(splitStatements(request.sql), request.cursor)
  if (!statement) return []
  return findTableReferences(statement.tokens, { nowMs: Date.now() }).flatMap(
    ({ parts, nameRange, asOf, alias, file }) =>
      file !== undefined || parts.length < 2
        ? []
        : [
            {
              identifier: resolveTableName(parts, nameRange, request),
              asOf: Object.keys(asOf).length > 0 ? asOf : (request.asOf ?? {}),
              name: alias ?? parts.at(-1) ?? '',
            },
          ],
  )
}
