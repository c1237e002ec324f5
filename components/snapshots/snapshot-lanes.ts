import type { Snapshot } from '@/lib/contract/snapshots'

export const LANE_WIDTH_PX = 18

/** The lane of one snapshot in the graph. Lanes are counted from the left; `main` is lane 0. */
export type Lane = {
  index: number
  hasChildAbove: boolean
  hasParentBelow: boolean
  /** Lanes that go through this row without stopping. */
  passing: readonly number[]
  /** Lanes of children that end here because this is their parent too. */
  joins: readonly number[]
}

/** The middle of a lane, in pixels. */
export function laneX(index: number): number {
  return index * LANE_WIDTH_PX + LANE_WIDTH_PX / 2
}

/**
 * Lays out snapshots in lanes, newest first, like a commit graph. Each line of descent has a lane down to its parent.
 * If several children share a parent, their lanes join the lane of the newest child.
 *
 * @param snapshots newest first; a parent comes after its children or has expired
 */
export function snapshotLanes(snapshots: readonly Snapshot[]): Map<string, Lane> {
  const knownIds = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  /** By lane, the parent of its last snapshot, which the lane waits for. `null` is a free lane. */
  const awaitedParents: (string | null)[] = [null]
  const lanes = new Map<string, Lane>()
  for (const { snapshotId, parentSnapshotId, isOnMain } of snapshots) {
    const awaitingLanes = awaitedParents.flatMap((parentId, index) => (parentId === snapshotId ? [index] : []))
    const index = isOnMain ? 0 : (awaitingLanes[0] ?? freeLane(awaitedParents))
    const joins = awaitingLanes.filter((lane) => lane !== index)
    for (const joined of joins) awaitedParents[joined] = null
    const hasParentBelow = parentSnapshotId !== null && knownIds.has(parentSnapshotId)
    awaitedParents[index] = hasParentBelow ? parentSnapshotId : null
    lanes.set(snapshotId, {
      index,
      hasChildAbove: awaitingLanes.includes(index),
      hasParentBelow,
      passing: awaitedParents.flatMap((parentId, lane) => (parentId !== null && lane !== index ? [lane] : [])),
      joins,
    })
  }
  return lanes
}

/** What a rollback of `main` does to one row of the graph, and to the lane of `main` above and below its point. */
export type RollbackStep = { kind: 'left' | 'target' | 'other'; isAboveLeft: boolean; isBelowLeft: boolean }

/**
 * The rows between the tip of `main` and the target of a rollback, and the two themselves, by snapshot id.
 *
 * @param snapshots newest first
 */
export function rollbackSteps(
  snapshots: readonly Snapshot[],
  { fromSnapshotId, toSnapshotId }: { fromSnapshotId: string | null; toSnapshotId: string },
): Map<string, RollbackStep> {
  const tip = snapshots.findIndex(({ snapshotId }) => snapshotId === fromSnapshotId)
  const target = snapshots.findIndex(({ snapshotId }) => snapshotId === toSnapshotId)
  if (tip < 0 || target <= tip) return new Map()
  return new Map(
    snapshots.slice(tip, target + 1).map(({ snapshotId, isOnMain }, offset) => [
      snapshotId,
      {
        kind: offset === target - tip ? 'target' : isOnMain ? 'left' : 'other',
        isAboveLeft: offset > 0,
        isBelowLeft: offset < target - tip,
      },
    ]),
  )
}

/** The leftmost free lane after lane 0, which is reserved for `main`. */
function freeLane(awaitedParents: (string | null)[]): number {
  const free = awaitedParents.findIndex((parentId, index) => index > 0 && parentId === null)
  if (free > 0) return free
  awaitedParents.push(null)
  return awaitedParents.length - 1
}
