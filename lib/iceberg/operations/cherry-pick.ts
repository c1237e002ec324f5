import { AppError } from '@/lib/errors'
import type { TableChange } from '../commit/table-update'
import type { DataFile } from '../manifest/manifest'
import { partitionKey } from '../manifest/partition-key'
import { MAIN_BRANCH } from '../metadata/metadata-json'
import { ancestorIds } from '../metadata/ancestors'
import { findRef } from '../metadata/snapshot-graph'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { propertyValue } from '../properties/property-value'
import { appendOperation } from './append'
import { isReplayable, PUBLISHED_WAP, replacesPartitions, STAGED_WAP } from './cherry-pick-refusal'
import { requireNoAddedInPartitions } from './conflicts'
import { findLiveDataFile } from './live-data-file'
import type { OperationBase, SnapshotOperation, SnapshotReader } from './operation'
import { sameChangesOnBranch, SOURCE_SNAPSHOT } from './pick-sources'
import { branchTip, retentionOf } from './snapshot-producer'

export type CherryPick = {
  /** Moves the branch to the snapshot itself; null on a base whose tip is not the snapshot's parent. */
  fastForward(metadata: TableMetadata): TableChange | null
  /** Makes the changes of the snapshot again on another tip; null for a snapshot that can only be fast-forwarded to. */
  replay: SnapshotOperation | null
}

/**
 * Publishes a snapshot that is not on the branch: unchanged when the branch has not moved since, otherwise by making
 * its changes again. Only an append, and an overwrite of whole partitions that have not changed since, can be made
 * again. The rules are those of the reference implementation, and two more that prevent duplicate rows: copies of
 * copies count as the same changes, in both directions, and no data file may be live on the branch already, whatever
 * has expired. The second reads the manifests of the branch.
 *
 * @throws {AppError} not-found; commit-conflict when the snapshot, a copy of its changes, its WAP id or a data file of
 *   it is on the branch already; invalid-request when the snapshot cannot be picked
 */
export async function cherryPick(
  metadata: TableMetadata,
  { snapshotId, branch = MAIN_BRANCH, reader }: { snapshotId: string; branch?: string; reader: SnapshotReader },
): Promise<CherryPick> {
  const picked = metadata.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
  if (!picked) throw new AppError('not-found', `The table has no snapshot ${snapshotId}.`, { facts: { snapshotId } })
  const fastForward = (base: TableMetadata) => fastForwardChange(base, branch, picked)
  const isDynamicOverwrite = replacesPartitions(picked.summary)
  const tip = branchTip(metadata, branch)
  requireUnpicked({ metadata, parent: tip }, picked)
  requireUnpublished(metadata, tip, picked)
  if (!isReplayable(picked.summary)) {
    if (fastForward(metadata) === null) {
      throw new AppError(
        'invalid-request',
        `Snapshot ${snapshotId} can only become the tip of ${branch} while ${branch} is at its parent: it is neither an append nor an overwrite of whole partitions.`,
        { facts: { snapshotId } },
      )
    }
    return { fastForward, replay: null }
  }
  if (isDynamicOverwrite) requireAncestor({ metadata, parent: tip, reader }, picked)
  const { added, removed } = await readChanges(metadata, picked, reader)
  const requireNew = (base: Omit<OperationBase, 'reader'>) =>
    requireNoLiveFile({ ...base, reader }, branch, picked, added)
  // For a fast-forward too: it has no other validation.
  await requireNew({ metadata, parent: tip })
  const wapId = propertyValue(picked.summary, STAGED_WAP)
  const summary = { [SOURCE_SNAPSHOT]: snapshotId, ...(wapId !== null && { [PUBLISHED_WAP]: wapId }) }
  const append = appendOperation(added, { summary })
  const validate = async (base: OperationBase): Promise<void> => {
    requireUnpicked(base, picked)
    requireUnpublished(base.metadata, base.parent, picked)
    // The files of the base that the pick was planned on have been read.
    if (base.parent?.snapshotId !== tip?.snapshotId) await requireNew(base)
    if (!isDynamicOverwrite) return
    requireAncestor(base, picked)
    await requireNoAddedInPartitions(base, picked.parentSnapshotId, new Set(added.map(partitionKey)))
  }
  return {
    fastForward,
    replay: isDynamicOverwrite
      ? { ...append, name: 'overwrite', removed, requiresRemoved: true, validate }
      : { ...append, validate },
  }
}

