import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'

/** A small table for tests: two schemas, a month partition, four snapshots in a line, a branch and a tag. */

const DAY_MS = 86_400_000
const START_MS = 1_700_000_000_000

/**
 * Ids beyond 2^53, so that tests catch a reader that rounds; the n-th snapshot was committed n days after the first.
 */
export const SAMPLE_SNAPSHOT_IDS = [
  '3051729675574597004',
  '3055729675574597004',
  '4951213507629824583',
  '9158179788527662767',
] as const

export function sampleSnapshot(index: 0 | 1 | 2 | 3, overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    snapshotId: SAMPLE_SNAPSHOT_IDS[index],
    parentSnapshotId: index === 0 ? null : (SAMPLE_SNAPSHOT_IDS[index - 1] ?? null),
    sequenceNumber: index + 1,
    timestampMs: START_MS + index * DAY_MS,
    manifestList: `file:///lake/demo/flights/metadata/snap-${index}.avro`,
    summary: { operation: 'append', 'added-records': '10', 'total-records': String((index + 1) * 10) },
    schemaId: index < 2 ? 0 : 1,
    ...overrides,
  }
}

export function sampleMetadata(overrides: Partial<TableMetadata> = {}): TableMetadata {
  const snapshots = [sampleSnapshot(0), sampleSnapshot(1), sampleSnapshot(2), sampleSnapshot(3)]
  return {
    formatVersion: 2,
    tableUuid: 'eee3ca77-1713-442c-8c2f-ad98d8d36a9b',
    location: 'file:///lake/demo/flights',
    lastSequenceNumber: 4,
    lastUpdatedMs: START_MS + 3 * DAY_MS,
    lastColumnId: 3,
    schemas: [
      {
        schemaId: 0,
        identifierFieldIds: [],
        fields: [
          { id: 1, name: 'date', required: false, type: 'timestamp' },
          { id: 2, name: 'origin', required: false, type: 'string' },
        ],
      },
      {
        schemaId: 1,
        identifierFieldIds: [],
        fields: [
          { id: 1, name: 'date', required: false, type: 'timestamp' },
          { id: 2, name: 'origin', required: false, type: 'string' },
          { id: 3, name: 'route', required: false, type: 'string' },
        ],
      },
    ],
    currentSchemaId: 1,
    partitionSpecs: [{ specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'date_month', transform: 'month' }] }],
    defaultSpecId: 0,
    lastPartitionId: 1000,
    sortOrders: [{ orderId: 0, fields: [] }],
    defaultSortOrderId: 0,
    properties: { 'write.parquet.compression-codec': 'zstd', owner: 'ada' },
    currentSnapshotId: SAMPLE_SNAPSHOT_IDS[3],
    snapshots,
    snapshotLog: snapshots.map(({ timestampMs, snapshotId }) => ({ timestampMs, snapshotId })),
    metadataLog: [],
    refs: {
      main: { snapshotId: SAMPLE_SNAPSHOT_IDS[3], type: 'branch', minSnapshotsToKeep: 3 },
      audit: { snapshotId: SAMPLE_SNAPSHOT_IDS[1], type: 'branch' },
      'q1-close': { snapshotId: SAMPLE_SNAPSHOT_IDS[0], type: 'tag' },
    },
    nextRowId: null,
    encryptionKeys: [],
    statistics: [],
    partitionStatistics: [],
    ...overrides,
  }
}
