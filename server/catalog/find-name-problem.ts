import 'server-only'
import { namespaceLabel, type TableIdentifier } from '@/lib/names/identifiers'
import { newNameProblem } from '@/lib/names/new-name'
import type { CatalogClient } from './port/catalog-client'
import { isFound } from './is-found'
import { isNameTaken } from './is-name-taken'

/** Why no table or view can get this name; null if it is probably free. A view is named as the table of its name. */
export async function findNameProblem(
  catalog: CatalogClient,
  kind: 'table' | 'view',
  { namespace, table }: TableIdentifier,
  signal: AbortSignal,
): Promise<string | null> {
  const problem = newNameProblem(kind, table)
  if (problem !== null) return problem
  if (!(await isFound(() => catalog.loadNamespace(namespace, { signal })))) {
    return `There is no namespace ${namespaceLabel(namespace)}.`
  }
  const identifier = { catalog: catalog.name, namespace, table }
  if (!(await isNameTaken(catalog, identifier, signal))) return null
  return `There is already a table or view ${namespaceLabel(namespace)}.${table}.`
}
