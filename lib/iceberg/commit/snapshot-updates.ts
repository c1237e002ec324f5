import { AppError } from '@/lib/errors'
import { type CommitState, type MetadataDraft, setMember } from './metadata-draft'
import { MAIN_BRANCH, NO_SNAPSHOT } from '../metadata/metadata-json'
import type { Snapshot, SnapshotLogEntry, SnapshotRef } from '../metadata/table-metadata'
import type { JsonObject } from '../json/json'

/**
 * The updates that change a table's history: snapshots, branches and tags, and the log of what `main` was when.
 *
 * Spec: Iceberg table spec, *Snapshots*, *Snapshot References*, *Row Lineage*; the log is kept as the reference
 * implementation does.
 */

/** How far a writer's clock may be before ours, as the reference implementation allows. */
const CLOCK_TOLERANCE_MS = 60_000

const MAX_ROW_ID = 2n ** 63n - 1n

/** @throws {AppError} commit-conflict when a number it was written with is taken since; invalid-request */
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
    throw new AppError('invalid-request', `A snapshot cannot have the id ${NO_SNAPSHOT}, which says that there is none`)
  }
  if (commit.snapshotsById(draft).has(snapshotId)) {
    throw new AppError('invalid-request', `Snapshot already exists for id: ${snapshotId}`, { facts: { snapshotId } })
  }
  if (schemaId !== null && !draft.schemas.some((schema) => schema.schemaId === schemaId)) {
    throw new AppError('invalid-request', `The snapshot names the schema ${schemaId}, which the table does not have`)
  }
  if (draft.formatVersion > 1) advanceSequenceNumber(draft, snapshot)
  if (draft.formatVersion > 2) advanceNextRowId(draft, snapshot)
  commit.addSnapshot(draft, omitLaterFields(snapshot, draft.formatVersion))
}

/** Without the numbers of later versions: nobody compared them, and after an upgrade they would count. */
function omitLaterFields(snapshot: Snapshot, formatVersion: number): Snapshot {
  const numbered = formatVersion > 1 || snapshot.sequenceNumber === 0 ? snapshot : { ...snapshot, sequenceNumber: 0 }
  const { firstRowId, addedRows, ...remaining } = numbered
  return formatVersion > 2 || (firstRowId === undefined && addedRows === undefined) ? numbered : remaining
}

/** A snapshot without a parent is not laid over anybody's rows, so its number may be one that is taken. */
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
    throw new AppError('invalid-request', `No row id is left after ${addedRows} rows from ${firstRowId}`, {
      facts: { snapshotId },
    })
  }
  draft.nextRowId = String(rowIdAfter)
}

/** The writer can read the table again and write its snapshot anew: a conflict, not a bad request. */
function staleCommitError(reason: string, facts: Record<string, string | number>): AppError {
  return new AppError('commit-conflict', `Validation failed, please retry: ${reason}`, { facts })
}

/**
 * Creates or moves a branch or a tag. Moving `main` moves the current snapshot and is logged, so that time travel
 * also finds what a roll-back left.
 *
 * @throws {AppError} invalid-request when the snapshot is not there or the ref is not sound
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

/** A new snapshot became current when it was written; one that `main` goes back to, now. */
function changeTimestampMs(draft: MetadataDraft, commit: CommitState, { snapshotId, timestampMs }: Snapshot): number {
  const lastMs = draft.snapshotLog.at(-1)?.timestampMs ?? 0
  if (!commit.addedSnapshotIds.has(snapshotId)) return Math.max(commit.committedAtMs, lastMs)
  if (timestampMs > commit.committedAtMs + CLOCK_TOLERANCE_MS) {
    const message = `Invalid update timestamp ${commit.committedAtMs}: before last snapshot log entry at ${timestampMs}`
    throw new AppError('invalid-request', message, { facts: { snapshotId } })
  }
  return Math.max(timestampMs, lastMs)
}

/** A ref that is not there is as good as removed. */
export function removeRef(draft: MetadataDraft, commit: CommitState, refName: string): void {
  if (!Object.hasOwn(draft.refs, refName)) return
  const refs = commit.writableRecord(draft.refs)
  delete refs[refName]
  draft.refs = refs
  if (refName === MAIN_BRANCH) draft.currentSnapshotId = null
}

/** Takes snapshots out, with the refs and statistics that speak of them. Their files are not this function's matter. */
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
 * The log once a commit is whole. A snapshot that was `main` only between two updates of the commit was never seen,
 * so its entry goes. An entry of a removed snapshot takes all before it along: with a gap, the entry before would
 * seem to have been current longer than it was.
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