function fastForwardChange(metadata: TableMetadata, branch: string, picked: Snapshot): TableChange | null {
  const tip = branchTip(metadata, branch)
  if (picked.parentSnapshotId !== (tip?.snapshotId ?? null)) return null
  const ref = { type: 'branch', snapshotId: picked.snapshotId, ...retentionOf(findRef(metadata, branch)) } as const
  return {
    requirements: [
      { type: 'assert-table-uuid', uuid: metadata.tableUuid },
      { type: 'assert-ref-snapshot-id', ref: branch, snapshotId: tip?.snapshotId ?? null },
    ],
    updates: [{ action: 'set-snapshot-ref', refName: branch, ...ref }],
  }
}

/** The data files that a snapshot added and removed. Reads its own manifests. */
export async function readChanges(
  metadata: TableMetadata,
  { snapshotId, ...snapshot }: Snapshot,
  reader: SnapshotReader,
): Promise<{ added: DataFile[]; removed: DataFile[] }> {
  const changes: { added: DataFile[]; removed: DataFile[] } = { added: [], removed: [] }
  for (const manifest of await reader.readManifests(metadata, { snapshotId, ...snapshot })) {
    if (manifest.content !== 'data' || manifest.addedSnapshotId !== snapshotId) continue
    for (const entry of await reader.readEntries(metadata, manifest)) {
      if (entry.snapshotId !== snapshotId) continue
      if (entry.status === 'added') changes.added.push(entry.dataFile)
      if (entry.status === 'deleted') changes.removed.push(entry.dataFile)
    }
  }
  return changes
}

function requireAncestor({ metadata, parent }: OperationBase, { snapshotId, parentSnapshotId }: Snapshot): void {
  if (parentSnapshotId === null || lineage(metadata, parent).includes(parentSnapshotId)) return
  throw new AppError(
    'invalid-request',
    `Snapshot ${snapshotId} overwrites partitions of a snapshot that the branch does not have.`,
    { facts: { snapshotId, parentSnapshotId } },
  )
}

function requireUnpicked({ metadata, parent }: Omit<OperationBase, 'reader'>, { snapshotId }: Snapshot): void {
  const ancestorId = sameChangesOnBranch(metadata, parent?.snapshotId ?? null)(snapshotId)
  if (ancestorId === null) return
  throw new AppError(
    'commit-conflict',
    ancestorId === snapshotId
      ? `Snapshot ${snapshotId} is on the branch already.`
      : `The changes of snapshot ${snapshotId} are on the branch already, as snapshot ${ancestorId}.`,
    { facts: { snapshotId, ancestorId } },
  )
}

/**
 * Ids connect a snapshot with its copies until snapshots in between expire. Then its files show whether the branch has
 * its changes.
 */
async function requireNoLiveFile(
  base: OperationBase,
  branch: string,
  { snapshotId }: Snapshot,
  added: readonly DataFile[],
): Promise<void> {
  const { metadata, parent, reader } = base
  const manifests = parent ? await reader.readManifests(metadata, parent) : []
  const filePath = await findLiveDataFile(base, manifests, new Set(added.map((file) => file.filePath)))
  if (filePath === null) return
  throw new AppError(
    'commit-conflict',
    `${branch} has ${filePath} already, which snapshot ${snapshotId} added. Picking the snapshot would double its rows.`,
    { facts: { snapshotId, filePath } },
  )
}

function requireUnpublished(metadata: TableMetadata, tip: Snapshot | null, { summary }: Snapshot): void {
  const wapId = propertyValue(summary, STAGED_WAP)
  if (wapId === null || wapId === '') return
  for (const ancestorId of lineage(metadata, tip)) {
    if (![STAGED_WAP, PUBLISHED_WAP].some((name) => summaryOf(metadata, ancestorId, name) === wapId)) continue
    throw new AppError('commit-conflict', `The changes with the WAP id ${wapId} are on the branch already.`, {
      facts: { wapId, ancestorId },
    })
  }
}

function lineage(metadata: TableMetadata, tip: Snapshot | null): readonly string[] {
  return tip ? ancestorIds(metadata, tip.snapshotId) : []
}

function summaryOf({ snapshots }: TableMetadata, snapshotId: string, name: string): string | null {
  const found = snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
  return found ? propertyValue(found.summary, name) : null
}
