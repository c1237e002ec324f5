import 'server-only'
import { AppError } from '@/lib/errors'
import { requireExpectedLocation } from '../folders/expected-location'
import type { Namespace, TableIdentifier, ViewIdentifier } from '@/lib/names/identifiers'
import { JsonFields } from '@/lib/iceberg/json/json-fields'
import { requireNewName } from '@/lib/names/new-name'
import type { WriteEvidence } from '@/server/db/catalog/write-evidence'
import type { Change } from '@/server/db/database'
import type { RequestOptions, RowOptions } from '../catalog-client'
import type { WritePlan } from '../catalog-client'
import type { Endpoint } from './http/endpoints'
import { callEndpoint, type EndpointRequest, type ReadOptions, type RestSession } from './http/session'
import { sortUniqueByName } from './namespaces'
import { fetchAllPages } from './pages'
import { PendingRequest } from './pending-request'

/** The common part of requests about tables and about views, which have separate endpoints. */

type EntryIdentifier = TableIdentifier | ViewIdentifier

export async function listNames(
  session: RestSession,
  endpoint: Endpoint,
  namespace: Namespace,
  options: ReadOptions = {},
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
  if (catalog !== session.name) throw new AppError('not-found', `There is no catalog named ${catalog}.`)
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

export function renameRequest(session: RestSession, from: EntryIdentifier, to: EntryIdentifier) {
  requireNewEntryName(to)
  const body = { source: toIdentifierJson(session, from), destination: toIdentifierJson(session, to) }
  return { body, purpose: 'create' } as const
}

/**
 * Changes or removes the name of a table or view. Its metadata location is read before, but only to be recorded.
 *
 * @param identifier the name that `alongside` gets
 * @param fetchMetadataLocation may fail because the metadata cannot be read; `alongside` then gets null
 */
export async function changeName<Identifier extends EntryIdentifier>(
  session: RestSession,
  identifier: Identifier,
  { signal, alongside, plan, expectedLocation }: RowOptions<Identifier>,
  {
    endpoint,
    request,
    evidence,
    fetchMetadataLocation,
    onChanged = () => {},
  }: {
    endpoint: Endpoint
    request: EndpointRequest
    evidence: (metadataLocation: string | null) => WriteEvidence
    fetchMetadataLocation: (options: RequestOptions) => Promise<string | null>
    onChanged?: () => void
  },
): Promise<void> {
  const requestOptions = { ...(signal && { signal }) }
  const isLocationNeeded = alongside !== undefined || plan !== undefined || expectedLocation !== undefined
  const metadataLocation = isLocationNeeded ? await nullIfUnreadable(() => fetchMetadataLocation(requestOptions)) : null
  requireExpectedLocation(metadataLocation, expectedLocation)
  await PendingRequest.run(session, plan, async (pending) => {
    await pending.store(evidence(metadataLocation))
    await callEndpoint(session, endpoint, { ...requestOptions, ...request })
    onChanged()
    await pending.record(() => alongside?.({ identifier, metadataLocation }))
  })
}

async function nullIfUnreadable(read: () => Promise<string | null>): Promise<string | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError && ['file-missing', 'file-damaged', 'not-supported'].includes(error.code)) return null
    throw error
  }
}

/**
 * Creates a table or view, and writes the rows that belong to it.
 *
 * @param metadataLocation of an existing metadata file that becomes an entry
 */
export async function createEntry<Created>(
  session: RestSession,
  entry: EntryIdentifier,
  {
    plan,
    alongside,
    metadataLocation = null,
  }: {
    plan?: WritePlan | undefined
    alongside?: ((created: { before: null; after: Created }) => readonly Change[]) | undefined
    metadataLocation?: string | null
  },
  create: () => Promise<Created>,
): Promise<Created> {
  requireNewEntryName(entry)
  return PendingRequest.run(session, plan, async (request) => {
    await request.store({ kind: 'created', entry, metadataLocation })
    const after = await create()
    await request.record(() => alongside?.({ before: null, after }))
    return after
  })
}
