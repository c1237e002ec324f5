import { AppError } from '@/lib/errors'
import { type CommitState, type MetadataDraft, setMember } from './metadata-draft'
import { MAIN_BRANCH, NO_SNAPSHOT } from '../metadata/metadata-json'
import type { Snapshot, SnapshotLogEntry, SnapshotRef } from '../metadata/table-metadata'
import type { JsonObject } from '../json/json'

/**
 * The updates that change a table's history: snapshots, branches and tags, and the snapshot log of `main`.
 *
 * Spec: Iceberg table spec, *Snapshots*, *Snapshot References*, *Row Lineage*; the log is written as in the reference
 * implementation.
 */

/** How far a writer's clock may be ahead of ours, as in the reference implementation. */
const CLOCK_TOLERANCE_MS = 60_000

const MAX_ROW_ID = 2n ** 63n - 1n

/** @throws {AppError} commit-conflict when a number it was written with has been taken; invalid-request */
export function addSnapshot(draft: MetadataDraft, commit: CommitState, snapshot: Snapshot): void {
  const { snapshotId, schemaId } = snapshot
  for (const [kind, { length }] of [
    ['schema', draft.schemas],
    ['partition spec', draft.partitionSpecs],
    ['sort order', draft.sortOrders],
  ] as const) {
    if (length === 0) throw new AppError('invalid-request', `A snapshot cannot be added before a ${kind} is`)
  }
  if (snapshotId === NO_SNAPSHOT) {
    throw new AppError('invalid-request', `A snapshot cannot have the id ${NO_SNAPSHOT}, which means "no snapshot"`)
  }
  if (commit.snapshotsById(draft).has(snapshotId)) {
    throw new AppError('invalid-request', `Snapshot already exists for id: ${snapshotId}`, { facts: { snapshotId } })
  }
  if (schemaId !== null && !draft.schemas.some((schema) => schema.schemaId === schemaId)) {
    throw new AppError(
      'invalid-request',
      `The snapshot refers to the schema ${schemaId}, which the table does not have`,
    )
  }
  if (draft.formatVersion > 1) advanceSequenceNumber(draft, snapshot)
  if (draft.formatVersion > 2) advanceNextRowId(draft, snapshot)
  commit.addSnapshot(draft, omitLaterFields(snapshot, draft.formatVersion))
}

/** Drops the numbers of later format versions: no check has seen them, and they would take effect after an upgrade. */
function omitLaterFields(snapshot: Snapshot, formatVersion: number): Snapshot {
  const numbered = formatVersion > 1 || snapshot.sequenceNumber === 0 ? snapshot : { ...snapshot, sequenceNumber: 0 }
  const { firstRowId, addedRows, ...remaining } = numbered
  return formatVersion > 2 || (firstRowId === undefined && addedRows === undefined) ? numbered : remaining
}

/** A snapshot without a parent does not build on other rows, so its sequence number may already be taken. */
function advanceSequenceNumber(draft: MetadataDraft, { snapshotId, sequenceNumber, ...snapshot }: Snapshot): void {
  if (snapshot.manifestList === null) {
    throw new AppError('invalid-request', `The snapshot ${snapshotId} names no manifest list`, {
      facts: { snapshotId },
    })
  }
  const { lastSequenceNumber } = draft
  if (sequenceNumber <= lastSequenceNumber && snapshot.parentSnapshotId !== null) {
    throw staleCommitError(
      `Cannot add snapshot with sequence number ${sequenceNumber} older than last sequence number ${lastSequenceNumber}`,
      { sequenceNumber, now: lastSequenceNumber },
    )
  }
  draft.lastSequenceNumber = Math.max(lastSequenceNumber, sequenceNumber)
}

function advanceNextRowId(draft: MetadataDraft, { snapshotId, firstRowId, addedRows }: Snapshot): void {
  if (firstRowId === undefined || addedRows === undefined) {
    const absent = firstRowId === undefined ? 'first-row-id' : 'added-rows'
    throw new AppError('invalid-request', `Cannot add a snapshot: ${absent} is null`, { facts: { snapshotId } })
  }
  const nextRowId = draft.nextRowId ?? '0'
  if (BigInt(firstRowId) < BigInt(nextRowId)) {
    throw staleCommitError(
      `Cannot add a snapshot, first-row-id is behind table next-row-id: ${firstRowId} < ${nextRowId}`,
      {
        firstRowId,
        now: nextRowId,
      },
    )
  }
  if (BigInt(addedRows) < 0n) throw new AppError('invalid-request', `A snapshot cannot add ${addedRows} rows`)
  const rowIdAfter = BigInt(firstRowId) + BigInt(addedRows)
  if (rowIdAfter > MAX_ROW_ID) {
    throw new AppError(
      'invalid-request',
      `Adding ${addedRows} rows from row id ${firstRowId} exceeds the highest possible row id`,
      {
        facts: { snapshotId },
      },
    )
  }
  draft.nextRowId = String(rowIdAfter)
}

/** The writer can read the table again and rewrite its snapshot, so this is a conflict, not a bad request. */
function staleCommitError(reason: string, facts: Record<string, string | number>): AppError {
  return new AppError('commit-conflict', `Validation failed, please retry: ${reason}`, { facts })
}

