import type { PartitionColumn } from '../partitioning/partition-spec'
import { tupleSchema } from './partition-tuple'

/** Meaning of the numbers in `status`, by index. Spec: *Manifests*, field 0. */
export const ENTRY_STATUSES = ['existing', 'added', 'deleted'] as const
/** Meaning of the numbers in `content`, by index. Spec: *Data File Fields*, field 134. */
export const FILE_CONTENTS = ['data', 'position-deletes', 'equality-deletes'] as const

/**
 * The Avro schema of a manifest, in the order and words that Java writes.
 *
 * Spec: Iceberg table spec, *Manifests* and appendix A, *Avro*.
 */
export function manifestEntrySchema(columns: readonly PartitionColumn[], formatVersion: 1 | 2 | 3): object {
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      { name: 'status', type: 'int', 'field-id': 0 },
      optional('snapshot_id', 1, 'long'),
      ...(formatVersion > 1
        ? [optional('sequence_number', 3, 'long'), optional('file_sequence_number', 4, 'long')]
        : []),
      {
        name: 'data_file',
        type: { type: 'record', name: 'r2', fields: dataFileFields(columns, formatVersion) },
        'field-id': 2,
      },
    ],
  }
}

const CONTENT = {
  name: 'content',
  type: 'int',
  doc: 'Contents of the file: 0=data, 1=position deletes, 2=equality deletes',
  'field-id': 134,
}

/** Required in v1, and not used by any reader. */
const BLOCK_SIZE = { name: 'block_size_in_bytes', type: 'long', 'field-id': 105 }

function dataFileFields(columns: readonly PartitionColumn[], formatVersion: 1 | 2 | 3): object[] {
  return [
    ...(formatVersion > 1 ? [CONTENT] : []),
    { name: 'file_path', type: 'string', doc: 'Location URI with FS scheme', 'field-id': 100 },
    { name: 'file_format', type: 'string', doc: 'File format name: avro, orc, or parquet', 'field-id': 101 },
    {
      name: 'partition',
      type: tupleSchema(columns),
      doc: 'Partition data tuple, schema based on the partition spec',
      'field-id': 102,
    },
    { name: 'record_count', type: 'long', doc: 'Number of records in the file', 'field-id': 103 },
    { name: 'file_size_in_bytes', type: 'long', doc: 'Total file size in bytes', 'field-id': 104 },
    ...(formatVersion === 1 ? [BLOCK_SIZE] : []),
    optional('column_sizes', 108, pairs(117, 118, 'long'), 'Map of column id to total size on disk'),
    optional('value_counts', 109, pairs(119, 120, 'long'), 'Map of column id to total count, including null and NaN'),
    optional('null_value_counts', 110, pairs(121, 122, 'long'), 'Map of column id to null value count'),
    optional(
      'nan_value_counts',
      137,
      pairs(138, 139, 'long'),
      'Map of column id to number of NaN values in the column',
    ),
    optional('lower_bounds', 125, pairs(126, 127, 'bytes'), 'Map of column id to lower bound'),
    optional('upper_bounds', 128, pairs(129, 130, 'bytes'), 'Map of column id to upper bound'),
    optional('split_offsets', 132, { type: 'array', items: 'long', 'element-id': 133 }, 'Splittable offsets'),
    ...(formatVersion > 1
      ? [
          optional(
            'equality_ids',
            135,
            { type: 'array', items: 'int', 'element-id': 136 },
            'Equality comparison field IDs',
          ),
        ]
      : []),
    optional('sort_order_id', 140, 'int', 'Sort order ID'),
    ...(formatVersion === 3 ? [optional('first_row_id', 142, 'long', 'Row ID of the first row in the data file')] : []),
    ...(formatVersion > 1
      ? [optional('referenced_data_file', 143, 'string', 'Location of a data file that all deletes reference')]
      : []),
    ...(formatVersion === 3
      ? [
          optional('content_offset', 144, 'long', 'The offset in the file where the content starts'),
          optional('content_size_in_bytes', 145, 'long', 'The length of referenced content stored in the file'),
        ]
      : []),
  ]
}

function optional(name: string, fieldId: number, type: string | object, doc?: string): object {
  return { name, type: ['null', type], ...(doc !== undefined && { doc }), default: null, 'field-id': fieldId }
}

/** A map whose keys are not strings: a list of key-value records. */
function pairs(keyId: number, valueId: number, value: 'long' | 'bytes'): object {
  return {
    type: 'array',
    items: {
      type: 'record',
      name: `k${keyId}_v${valueId}`,
      fields: [
        { name: 'key', type: 'int', 'field-id': keyId },
        { name: 'value', type: value, 'field-id': valueId },
      ],
    },
    logicalType: 'map',
  }
}
