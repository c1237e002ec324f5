import type { Snapshot, SnapshotRef, TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'
import type { TableUpdate } from './table-update'

/**
 * Whether a commit only adds rows: snapshots that append, each on the tip of its branch, and branches that move to
 * them. A snapshot without a branch is staged, and readers do not see it. The operation is the writer's own label;
 * `judgeAppend` compares the manifests.
 *
 * @param metadata that the commit replaces
 */
export function onlyAppends({ refs }: Pick<TableMetadata, 'refs'>, updates: readonly TableUpdate[]): boolean {
  const added = new Map<string, Snapshot>()
  const tips = new Map(Object.entries(refs))
  return (
    updates.length > 0 &&
    updates.every((update) => {
      if (update.action === 'add-snapshot') {
        added.set(update.snapshot.snapshotId, update.snapshot)
        return appends(update.snapshot)
      }
      if (update.action !== 'set-snapshot-ref') return false
      const { refName, ...ref } = update
      const tip = tips.get(refName) ?? null
      if (ref.type !== 'branch' || !(tip === null ? refName === 'main' : isSameBranch(tip, ref))) return false
      tips.set(refName, ref)
      return follows(ref.snapshotId, tip?.snapshotId ?? null, added)
    })
  )
}

/** Delete files are not among them: appends drop delete files that no longer apply to any data file. */
const REMOVED_COUNTS = ['deleted-data-files', 'deleted-records'] as const

function appends({ summary }: Snapshot): boolean {
  return (
    summary.operation === 'append' && REMOVED_COUNTS.every((name) => Number(propertyValue(summary, name) ?? 0) === 0)
  )
}

/** A branch with the retention that it had: an update that leaves it out removes it. */
function isSameBranch(before: SnapshotRef, after: SnapshotRef): boolean {
  return (
    before.type === 'branch' &&
    after.minSnapshotsToKeep === before.minSnapshotsToKeep &&
    after.maxSnapshotAgeMs === before.maxSnapshotAgeMs &&
    after.maxRefAgeMs === before.maxRefAgeMs
  )
}

/** Whether the snapshot is one of the added ones, and they begin on the tip. */
function follows(snapshotId: string, tipId: string | null, added: ReadonlyMap<string, Snapshot>): boolean {
  const seen = new Set<string>()
  for (let id = snapshotId; !seen.has(id); ) {
    seen.add(id)
    const snapshot = added.get(id)
    if (!snapshot) return false
    if (snapshot.parentSnapshotId === tipId) return true
    if (snapshot.parentSnapshotId === null) return false
    id = snapshot.parentSnapshotId
  }
  return false
}
