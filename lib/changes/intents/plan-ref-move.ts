import { AppError } from '@/lib/errors'
import type { AsOf } from '../../iceberg/as-of'
import { refMove } from '../impact/ref-move'
import { MAIN_BRANCH } from '../../iceberg/metadata/metadata-json'
import { ancestorIds, isAncestor } from '../../iceberg/metadata/ancestors'
import { findRef, resolveAsOf } from '../../iceberg/metadata/snapshot-graph'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { FastForward } from './fast-forward/describe'
import type { SafetyTag } from '../edits/ref-edits'
import type { RollBack } from './roll-back/describe'
import type { SetRef } from './set-ref/describe'

export type RefMoveIntent = RollBack | SetRef | FastForward

type RequestedMove = {
  /** The branch, or the tag, that is moved. */
  branch: string
  /** The target of the move: a snapshot, the tip of another ref, or where the branch was at a time. */
  to: AsOf
  /** Left out when the ref loses no snapshot. */
  safetyTag: SafetyTag | null
}

/**
 * The intent that moves a branch or a tag from where it is now: `fast-forward` of a branch to a ref that descends from
 * it, `roll-back` of `main` to an ancestor, otherwise `set-ref`.
 *
 * @throws {AppError} not-found for a ref, a snapshot or a time that the table does not have; invalid-request when the
 *   ref is there already
 */
export function planRefMove(metadata: TableMetadata, { branch, to, safetyTag }: RequestedMove): RefMoveIntent {
  const { type, snapshotId: fromSnapshotId } = requireKnownRef(metadata, branch)
  const toSnapshotId = targetId(metadata, fromSnapshotId, branch, to)
  if (toSnapshotId === fromSnapshotId) {
    throw new AppError('invalid-request', `${branch} is at snapshot ${toSnapshotId} already.`, {
      facts: { branch, snapshotId: toSnapshotId },
    })
  }
  const move = { refName: branch, fromSnapshotId, toSnapshotId }
  if (type === 'tag') {
    const { unreachableSnapshotIds } = refMove(metadata, { refName: branch, toSnapshotId })
    return { kind: 'set-ref', ...move, safetyTag: unreachableSnapshotIds.length === 0 ? null : safetyTag }
  }
  if (isAncestor(metadata, { ancestorId: fromSnapshotId, snapshotId: toSnapshotId })) {
    return to.ref === undefined
      ? { kind: 'set-ref', ...move, safetyTag: null }
      : { kind: 'fast-forward', ...move, toRefName: to.ref }
  }
  const isAncestorOfTip = isAncestor(metadata, { ancestorId: toSnapshotId, snapshotId: fromSnapshotId })
  return branch === MAIN_BRANCH && isAncestorOfTip
    ? { kind: 'roll-back', fromSnapshotId, toSnapshotId, safetyTag }
    : { kind: 'set-ref', ...move, safetyTag }
}

/** @throws {AppError} not-found */
export function requireKnownRef(metadata: TableMetadata, branch: string): SnapshotRef {
  const ref = findRef(metadata, branch)
  if (ref !== null) return ref
  throw new AppError(
    'not-found',
    branch === MAIN_BRANCH ? 'The table has no snapshot yet.' : `The table has no branch or tag ${branch}.`,
    { facts: { refName: branch } },
  )
}

/** The table records when `main` was where. Of another branch only the times of its snapshots are known. */
function targetId(metadata: TableMetadata, tipId: string, branch: string, to: AsOf): string {
  const { atMs } = to
  if (atMs === undefined || branch === MAIN_BRANCH) {
    const { snapshot } = resolveAsOf(metadata, to)
    if (snapshot !== null) return snapshot.snapshotId
    throw new AppError('not-found', 'The table has no snapshot yet.')
  }
  const committedAtMs = new Map(metadata.snapshots.map(({ snapshotId, timestampMs }) => [snapshotId, timestampMs]))
  const found = ancestorIds(metadata, tipId).find((id) => (committedAtMs.get(id) ?? Number.POSITIVE_INFINITY) <= atMs)
  if (found !== undefined) return found
  throw new AppError('not-found', `${branch} has no snapshot of that time or before.`, { facts: { atMs } })
}
