import 'server-only'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Intent } from '@/lib/iceberg/intents/intent'
import { changeForIntents } from '@/lib/iceberg/intents/intent-changes'
import { tableChangeToJson } from '@/lib/iceberg/commit/table-change-json'
import type { CatalogClient, LoadedTable } from '@/server/catalog/catalog-client'

/**
 * The Iceberg REST request that the intents stand for, to be reviewed before it is sent. Its path is the catalog's own.
 *
 * @throws {AppError} commit-conflict, invalid-request as `changeForIntents` does; not-supported when the catalog
 *   accepts no commits
 */
export async function buildChangeRequest(
  catalog: Pick<CatalogClient, 'commitPath'>,
  { identifier, metadata }: LoadedTable,
  intents: readonly Intent[],
  signal: AbortSignal,
) {
  return {
    path: await catalog.commitPath(identifier, { signal }),
    body: stringifyExactJson(tableChangeToJson(changeForIntents(metadata, intents), metadata), { indent: 2 }),
  }
}
