import { type ExpiryRequest, retainedSnapshots } from '../impact/retained-snapshots'
import type { Retention } from '../impact/retention'
import type { TableMetadata } from '../../iceberg/metadata/table-metadata'
import { requireGc } from './expire-snapshots/change'
import type { ExpireSnapshots } from './expire-snapshots/describe'
import { draftOf } from '../edits/table-draft'

/**
 * An expiry of a table: the retained and expired snapshots, and the intent of the commit. The commit removes no files.
 */
export type Expiry = {
  retention: Retention
  /** Null when no snapshot or ref expires. */
  intent: ExpireSnapshots | null
}

/**
 * Decides which snapshots and refs expire now. The intent names all of them, so that a later commit removes exactly the
 * shown ones.
 *
 * @throws {AppError} as `retainedSnapshots`; not-supported when the table forbids it, because other tables may use its
 *   files
 */
export function planExpiry(
  metadata: TableMetadata,
  request: ExpiryRequest,
  removeFilesAfterMs: number | null = null,
): Expiry {
  requireGc(draftOf(metadata))
  const retention = retainedSnapshots(metadata, request)
  const snapshotIds = retention.snapshots
    .filter(({ retainedBy }) => retainedBy === null)
    .map(({ snapshotId }) => snapshotId)
  const refNames = retention.expiredRefs
  if (snapshotIds.length === 0 && refNames.length === 0) return { retention, intent: null }
  const refs = Object.entries(metadata.refs).map(([name, { snapshotId }]) => ({ name, snapshotId }))
  return { retention, intent: { kind: 'expire-snapshots', snapshotIds, refNames, refs, removeFilesAfterMs } }
}
