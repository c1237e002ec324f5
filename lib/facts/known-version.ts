import { MAIN_BRANCH } from '../iceberg/metadata/main-branch'
import { DEMO_HISTORY_PROPERTY } from '../iceberg/properties/demo-history'
import { propertyValue } from '../iceberg/properties/property-value'
import type { Snapshot, SnapshotRef, TableMetadata } from '../iceberg/metadata/table-metadata'

/** The newest version in the history of a table, as far as the next one is compared with it. */
export type KnownVersion = {
  lastUpdatedMs: number
  /** The highest that was ever known. In v1 tables 0: new snapshots are then told by their time. */
  lastSequenceNumber: number
  /** The latest time that any snapshot stated; 0 without snapshots. */
  lastSnapshotMs: number
  mainSnapshotId: string | null
  /** The newest entry of the snapshot log and its index there; null if the log is empty. */
  lastLogged: { snapshotId: string; timestampMs: number; index: number } | null
  /** Branches and tags except `main`. */
  refs: Readonly<Record<string, Pick<SnapshotRef, 'snapshotId' | 'type'>>>
  formatVersion: number
  schemaId: number
  specId: number
  sortOrderId: number
  /** Digests of the values, because a value may be a secret. */
  properties: Readonly<Record<string, string>>
  snapshotCount: number
}

/** @param earlier the version that was known before; null if there was none */
export function toKnownVersion(metadata: TableMetadata, earlier: KnownVersion | null = null): KnownVersion {
  const { currentSnapshotId, snapshotLog } = metadata
  const last = snapshotLog.at(-1)
  return {
    lastUpdatedMs: metadata.lastUpdatedMs,
    // A catalog may return to an earlier version, and then to a later one that is not new.
    lastSequenceNumber: Math.max(metadata.lastSequenceNumber, earlier?.lastSequenceNumber ?? 0),
    lastSnapshotMs: metadata.snapshots.reduce(
      (lastMs, { timestampMs }) => Math.max(lastMs, timestampMs),
      earlier?.lastSnapshotMs ?? 0,
    ),
    mainSnapshotId: currentSnapshotId,
    lastLogged: last
      ? { snapshotId: last.snapshotId, timestampMs: last.timestampMs, index: snapshotLog.length - 1 }
      : null,
    refs: Object.fromEntries(
      Object.entries(metadata.refs)
        .filter(([name]) => name !== MAIN_BRANCH)
        .map(([name, { snapshotId, type }]) => [name, { snapshotId, type }]),
    ),
    formatVersion: metadata.formatVersion,
    schemaId: metadata.currentSchemaId,
    specId: metadata.defaultSpecId,
    sortOrderId: metadata.defaultSortOrderId,
    properties: Object.fromEntries(
      Object.entries(metadata.properties).map(([name, value]) => [name, digestText(value)]),
    ),
    snapshotCount: metadata.snapshots.length,
  }
}

/** Whether a snapshot was certainly added after the known version. */
export function isNewSince(
  { lastSequenceNumber, lastUpdatedMs, lastSnapshotMs }: KnownVersion,
  { sequenceNumber, timestampMs }: Snapshot,
): boolean {
  if (sequenceNumber > 0) return sequenceNumber > lastSequenceNumber
  return timestampMs > Math.max(lastUpdatedMs, lastSnapshotMs)
}

/** Whether it is a table of the demo lake, whose commit times and writers are invented. */
export function hasDemoHistory({ properties }: KnownVersion): boolean {
  return propertyValue(properties, DEMO_HISTORY_PROPERTY) === digestText('true')
}

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** FNV-1a of 32 bits: tells whether a value has changed, and does not disclose it. */
function digestText(text: string): string {
  let hash = FNV_OFFSET
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME)
  }
  return (hash >>> 0).toString(36)
}
