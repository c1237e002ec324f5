import type { Snapshot } from '@/lib/contract/snapshots'

export const LANE_WIDTH_PX = 18

/** Where one snapshot's row stands in the graph. Lanes are counted from the left; `main` is lane 0. */
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
 * Lays snapshots out in lanes, newest first, as a list of commits is drawn: each open line of descent holds a lane until
 * its parent is met, and ends in the lane of whichever child came first.
 *
 * @param snapshots newest first; a parent stands below its children, or is no longer there
 */
export function snapshotLanes(snapshots: readonly Snapshot[]): Map<string, Lane> {
  const knownIds = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  /** What each lane waits for: the parent of the last snapshot drawn in it. `null` is a free lane. */
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

/** Lane 0 is kept for `main`; anything else takes the leftmost free lane beside it. */
function freeLane(awaitedParents: (string | null)[]): number {
  const free = awaitedParents.findIndex((parentId, index) => index > 0 && parentId === null)
  if (free > 0) return free
  awaitedParents.push(null)
  return awaitedParents.length - 1
}
