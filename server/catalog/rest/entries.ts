import 'server-only'
import { AppError } from '@/lib/errors'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { requireNewName } from '@/lib/names/new-name'
import type { Change } from '@/server/db/database'
import type { ListOptions } from '../port/catalog-lists'
import type { Endpoint } from './http/endpoints'
import type { ReadOptions, RestSession } from './http/session'
import { sortUniqueByName } from './namespaces'
import { fetchAllPages } from './pages'
import type { PendingRequest } from './pending-request'

/** The common part of requests about tables and about views, which have separate endpoints. */

export type EntryIdentifier = TableIdentifier | ViewIdentifier

export async function listNames(
  session: RestSession,
  endpoint: Endpoint,
  namespace: Namespace,
  options: ReadOptions & ListOptions = {},
): Promise<string[]> {
  const names = await fetchAllPages(
    session,
    endpoint,
    { ...options, names: { namespace }, list: 'identifiers' },
    ({ json, path }) => new JsonFields(json, path).text('name'),
  )
  return sortUniqueByName(names, (name) => name)
}

/**
 * The path's names: `{ namespace, table }` or `{ namespace, view }`.
 *
 * @throws {AppError} not-found for a table or view of another catalog
 */
export function toPathNames<Names extends object>(
  session: RestSession,
  { catalog, ...names }: Names & { catalog: string },
) {
  if (catalog !== session.name)
    throw new AppError('not-found', `There is no catalog named ${catalog} that you may see.`)
  return names
}

/** The REST specification's `TableIdentifier`, which names views as well. */
export function toIdentifierJson(session: RestSession, identifier: EntryIdentifier) {
  toPathNames(session, identifier)
  return { namespace: identifier.namespace, name: 'view' in identifier ? identifier.view : identifier.table }
}

/** @throws {AppError} invalid-request for a name that no request could address, which other catalogs may take */
export function requireNewEntryName(identifier: EntryIdentifier): void {
  if ('view' in identifier) requireNewName('view', identifier.view)
  else requireNewName('table', identifier.table)
}

/**
 * Creates a table or view, and writes the rows that belong to it.
 *
 * @param metadataLocation of an existing metadata file that becomes an entry
 */
export async function createEntry<Created>(
  request: PendingRequest,
  {
    entry,
    alongside,
    metadataLocation = null,
  }: {
    entry: EntryIdentifier
    alongside?: ((created: { before: null; after: Created }) => readonly Change[]) | undefined
    metadataLocation?: string | null
  },
  create: () => Promise<Created>,
): Promise<Created> {
  requireNewEntryName(entry)
  await request.store({ kind: 'created', entry, metadataLocation })
  const after = await create()
  await request.record(() => alongside?.({ before: null, after }))
  return after
}
