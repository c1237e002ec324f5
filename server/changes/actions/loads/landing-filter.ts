import 'server-only'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadLanding } from '@/lib/ingest/load-landing'
import { requireOwnFilter } from '@/server/ingest/land/possible-landing'
import { readDeleteFilter } from '@/server/table-writes/rows/delete-filter'

/**
 * The landing with the ids of the columns of its filter, which are the same when columns get other names while the run
 * waits.
 *
 * @throws {AppError} invalid-request for a filter that does not fit the table, or not the operation
 */
export function withColumnIds(
  { landing }: { landing?: LoadLanding },
  metadata: Pick<TableMetadata, 'schemas' | 'currentSchemaId'>,
): { landing?: LoadLanding } {
  if (landing === undefined) return {}
  requireOwnFilter(landing)
  if (landing.where === undefined) return {}
  return { landing: { ...landing, where: readDeleteFilter(landing.where, metadata).where } }
}
