import { AppError } from '@/lib/errors'
import type { CommitSoFar, MetadataDraft } from './metadata-draft'
import { MAIN_BRANCH } from './metadata-json'
import type { Snapshot, SnapshotLogEntry, SnapshotRef } from './table-metadata'
import type { JsonObject } from './types'

/**
 * The updates that change a table's history: snapshots, branches and tags, and the log of what `main` was when.
 *
 * Spec: Iceberg table spec, *Snapshots*, *Snapshot References*; the log is kept as the reference implementation does.
 */

/** @throws {AppError} commit-conflict when the sequence number is taken; invalid-request; not-supported for v3 */
export function addSnapshot(draft: MetadataDraft, commit: CommitSoFar, snapshot: Snapshot): void {
  const { snapshotId, sequenceNumber, schemaId } = snapshot
  if (draft.formatVersion > 2) {
    throw new AppError('not-supported', 'Lakeshore cannot write data to tables of format version 3')
  }
  if (find(draft, snapshotId) !== undefined) {
    throw new AppError('invalid-request', `The table has the snapshot ${snapshotId} already`, { facts: { snapshotId } })
  }
  if (schemaId !== null && !draft.schemas.some((schema) => schema.schemaId === schemaId)) {
    throw new AppError('invalid-request', `The snapshot names the schema ${schemaId}, which the table does not have`)
  }
  if (draft.formatVersion > 1) {
    if (sequenceNumber <= draft.lastSequenceNumber) {
      throw new AppError(
        'commit-conflict',
        `The snapshot has the sequence number ${sequenceNumber}, but the table is at ${draft.lastSequenceNumber}`,
        { facts: { sequenceNumber, now: draft.lastSequenceNumber } },
      )
    }
    draft.lastSequenceNumber = sequenceNumber
  }
  draft.snapshots = [...draft.snapshots, snapshot]
  commit.addedSnapshotIds.add(snapshotId)
  commit.committedAtMs = notBefore(draft, snapshot.timestampMs)
}

/**
 * Creates or moves a branch or a tag. Moving `main` moves the current snapshot and is logged, so that time travel
 * also finds what a roll-back left.
 *
 * @throws {AppError} invalid-request when the snapshot is not there or the ref is not sound
 */
export function setRef(draft: MetadataDraft, commit: CommitSoFar, refName: string, ref: SnapshotRef): void {
  requireSoundRef(refName, ref)
  if (find(draft, ref.snapshotId) === undefined) {
    throw new AppError('invalid-request', `${refName} cannot be set to ${ref.snapshotId}: there is no such snapshot`, {
      facts: { refName, snapshotId: ref.snapshotId },
    })
  }
  const known = Object.hasOwn(draft.refs, refName) ? draft.refs[refName] : undefined
  if (known !== undefined && isSameRef(known, ref)) return
  draft.refs = { ...draft.refs, [refName]: withUnknownFields(ref, known) }
  if (refName !== MAIN_BRANCH || draft.currentSnapshotId === ref.snapshotId) return
  draft.currentSnapshotId = ref.snapshotId
  const entry = { timestampMs: notBefore(draft, commit.committedAtMs), snapshotId: ref.snapshotId }
  draft.snapshotLog = [...draft.snapshotLog, entry]
}

/** A ref that is not there is as good as removed. */
export function removeRef(draft: MetadataDraft, refName: string): void {
  if (!Object.hasOwn(draft.refs, refName)) return
  draft.refs = Object.fromEntries(Object.entries(draft.refs).filter(([name]) => name !== refName))
  if (refName === MAIN_BRANCH) draft.currentSnapshotId = null
}

/** Takes snapshots out, with the refs and statistics that speak of them. Their files are not this function's matter. */
export function removeSnapshots(draft: MetadataDraft, commit: CommitSoFar, snapshotIds: readonly string[]): void {
  const removed = new Set(snapshotIds)
  const kept = draft.snapshots.filter((snapshot) => !removed.has(snapshot.snapshotId))
  if (kept.length === draft.snapshots.length) return
  draft.snapshots = kept
  commit.hasRemovedSnapshots = true
  const isKept = ({ 'snapshot-id': id }: JsonObject): boolean =>
    !((typeof id === 'number' || typeof id === 'bigint') && removed.has(String(id)))
  draft.statistics = draft.statistics.filter(isKept)
  draft.partitionStatistics = draft.partitionStatistics.filter(isKept)
  for (const [name, ref] of Object.entries(draft.refs)) {
    if (removed.has(ref.snapshotId)) removeRef(draft, name)
  }
}

/**
 * The log once a commit is whole. A snapshot that was `main` only between two updates of the commit was never seen,
 * so its entry goes. An entry of a removed snapshot takes all before it along: with a gap, the entry before would
 * seem to have been current longer than it was.
 */
export function tidySnapshotLog(draft: MetadataDraft, commit: CommitSoFar): void {
  const known = new Set(draft.snapshots.map((snapshot) => snapshot.snapshotId))
  const wasNeverSeen = ({ snapshotId }: SnapshotLogEntry): boolean =>
    commit.addedSnapshotIds.has(snapshotId) && snapshotId !== draft.currentSnapshotId
  const seen = draft.snapshotLog.filter((entry) => !known.has(entry.snapshotId) || !wasNeverSeen(entry))
  const lastGap = commit.hasRemovedSnapshots ? seen.findLastIndex((entry) => !known.has(entry.snapshotId)) : -1
  const log = seen.slice(lastGap + 1)
  if (log.length < draft.snapshotLog.length) draft.snapshotLog = log
}

function notBefore(draft: MetadataDraft, ms: number): number {
  return Math.max(ms, draft.lastUpdatedMs, draft.snapshotLog.at(-1)?.timestampMs ?? 0)
}

function find(draft: MetadataDraft, snapshotId: string): Snapshot | undefined {
  return draft.snapshots.find((snapshot) => snapshot.snapshotId === snapshotId)
}

function requireSoundRef(refName: string, ref: SnapshotRef): void {
  if (refName.trim() === '') throw new AppError('invalid-request', 'A branch or tag needs a name')
  if (refName === MAIN_BRANCH && ref.type === 'tag') throw new AppError('invalid-request', 'main cannot be a tag')
  if (ref.type === 'tag' && (ref.minSnapshotsToKeep !== undefined || ref.maxSnapshotAgeMs !== undefined)) {
    throw new AppError('invalid-request', 'A tag is one snapshot: it has no snapshots to keep or age')
  }
  for (const limit of [ref.minSnapshotsToKeep, ref.maxSnapshotAgeMs, ref.maxRefAgeMs]) {
    if (limit !== undefined && limit <= 0) throw new AppError('invalid-request', `${refName}: limits are above zero`)
  }
}

function withUnknownFields(ref: SnapshotRef, known: SnapshotRef | undefined): SnapshotRef {
  return known?.unknownFields === undefined ? ref : { unknownFields: known.unknownFields, ...ref }
}

function isSameRef(a: SnapshotRef, b: SnapshotRef): boolean {
  return (
    a.snapshotId === b.snapshotId &&
    a.type === b.type &&
    a.minSnapshotsToKeep === b.minSnapshotsToKeep &&
    a.maxSnapshotAgeMs === b.maxSnapshotAgeMs &&
    a.maxRefAgeMs === b.maxRefAgeMs
  )
}
