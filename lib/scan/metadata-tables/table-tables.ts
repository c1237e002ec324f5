import { JsonFields } from '@/lib/iceberg/json/json-fields'
import type { JsonObject } from '@/lib/iceberg/json/json'
import { ancestorIds } from '@/lib/iceberg/metadata/ancestors'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { RowValue } from '../read/row-value'
import {
  listType,
  mapType,
  type MetadataColumn,
  type MetadataTable,
  optionalColumn,
  requiredColumn,
  toLong,
  toMetadataTable,
  toMicros,
} from './metadata-table'

/** Metadata tables whose rows are in the metadata file itself. */

/** Every snapshot, in the order of commit. */
export function snapshotsTable({ snapshots }: TableMetadata): MetadataTable {
  return toMetadataTable(
    [
      requiredColumn(1, 'committed_at', 'timestamptz', ({ timestampMs }) => toMicros(timestampMs)),
      requiredColumn(2, 'snapshot_id', 'long', ({ snapshotId }) => BigInt(snapshotId)),
      optionalColumn(3, 'parent_id', 'long', ({ parentSnapshotId }) => toLong(parentSnapshotId)),
      optionalColumn(4, 'operation', 'string', ({ summary }) => summary['operation'] ?? null),
      optionalColumn(5, 'manifest_list', 'string', ({ manifestList }) => manifestList),
      optionalColumn(6, 'summary', mapType(7, 'string', 8, 'string'), ({ summary }) => {
        const { operation: _operation, ...counts } = summary
        return Object.keys(summary).length === 0 ? null : Object.entries(counts)
      }),
    ] satisfies MetadataColumn<TableMetadata['snapshots'][number]>[],
    snapshots.length,
    () => snapshots,
  )
}

/** Each time the current snapshot of `main` changed. */
export function historyTable(metadata: TableMetadata): MetadataTable {
  const { snapshotLog, snapshots, currentSnapshotId } = metadata
  const parents = new Map(snapshots.map(({ snapshotId, parentSnapshotId }) => [snapshotId, parentSnapshotId]))
  const ancestors = new Set(currentSnapshotId === null ? [] : ancestorIds(metadata, currentSnapshotId))
  return toMetadataTable(
    [
      requiredColumn(1, 'made_current_at', 'timestamptz', ({ timestampMs }) => toMicros(timestampMs)),
      requiredColumn(2, 'snapshot_id', 'long', ({ snapshotId }) => BigInt(snapshotId)),
      optionalColumn(3, 'parent_id', 'long', ({ snapshotId }) => toLong(parents.get(snapshotId))),
      requiredColumn(4, 'is_current_ancestor', 'boolean', ({ snapshotId }) => ancestors.has(snapshotId)),
    ] satisfies MetadataColumn<TableMetadata['snapshotLog'][number]>[],
    snapshotLog.length,
    () => snapshotLog,
  )
}

/** Branches and tags. */
export function refsTable({ refs }: TableMetadata): MetadataTable {
  const named = Object.entries(refs).map(([name, ref]) => ({ name, ...ref }))
  return toMetadataTable(
    [
      requiredColumn(1, 'name', 'string', ({ name }) => name),
      requiredColumn(2, 'type', 'string', ({ type }) => type.toUpperCase()),
      requiredColumn(3, 'snapshot_id', 'long', ({ snapshotId }) => BigInt(snapshotId)),
      optionalColumn(4, 'max_reference_age_in_ms', 'long', ({ maxRefAgeMs }) => optionalLong(maxRefAgeMs)),
      optionalColumn(5, 'min_snapshots_to_keep', 'int', ({ minSnapshotsToKeep }) => minSnapshotsToKeep ?? null),
      optionalColumn(6, 'max_snapshot_age_in_ms', 'long', ({ maxSnapshotAgeMs }) => optionalLong(maxSnapshotAgeMs)),
    ] satisfies MetadataColumn<(typeof named)[number]>[],
    named.length,
    () => named,
  )
}

