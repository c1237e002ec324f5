import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '../avro/codecs'
import { writeAvroFile } from '../avro/container'
import { ENTRY_STATUSES, FILE_CONTENTS, manifestEntrySchema } from './manifest-entry-schema'
import { summarizeTuples, tupleToAvro } from './partition-tuple'
import type { AvroValue } from '../avro/write-value'
import { countEntries } from './count-entries'
import { stringifyExactJson } from '../json/exact-json'
import type { DataFile, ManifestFile } from './manifest'
import { type PartitionColumn, partitionColumns, type PartitionSpec } from '../partitioning/partition-spec'
import { partitionFieldsToJson } from '../partitioning/partition-spec-json'
import { schemaToJson } from '../schema/schema-json'
import type { Schema } from '../schema/types'

/**
 * Writes manifests as Avro files.
 *
 * Spec: Iceberg table spec, *Manifests*, *Sequence Number Inheritance*, *First Row ID Inheritance*.
 */

/** The block size of Java. */
const V1_BLOCK_SIZE_BYTES = 64 * 1024 * 1024

/** A new file inherits its numbers when it is read; an existing or deleted file keeps those it has. */
export type EntryToWrite =
  /**
   * `sequenceNumber` is the data sequence number of a file that replaces older ones; other files inherit theirs. With
   * `fileSequenceNumber` the file is a copy, whose row ids are written, too.
   */
  | { status: 'added'; dataFile: DataFile; sequenceNumber?: number; fileSequenceNumber?: number | null }
  | {
      status: 'existing' | 'deleted'
      snapshotId: string
      sequenceNumber: number
      fileSequenceNumber: number | null
      dataFile: DataFile
    }

export type ManifestHeader = {
  formatVersion: number
  content: ManifestFile['content']
  schema: Schema
  spec: PartitionSpec
  /** The id of the commit's snapshot; written into added and deleted entries. */
  snapshotId: string
}

/** The manifest list's description of a manifest, without its location and the commit's sequence number. */
export type ManifestSummary = Omit<ManifestFile, 'manifestPath' | 'sequenceNumber' | 'minSequenceNumber'> & {
  /** Lowest of the live entries that have their own; null when every live entry inherits the commit's. */
  minSequenceNumber: number | null
}

/**
 * The bytes of a manifest do not depend on the sequence number or the row ids of its commit: a retried commit rewrites
 * its manifest list and reuses its manifests.
 *
 * @param entries at least one, all of `manifestHeader.content` and `manifestHeader.spec`
 * @throws {AppError} not-supported for a later format, for deletes in v1, or a spec with unsupported types
 */
export function writeManifest(
  entries: readonly EntryToWrite[],
  manifestHeader: ManifestHeader,
  codecs: AvroCodecs,
): { bytes: Uint8Array; summary: ManifestSummary } {
  const { formatVersion, content, schema, spec, snapshotId } = manifestHeader
  if ((formatVersion !== 1 || content === 'deletes') && formatVersion !== 2 && formatVersion !== 3)
    throw new AppError(
      'not-supported',
      `Lakeshore does not write manifests of ${content} in format v${formatVersion}`,
      {
        facts: { formatVersion },
      },
    )
  if (entries.length === 0) throw new TypeError('a manifest must have at least one entry')
  const columns = partitionColumns(spec, schema)
  const header = {
    schema: stringifyExactJson(schemaToJson(schema)),
    'schema-id': String(schema.schemaId),
    'partition-spec': stringifyExactJson(partitionFieldsToJson(spec.fields)),
    'partition-spec-id': String(spec.specId),
    'format-version': String(formatVersion),
    ...(formatVersion > 1 && { content }),
  }
  const records = entries.map((entry) => toRecord(entry, manifestHeader, columns))
  const bytes = writeAvroFile(manifestEntrySchema(columns, formatVersion), records, header, codecs)
  return {
    bytes,
    summary: {
      manifestLengthBytes: bytes.length,
      partitionSpecId: spec.specId,
      content,
      addedSnapshotId: snapshotId,
      minSequenceNumber: lowestSequenceNumber(entries),
      ...countEntries(entries),
      partitions: summarizeTuples(
        columns,
        entries.map(({ dataFile }) => dataFile.partition),
      ),
      firstRowId: null,
    },
  }
}

function lowestSequenceNumber(entries: readonly EntryToWrite[]): number | null {
  return entries.reduce((lowest: number | null, { status, sequenceNumber }) => {
    if (status === 'deleted' || sequenceNumber === undefined) return lowest
    return Math.min(lowest ?? sequenceNumber, sequenceNumber)
  }, null)
}

function toRecord(entry: EntryToWrite, manifestHeader: ManifestHeader, columns: readonly PartitionColumn[]): AvroValue {
  const { status, dataFile } = entry
  if (
    (dataFile.content === 'data') !== (manifestHeader.content === 'data') ||
    dataFile.specId !== manifestHeader.spec.specId
  )
    throw new TypeError(`${dataFile.filePath} does not belong in this manifest`)
  return {
    status: ENTRY_STATUSES.indexOf(status),
    snapshot_id: BigInt(status === 'existing' ? entry.snapshotId : manifestHeader.snapshotId),
    sequence_number: entry.sequenceNumber ?? null,
    file_sequence_number: entry.fileSequenceNumber ?? null,
    data_file: {
      content: FILE_CONTENTS.indexOf(dataFile.content),
      file_path: dataFile.filePath,
      file_format: dataFile.fileFormat.toUpperCase(),
      partition: tupleToAvro(columns, dataFile.partition),
      record_count: dataFile.recordCount,
      file_size_in_bytes: dataFile.fileSizeBytes,
      block_size_in_bytes: V1_BLOCK_SIZE_BYTES,
      column_sizes: toPairs(dataFile.metrics.columnSizesBytes),
      value_counts: toPairs(dataFile.metrics.valueCounts),
      null_value_counts: toPairs(dataFile.metrics.nullValueCounts),
      nan_value_counts: toPairs(dataFile.metrics.nanValueCounts),
      lower_bounds: toPairs(dataFile.metrics.lowerBounds),
      upper_bounds: toPairs(dataFile.metrics.upperBounds),
      split_offsets: dataFile.splitOffsets,
      equality_ids: dataFile.equalityIds,
      sort_order_id: dataFile.sortOrderId,
      referenced_data_file: dataFile.referencedDataFile,
      ...(manifestHeader.formatVersion === 3 && {
        first_row_id: firstRowIdToWrite(entry),
        content_offset: dataFile.contentOffset,
        content_size_in_bytes: dataFile.contentSizeBytes,
      }),
    },
  }
}

/** A new file inherits its row id from the manifest list; other files keep theirs. */
function firstRowIdToWrite({ status, dataFile, fileSequenceNumber }: EntryToWrite): bigint | null {
  const isNew = status === 'added' && fileSequenceNumber === undefined
  return isNew || dataFile.firstRowId === null ? null : BigInt(dataFile.firstRowId)
}

function toPairs(map: ReadonlyMap<number, number | Uint8Array>): AvroValue {
  return map.size === 0 ? null : [...map].map(([key, value]) => ({ key, value }))
}
