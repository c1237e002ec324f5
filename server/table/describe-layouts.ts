import 'server-only'
import { MAX_SCHEMA_SNAPSHOTS, type TableLayouts } from '@/lib/contract/table/tables'
import { writeTableMetadata } from '@/lib/iceberg/metadata/metadata-json'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Keys } from '@/server/auth/keys'
import type { MayRead } from './hidden-names'
import { maskProperties } from './mask-properties'

/** The metadata for editors of the table, and the snapshots at which each of its schemas was current. */
export function describeLayouts(keys: Keys, metadata: TableMetadata, mayRead?: MayRead): TableLayouts {
  const bySchema = Map.groupBy(
    metadata.snapshots.filter((snapshot) => snapshot.schemaId !== null),
    ({ schemaId }) => schemaId ?? 0,
  )
  const retained = new Set([...bySchema.values()].map((snapshots) => snapshots.at(-1)))
  return {
    metadata: writeTableMetadata({
      ...metadata,
      properties: maskProperties(keys, metadata.properties, metadata.tableUuid, mayRead),
      snapshots: metadata.snapshots.filter((snapshot) => retained.has(snapshot) || isCurrent(snapshot, metadata)),
      refs: {},
      snapshotLog: [],
      metadataLog: [],
      encryptionKeys: [],
      statistics: [],
      partitionStatistics: [],
    }),
    schemaUses: [...bySchema].map(([schemaId, snapshots]) => ({
      schemaId,
      snapshotCount: snapshots.length,
      snapshots: snapshots
        .slice(-MAX_SCHEMA_SNAPSHOTS)
        .toReversed()
        .map(({ snapshotId, timestampMs }) => ({ snapshotId, committedAtMs: timestampMs })),
    })),
  }
}

/** A table without `main` would not be readable while it has a current snapshot. */
function isCurrent({ snapshotId }: Snapshot, { currentSnapshotId }: TableMetadata): boolean {
  return snapshotId === currentSnapshotId
}