/** The metadata files of the log and the one that was read, oldest first. */
export function metadataLogEntriesTable(metadata: TableMetadata, metadataLocation: string): MetadataTable {
  const { metadataLog, snapshotLog, snapshots, lastUpdatedMs } = metadata
  const snapshotById = new Map(snapshots.map((snapshot) => [snapshot.snapshotId, snapshot]))
  const files = [...metadataLog, { timestampMs: lastUpdatedMs, metadataFile: metadataLocation }]
  const entries = files.map(({ timestampMs, metadataFile }) => {
    const snapshotId = snapshotLog.findLast((entry) => entry.timestampMs <= timestampMs)?.snapshotId ?? null
    return { timestampMs, metadataFile, snapshotId, snapshot: snapshotById.get(snapshotId ?? '') ?? null }
  })
  return toMetadataTable(
    [
      requiredColumn(1, 'timestamp', 'timestamptz', ({ timestampMs }) => toMicros(timestampMs)),
      requiredColumn(2, 'file', 'string', ({ metadataFile }) => metadataFile),
      optionalColumn(3, 'latest_snapshot_id', 'long', ({ snapshotId }) => toLong(snapshotId)),
      optionalColumn(4, 'latest_schema_id', 'int', ({ snapshot }) => snapshot?.schemaId ?? null),
      optionalColumn(5, 'latest_sequence_number', 'long', ({ snapshot }) => optionalLong(snapshot?.sequenceNumber)),
    ] satisfies MetadataColumn<(typeof entries)[number]>[],
    entries.length,
    () => entries,
  )
}

/** @param properties as they may be shown: values that grant access are masked */
export function propertiesTable(properties: Readonly<Record<string, string>>): MetadataTable {
  const entries = Object.entries(properties)
  return toMetadataTable(
    [
      requiredColumn(1, 'key', 'string', ([key]) => key),
      requiredColumn(2, 'value', 'string', ([, value]) => value),
    ] satisfies MetadataColumn<(typeof entries)[number]>[],
    entries.length,
    () => entries,
  )
}

const BLOB_TYPE = {
  type: 'struct',
  fields: [
    { id: 9, name: 'type', type: 'string', required: true },
    { id: 10, name: 'snapshot_id', type: 'long', required: true },
    { id: 11, name: 'sequence_number', type: 'long', required: true },
    { id: 12, name: 'fields', type: listType(13, 'int'), required: true },
    { id: 14, name: 'properties', type: mapType(15, 'string', 16, 'string'), required: false },
  ],
} as const

/**
 * Statistics files. Spec: Iceberg table spec, *Table Statistics*.
 *
 * @throws {AppError} file-damaged when rows are read, for an entry without its fields
 */
export function statisticsTable({ statistics }: TableMetadata): MetadataTable {
  return toMetadataTable(
    [
      requiredColumn(1, 'snapshot_id', 'long', (file) => BigInt(file.long('snapshot-id'))),
      requiredColumn(2, 'statistics_path', 'string', (file) => file.text('statistics-path')),
      requiredColumn(3, 'file_size_in_bytes', 'long', (file) => BigInt(file.long('file-size-in-bytes'))),
      requiredColumn(4, 'file_footer_size_in_bytes', 'long', (file) => BigInt(file.long('file-footer-size-in-bytes'))),
      requiredColumn(5, 'blob_metadata', listType(6, BLOB_TYPE), (file) =>
        file.items('blob-metadata').map(({ json, path }) => toBlobRow(new JsonFields(json, path))),
      ),
    ] satisfies MetadataColumn<JsonFields>[],
    statistics.length,
    () => toJsonFields(statistics, 'statistics'),
  )
}

/** Spec: Iceberg table spec, *Partition Statistics*. Throws as {@link statisticsTable}. */
export function partitionStatisticsTable({ partitionStatistics }: TableMetadata): MetadataTable {
  return toMetadataTable(
    [
      requiredColumn(1, 'snapshot_id', 'long', (file) => BigInt(file.long('snapshot-id'))),
      requiredColumn(2, 'statistics_path', 'string', (file) => file.text('statistics-path')),
      requiredColumn(3, 'file_size_in_bytes', 'long', (file) => BigInt(file.long('file-size-in-bytes'))),
    ] satisfies MetadataColumn<JsonFields>[],
    partitionStatistics.length,
    () => toJsonFields(partitionStatistics, 'partition-statistics'),
  )
}

function toBlobRow(blob: JsonFields): RowValue {
  return [
    blob.text('type'),
    BigInt(blob.long('snapshot-id')),
    BigInt(blob.long('sequence-number')),
    blob.ints('fields'),
    blob.has('properties') ? Object.entries(blob.textMap('properties')) : null,
  ]
}

function* toJsonFields(objects: readonly JsonObject[], path: string): Generator<JsonFields, void> {
  for (const [index, object] of objects.entries()) yield new JsonFields(object, `${path}[${index}]`)
}

function optionalLong(value: number | undefined): bigint | null {
  return value === undefined ? null : BigInt(value)
}
