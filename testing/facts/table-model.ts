import { type Amounts, addAmounts, mapMeasures, type Measure, negate, ZERO } from '@/lib/facts/amounts'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'

/** A commit that a table really had, whatever its summary says and whether or not it has expired. */
export type ModelCommit = {
  snapshotId: string
  parentId: string | null
  operation: string
  added: Amounts
  removed: Amounts
  /** The table after it. */
  total: Amounts
}

type CommitOptions = {
  operation?: string
  /** Amounts that are left out are zero. */
  added?: Partial<Amounts>
  removed?: Partial<Amounts>
  branch?: string
  /** Begins a new line, as `CREATE OR REPLACE TABLE` does. */
  isRoot?: boolean
  /** The time that the writer states, if that is not the time of the table. */
  statedAtMs?: number
  toSummary?: (right: Record<string, string>) => Record<string, string>
}

const START_MS = Date.UTC(2026, 0, 1)
const HOUR_MS = 3_600_000
/** Ids beyond 2^53. */
const FIRST_ID = 9_007_199_254_740_993n

const KEYS: Record<Measure, readonly [added: string, removed: string, total: string]> = {
  rows: ['added-records', 'deleted-records', 'total-records'],
  files: ['added-data-files', 'deleted-data-files', 'total-data-files'],
  bytes: ['added-files-size', 'removed-files-size', 'total-files-size'],
  deleteFiles: ['added-delete-files', 'removed-delete-files', 'total-delete-files'],
  positionDeletes: ['added-position-deletes', 'removed-position-deletes', 'total-position-deletes'],
  equalityDeletes: ['added-equality-deletes', 'removed-equality-deletes', 'total-equality-deletes'],
}

/** A table that knows all its commits for ever, and its metadata as catalogs write them. An hour passes per change. */
export class TableModel {
  readonly commits = new Map<string, ModelCommit>()
  readonly #hasLog: boolean
  metadata: TableMetadata
  /** Earlier versions, oldest first. */
  readonly versions: TableMetadata[] = []
  nowMs = START_MS

  constructor({ formatVersion = 2, hasLog = true }: { formatVersion?: 1 | 2; hasLog?: boolean } = {}) {
    this.#hasLog = hasLog
    this.metadata = sampleMetadata({
      formatVersion,
      lastSequenceNumber: 0,
      lastUpdatedMs: START_MS,
      currentSnapshotId: null,
      snapshots: [],
      snapshotLog: [],
      refs: {},
    })
  }

  /** The table as it is. */
  get total(): Amounts {
    return this.totalAt(this.metadata.currentSnapshotId)
  }

  totalAt(snapshotId: string | null): Amounts {
    return snapshotId === null ? ZERO : this.commitOf(snapshotId).total
  }

  commitOf(snapshotId: string): ModelCommit {
    const commit = this.commits.get(snapshotId)
    if (commit === undefined) throw new Error(`the table never had the snapshot ${snapshotId}`)
    return commit
  }

  headOf(branch: string): string | null {
    return this.metadata.refs[branch]?.snapshotId ?? null
  }

  /** A snapshot and all its ancestors, newest first. */
  lineOf(snapshotId: string | null): string[] {
    const line: string[] = []
    for (let next = snapshotId; next !== null; next = this.commitOf(next).parentId) line.push(next)
    return line
  }

  /** @returns the id of the new snapshot */
  commit({
    operation = 'append',
    branch = 'main',
    isRoot = false,
    statedAtMs,
    toSummary = (right) => right,
    ...amounts
  }: CommitOptions = {}): string {
    const snapshotId = String(FIRST_ID + BigInt(this.commits.size))
    const parentId = isRoot ? null : (this.headOf(branch) ?? this.metadata.currentSnapshotId)
    const added = { ...ZERO, ...amounts.added }
    const removed = { ...ZERO, ...amounts.removed }
    const total = addAmounts(this.totalAt(parentId), addAmounts(added, negate(removed)))
    this.commits.set(snapshotId, { snapshotId, parentId, operation, added, removed, total })
    const isNumbered = this.metadata.formatVersion > 1
    this.#begin()
    const lastSequenceNumber = isNumbered ? this.metadata.lastSequenceNumber + 1 : 0
    const snapshot: Snapshot = {
      snapshotId,
      parentSnapshotId: parentId,
      sequenceNumber: lastSequenceNumber,
      timestampMs: statedAtMs ?? this.nowMs,
      manifestList: `file:///lake/demo/flights/metadata/snap-${snapshotId}.avro`,
      summary: toSummary({ operation, ...countsOf(added, removed, total) }),
      schemaId: 0,
    }
    this.#update({ lastSequenceNumber, snapshots: [...this.metadata.snapshots, snapshot] })
    this.#setRef(branch, snapshotId, snapshot.timestampMs)
    return snapshotId
  }

  setBranch(branch: string, snapshotId: string): void {
    this.#begin()
    this.#setRef(branch, snapshotId, this.nowMs)
  }

  /** Removes `main`, so that the table has no rows. */
  empty(): void {
    this.#begin()
    const { main: _, ...refs } = this.metadata.refs
    this.#update({ currentSnapshotId: null, refs })
  }

  /** An entry of an expired snapshot takes all earlier ones of the log with it, as in the reference implementation. */
  expire(isExpired: (snapshotId: string) => boolean): void {
    this.#begin()
    const { snapshots, snapshotLog } = this.metadata
    const lastGap = snapshotLog.findLastIndex(({ snapshotId }) => isExpired(snapshotId))
    this.#update({
      snapshots: snapshots.filter(({ snapshotId }) => !isExpired(snapshotId)),
      snapshotLog: snapshotLog.slice(lastGap + 1),
    })
  }

  setProperty(name: string, value: string): void {
    this.#begin()
    this.#update({ properties: { ...this.metadata.properties, [name]: value } })
  }

  /** Writes an earlier version as the newest one, as the undo of an expiry does. */
  restore(version: TableMetadata): void {
    this.#begin()
    this.#update(version)
  }

  #begin(): void {
    this.versions.push(this.metadata)
    this.nowMs += HOUR_MS
  }

  #setRef(branch: string, snapshotId: string, loggedAtMs: number): void {
    const refs = { ...this.metadata.refs, [branch]: { snapshotId, type: 'branch' as const } }
    this.#update({ refs })
    if (branch !== 'main' || this.metadata.currentSnapshotId === snapshotId) return
    const entry = { snapshotId, timestampMs: loggedAtMs }
    const snapshotLog = this.#hasLog ? [...this.metadata.snapshotLog, entry] : []
    this.#update({ currentSnapshotId: snapshotId, snapshotLog })
  }

  #update(change: Partial<TableMetadata>): void {
    const metadata = { ...this.metadata, ...change }
    this.metadata = { ...metadata, lastUpdatedMs: Math.max(this.nowMs, metadata.snapshotLog.at(-1)?.timestampMs ?? 0) }
  }
}

/** The counts of a summary, without changes that are zero. */
function countsOf(added: Amounts, removed: Amounts, total: Amounts): Record<string, string> {
  const counts: Record<string, string> = {}
  mapMeasures((measure) => {
    const [addedKey, removedKey, totalKey] = KEYS[measure]
    if (added[measure] > 0) counts[addedKey] = String(added[measure])
    if (removed[measure] > 0) counts[removedKey] = String(removed[measure])
    counts[totalKey] = String(total[measure])
  })
  return counts
}