/**
 * Creates or moves a branch or a tag. Moving `main` changes the current snapshot and is logged, so that time travel
 * also finds snapshots from before a roll-back.
 *
 * @throws {AppError} invalid-request when the snapshot does not exist or the ref is invalid
 */
export function setRef(draft: MetadataDraft, commit: CommitState, refName: string, ref: SnapshotRef): void {
  requireValidRef(refName, ref)
  const snapshot = commit.snapshotsById(draft).get(ref.snapshotId)
  if (snapshot === undefined) {
    throw new AppError('invalid-request', `Cannot set ${refName} to unknown snapshot: ${ref.snapshotId}`, {
      facts: { refName, snapshotId: ref.snapshotId },
    })
  }
  const known = Object.hasOwn(draft.refs, refName) ? draft.refs[refName] : undefined
  if (known !== undefined && isSameRef(known, ref)) return
  const refs = commit.writableRecord(draft.refs)
  setMember(refs, refName, withUnknownFields(ref, known))
  draft.refs = refs
  if (refName !== MAIN_BRANCH || draft.currentSnapshotId === ref.snapshotId) return
  draft.currentSnapshotId = ref.snapshotId
  const snapshotLog = commit.writableList(draft.snapshotLog)
  snapshotLog.push({ timestampMs: changeTimestampMs(draft, commit, snapshot), snapshotId: ref.snapshotId })
  draft.snapshotLog = snapshotLog
}

/** A new snapshot became current when it was written; an old one that `main` returns to becomes current now. */
function changeTimestampMs(draft: MetadataDraft, commit: CommitState, { snapshotId, timestampMs }: Snapshot): number {
  const lastMs = draft.snapshotLog.at(-1)?.timestampMs ?? 0
  if (!commit.addedSnapshotIds.has(snapshotId)) return Math.max(commit.committedAtMs, lastMs)
  if (timestampMs > commit.committedAtMs + CLOCK_TOLERANCE_MS) {
    const message = `Invalid update timestamp ${commit.committedAtMs}: before last snapshot log entry at ${timestampMs}`
    throw new AppError('invalid-request', message, { facts: { snapshotId } })
  }
  return Math.max(timestampMs, lastMs)
}

/** A ref that does not exist is ignored. */
export function removeRef(draft: MetadataDraft, commit: CommitState, refName: string): void {
  if (!Object.hasOwn(draft.refs, refName)) return
  const refs = commit.writableRecord(draft.refs)
  delete refs[refName]
  draft.refs = refs
  if (refName === MAIN_BRANCH) draft.currentSnapshotId = null
}

/** Removes snapshots together with the refs and statistics that refer to them. It does not delete files. */
export function removeSnapshots(draft: MetadataDraft, commit: CommitState, snapshotIds: readonly string[]): void {
  const removed = new Set(snapshotIds)
  const remaining = draft.snapshots.filter((snapshot) => !removed.has(snapshot.snapshotId))
  if (remaining.length === draft.snapshots.length) return
  draft.snapshots = remaining
  commit.hasRemovedSnapshots = true
  const isRetained = ({ 'snapshot-id': id }: JsonObject): boolean =>
    !((typeof id === 'number' || typeof id === 'bigint') && removed.has(String(id)))
  draft.statistics = draft.statistics.filter(isRetained)
  draft.partitionStatistics = draft.partitionStatistics.filter(isRetained)
  for (const [name, ref] of Object.entries(draft.refs)) {
    if (removed.has(ref.snapshotId)) removeRef(draft, commit, name)
  }
}

/**
 * Cleans up the log once a commit is complete. An entry of a snapshot that was on `main` only between two updates of
 * the commit is dropped, because no reader ever saw it. An entry of a removed snapshot takes all earlier ones with it:
 * with a gap, the entry before would seem to have been current longer than it was.
 */
export function pruneSnapshotLog(draft: MetadataDraft, commit: CommitState): void {
  if (commit.addedSnapshotIds.size === 0 && !commit.hasRemovedSnapshots) return
  const known = commit.snapshotsById(draft)
  const isIntermediate = ({ snapshotId }: SnapshotLogEntry): boolean =>
    commit.addedSnapshotIds.has(snapshotId) && snapshotId !== draft.currentSnapshotId
  const visible = draft.snapshotLog.filter((entry) => !isIntermediate(entry))
  const lastGap = commit.hasRemovedSnapshots ? visible.findLastIndex((entry) => !known.has(entry.snapshotId)) : -1
  const log = visible.slice(lastGap + 1)
  if (log.length < draft.snapshotLog.length) draft.snapshotLog = log
}

function requireValidRef(refName: string, ref: SnapshotRef): void {
  if (refName.trim() === '') throw new AppError('invalid-request', 'A branch or tag needs a name')
  if (refName === MAIN_BRANCH && ref.type === 'tag') throw new AppError('invalid-request', 'main cannot be a tag')
  if (ref.type === 'tag' && (ref.minSnapshotsToKeep !== undefined || ref.maxSnapshotAgeMs !== undefined)) {
    throw new AppError('invalid-request', 'A tag cannot have limits on the number or age of snapshots to keep')
  }
  for (const limit of [ref.minSnapshotsToKeep, ref.maxSnapshotAgeMs, ref.maxRefAgeMs]) {
    if (limit !== undefined && limit <= 0)
      throw new AppError('invalid-request', `${refName}: retention limits must be above zero`)
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
