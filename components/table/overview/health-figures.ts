import { expirySettings } from '@/lib/changes/impact/expiry-settings'
import { decideRetention } from '@/lib/changes/impact/retention'
import type { FileSummaryPage } from '@/lib/client/table/metadata-tree'
import type { Snapshot } from '@/lib/contract/table/snapshots'

/**
 * How many data files of the target size would hold the same bytes, with at least one for each partition.
 *
 * @returns null if not all partitions are listed
 */
export function neededFileCount({
  partitions,
  targetBytes,
  nextOffset,
}: Pick<FileSummaryPage, 'partitions' | 'targetBytes' | 'nextOffset'>): number | null {
  if (nextOffset !== null) return null
  return partitions
    .filter(({ dataFileCount }) => dataFileCount > 0)
    .reduce((sum, { dataBytes }) => sum + Math.max(1, Math.ceil(dataBytes / targetBytes)), 0)
}

/**
 * The share of rows that deletes by position remove from the data files, 0 to 1.
 *
 * @returns null if the summary does not say, or if the rows that equality deletes match are not known
 */
export function deletedShare(summary: Snapshot['summary']): number | null {
  const countOf = (key: string) => (/^\d{1,15}$/.test(summary[key] ?? '') ? Number(summary[key]) : null)
  const [rows, deleted] = [countOf('total-records'), countOf('total-position-deletes')]
  if (rows === null || rows === 0 || deleted === null || countOf('total-equality-deletes') !== 0) return null
  return Math.min(1, deleted / rows)
}

/**
 * How many snapshots are older than the age at which an expiry may remove them, and how many it can remove. The limits
 * of single branches are not known here.
 *
 * @returns the name of a property of the table that is not a number
 */
export function outdatedSnapshots(
  snapshots: readonly Pick<Snapshot, 'snapshotId' | 'parentSnapshotId' | 'committedAtMs' | 'refs'>[],
  properties: Readonly<Record<string, string>>,
  nowMs: number,
): { oldCount: number; expirableCount: number; maxAgeMs: number } | { invalid: string } {
  const settings = expirySettings({ properties })
  if ('invalid' in settings) return settings
  const { maxSnapshotAgeMs: maxAgeMs, minSnapshotsToKeep: retainLast, maxRefAgeMs } = settings
  const refs = snapshots.flatMap(({ snapshotId, refs: named }) =>
    named.map(({ name, type }) => [name, { type, snapshotId }] as const),
  )
  const retention = decideRetention(
    {
      refs: Object.fromEntries(refs),
      snapshots: snapshots.map(({ snapshotId, parentSnapshotId, committedAtMs }) => ({
        snapshotId,
        parentSnapshotId,
        timestampMs: committedAtMs,
      })),
    },
    { nowMs, olderThanMs: nowMs - maxAgeMs, retainLast, maxRefAgeMs },
  )
  return {
    oldCount: snapshots.filter(({ committedAtMs }) => nowMs - committedAtMs > maxAgeMs).length,
    expirableCount: retention.snapshots.filter(({ retainedBy }) => retainedBy === null).length,
    maxAgeMs,
  }
}
