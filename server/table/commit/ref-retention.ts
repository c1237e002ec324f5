import 'server-only'
import type { RefRetentionPreview } from '@/lib/contract/table/refs'
import { expirySettings, refRetainedUntilMs } from '@/lib/changes/impact/expiry-settings'
import { retainedSnapshots } from '@/lib/changes/impact/retained-snapshots'
import { requireKnownRef } from '@/lib/changes/intents/plan-ref-move'
import { type RefRetention, withRetention } from '@/lib/changes/edits/ref-edits'
import { MAIN_BRANCH } from '@/lib/iceberg/metadata/metadata-json'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { ManifestCache } from '../manifest-cache'
import { figuresOf, readSnapshotFiles, snapshotById } from './snapshot-files'

/** No ref can have it, so it is the name of one that is still to be named. */
const UNNAMED = ''
const LAST_INSTANT_MS = 8_640_000_000_000_000

export type RequestedRef = {
  /** Null for a new one. */
  refName: string | null
  type: 'branch' | 'tag'
  snapshotId: string
  retention: RefRetention
}

type PlannedRetention = ReturnType<typeof planRefRetention>

/**
 * A ref with a new retention, or a new ref, and its snapshot.
 *
 * @throws {AppError} not-found for a ref or a snapshot that the table does not have; invalid-request for limits that a
 * tag cannot have
 */
export function planRefRetention(metadata: TableMetadata, { refName, type, snapshotId, retention }: RequestedRef) {
  const ref = refName === null ? { type, snapshotId } : requireKnownRef(metadata, refName)
  const requested = withRetention(ref, retention)
  return { name: refName ?? UNNAMED, requested, snapshot: snapshotById(metadata, requested.snapshotId) }
}

/** The snapshots that a planned ref reads and those that it retains in an expiry. */
export async function readRefRetention(
  manifestCache: ManifestCache,
  table: LoadedTable,
  { name, requested, snapshot }: PlannedRetention,
  { nowMs, signal }: { nowMs: number; signal: AbortSignal },
): Promise<RefRetentionPreview> {
  const { metadata } = table
  const after = { ...metadata, refs: { ...metadata.refs, [name]: requested } }
  const files = await readSnapshotFiles(manifestCache, table, snapshot, table.store, signal)
  return {
    snapshotId: requested.snapshotId,
    committedAtMs: snapshot.timestampMs,
    schemaId: snapshot.schemaId,
    ...figuresOf([...files.values()]),
    expiry: readExpiry(metadata, after, name, { nowMs, tipMs: snapshot.timestampMs }),
  }
}

/** Null when a setting of the table is not a number, because no engine can expire anything then. */
function readExpiry(
  metadata: TableMetadata,
  after: TableMetadata,
  name: string,
  { nowMs, tipMs }: { nowMs: number; tipMs: number },
) {
  const settings = expirySettings(metadata)
  if ('invalid' in settings) return null
  const [now, then] = [metadata, after].map((state) => retainedSnapshots(state, { nowMs }).snapshots)
  const retainedCount = (snapshots: typeof now) =>
    snapshots?.filter(({ retainedByRefs }) => retainedByRefs.includes(name)).length
  const goesCount = (snapshots: typeof now) => snapshots?.filter(({ retainedBy }) => retainedBy === null).length
  const retainedUntilMs = refRetainedUntilMs({ ...after.refs[name], isMain: name === MAIN_BRANCH }, tipMs, settings)
  return {
    retainedSnapshotsNow: name === UNNAMED ? 0 : (retainedCount(now) ?? 0),
    retainedSnapshotsAfter: retainedCount(then) ?? 0,
    expirableSnapshotsNow: goesCount(now) ?? 0,
    expirableSnapshotsAfter: goesCount(then) ?? 0,
    refRetainedUntilMs: retainedUntilMs <= LAST_INSTANT_MS ? retainedUntilMs : null,
  }
}
