import { MAIN_BRANCH } from './metadata-json'
import { ancestorIds } from './ancestors'
import { findRef } from './snapshot-graph'
import type { TableMetadata } from './table-metadata'

/** How many snapshots a ref has that `main` does not have, and `main` that the ref does not have. */
export type RefDistance = { aheadCount: number; behindCount: number }

/**
 * How far refs are from `main`. Each ref costs a walk to the first snapshot that it shares with `main`.
 *
 * @returns a function of a snapshot id; it returns null when the table has no `main`, or not the snapshot, and when the
 *   two share no snapshot because those before the ones that are left have expired
 */
export function distanceFromMain(metadata: TableMetadata): (snapshotId: string) => RefDistance | null {
  const main = findRef(metadata, MAIN_BRANCH)
  const mainIds = main === null ? [] : ancestorIds(metadata, main.snapshotId)
  const stepsOnMain = new Map(mainIds.map((id, steps) => [id, steps]))
  const parentById = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot.parentSnapshotId]))
  const isMainCut = parentById.get(mainIds.at(-1) ?? '') !== null
  return (snapshotId) => {
    if (main === null || !parentById.has(snapshotId)) return null
    // A set, because damaged metadata could make a snapshot its own ancestor.
    const ahead = new Set<string>()
    let next: string | null | undefined = snapshotId
    while (typeof next === 'string' && parentById.has(next) && !stepsOnMain.has(next) && !ahead.has(next)) {
      ahead.add(next)
      next = parentById.get(next)
    }
    const shared = typeof next === 'string' ? stepsOnMain.get(next) : undefined
    if (shared === undefined && (isMainCut || next !== null)) return null
    return { aheadCount: ahead.size, behindCount: shared ?? mainIds.length }
  }
}
