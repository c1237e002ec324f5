import type { Snapshot } from '@/lib/contract/table/snapshots'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/main-branch'

export const LANE_WIDTH_PX = 18

/** Lanes further to the right share the last one, so that the graph leaves room for the list. */
const MAX_LANES = 12

/** A lane of the graph, counted from the left, with the colour of its branch. */
export type LaneLine = { index: number; colour: string }

/** The lane of one snapshot in the graph. `main` is lane 0; snapshots that no branch reaches are to the right of all. */
export type Lane = LaneLine & {
  hasChildAbove: boolean
  hasParentBelow: boolean
  /** Lanes that go through this row without stopping. */
  passing: readonly LaneLine[]
  /** Lanes of children that end here because this is their parent too. */
  joins: readonly LaneLine[]
}

/** The middle of a lane, in pixels. */
export function laneX(index: number): number {
  return index * LANE_WIDTH_PX + LANE_WIDTH_PX / 2
}

/**
 * A lane while rows are laid out: of `main`, of a branch, or separate, with the parent that its last snapshot waits
 * for.
 */
type OpenLane = LaneLine & { isApart: boolean; branch: string | null; parentId: string | null }

type LaidRow = Omit<Lane, 'index' | 'passing' | 'joins'> & {
  lane: OpenLane
  passing: readonly OpenLane[]
  joins: readonly OpenLane[]
}

/**
 * Lays out snapshots in lanes, newest first, like a commit graph. The snapshots of a branch have one lane, down to the
 * parent that belongs to another one. Snapshots that no branch reaches have separate lanes.
 *
 * @param snapshots newest first; a parent comes after its children, or is not in the list
 */
export function snapshotLanes(snapshots: readonly Snapshot[]): Map<string, Lane> {
  const knownIds = new Set(snapshots.map(({ snapshotId }) => snapshotId))
  const main: OpenLane = { index: 0, colour: 'var(--c1)', isApart: false, branch: MAIN_BRANCH, parentId: null }
  const lanes: OpenLane[] = [main]
  const colours = new Map<string, string>()
  const colourOf = (branch: string | null): string => {
    if (branch === null) return 'var(--text3)'
    const colour = colours.get(branch) ?? `var(--c${2 + (colours.size % 5)})`
    colours.set(branch, colour)
    return colour
  }
  /** A lane whose last line of descent has ended is used again. */
  const openLane = (branch: string | null): OpenLane => {
    const isApart = branch === null
    const index = firstFreeIndex(lanes.filter((lane) => lane.isApart === isApart && lane.parentId !== null))
    const lane = { index, colour: colourOf(branch), isApart, branch, parentId: null }
    lanes.push(lane)
    return lane
  }
  const rows = snapshots.map(({ snapshotId, parentSnapshotId, branch }): [string, LaidRow] => {
    const awaiting = lanes.filter(({ parentId }) => parentId === snapshotId)
    const own = branch === MAIN_BRANCH ? main : (awaiting.find((lane) => lane.branch === branch) ?? openLane(branch))
    const joins = awaiting.filter((lane) => lane !== own)
    const hasChildAbove = own.parentId === snapshotId
    for (const joined of joins) joined.parentId = null
    const hasParentBelow = parentSnapshotId !== null && knownIds.has(parentSnapshotId)
    own.parentId = hasParentBelow ? parentSnapshotId : null
    const passing = lanes.filter((lane) => lane !== own && lane.parentId !== null)
    const row = { lane: own, colour: own.colour, hasChildAbove, hasParentBelow, passing, joins }
    // Ended lanes are forgotten, so that the work of a row depends on the lanes at it and not on all before.
    lanes.splice(0, lanes.length, main, ...lanes.filter((lane) => lane !== main && lane.parentId !== null))
    return [snapshotId, row]
  })
  const branchLaneCount = 1 + Math.max(0, ...rows.map(([, { lane }]) => (lane.isApart ? 0 : lane.index)))
  const toLine = ({ index, colour, isApart }: OpenLane): LaneLine => ({
    index: Math.min(isApart ? branchLaneCount + index - 1 : index, MAX_LANES - 1),
    colour,
  })
  return new Map(
    rows.map(([snapshotId, { lane, passing, joins, ...row }]) => [
      snapshotId,
      { ...row, ...toLine(lane), passing: passing.map(toLine), joins: joins.map(toLine) },
    ]),
  )
}

/**
 * The effect of a rollback of `main`, or an expiry, on one row of the graph, and on the lane of `main` above and below
 * its point.
 */
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

/** Snapshots that an expiry would remove are hollow; the lanes stay as they are. */
export function goingSteps(going: ReadonlySet<string>): Map<string, RollbackStep> {
  return new Map([...going].map((id) => [id, { kind: 'left', isAboveLeft: false, isBelowLeft: false }]))
}

/** From 1, because lane 0 is that of `main`. */
function firstFreeIndex(lanes: readonly LaneLine[]): number {
  const taken = new Set(lanes.map(({ index }) => index))
  let index = 1
  while (taken.has(index)) index += 1
  return index
}
