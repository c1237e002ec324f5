import { AppError } from '@/lib/errors'
import type { TableChange } from '../commit/table-update'
import { type ExpiryRequest, type Retention, retainedSnapshots } from '../impact/retained-snapshots'
import type { TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'

/** An expiry of a table: what it keeps, and the commit. The commit removes no files. */
export type Expiry = {
  retention: Retention
  /** Null when nothing expires. */
  change: TableChange | null
}

const GC_ENABLED_PROPERTY = 'gc.enabled'

/**
 * Removes snapshots and refs that have expired. Every ref has to be where it was when this was decided: otherwise the
 * commit would take a snapshot that another writer has just named.
 *
 * @throws {AppError} as `retainedSnapshots`; not-supported when the table forbids it, because other tables may use its
 *   files
 */
export function expireSnapshots(metadata: TableMetadata, request: ExpiryRequest): Expiry {
  if (propertyValue(metadata.properties, GC_ENABLED_PROPERTY)?.toLowerCase() === 'false') {
    throw new AppError(
      'not-supported',
      'Snapshots of this table cannot expire while gc.enabled is false: other tables may use its files.',
    )
  }
  const retention = retainedSnapshots(metadata, request)
  const snapshotIds = retention.snapshots.filter(({ keptBy }) => keptBy === null).map(({ snapshotId }) => snapshotId)
  if (snapshotIds.length === 0 && retention.expiredRefs.length === 0) return { retention, change: null }
  return {
    retention,
    change: {
      requirements: [
        { type: 'assert-table-uuid', uuid: metadata.tableUuid },
        ...Object.entries(metadata.refs).map(([ref, { snapshotId }]) => ({
          type: 'assert-ref-snapshot-id' as const,
          ref,
          snapshotId,
        })),
      ],
      updates: [
        ...retention.expiredRefs.map((refName) => ({ action: 'remove-snapshot-ref' as const, refName })),
        ...(snapshotIds.length > 0 ? [{ action: 'remove-snapshots' as const, snapshotIds }] : []),
      ],
    },
  }
}
