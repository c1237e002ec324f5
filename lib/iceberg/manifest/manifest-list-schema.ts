/**
 * The Avro schema of a manifest list, in the order and words that Java writes.
 *
 * Spec: Iceberg table spec, *Manifest Lists*.
 */
export function manifestListSchema(formatVersion: 1 | 2 | 3): object {
  return { type: 'record', name: 'manifest_file', fields: fieldsOf(formatVersion) }
}

function fieldsOf(formatVersion: 1 | 2 | 3): object[] {
  if (formatVersion === 3) return [...V2_FIELDS, FIRST_ROW_ID]
  if (formatVersion === 2) return V2_FIELDS
  return V1_NAMES.flatMap((name) => V2_FIELDS.filter((field) => field.name === name)).map((field) =>
    field.name.endsWith('_count') ? { ...field, type: ['null', field.type], default: null } : field,
  )
}

const V1_NAMES = [
  'manifest_path',
  'manifest_length',
  'partition_spec_id',
  'added_snapshot_id',
  'added_files_count',
  'existing_files_count',
  'deleted_files_count',
  'partitions',
  'added_rows_count',
  'existing_rows_count',
  'deleted_rows_count',
]

const V2_FIELDS = [
  { name: 'manifest_path', type: 'string', doc: 'Location URI with FS scheme', 'field-id': 500 },
  { name: 'manifest_length', type: 'long', doc: 'Total file size in bytes', 'field-id': 501 },
  { name: 'partition_spec_id', type: 'int', doc: 'Spec ID used to write', 'field-id': 502 },
  { name: 'content', type: 'int', doc: 'Contents of the manifest: 0=data, 1=deletes', 'field-id': 517 },
  { name: 'sequence_number', type: 'long', doc: 'Sequence number when the manifest was added', 'field-id': 515 },
  { name: 'min_sequence_number', type: 'long', doc: 'Lowest sequence number in the manifest', 'field-id': 516 },
  { name: 'added_snapshot_id', type: 'long', doc: 'Snapshot ID that added the manifest', 'field-id': 503 },
  { name: 'added_files_count', type: 'int', doc: 'Added entry count', 'field-id': 504 },
  { name: 'existing_files_count', type: 'int', doc: 'Existing entry count', 'field-id': 505 },
  { name: 'deleted_files_count', type: 'int', doc: 'Deleted entry count', 'field-id': 506 },
  { name: 'added_rows_count', type: 'long', doc: 'Added rows count', 'field-id': 512 },
  { name: 'existing_rows_count', type: 'long', doc: 'Existing rows count', 'field-id': 513 },
  { name: 'deleted_rows_count', type: 'long', doc: 'Deleted rows count', 'field-id': 514 },
  {
    name: 'partitions',
    type: [
      'null',
      {
        type: 'array',
        items: {
          type: 'record',
          name: 'r508',
          fields: [
            { name: 'contains_null', type: 'boolean', 'field-id': 509 },
            { name: 'contains_nan', type: ['null', 'boolean'], default: null, 'field-id': 518 },
            { name: 'lower_bound', type: ['null', 'bytes'], default: null, 'field-id': 510 },
            { name: 'upper_bound', type: ['null', 'bytes'], default: null, 'field-id': 511 },
          ],
        },
        'element-id': 508,
      },
    ],
    doc: 'Summary for each partition',
    default: null,
    'field-id': 507,
  },
]

const FIRST_ROW_ID = {
  name: 'first_row_id',
  type: ['null', 'long'],
  doc: 'Starting row ID of data files without one',
  default: null,
  'field-id': 520,
}
