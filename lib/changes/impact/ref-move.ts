import { MAIN_BRANCH } from '../../iceberg/metadata/metadata-json'
import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { type ExpirySettings, expirySettings, refRetainedUntilMs } from './expiry-settings'
import { reachedIds } from './retention'

/** ECMA-262, *Time Values and Time Range*. Engines write the highest 64-bit number for "never". */
const LAST_INSTANT_MS = 8_640_000_000_000_000

/** The snapshots that a ref move leaves behind. */
export type RefMove = {
  /** Snapshots that a ref reaches before the move but not after it, newest first. */
  unreachableSnapshotIds: readonly string[]
  /**
   * The first moment at which an expiry with the table's own settings may remove one of them, which may be in the past;
   * null if none is left behind, if it never comes, or if no expiry can run.
   */
  earliestExpiryMs: number | null
}

/** @param move.toSnapshotId null when the ref is removed; a ref that does not exist is created as a branch */
export function refMove(
  metadata: TableMetadata,
  { refName, toSnapshotId }: { refName: string; toSnapshotId: string | null },
): RefMove {
  const after = { ...metadata, refs: movedRefs(metadata, refName, toSnapshotId) }
  const unreachableSnapshotIds = unreachableIds(metadata, after.refs)
  const times = expiryTimesMs(after, unreachableSnapshotIds)
  const earliestExpiryMs = Math.min(...times.values())
  return {
    unreachableSnapshotIds,
    earliestExpiryMs: earliestExpiryMs <= LAST_INSTANT_MS ? earliestExpiryMs : null,
  }
}

/** Snapshots that a ref reaches now but none of `refsAfter` does, newest first. */
export function unreachableIds(metadata: TableMetadata, refsAfter: TableMetadata['refs']): readonly string[] {
  const [reachedNow, reachedAfter] = [metadata.refs, refsAfter].map(
    (refs) => new Set(Object.values(refs).flatMap((ref) => reachedIds(metadata, ref))),
  )
  return metadata.snapshots
    .map(({ snapshotId }) => snapshotId)
    .filter((snapshotId) => reachedNow?.has(snapshotId) && !reachedAfter?.has(snapshotId))
    .reverse()
}

function movedRefs({ refs }: TableMetadata, refName: string, toSnapshotId: string | null): TableMetadata['refs'] {
  const known = Object.hasOwn(refs, refName) ? refs[refName] : undefined
  const others = Object.entries(refs).filter(([name]) => name !== refName)
  if (toSnapshotId === null) return Object.fromEntries(others)
  return Object.fromEntries([...others, [refName, { ...(known ?? { type: 'branch' }), snapshotId: toSnapshotId }]])
}

/** Until when a ref keeps a snapshot, and until when the ref itself is retained. */
type Hold = { heldUntilMs: number; refUntilMs: number }

/**
 * The first moment at which an expiry with the table's own settings may remove each snapshot: over all refs with their
 * numbers and ages, and over the age of the refs. Infinity if it never may. The rules are those of `retainedSnapshots`,
 * solved for the time.
 */
export function expiryTimesMs(metadata: TableMetadata, snapshotIds: readonly string[]): ReadonlyMap<string, number> {
  const settings = expirySettings(metadata)
  if ('invalid' in settings) return new Map(snapshotIds.map((snapshotId) => [snapshotId, Infinity]))
  const timestampById = new Map(metadata.snapshots.map(({ snapshotId, timestampMs }) => [snapshotId, timestampMs]))
  const holdsById = new Map<string, Hold[]>(snapshotIds.map((snapshotId) => [snapshotId, []]))
  for (const [name, ref] of Object.entries(metadata.refs)) {
    for (const [snapshotId, hold] of holdsOfRef(metadata, name, ref, settings, timestampById))
      holdsById.get(snapshotId)?.push(hold)
  }
  return new Map(
    [...holdsById].map(([snapshotId, holds]) => [
      snapshotId,
      firstUnheldMs(holds, timestampById.get(snapshotId) ?? 0, settings),
    ]),
  )
}

function holdsOfRef(
  metadata: TableMetadata,
  name: string,
  ref: SnapshotRef,
  settings: ExpirySettings,
  timestampById: ReadonlyMap<string, number>,
): [string, Hold][] {
  const tipMs = timestampById.get(ref.snapshotId)
  if (tipMs === undefined) return []
  const refUntilMs = refRetainedUntilMs({ ...ref, isMain: name === MAIN_BRANCH }, tipMs, settings)
  const minCount = Math.max(1, ref.minSnapshotsToKeep ?? settings.minSnapshotsToKeep)
  const maxAgeMs = ref.maxSnapshotAgeMs ?? settings.maxSnapshotAgeMs
  // A branch keeps no ancestor of a snapshot that it does not keep.
  let heldUntilMs = Infinity
  return reachedIds(metadata, ref).map((snapshotId, index) => {
    if (index >= minCount) heldUntilMs = Math.min(heldUntilMs, (timestampById.get(snapshotId) ?? 0) + maxAgeMs)
    return [snapshotId, { heldUntilMs, refUntilMs }]
  })
}

function firstUnheldMs(holds: readonly Hold[], timestampMs: number, { maxSnapshotAgeMs }: ExpirySettings): number {
  const ages = timestampMs + maxSnapshotAgeMs
  // Only at these moments can a hold on the snapshot end.
  const moments = [...holds.flatMap(({ heldUntilMs, refUntilMs }) => [heldUntilMs, refUntilMs]), ages]
  const isHeldAt = (nowMs: number): boolean => {
    const current = holds.filter(({ refUntilMs }) => nowMs <= refUntilMs)
    return current.length === 0 ? nowMs <= ages : current.some(({ heldUntilMs }) => nowMs <= heldUntilMs)
  }
  const candidates = moments.filter(Number.isFinite).map((moment) => moment + 1)
  return candidates.sort((a, b) => a - b).find((nowMs) => nowMs >= timestampMs && !isHeldAt(nowMs)) ?? Infinity
}
