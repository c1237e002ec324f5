import { MAIN_BRANCH } from '../metadata/metadata-json'
import { ancestorIds } from '../metadata/ancestors'
import { findRef } from '../metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'
import { sameChangesOnBranch } from './pick-sources'

/** Summary fields that connect a snapshot that was staged with the commit that published it. */
export const STAGED_WAP = 'wap.id'
export const PUBLISHED_WAP = 'published-wap-id'

/**
 * Why a snapshot cannot be cherry-picked. `on-branch`: the branch has it. `picked`: the branch has its changes, under
 * the id of another snapshot or as the same data files. `wap-published`: the branch has changes with its WAP id.
 * `not-replayable`: its changes cannot be made again, and the tip of the branch is not its parent.
 */
export const CHERRY_PICK_REFUSALS = ['on-branch', 'picked', 'wap-published', 'not-replayable'] as const
export type CherryPickRefusal = (typeof CHERRY_PICK_REFUSALS)[number]

/**
 * Why snapshots cannot be picked onto a branch, by the metadata alone; null if no reason is known. Whether the branch
 * has the data files already, and whether the partitions of an overwrite have changed since, is only known from
 * manifests.
 */
export function cherryPickRefusals(
  metadata: TableMetadata,
  branch: string = MAIN_BRANCH,
): (snapshot: Pick<Snapshot, 'snapshotId' | 'parentSnapshotId' | 'summary'>) => CherryPickRefusal | null {
  const tipId = findRef(metadata, branch)?.snapshotId ?? null
  const lineage = new Set(tipId === null ? [] : ancestorIds(metadata, tipId))
  const summaries = metadata.snapshots.flatMap(({ snapshotId, summary }) => (lineage.has(snapshotId) ? [summary] : []))
  const valuesOf = (...names: readonly string[]) =>
    new Set(summaries.flatMap((summary) => names.map((name) => propertyValue(summary, name))))
  const findSameChanges = sameChangesOnBranch(metadata, tipId)
  const wapIds = valuesOf(STAGED_WAP, PUBLISHED_WAP)
  return ({ snapshotId, parentSnapshotId, summary }) => {
    if (lineage.has(snapshotId)) return 'on-branch'
    const wapId = propertyValue(summary, STAGED_WAP)
    if (wapId !== null && wapId !== '' && wapIds.has(wapId)) return 'wap-published'
    if (findSameChanges(snapshotId) !== null) return 'picked'
    if (parentSnapshotId === tipId) return null
    return isReplayable(summary) ? null : 'not-replayable'
  }
}

/** Whether the changes can be made again on another tip: only appends and overwrites of whole partitions can. */
export function isReplayable(summary: Snapshot['summary']): boolean {
  return propertyValue(summary, 'operation') === 'append' || replacesPartitions(summary)
}

export function replacesPartitions(summary: Snapshot['summary']): boolean {
  return (
    propertyValue(summary, 'operation') === 'overwrite' &&
    propertyValue(summary, 'replace-partitions')?.toLowerCase() === 'true'
  )
}
