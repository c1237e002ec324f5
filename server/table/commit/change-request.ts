import 'server-only'
import { createHash } from 'node:crypto'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Intent } from '@/lib/changes/intents/intent'
import { changeForIntents } from '@/lib/changes/intents/intent-changes'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { tableChangeToJson } from '@/lib/iceberg/commit/table-change-json'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'

/**
 * The Iceberg REST request of the intents, for review before it is sent. Its path is the catalog's.
 *
 * @throws {AppError} commit-conflict, invalid-request as `changeForIntents` does; not-supported when the catalog
 * accepts no commits
 */
export async function buildChangeRequest(
  catalog: Pick<CatalogClient, 'commitPath'>,
  { identifier, metadata }: LoadedTable,
  intents: readonly Intent[],
  signal: AbortSignal,
) {
  return {
    path: await catalog.commitPath(identifier, { signal }),
    body: requestBody(changeForIntents(metadata, intents), metadata),
  }
}

/** Identifies a request: equal digests mean that the commit is what was reviewed. */
export function digestOfChange(change: TableChange, metadata: TableMetadata): string {
  return digestOfBody(requestBody(change, metadata))
}

export function digestOfBody(body: string): string {
  return createHash('sha256').update(body).digest('hex')
}

function requestBody(change: TableChange, metadata: TableMetadata): string {
  return stringifyExactJson(tableChangeToJson(change, metadata), { indent: 2 })
}
