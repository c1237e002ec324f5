import { type DataFile, NO_METRICS } from '@/lib/iceberg/manifest/manifest'
import { ENTRY_STATUSES, FILE_CONTENTS } from '@/lib/iceberg/manifest/manifest-entry-schema'
import { currentSchema } from '@/lib/iceberg/metadata/current-layout'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { READABLE_METRICS } from '@/lib/iceberg/metadata/unreadable-bounds'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import type { FoundEntry } from './manifest-sequence'
import {
  countToLong,
  listType,
  mapType,
  type MetadataColumn,
  type MetadataTable,
  optionalColumn,
  requiredColumn,
  toLong,
  toMetadataTable,
} from './metadata-table'
import { createPartitionRows } from './partition-type'
import { type CanHold, createReadableMetrics } from './readable-metrics'

/** Metadata tables with a row per entry of a manifest. */

type FileRows = { entries: () => AsyncIterable<FoundEntry>; canHold: CanHold }

/** Entries with the members of their file in columns of their own. */
export function filesTable(
  metadata: TableMetadata,
  estimatedRowCount: number,
  { entries, canHold }: FileRows,
): MetadataTable {
  const columns = dataFileColumns(metadata).map(
    ({ field, valueOf }): MetadataColumn<FoundEntry> => ({
      field,
      valueOf: ({ entry }, report) => valueOf(entry.dataFile, report),
    }),
  )
  return toMetadataTable([...columns, ...readableMetricsColumn(metadata, canHold)], estimatedRowCount, entries)
}

/** Entries with the members of their file in one struct. */
export function entriesTable(
  metadata: TableMetadata,
  estimatedRowCount: number,
  { entries, canHold }: FileRows,
): MetadataTable {
  const files = dataFileColumns(metadata)
  const fileType = { type: 'struct', fields: files.map(({ field }): NestedField => field) } as const
  return toMetadataTable(
    [
      requiredColumn<FoundEntry>(0, 'status', 'int', ({ entry }) => ENTRY_STATUSES.indexOf(entry.status)),
      optionalColumn<FoundEntry>(1, 'snapshot_id', 'long', ({ entry }) => BigInt(entry.snapshotId)),
      optionalColumn<FoundEntry>(3, 'sequence_number', 'long', ({ entry }) => BigInt(entry.sequenceNumber)),
      optionalColumn<FoundEntry>(4, 'file_sequence_number', 'long', ({ entry }) =>
        countToLong(entry.fileSequenceNumber),
      ),
      requiredColumn<FoundEntry>(2, 'data_file', fileType, ({ entry }, report) =>
        files.map(({ valueOf }) => valueOf(entry.dataFile, report)),
      ),
      ...readableMetricsColumn(metadata, canHold),
    ],
    estimatedRowCount,
    entries,
  )
}

function dataFileColumns(metadata: TableMetadata): MetadataColumn<DataFile>[] {
  const { type: partitionType, toRow } = createPartitionRows(metadata)
  const counts = (keyId: number) => mapType(keyId, 'int', keyId + 1, 'long')
  const bounds = (keyId: number) => mapType(keyId, 'int', keyId + 1, 'binary')
  return [
    optionalColumn(134, 'content', 'int', ({ content }) => FILE_CONTENTS.indexOf(content)),
    requiredColumn(100, 'file_path', 'string', ({ filePath }) => filePath),
    requiredColumn(101, 'file_format', 'string', ({ fileFormat }) => fileFormat.toUpperCase()),
    optionalColumn(141, 'spec_id', 'int', ({ specId }) => specId),
    ...(partitionType === null
      ? []
      : [
          requiredColumn<DataFile>(102, 'partition', partitionType, ({ specId, partition }) =>
            toRow(specId, partition),
          ),
        ]),
    requiredColumn(103, 'record_count', 'long', ({ recordCount }) => BigInt(recordCount)),
    requiredColumn(104, 'file_size_in_bytes', 'long', ({ fileSizeBytes }) => BigInt(fileSizeBytes)),
    optionalColumn(108, 'column_sizes', counts(117), ({ metrics }) => toCounts(metrics.columnSizesBytes)),
    optionalColumn(109, 'value_counts', counts(119), ({ metrics }) => toCounts(metrics.valueCounts)),
    optionalColumn(110, 'null_value_counts', counts(121), ({ metrics }) => toCounts(metrics.nullValueCounts)),
    optionalColumn(137, 'nan_value_counts', counts(138), ({ metrics }) => toCounts(metrics.nanValueCounts)),
    optionalColumn(125, 'lower_bounds', bounds(126), ({ metrics }) => toPairs(metrics.lowerBounds)),
    optionalColumn(128, 'upper_bounds', bounds(129), ({ metrics }) => toPairs(metrics.upperBounds)),
    // Files of tables with encryption are refused before.
    optionalColumn(131, 'key_metadata', 'binary', () => null),
    optionalColumn(132, 'split_offsets', listType(133, 'long'), ({ splitOffsets }) =>
      splitOffsets === null ? null : splitOffsets.map(BigInt),
    ),
    optionalColumn(135, 'equality_ids', listType(136, 'int'), ({ equalityIds }) => equalityIds),
    optionalColumn(140, 'sort_order_id', 'int', ({ sortOrderId }) => sortOrderId),
    optionalColumn(142, 'first_row_id', 'long', ({ firstRowId }) => toLong(firstRowId)),
    optionalColumn(143, 'referenced_data_file', 'string', ({ referencedDataFile }) => referencedDataFile),
    optionalColumn(144, 'content_offset', 'long', ({ contentOffset }) => countToLong(contentOffset)),
    optionalColumn(145, 'content_size_in_bytes', 'long', ({ contentSizeBytes }) => countToLong(contentSizeBytes)),
  ]
}

function readableMetricsColumn(metadata: TableMetadata, canHold: CanHold): MetadataColumn<FoundEntry>[] {
  const { type, toRow } = createReadableMetrics(currentSchema(metadata), canHold)
  return type === null
    ? []
    : [optionalColumn<FoundEntry>(1000, READABLE_METRICS, type, ({ entry }, report) => toRow(entry.dataFile, report))]
}

function toCounts(counts: ReadonlyMap<number, number>): RowValue | null {
  return counts === NO_METRICS ? null : Array.from(counts, ([id, count]) => [id, BigInt(count)])
}

function toPairs(bounds: ReadonlyMap<number, Uint8Array>): RowValue | null {
  return bounds === NO_METRICS ? null : [...bounds]
}
