import { AppError } from '@/lib/errors'
import type { AvroType } from '../avro/avro-type'
import type { ByteCursor } from '../avro/byte-cursor'
import {
  arrayReader,
  binaryReader,
  countReader,
  enumReader,
  idReader,
  integerReader,
  type ProjectedField,
  projectedField,
  type Reader,
  recordReader,
  textReader,
} from '../avro/read-value'
import type { PartitionColumn } from '../partitioning/partition-spec'
import { type LazyMetrics, metricsFields } from './lazy-metrics'
import type { DataFile, ManifestEntry } from './manifest'
import { ENTRY_STATUSES, FILE_CONTENTS } from './manifest-entry-schema'
import { tupleReader } from './partition-tuple'

type FileDraft = { -readonly [K in keyof DataFile]: DataFile[K] } & { metrics: LazyMetrics }
/** One entry as written, before it inherits missing fields. */
export type RawEntry = {
  status: ManifestEntry['status']
  snapshotId: string | null
  sequenceNumber: number | null
  fileSequenceNumber: number | null
  dataFile: FileDraft
}

const FORMATS: ReadonlyMap<string, DataFile['fileFormat']> = new Map([
  ['PARQUET', 'parquet'],
  ['AVRO', 'avro'],
  ['ORC', 'orc'],
  ['PUFFIN', 'puffin'],
])

/**
 * The fields of a manifest entry.
 *
 * @param columns the partition columns of the spec of the manifest
 */
export function entryFields(
  columns: readonly PartitionColumn[],
  specId: number,
): { fields: ProjectedField<RawEntry>[]; newFile: (block: ByteCursor) => FileDraft } {
  const { fields: metricFields, createMetrics } = metricsFields<FileDraft>()
  const fileFields: ProjectedField<FileDraft>[] = [
    projectedField(134, ['content'], enumReader(FILE_CONTENTS), (file, value) => (file.content = value)),
    projectedField(100, ['file_path'], textReader, (file, value) => (file.filePath = value), { required: true }),
    projectedField(101, ['file_format'], formatReader, (file, value) => (file.fileFormat = value), { required: true }),
    projectedField(
      102,
      ['partition'],
      (type, label) => tupleReader(type, columns, label),
      (file, value) => (file.partition = value),
      { required: true },
    ),
    projectedField(103, ['record_count'], countReader, (file, value) => (file.recordCount = value), {
      required: true,
    }),
    projectedField(104, ['file_size_in_bytes'], countReader, (file, value) => (file.fileSizeBytes = value), {
      required: true,
    }),
    ...metricFields,
    projectedField(131, ['key_metadata'], binaryReader, rejectEncryptedFile),
    projectedField(132, ['split_offsets'], integersReader, (file, value) => (file.splitOffsets = value)),
    projectedField(135, ['equality_ids'], integersReader, (file, value) => (file.equalityIds = value)),
    projectedField(140, ['sort_order_id'], integerReader, (file, value) => (file.sortOrderId = value)),
    projectedField(142, ['first_row_id'], idReader, (file, value) => (file.firstRowId = value)),
    projectedField(143, ['referenced_data_file'], textReader, (file, value) => (file.referencedDataFile = value)),
    projectedField(144, ['content_offset'], countReader, (file, value) => (file.contentOffset = value)),
    projectedField(145, ['content_size_in_bytes'], countReader, (file, value) => (file.contentSizeBytes = value)),
  ]
  const fields: ProjectedField<RawEntry>[] = [
    projectedField(0, ['status'], enumReader(ENTRY_STATUSES), (entry, value) => (entry.status = value), {
      required: true,
    }),
    projectedField(1, ['snapshot_id'], idReader, (entry, value) => (entry.snapshotId = value)),
    projectedField(3, ['sequence_number'], integerReader, (entry, value) => (entry.sequenceNumber = value)),
    projectedField(4, ['file_sequence_number'], integerReader, (entry, value) => (entry.fileSequenceNumber = value)),
    {
      fieldId: 2,
      names: ['data_file'],
      required: true,
      buildReader: (type, label) => {
        const read = recordReader(type, fileFields, label)
        return (cursor, entry) => read(cursor, entry.dataFile)
      },
    },
  ]
  return { fields, newFile }

  function newFile(block: ByteCursor): FileDraft {
    return {
      content: 'data',
      filePath: '',
      fileFormat: 'parquet',
      specId,
      partition: [],
      recordCount: 0,
      fileSizeBytes: 0,
      sortOrderId: null,
      equalityIds: null,
      splitOffsets: null,
      referencedDataFile: null,
      contentOffset: null,
      contentSizeBytes: null,
      firstRowId: null,
      metrics: createMetrics(block),
    }
  }
}

function formatReader(type: AvroType, label: string): Reader<DataFile['fileFormat'] | null> {
  const read = textReader(type, label)
  return (cursor) => {
    const name = read(cursor)
    if (name === null) return null
    const format = FORMATS.get(name) ?? FORMATS.get(name.toUpperCase())
    if (format) return format
    throw new AppError(
      'not-supported',
      `The ${cursor.label} contains files of the format ${name}, which Lakeshore does not support`,
      {
        facts: { format: name },
      },
    )
  }
}

function integersReader(type: AvroType, label: string): Reader<number[] | null> {
  return arrayReader(type, label, (items) => {
    const read = integerReader(items, label)
    return (cursor) => {
      const value = read(cursor)
      if (value === null) throw cursor.damagedError('a list of numbers contains null')
      return value
    }
  })
}

function rejectEncryptedFile(file: FileDraft, keyMetadata: Uint8Array): void {
  if (keyMetadata.length === 0) return
  throw new AppError('not-supported', `The file ${file.filePath} is encrypted, which Lakeshore cannot read`, {
    facts: { filePath: file.filePath },
  })
}
