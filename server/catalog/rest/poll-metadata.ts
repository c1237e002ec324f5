import 'server-only'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { PolledMetadata } from '../port/polled-metadata'
import type { RequestOptions } from '../port/request-options'
import { toPathNames } from './entries'
import { ENDPOINTS } from './http/endpoints'
import { callEndpoint } from './http/session'
import { MAX_ETAG_CHARS } from './loaded-metadata-cache'
import type { RestDeps } from './rest-deps'
import { readLoadResult } from './tables'

/**
 * Loads the metadata of a table for a caller that reads none of its files: it requests no credentials, which would cost
 * the catalog a call to the storage for each table.
 *
 * Spec: REST `open-api`, operation `loadTable`, headers `If-None-Match` and `X-Iceberg-Access-Delegation`.
 *
 * @throws {AppError} as any read; with the fact `retryAfterMs` when the catalog says when to come back
 */
export async function pollMetadata(
  { session, gates }: Pick<RestDeps, 'session' | 'gates'>,
  identifier: TableIdentifier,
  { etag, signal }: RequestOptions & { etag: string | null },
): Promise<PolledMetadata> {
  const response = await callEndpoint(session, ENDPOINTS.loadTable, {
    names: toPathNames(session, identifier),
    query: { snapshots: 'all' },
    headers: etag === null ? {} : { 'if-none-match': etag },
    purpose: 'read',
    ...(signal && { signal }),
  })
  if (response.status === 304) return { isUnchanged: true }
  const { metadata, metadataLocation, isRestricted } = readLoadResult(response.json)
  gates.record(identifier, isRestricted)
  const newTag = response.headers.etag ?? null
  return {
    isUnchanged: false,
    metadata,
    metadataLocation,
    etag: newTag !== null && newTag.length <= MAX_ETAG_CHARS ? newTag : null,
    sizeBytes: response.chars,
  }
}
