import type { Snapshot } from './table-metadata'

/**
 * By snapshot that descends from `tip`, the tip included: how many snapshots after it. Walks each snapshot once.
 *
 * @param tip null: there is none
 */
export function aheadCounts(
  snapshots: readonly Pick<Snapshot, 'snapshotId' | 'parentSnapshotId'>[],
  tip: string | null,
): ReadonlyMap<string, number> {
  const parentById = new Map(snapshots.map(({ snapshotId, parentSnapshotId }) => [snapshotId, parentSnapshotId]))
  const found = new Map<string, number | null>()
  if (tip !== null) found.set(tip, 0)
  for (const { snapshotId } of snapshots) {
    const line: string[] = []
    let next: string | null = snapshotId
    while (next !== null && !found.has(next)) {
      // Unknown until the line ends, which also ends the circle that damaged metadata could have.
      found.set(next, null)
      line.push(next)
      next = parentById.get(next) ?? null
    }
    let count = next === null ? null : (found.get(next) ?? null)
    for (const id of line.reverse()) {
      count = count === null ? null : count + 1
      found.set(id, count)
    }
  }
  return new Map([...found].flatMap(([id, count]) => (count === null ? [] : [[id, count] as const])))
}
