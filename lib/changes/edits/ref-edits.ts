import { AppError } from '@/lib/errors'
import { newNameProblem } from '../../names/new-name'
import { MAIN_BRANCH } from '../../iceberg/metadata/main-branch'
import { findRef } from '../../iceberg/metadata/snapshot-graph'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import type { TableDraft } from './table-draft'

/** Moves, adds and removes branches and tags of a draft, each guarded by where the person saw it. */

/** A tag to put on the snapshot that a ref leaves, so that it stays reachable; retained forever if the age is null. */
export type SafetyTag = { name: string; maxRefAgeMs: number | null }

/** How long a ref and its snapshots are retained; null: as the table's properties say. */
export type RefRetention = {
  /** Branches only. */
  minSnapshotsToKeep: number | null
  /** Branches only. */
  maxSnapshotAgeMs: number | null
  maxRefAgeMs: number | null
}

export type RefMove = {
  refName: string
  fromSnapshotId: string
  toSnapshotId: string
  safetyTag: SafetyTag | null
}

/** Where a ref is, as text of a comparison. */
export function compareTip(metadata: TableMetadata, refName: string, base: string | null, requested: string | null) {
  return { base, current: findRef(metadata, refName)?.snapshotId ?? null, requested }
}

/** The move from where the ref is now; null when the ref no longer exists. */
export function rebaseMove<Move extends { fromSnapshotId: string }>(
  metadata: TableMetadata,
  refName: string,
  move: Move,
): Move | null {
  const now = findRef(metadata, refName)
  return now && { ...move, fromSnapshotId: now.snapshotId }
}

/**
 * Moves a branch or a tag, which keeps its retention.
 *
 * @throws {AppError} not-found for a ref or a snapshot that is not there; invalid-request for a ref that the same commit
 *   moves already
 */
export function moveRef(draft: TableDraft, { refName, fromSnapshotId, toSnapshotId, safetyTag }: RefMove): void {
  if (draft.seenRefs.has(refName)) throw new AppError('invalid-request', `The commit moves ${refName} twice`)
  const ref = requireRef(draft, refName)
  requireSnapshot(draft.base, toSnapshotId)
  draft.seenRefs.set(refName, fromSnapshotId)
  addSafetyTag(draft, safetyTag, fromSnapshotId)
  draft.refs.set(refName, { ...ref, snapshotId: toSnapshotId })
}

export function addSafetyTag(draft: TableDraft, safetyTag: SafetyTag | null, snapshotId: string): void {
  if (safetyTag === null) return
  const { name, maxRefAgeMs } = safetyTag
  addRef(draft, name, { type: 'tag', snapshotId, ...(maxRefAgeMs !== null && { maxRefAgeMs }) })
}

/** Why no new branch or tag can have this name, whatever others the table has; null: one can. */
export function refNameProblem(name: string, type: SnapshotRef['type']): string | null {
  if (name.trim() === '' || name !== name.trim())
    return `The name of a ${type} must not be empty or have spaces around it.`
  // They are not seen in lists, so two names could look the same.
  if (/\p{Cc}/u.test(name)) return `The name of a ${type} must not have line breaks or other control characters.`
  return newNameProblem(type, name)
}

/** Why `main` cannot have this age; null for other refs, none, and the one that it has. Spec: *Snapshot Retention Policy*. */
export function mainAgeProblem(refName: string, beforeMs: number | null, requestedMs: number | null): string | null {
  if (refName !== MAIN_BRANCH || requestedMs === null || requestedMs === beforeMs) return null
  return `${MAIN_BRANCH} never expires, so max-ref-age-ms has no effect on it and cannot be set.`
}

/** @throws {AppError} already-exists; invalid-request for a name; not-found for a snapshot that the table does not have */
export function addRef(draft: TableDraft, refName: string, ref: SnapshotRef): void {
  const problem = refNameProblem(refName, ref.type)
  if (problem !== null) throw new AppError('invalid-request', problem)
  if (refName === MAIN_BRANCH || draft.refs.has(refName)) {
    throw new AppError('already-exists', `The table already has a branch or tag ${refName}`, { facts: { refName } })
  }
  requireSnapshot(draft.base, ref.snapshotId)
  draft.seenRefs.set(refName, null)
  draft.refs.set(refName, ref)
}

/** @throws {AppError} not-found */
export function requireRef(draft: TableDraft, refName: string): SnapshotRef {
  const ref = draft.refs.get(refName)
  if (ref === undefined)
    throw new AppError('not-found', `The table has no branch or tag ${refName}`, { facts: { refName } })
  return ref
}

/** @throws {AppError} invalid-request for `main`, which every table has */
export function requireOtherThanMain(refName: string, verb: 'removed' | 'renamed'): void {
  if (refName === MAIN_BRANCH) throw new AppError('invalid-request', `${MAIN_BRANCH} cannot be ${verb}.`)
}

/** The ref with this retention in place of any earlier one. */
export function withRetention(ref: SnapshotRef, retention: RefRetention): SnapshotRef {
  const { minSnapshotsToKeep: _min, maxSnapshotAgeMs: _snapshotAge, maxRefAgeMs: _refAge, ...rest } = ref
  const { minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs } = retention
  if (ref.type === 'tag' && (minSnapshotsToKeep !== null || maxSnapshotAgeMs !== null)) {
    throw new AppError('invalid-request', 'A tag is one snapshot, so it has no number or age of snapshots to keep.')
  }
  return {
    ...rest,
    ...(minSnapshotsToKeep !== null && { minSnapshotsToKeep }),
    ...(maxSnapshotAgeMs !== null && { maxSnapshotAgeMs }),
    ...(maxRefAgeMs !== null && { maxRefAgeMs }),
  }
}

export function retentionOf({ minSnapshotsToKeep, maxSnapshotAgeMs, maxRefAgeMs }: SnapshotRef): RefRetention {
  return {
    minSnapshotsToKeep: minSnapshotsToKeep ?? null,
    maxSnapshotAgeMs: maxSnapshotAgeMs ?? null,
    maxRefAgeMs: maxRefAgeMs ?? null,
  }
}

function requireSnapshot({ snapshots }: TableMetadata, snapshotId: string): void {
  if (snapshots.some((snapshot) => snapshot.snapshotId === snapshotId)) return
  throw new AppError('not-found', `The table has no snapshot ${snapshotId}; it may have expired`, {
    facts: { snapshotId },
  })
}
