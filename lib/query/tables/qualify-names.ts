import { AppError } from '@/lib/errors'
import { asTableIdentifier, type TableIdentifier, type ViewIdentifier } from '@/lib/names/identifiers'
import { type Statement, splitStatements } from '../statement/statements'
import { resolveTableName, sqlName } from './table-name'
import { findTableReferences, type TableReference } from './table-references'
import { findViewReferences, toIdentifierInView, type ViewDefaults } from './view-references'

/** Whole names of tables and views, with their connections, for a text that is read elsewhere. */

/**
 * The SQL of a view with qualified names: short ones would refer to another catalog or namespace. A text that cannot be
 * read stays as it is.
 */
export function qualifyViewSql(
  sql: string,
  view: ViewIdentifier,
  defaults: ViewDefaults,
  connections: readonly string[],
): string {
  const find = (statement: Statement) => {
    const references = findViewReferences(statement)
    return typeof references === 'string' ? [] : references
  }
  return qualify(sql, find, ({ parts }) => toIdentifierInView(parts, asTableIdentifier(view), defaults, connections))
}

/** A query with the connection in every name of a table that has none. A text that cannot be read stays as it is. */
export function qualifyQuerySql(
  sql: string,
  { connections, connection }: { connections: readonly string[]; connection: string },
): string {
  const find = ({ tokens }: Statement) =>
    findTableReferences(tokens, { requiresZone: true, nowMs: Number.POSITIVE_INFINITY }).filter(
      ({ parts, file }) => parts.length > 1 && file === undefined,
    )
  return qualify(sql, find, ({ parts, nameRange }) => resolveTableName(parts, nameRange, { connections, connection }))
}

function qualify(
  sql: string,
  find: (statement: Statement) => readonly TableReference[],
  toIdentifier: (reference: TableReference) => TableIdentifier,
): string {
  try {
    const edits = splitStatements(sql).flatMap((statement) =>
      find(statement).map((reference) => {
        const { catalog, namespace, table } = toIdentifier(reference)
        return { ...reference.nameRange, name: sqlName([catalog, ...namespace, table]) }
      }),
    )
    const parts: string[] = []
    let from = 0
    for (const { start, end, name } of edits) {
      parts.push(sql.slice(from, start), name)
      from = end
    }
    return [...parts, sql.slice(from)].join('')
  } catch (error) {
    if (error instanceof AppError) return sql
    throw error
  }
}
