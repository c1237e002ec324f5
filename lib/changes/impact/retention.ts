import { MAIN_BRANCH } from '../../iceberg/metadata/main-branch'
import { ancestorIds } from '../../iceberg/metadata/ancestors'
import type { Snapshot, SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { refRetainedUntilMs } from './expiry-settings'

export type Retention = {
  /** Names, in the order of the metadata. */
  retainedRefs: readonly string[]
  expiredRefs: readonly string[]
  /** All snapshots, in the order of the metadata. */
  snapshots: readonly SnapshotRetention[]
}

export type SnapshotRetention = {
  snapshotId: string
  /** The refs that keep it. */
  retainedByRefs: readonly string[]
  /** The first of these that keeps it: `main`, any other ref, or that it is young although no ref reaches it. */
  retainedBy: 'main' | 'other-refs' | 'age' | null
}

/** The part of a table's metadata that decides what an expiry retains. */
export type Retainable = Pick<TableMetadata, 'refs'> & { snapshots: readonly RetainableSnapshot[] }
export type RetainableSnapshot = Pick<Snapshot, 'snapshotId' | 'parentSnapshotId' | 'timestampMs'>

/** The criteria of an expiry, for refs without limits of their own. */
export type RetentionLimits = { nowMs: number; olderThanMs: number; retainLast: number; maxRefAgeMs: number }

/**
 * Decides which snapshots an expiry retains and removes. A branch keeps its newest snapshots by number and by age, a
 * tag its snapshot; refs other than `main` expire by the age of their snapshot. A snapshot that no ref reaches stays
 * until it is old enough. The reference implementation decides the same.
 *
 * Spec: Iceberg table spec, *Snapshot Retention Policy*.
 *
 * @param removedIds snapshots that go in any case; no retained ref names them
 */
export function decideRetention(
  metadata: Retainable,
  limits: RetentionLimits,
  removedIds: ReadonlySet<string> = new Set(),
): Retention {
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const retainedRefs = findRetainedRefs(metadata, limits)
  const retainedNames = new Set(retainedRefs.map(([name]) => name))
  const refsById = new Map<string, Set<string>>()
  const referencedIds = new Set<string>()
  const keep = (snapshotId: string, refName: string): void => {
    refsById.set(snapshotId, (refsById.get(snapshotId) ?? new Set()).add(refName))
  }
  for (const [name, ref] of retainedRefs) {
    const reached = reachedIds(metadata, ref)
    for (const snapshotId of reached) referencedIds.add(snapshotId)
    keep(ref.snapshotId, name)
    for (const snapshotId of retainedOfBranch(ref, reached, byId, limits)) keep(snapshotId, name)
  }
  const isYoung = ({ snapshotId, timestampMs }: RetainableSnapshot): boolean =>
    !referencedIds.has(snapshotId) && timestampMs >= limits.olderThanMs
  return {
    retainedRefs: [...retainedNames],
    expiredRefs: Object.keys(metadata.refs).filter((name) => !retainedNames.has(name)),
    snapshots: metadata.snapshots.map((snapshot): SnapshotRetention => {
      const { snapshotId } = snapshot
      if (removedIds.has(snapshotId)) return { snapshotId, retainedByRefs: [], retainedBy: null }
      const retainedByRefs = [...(refsById.get(snapshotId) ?? [])]
      if (retainedByRefs.includes(MAIN_BRANCH)) return { snapshotId, retainedByRefs, retainedBy: 'main' }
      if (retainedByRefs.length > 0) return { snapshotId, retainedByRefs, retainedBy: 'other-refs' }
      return { snapshotId, retainedByRefs, retainedBy: isYoung(snapshot) ? 'age' : null }
    }),
  }
}

/** Refs that an expiry keeps, in the order of the metadata. */
export function findRetainedRefs(
  { snapshots, refs }: Retainable,
  { nowMs, maxRefAgeMs }: Pick<RetentionLimits, 'nowMs' | 'maxRefAgeMs'>,
): (readonly [string, SnapshotRef])[] {
  const tips = new Map(snapshots.map(({ snapshotId, timestampMs }) => [snapshotId, timestampMs]))
  return Object.entries(refs).filter(([name, ref]) => {
    const tipMs = tips.get(ref.snapshotId)
    if (tipMs === undefined) return name === MAIN_BRANCH
    return nowMs <= refRetainedUntilMs({ ...ref, isMain: name === MAIN_BRANCH }, tipMs, { maxRefAgeMs })
  })
}

/** Snapshots that a ref reaches, newest first: a branch with all ancestors, a tag only its own. */
export function reachedIds(
  metadata: Pick<Retainable, 'snapshots'>,
  { type, snapshotId }: SnapshotRef,
): readonly string[] {
  return type === 'branch' ? ancestorIds(metadata, snapshotId) : [snapshotId]
}

/** From the tip down to the first snapshot that is too old and not among the newest ones. */
function retainedOfBranch(
  ref: SnapshotRef,
  reached: readonly string[],
  byId: ReadonlyMap<string, RetainableSnapshot>,
  { nowMs, olderThanMs, retainLast }: RetentionLimits,
): readonly string[] {
  if (ref.type === 'tag') return []
  const minCount = ref.minSnapshotsToKeep ?? retainLast
  const oldestMs = ref.maxSnapshotAgeMs === undefined ? olderThanMs : nowMs - ref.maxSnapshotAgeMs
  const firstExpired = reached.findIndex(
    (snapshotId, index) => index >= minCount && (byId.get(snapshotId)?.timestampMs ?? 0) < oldestMs,
  )
  return firstExpired === -1 ? reached : reached.slice(0, firstExpired)
}
