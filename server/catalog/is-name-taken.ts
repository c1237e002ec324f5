import 'server-only'
import { asViewIdentifier, type TableIdentifier } from '@/lib/names/identifiers'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import { isFound } from './is-found'
import { loadIfReadable, loadViewIfReadable } from './load-if-readable'

/** Whether a table or a view has this name. */
export async function isNameTaken(
  catalog: CatalogClient,
  identifier: TableIdentifier,
  signal: AbortSignal,
): Promise<boolean> {
  if (await isFound(() => loadIfReadable(catalog, identifier, signal))) return true
  if (!(await catalog.abilities({ signal })).has('views')) return false
  return isFound(() => loadViewIfReadable(catalog, asViewIdentifier(identifier), signal))
}
