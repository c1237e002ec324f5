import type { ExpiryRequest, Retention } from '@/lib/iceberg/impact/retained-snapshots'
import { changeForIntents } from '@/lib/iceberg/intents/intent-changes'
import { planExpiry } from '@/lib/iceberg/intents/plan-expiry'
import type { TableChange } from '@/lib/iceberg/commit/table-update'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** An expiry as a commit; `change` is null when nothing expires. */
export function expireSnapshots(
  metadata: TableMetadata,
  request: ExpiryRequest,
): { retention: Retention; change: TableChange | null } {
  const { retention, intent } = planExpiry(metadata, request)
  return { retention, change: intent && changeForIntents(metadata, [intent]) }
}
