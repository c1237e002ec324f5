import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import { enforceNameLimits } from '@/lib/names/name-limits'
import { checkReadOnly } from '../statement/read-only'
import type { Statement } from '../statement/statements'
import { sqlName } from './table-name'
import { findTableReferences, type TableReference } from './table-references'

/** Where a view looks up names; null and empty when its version does not say. */
export type ViewDefaults = { defaultCatalog: string | null; defaultNamespace: readonly string[] }

/** The tables that the SQL of a view names, or why it is refused. */
export function findViewReferences(statement: Statement): TableReference[] | string {
  try {
    checkReadOnly(statement.tokens)
    const references = findTableReferences(statement.tokens, { requiresZone: true, nowMs: Number.POSITIVE_INFINITY })
    return references.some(({ file }) => file !== undefined) ? 'it reads a file, which a view may not' : references
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

/**
 * The table or view that a name in a view refers to. A view names catalogs as its engine does: a name that is not a
 * connection here is the catalog of the view itself.
 *
 * @throws {AppError} not-supported for a name without a namespace, invalid-request for a name that is too long
 */
export function toIdentifierInView(
  parts: readonly string[],
  { catalog }: TableIdentifier,
  { defaultCatalog, defaultNamespace }: ViewDefaults,
  connections: readonly string[],
): TableIdentifier {
  const [first = ''] = parts
  const table = parts.at(-1) ?? ''
  const defaultConnection = defaultCatalog !== null && connections.includes(defaultCatalog) ? defaultCatalog : catalog
  if (parts.length === 1) {
    if (defaultNamespace.length === 0)
      throw new AppError(
        'not-supported',
        `The view names ${sqlName(parts)} without a namespace, and has no default one.`,
        {
          facts: { hint: 'Ask the owner of the view to correct its SQL.' },
        },
      )
    return { catalog: defaultConnection, namespace: defaultNamespace, table }
  }
  const hasCatalog = parts.length > 2 && (connections.includes(first) || first === defaultCatalog)
  const identifier = {
    catalog: hasCatalog && connections.includes(first) ? first : defaultConnection,
    namespace: parts.slice(hasCatalog ? 1 : 0, -1),
    table,
  }
  enforceNameLimits(identifier)
  return identifier
}
