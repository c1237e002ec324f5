import 'server-only'
import { AppError } from '@/lib/errors'
import type { WriteEvidence } from '@/server/db/catalog/write-evidence'
import type { CatalogWrite, WriteOptions } from '../port/catalog-write'
import type { RequestOptions } from '../port/request-options'
import { requireExpectedLocation } from '../folders/expected-location'
import { type EntryIdentifier, requireNewEntryName, toIdentifierJson, toPathNames } from './entries'
import { type Endpoint, ENDPOINTS } from './http/endpoints'
import { callEndpoint, type EndpointRequest, type RestSession } from './http/session'
import type { PendingRequest } from './pending-request'
import type { RestDeps } from './rest-deps'
import { fetchTable } from './tables'
import { loadView } from './views'

export async function renameEntry(
  deps: RestDeps,
  write: CatalogWrite<'rename-table' | 'rename-view'>,
  options: WriteOptions<'rename-table' | 'rename-view'>,
  pending: PendingRequest,
): Promise<void> {
  const { session } = deps
  const from = 'view' in write ? write.view : write.table
  const { to } = write
  requireNewEntryName(to)
  await changeName(deps, pending, options, {
    entry: from,
    endpoint: 'view' in write ? ENDPOINTS.renameView : ENDPOINTS.renameTable,
    request: {
      body: { source: toIdentifierJson(session, from), destination: toIdentifierJson(session, to) },
      purpose: 'create',
    },
    evidence: (metadataLocation) => ({ kind: 'renamed', from, to, metadataLocation }),
  })
}

export async function dropEntry(
  deps: RestDeps,
  write: CatalogWrite<'drop-table' | 'drop-view'>,
  options: WriteOptions<'drop-table' | 'drop-view'>,
  pending: PendingRequest,
): Promise<void> {
  const isView = 'view' in write
  const entry = isView ? write.view : write.table
  await changeName(deps, pending, options, {
    entry,
    expectedLocation: write.expectedLocation,
    endpoint: isView ? ENDPOINTS.dropView : ENDPOINTS.dropTable,
    request: {
      names: toPathNames(deps.session, entry),
      ...(!isView && { query: { purgeRequested: String(write.purge ?? false) } }),
      purpose: 'drop',
    },
    evidence: (metadataLocation) => ({ kind: 'dropped', entry, metadataLocation }),
  })
}

/**
 * Changes or removes the name of a table or view. Its metadata location is read before, but only to be recorded: it may
 * be unreadable, and `alongside` then gets null.
 */
async function changeName(
  { session, stores, metadataCache }: RestDeps,
  pending: PendingRequest,
  { signal, alongside, plan }: WriteOptions<'rename-table' | 'rename-view' | 'drop-table' | 'drop-view'>,
  {
    entry,
    expectedLocation,
    endpoint,
    request,
    evidence,
  }: {
    entry: EntryIdentifier
    expectedLocation?: string | undefined
    endpoint: Endpoint
    request: EndpointRequest
    evidence: (metadataLocation: string | null) => WriteEvidence
  },
): Promise<void> {
  const options = { ...(signal && { signal }) }
  const isLocationNeeded = alongside !== undefined || plan !== undefined || expectedLocation !== undefined
  const metadataLocation = isLocationNeeded ? await fetchMetadataLocation(session, entry, options) : null
  requireExpectedLocation(metadataLocation, expectedLocation)
  await pending.store(evidence(metadataLocation))
  await callEndpoint(session, endpoint, { ...options, ...request })
  if (!('view' in entry)) {
    stores.forget(entry)
    metadataCache.forget(entry)
  }
  await pending.record(() => alongside?.({ metadataLocation }))
}

/** Null when the metadata cannot be read. */
async function fetchMetadataLocation(
  session: RestSession,
  entry: EntryIdentifier,
  options: RequestOptions,
): Promise<string | null> {
  try {
    if (!('view' in entry)) return (await fetchTable(session, entry, options)).metadataLocation
    const { endpoints } = await session.config(options)
    return endpoints.has(ENDPOINTS.loadView) ? (await loadView(session, entry, options)).metadataLocation : null
  } catch (error) {
    if (error instanceof AppError && ['file-missing', 'file-damaged', 'not-supported'].includes(error.code)) return null
    throw error
  }
}
