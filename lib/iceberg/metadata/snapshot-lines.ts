import { MAIN_BRANCH } from './main-branch'
import type { TableMetadata } from './table-metadata'

/** For each snapshot the branch whose own commit it is, or null when no branch reaches it. */
export type SnapshotLines = { branchOf: (snapshotId: string) => string | null; isReferenced: (id: string) => boolean }

/**
 * Gives each snapshot to one branch: what `main` reaches to `main`, and the rest to the branch with the oldest tip, so
 * that a branch of a branch begins where it left that. A tag reaches its own snapshot only. Each snapshot is visited
 * once.
 */
export function snapshotLines({ refs, snapshots }: TableMetadata): SnapshotLines {
  const byId = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const tipMs = (snapshotId: string): number => byId.get(snapshotId)?.timestampMs ?? 0
  const branches = Object.entries(refs)
    .filter(([, { type }]) => type === 'branch')
    .sort(
      ([a, { snapshotId: tipA }], [b, { snapshotId: tipB }]) =>
        Number(b === MAIN_BRANCH) - Number(a === MAIN_BRANCH) || tipMs(tipA) - tipMs(tipB) || (a < b ? -1 : 1),
    )
  const lines = new Map<string, string>()
  for (const [name, { snapshotId }] of branches) {
    let next: string | null = snapshotId
    while (next !== null && byId.has(next) && !lines.has(next)) {
      lines.set(next, name)
      next = byId.get(next)?.parentSnapshotId ?? null
    }
  }
  const tips = new Set(Object.values(refs).map(({ snapshotId }) => snapshotId))
  return {
    branchOf: (snapshotId) => lines.get(snapshotId) ?? null,
    isReferenced: (snapshotId) => lines.has(snapshotId) || tips.has(snapshotId),
  }
}
