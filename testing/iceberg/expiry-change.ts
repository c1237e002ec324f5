import type { ExpiryRequest } from '@/lib/changes/impact/retained-snapshots'
import type { Retention } from '@/lib/changes/impact/retention'
import { changeForIntents } from '@/lib/changes/intents/intent-changes'
import { planExpiry } from '@/lib/changes/intents/plan-expiry'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** An expiry as a commit; `change` is null if no snapshot expires. */
export function expireSnapshots(
  metadata: TableMetadata,
  request: ExpiryRequest,
): { retention: Retention; change: TableChange | null } {
  const { retention, intent } = planExpiry(metadata, request)
  return { retention, change: intent && changeForIntents(metadata, [intent]) }
}
