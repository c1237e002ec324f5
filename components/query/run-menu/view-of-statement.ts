import { AppError } from '@/lib/errors'
import { paths } from '@/lib/paths/paths'
import { noStatementError, requireClosed, splitStatements, statementAt } from '@/lib/query/statement/statements'
import { resolveTableName } from '@/lib/query/tables/table-name'
import { findTableReferences } from '@/lib/query/tables/table-references'
import { MAX_ADDRESS_CHARS } from '../tabs/use-query-tabs'

/** A text in the editor, with the meaning of its names. */
export type EditedText = { sql: string; cursor: number; connection: string; connections: readonly string[] }

/**
 * Where the statement at the cursor becomes a view, in the namespace of the first table that it names; or why it cannot,
 * in a few words.
 */
export function viewOfStatement({ sql, cursor, connection, connections }: EditedText): {
  address: string | null
  off: string | null
} {
  try {
    const statement = statementAt(splitStatements(sql), cursor)
    if (!statement) throw noStatementError(sql)
    requireClosed(sql, statement)
    const [first] = findTableReferences(statement.tokens, { nowMs: 0 })
    if (!first || first.file) return { address: null, off: 'names no table' }
    const { catalog, namespace } = resolveTableName(first.parts, first.nameRange, { connection, connections })
    const query = sql.slice(statement.start, statement.end)
    if (query.length > MAX_ADDRESS_CHARS) return { address: null, off: 'too long' }
    return { address: paths.newView(catalog, namespace, query), off: null }
  } catch (error) {
    if (error instanceof AppError) return { address: null, off: 'not readable' }
    throw error
  }
}
