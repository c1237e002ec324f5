import { MAIN_BRANCH } from '../metadata/metadata-json'
import type { RefDistance } from '../metadata/ref-distance'
import { ancestorIds } from '../metadata/ancestors'
import { findRef } from '../metadata/snapshot-graph'
import { snapshotLines } from '../metadata/snapshot-lines'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'
import { type CherryPickRefusal, cherryPickRefusals, STAGED_WAP } from './cherry-pick-refusal'

/** Commits that readers of `main` do not see yet, and that can be audited before they do (write-audit-publish). */
export type PublicationCandidate = {
  /** The branch; null for a snapshot that was staged under a WAP id. */
  branch: string | null
  wapId: string | null
  /** The tip of the branch, or the staged snapshot. */
  snapshotId: string
  /**
   * How many snapshots it has that `main` does not have, and the reverse; null when that is not known, because the
   * snapshots that would connect the two have expired.
   */
  distance: RefDistance | null
  /** Whether `main` can be moved to it without losing a snapshot. */
  isFastForward: boolean
  /** The snapshots that it has and `main` does not, newest first. When the distance is not known, `main` may have had them. */
  ownSnapshots: readonly Snapshot[]
  /**
   * Its own snapshots that `main` does not have under another id, oldest first; empty when the distance is not known.
   * Whether `main` has their data files is only known from manifests.
   */
  picks: readonly CandidatePick[]
}

export type CandidatePick = { snapshotId: string; refusal: CherryPickRefusal | null }

/**
 * Branches with commits of their own, and snapshots that were staged under a WAP id and that `main` does not have under
 * another id, newest first.
 *
 * @param options.limit how many are described
 * @param options.snapshotId describes only those at this snapshot
 * @returns `totalCount` of all that there are
 */
export function publicationCandidates(
  metadata: TableMetadata,
  { limit, snapshotId: only }: { limit: number; snapshotId?: string | undefined },
): { totalCount: number; candidates: PublicationCandidate[] } {
  const main = findRef(metadata, MAIN_BRANCH)?.snapshotId ?? null
  const mainIds = main === null ? [] : ancestorIds(metadata, main)
  const stepsOnMain = new Map(mainIds.map((id, steps) => [id, steps]))
  const byId = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const refusalOf = cherryPickRefusals(metadata)
  const oldestOnMain = byId.get(mainIds.at(-1) ?? '')
  const isMainCut = main !== null && oldestOnMain?.parentSnapshotId !== null

  /** With the steps of `main` since the snapshot that both share; null when they share none. */
  const readOwnLine = (head: Snapshot): { own: Snapshot[]; shared: number | null } => {
    // A set, because damaged metadata could make a snapshot its own ancestor.
    const own = new Set<Snapshot>()
    let next: Snapshot | undefined = head
    while (next && !stepsOnMain.has(next.snapshotId) && !own.has(next)) {
      own.add(next)
      next = next.parentSnapshotId === null ? undefined : byId.get(next.parentSnapshotId)
    }
    return { own: [...own], shared: next ? (stepsOnMain.get(next.snapshotId) ?? null) : null }
  }
  const toCandidate = ({ head, branch }: { head: Snapshot; branch: string | null }): PublicationCandidate => {
    const { own, shared } = readOwnLine(head)
    const isTruncated = shared === null && main !== null && (isMainCut || own.at(-1)?.parentSnapshotId !== null)
    const picks = isTruncated ? [] : own.map((one) => ({ snapshotId: one.snapshotId, refusal: refusalOf(one) }))
    return {
      branch,
      wapId: propertyValue(head.summary, STAGED_WAP) || null,
      snapshotId: head.snapshotId,
      distance: isTruncated ? null : { aheadCount: own.length, behindCount: shared ?? mainIds.length },
      isFastForward: shared === 0,
      ownSnapshots: own,
      picks: picks.filter(({ refusal }) => !isPublished(refusal)).reverse(),
    }
  }

  const lines = snapshotLines(metadata)
  const branches = Object.entries(metadata.refs).flatMap(([branch, { type, snapshotId }]) => {
    const head = byId.get(snapshotId)
    return type === 'branch' && branch !== MAIN_BRANCH && head && !stepsOnMain.has(snapshotId) ? [{ head, branch }] : []
  })
  const staged = metadata.snapshots
    .filter(({ summary }) => propertyValue(summary, STAGED_WAP))
    .filter((head) => lines.branchOf(head.snapshotId) === null && !isPublished(refusalOf(head)))
    .map((head) => ({ head, branch: null }))
  const heads = [...branches, ...staged]
    .filter(({ head }) => only === undefined || head.snapshotId === only)
    .sort((a, b) => b.head.timestampMs - a.head.timestampMs || ((a.branch ?? '') < (b.branch ?? '') ? -1 : 1))
  return { totalCount: heads.length, candidates: heads.slice(0, limit).map(toCandidate) }
}

/** Whether the branch has the changes of the snapshot already. */
function isPublished(refusal: CherryPickRefusal | null): boolean {
  return refusal === 'picked' || refusal === 'wap-published' || refusal === 'on-branch'
}
