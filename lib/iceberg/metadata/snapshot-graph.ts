import { AppError } from '@/lib/errors'
import type { AsOf } from '../as-of'
import { currentSchema, schemaOfId } from './current-layout'
import { MAIN_BRANCH } from './main-branch'
import type { Snapshot, SnapshotLogEntry, SnapshotRef, TableMetadata } from './table-metadata'
import type { Schema } from '../schema/types'

/**
 * Navigates a table's history.
 *
 * Spec: Iceberg table spec, *Point in Time Reads (Time Travel)*.
 */

export type ResolvedAsOf = {
  /** Null only for a table that has no snapshot yet. */
  snapshot: Snapshot | null
  schema: Schema
  /** The requested branch or tag, `main` by default; null for a snapshot or a time. */
  refName: string | null
  refType: SnapshotRef['type'] | null
}

/**
 * The snapshot to read and its schema. A branch is read with the table's current schema; a tag, a snapshot or a time
 * with the schema of its snapshot. A time resolves through the snapshot log of `main`, so a snapshot that was rolled
 * back is found for the time when it was current.
 *
 * @throws {AppError} not-found for an unknown ref or snapshot, or a time before the log begins (facts: `earliestMs`);
 *   invalid-request when more than one of the three is set
 */
export function resolveAsOf(metadata: TableMetadata, asOf: AsOf): ResolvedAsOf {
  const { ref, snapshotId, atMs } = asOf
  if ([ref, snapshotId, atMs].filter((part) => part !== undefined).length > 1) {
    throw new AppError('invalid-request', 'Choose only one of a ref, a snapshot and a time')
  }
  if (snapshotId !== undefined) return resolveSnapshot(metadata, snapshotId)
  if (atMs !== undefined) return resolveSnapshot(metadata, snapshotIdAt(metadata, atMs))
  return resolveRef(metadata, ref ?? MAIN_BRANCH)
}

/** A branch or tag by name, or null. */
export function findRef(metadata: Pick<TableMetadata, 'refs'>, refName: string): SnapshotRef | null {
  return Object.hasOwn(metadata.refs, refName) ? (metadata.refs[refName] ?? null) : null
}

function resolveRef(metadata: TableMetadata, refName: string): ResolvedAsOf {
  const ref = findRef(metadata, refName)
  if (ref === null) {
    if (refName !== MAIN_BRANCH) {
      throw new AppError('not-found', `The table has no branch or tag ${refName}.`, { facts: { refName } })
    }
    return { snapshot: null, schema: currentSchema(metadata), refName, refType: 'branch' }
  }
  const resolved = resolveSnapshot(metadata, ref.snapshotId)
  const schema = ref.type === 'branch' ? currentSchema(metadata) : resolved.schema
  return { snapshot: resolved.snapshot, schema, refName, refType: ref.type }
}

function resolveSnapshot(metadata: TableMetadata, snapshotId: string): ResolvedAsOf {
  const snapshot = metadata.snapshots.find((candidate) => candidate.snapshotId === snapshotId)
  if (snapshot === undefined) {
    throw new AppError('not-found', `The table has no snapshot ${snapshotId}. It may have expired.`, {
      facts: { snapshotId, hint: 'Choose another snapshot.' },
    })
  }
  const schema = schemaOfId(metadata, snapshot.schemaId ?? metadata.currentSchemaId)
  return { snapshot, schema, refName: null, refType: null }
}

function snapshotIdAt(metadata: TableMetadata, atMs: number): string {
  const { snapshotLog } = metadata
  let found: SnapshotLogEntry | null = null
  let earliestMs: number | null = null
  for (const entry of snapshotLog) {
    earliestMs = Math.min(earliestMs ?? entry.timestampMs, entry.timestampMs)
    // The last of several entries in the same millisecond counts.
    if (entry.timestampMs <= atMs && (found === null || entry.timestampMs >= found.timestampMs)) found = entry
  }
  if (found !== null) return found.snapshotId
  const requested = `The table has no snapshot at ${formatUtc(atMs)}`
  const reason = earliestMs === null ? 'it has none at all' : `its snapshot log begins at ${formatUtc(earliestMs)}`
  throw new AppError('not-found', `${requested}: ${reason}.`, { facts: { atMs, earliestMs } })
}

/** `2020-01-01 00:00:00.000 UTC`; the number of milliseconds for instants that no calendar date has. */
function formatUtc(atMs: number): string {
  const date = new Date(atMs)
  if (Number.isNaN(date.getTime())) return `${atMs} ms since 1970`
  return `${date.toISOString().replace('T', ' ').replace('Z', '')} UTC`
}
