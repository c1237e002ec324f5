import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionValueKey } from '@/lib/iceberg/manifest/partition-key'
import type { Snapshot, TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Value } from '@/lib/iceberg/schema/types'
import type { FoundEntry } from './manifest-sequence'
import {
  type MetadataColumn,
  type MetadataTable,
  optionalColumn,
  requiredColumn,
  toLong,
  toMetadataTable,
  toMicros,
} from './metadata-table'
import { createPartitionRows } from './partition-type'

type Totals = { recordCount: bigint; fileCount: number }
type Partition = {
  values: readonly (Value | null)[]
  /** The spec of the snapshot that updated the partition last. */
  specId: number
  data: Totals
  dataBytes: bigint
  positionDeletes: Totals
  equalityDeletes: Totals
  lastUpdate: Snapshot | null
}

/** Sums are held for each partition until all entries have been read. */
const MAX_PARTITIONS = 500_000

/**
 * The live files of a snapshot by partition. A table without partitions has one row.
 *
 * @param entries live ones
 */
export function partitionsTable(
  metadata: TableMetadata,
  estimatedRowCount: number,
  entries: () => AsyncIterable<FoundEntry>,
): MetadataTable {
  const { type, toRow, fieldCountOf } = createPartitionRows(metadata)
  const snapshots = new Map(metadata.snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const partitionColumns: MetadataColumn<Partition>[] =
    type === null
      ? []
      : [
          requiredColumn(1, 'partition', type, ({ values }) => values),
          requiredColumn(4, 'spec_id', 'int', ({ specId }) => specId),
        ]
  return toMetadataTable<Partition>(
    [
      ...partitionColumns,
      requiredColumn(2, 'record_count', 'long', ({ data }) => data.recordCount),
      requiredColumn(3, 'file_count', 'int', ({ data }) => data.fileCount),
      requiredColumn(11, 'total_data_file_size_in_bytes', 'long', ({ dataBytes }) => dataBytes),
      requiredColumn(5, 'position_delete_record_count', 'long', ({ positionDeletes }) => positionDeletes.recordCount),
      requiredColumn(6, 'position_delete_file_count', 'int', ({ positionDeletes }) => positionDeletes.fileCount),
      requiredColumn(7, 'equality_delete_record_count', 'long', ({ equalityDeletes }) => equalityDeletes.recordCount),
      requiredColumn(8, 'equality_delete_file_count', 'int', ({ equalityDeletes }) => equalityDeletes.fileCount),
      optionalColumn(9, 'last_updated_at', 'timestamptz', ({ lastUpdate }) =>
        lastUpdate === null ? null : toMicros(lastUpdate.timestampMs),
      ),
      optionalColumn(10, 'last_updated_snapshot_id', 'long', ({ lastUpdate }) => toLong(lastUpdate?.snapshotId)),
    ],
    estimatedRowCount,
    sumUp,
  )

  async function* sumUp(): AsyncGenerator<Partition, void> {
    const partitions = new Map<string, Partition>()
    for await (const { entry } of entries()) addEntry(partitions, entry)
    yield* partitions.values()
  }

  function addEntry(partitions: Map<string, Partition>, { dataFile, snapshotId }: ManifestEntry): void {
    const values = toRow(dataFile.specId, dataFile.partition)
    // A partition without a field is not that whose field is null.
    const key = JSON.stringify([fieldCountOf(dataFile.specId), ...values.map(partitionValueKey)])
    let partition = partitions.get(key)
    if (!partition) {
      if (partitions.size >= MAX_PARTITIONS)
        throw new AppError('too-large', `The snapshot has more than ${MAX_PARTITIONS} partitions.`)
      partition = newPartition(values)
      partitions.set(key, partition)
    }
    const snapshot = snapshots.get(snapshotId)
    if (snapshot && (partition.lastUpdate === null || snapshot.timestampMs > partition.lastUpdate.timestampMs)) {
      partition.specId = dataFile.specId
      partition.lastUpdate = snapshot
    }
    const totals =
      dataFile.content === 'data'
        ? partition.data
        : dataFile.content === 'position-deletes'
          ? partition.positionDeletes
          : partition.equalityDeletes
    totals.recordCount += BigInt(dataFile.recordCount)
    totals.fileCount += 1
    if (dataFile.content === 'data') partition.dataBytes += BigInt(dataFile.fileSizeBytes)
  }
}

function newPartition(values: readonly (Value | null)[]): Partition {
  return {
    values,
    specId: 0,
    data: { recordCount: 0n, fileCount: 0 },
    dataBytes: 0n,
    positionDeletes: { recordCount: 0n, fileCount: 0 },
    equalityDeletes: { recordCount: 0n, fileCount: 0 },
    lastUpdate: null,
  }
}
