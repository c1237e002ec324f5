import 'server-only'
import type { ExpiryCriteria, ExpiryFileList } from '@/lib/contract/table/expiry'
import { planExpiry } from '@/lib/changes/intents/plan-expiry'
import type { CatalogClient } from '@/server/catalog/port/catalog-client'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import { FirstFiles } from './first-files'
import { countInTime, groupsOf, toRequest } from './preview-expiry'

/**
 * The files that an expiry would remove now; null when finding them takes longer than a page waits for.
 *
 * @throws {AppError} as the dry run, and when the files cannot be read
 */
export async function listExpiryFiles(
  catalog: Pick<CatalogClient, 'purgeSupport'>,
  table: Pick<LoadedTable, 'metadata' | 'store'>,
  criteria: ExpiryCriteria,
  signal: AbortSignal,
): Promise<ExpiryFileList | null> {
  const { retention, intent } = planExpiry(table.metadata, toRequest(criteria))
  const listing = new FirstFiles()
  if (intent === null) return listing.toList()
  const counted = await countInTime(catalog, table, groupsOf(retention), { signal, listing })
  return counted && listing.toList()
}
