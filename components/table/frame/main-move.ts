import type { TableDetail } from '@/lib/contract/table/tables'

/**
 * When `main` was last set to an existing snapshot, such as by a rollback, which adds no snapshot. Null if the commit of
 * its snapshot was the last move of `main`, and for a past state.
 */
export function mainMoveMs({ shown, timeline }: Pick<TableDetail, 'shown' | 'timeline'>): number | null {
  const last = timeline.at(-1)
  if (!shown.isCurrent || last?.snapshotId !== shown.snapshotId) return null
  return last.committedAtMs === shown.committedAtMs ? null : last.committedAtMs
}
