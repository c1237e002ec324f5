import type { SnapshotRef, TableMetadata } from '../../iceberg/metadata/table-metadata'
import { propertyValue } from '../../iceberg/properties/property-value'

/**
 * How long a table keeps snapshots and refs, unless a ref has limits of its own. Durations may be infinite.
 *
 * Spec: Iceberg documentation, *Configuration*, `history.expire.*`.
 */
export type ExpirySettings = { maxSnapshotAgeMs: number; minSnapshotsToKeep: number; maxRefAgeMs: number }

export const MAX_SNAPSHOT_AGE_PROPERTY = 'history.expire.max-snapshot-age-ms'
export const MIN_SNAPSHOTS_PROPERTY = 'history.expire.min-snapshots-to-keep'
export const MAX_REF_AGE_PROPERTY = 'history.expire.max-ref-age-ms'

const DEFAULT_MAX_SNAPSHOT_AGE_MS = 5 * 24 * 60 * 60 * 1000
const DEFAULT_MIN_SNAPSHOTS_TO_KEEP = 1

/** @returns the name of the property that is not a whole number, with which no engine expires anything */
export function expirySettings({
  properties,
}: Pick<TableMetadata, 'properties'>): ExpirySettings | { invalid: string } {
  const read = (name: string, fallback: number): number | null => {
    const text = propertyValue(properties, name)
    if (text === null) return fallback
    return /^[-+]?\d{1,19}$/.test(text) ? Number(text) : null
  }
  const maxSnapshotAgeMs = read(MAX_SNAPSHOT_AGE_PROPERTY, DEFAULT_MAX_SNAPSHOT_AGE_MS)
  if (maxSnapshotAgeMs === null) return { invalid: MAX_SNAPSHOT_AGE_PROPERTY }
  const minSnapshotsToKeep = read(MIN_SNAPSHOTS_PROPERTY, DEFAULT_MIN_SNAPSHOTS_TO_KEEP)
  if (minSnapshotsToKeep === null) return { invalid: MIN_SNAPSHOTS_PROPERTY }
  const maxRefAgeMs = read(MAX_REF_AGE_PROPERTY, Infinity)
  return maxRefAgeMs === null
    ? { invalid: MAX_REF_AGE_PROPERTY }
    : { maxSnapshotAgeMs, minSnapshotsToKeep, maxRefAgeMs }
}

/** The last moment at which an expiry keeps a ref. `main` is always retained. */
export function refRetainedUntilMs(
  ref: Pick<SnapshotRef, 'maxRefAgeMs'> & { isMain: boolean },
  tipTimestampMs: number,
  { maxRefAgeMs }: Pick<ExpirySettings, 'maxRefAgeMs'>,
): number {
  return ref.isMain ? Infinity : tipTimestampMs + (ref.maxRefAgeMs ?? maxRefAgeMs)
}
