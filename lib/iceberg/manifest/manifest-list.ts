import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '../avro/codecs'
import { openAvroFile, writeAvroFile } from '../avro/container'
import { type DecodeSteps, RECORDS_PER_STEP } from '../avro/decode-steps'
import { manifestListSchema } from './manifest-list-schema'
import {
  arrayReader,
  binaryReader,
  booleanReader,
  countReader,
  idReader,
  integerReader,
  recordReader,
  textReader,
  type ProjectedField,
  projectedField,
  enumReader,
} from '../avro/read-value'
import type { FieldSummary, ManifestFile } from './manifest'

/**
 * Manifest lists as Avro files: reads and writes v1, v2 and v3.
 *
 * Spec: Iceberg table spec, *Manifest Lists*.
 */

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

const SUMMARY_FIELDS: readonly ProjectedField<Mutable<FieldSummary>>[] = [
  projectedField(509, ['contains_null'], booleanReader, (row, value) => (row.containsNull = value), { required: true }),
  projectedField(518, ['contains_nan'], booleanReader, (row, value) => (row.containsNan = value)),
  projectedField(510, ['lower_bound'], binaryReader, (row, value) => (row.lowerBound = value.slice())),
  projectedField(511, ['upper_bound'], binaryReader, (row, value) => (row.upperBound = value.slice())),
]

const FIELDS: readonly ProjectedField<Mutable<ManifestFile>>[] = [
  projectedField(500, ['manifest_path'], textReader, (row, value) => (row.manifestPath = value), { required: true }),
  projectedField(501, ['manifest_length'], countReader, (row, value) => (row.manifestLengthBytes = value), {
    required: true,
  }),
  projectedField(502, ['partition_spec_id'], integerReader, (row, value) => (row.partitionSpecId = value), {
    required: true,
  }),
  projectedField(517, ['content'], enumReader(['data', 'deletes'] as const), (row, value) => (row.content = value)),
  projectedField(515, ['sequence_number'], integerReader, (row, value) => (row.sequenceNumber = value)),
  projectedField(516, ['min_sequence_number'], integerReader, (row, value) => (row.minSequenceNumber = value)),
  projectedField(503, ['added_snapshot_id'], idReader, (row, value) => (row.addedSnapshotId = value), {
    required: true,
  }),
  // The file counts of v1 and v2 have two names each: the specification's, and the one that Java wrote until 1.8.
  projectedField(
    504,
    ['added_files_count', 'added_data_files_count'],
    countReader,
    (row, value) => (row.addedFilesCount = value),
  ),
  projectedField(
    505,
    ['existing_files_count', 'existing_data_files_count'],
    countReader,
    (row, value) => (row.existingFilesCount = value),
  ),
  projectedField(
    506,
    ['deleted_files_count', 'deleted_data_files_count'],
    countReader,
    (row, value) => (row.deletedFilesCount = value),
  ),
  projectedField(512, ['added_rows_count'], countReader, (row, value) => (row.addedRowsCount = value)),
  projectedField(513, ['existing_rows_count'], countReader, (row, value) => (row.existingRowsCount = value)),
  projectedField(514, ['deleted_rows_count'], countReader, (row, value) => (row.deletedRowsCount = value)),
  projectedField(
    507,
    ['partitions'],
    (type, label) =>
      arrayReader(type, label, (items) => {
        const read = recordReader(items, SUMMARY_FIELDS, label)
        return (cursor) => {
          const summary: Mutable<FieldSummary> = {
            containsNull: false,
            containsNan: null,
            lowerBound: null,
            upperBound: null,
          }
          read(cursor, summary)
          return summary
        }
      }),
    (row, value) => (row.partitions = value),
  ),
  projectedField(520, ['first_row_id'], idReader, (row, value) => (row.firstRowId = value)),
  projectedField(519, ['key_metadata'], binaryReader, (row, value) => {
    if (value.length === 0) return
    throw new AppError('not-supported', `The manifest ${row.manifestPath} is encrypted, which Lakeshore cannot read`, {
      facts: { manifestPath: row.manifestPath },
    })
  }),
]

/**
 * The manifests of a snapshot, in the list's order.
 *
 * @param location of the list, for error messages
 * @throws {AppError} file-damaged · too-large · not-supported for encrypted manifests
 */
export function* manifestListSteps(
  bytes: Uint8Array,
  codecs: AvroCodecs,
  { location }: { location: string },
): DecodeSteps<ManifestFile[]> {
  const label = `manifest list ${location}`
  const file = openAvroFile(bytes, { label, codecs })
  const read = recordReader(file.schema, FIELDS, label)
  const manifests: ManifestFile[] = []
  for (const { recordCount, cursor } of file.blocks()) {
    for (let index = 0; index < recordCount; index += 1) {
      const manifest = emptyManifest()
      read(cursor, manifest)
      manifests.push(manifest)
      if (index % RECORDS_PER_STEP === 0) yield
    }
  }
  return manifests
}

/** Defaults for fields that a v1 list lacks: its manifests contain data and have sequence number 0. */
function emptyManifest(): Mutable<ManifestFile> {
  return {
    manifestPath: '',
    manifestLengthBytes: 0,
    partitionSpecId: 0,
    content: 'data',
    sequenceNumber: 0,
    minSequenceNumber: 0,
    addedSnapshotId: '',
    addedFilesCount: null,
    existingFilesCount: null,
    deletedFilesCount: null,
    addedRowsCount: null,
    existingRowsCount: null,
    deletedRowsCount: null,
    partitions: [],
    firstRowId: null,
  }
}

export type ManifestListHeader = {
  formatVersion: number
  snapshotId: string
  parentSnapshotId: string | null
  sequenceNumber: number
  /** The first row id of the snapshot, in format v3. */
  firstRowId?: string
}

/**
 * @param manifests in the order to write; new ones first, as Java does. In format v3 data manifests must have their
 *   `firstRowId` (see `assignRowIds`).
 * @throws {AppError} not-supported for a later format, or a manifest without counts; in v1 a manifest of deletes
 */
export function writeManifestList(
  manifests: readonly ManifestFile[],
  { formatVersion, snapshotId, parentSnapshotId, sequenceNumber, firstRowId }: ManifestListHeader,
  codecs: AvroCodecs,
): Uint8Array {
  if (formatVersion !== 1 && formatVersion !== 2 && formatVersion !== 3)
    throw new AppError('not-supported', `Lakeshore does not write manifest lists in format v${formatVersion}`, {
      facts: { formatVersion },
    })
  if (formatVersion === 1 && manifests.some(({ content }) => content === 'deletes'))
    throw new AppError('not-supported', 'Format v1 has no delete files', { facts: { formatVersion } })
  if ((firstRowId === undefined) !== formatVersion < 3)
    throw new TypeError('a row id is required in format v3 and not allowed in others')
  const header = {
    'snapshot-id': snapshotId,
    'parent-snapshot-id': parentSnapshotId ?? 'null',
    ...(formatVersion > 1 && { 'sequence-number': String(sequenceNumber) }),
    ...(firstRowId !== undefined && { 'first-row-id': firstRowId }),
    'format-version': String(formatVersion),
  }
  const rows = manifests.map((manifest) => ({
    ...toRow(manifest),
    ...(formatVersion === 3 && { first_row_id: requireFirstRowId(manifest) }),
  }))
  return writeAvroFile(manifestListSchema(formatVersion), rows, header, codecs)
}

function requireFirstRowId({ content, firstRowId, manifestPath }: ManifestFile): bigint | null {
  if (content === 'deletes') return null
  if (firstRowId === null) throw new TypeError(`the rows of ${manifestPath} have no row ids`)
  return BigInt(firstRowId)
}

function toRow(manifest: ManifestFile) {
  return {
    manifest_path: manifest.manifestPath,
    manifest_length: manifest.manifestLengthBytes,
    partition_spec_id: manifest.partitionSpecId,
    content: manifest.content === 'data' ? 0 : 1,
    sequence_number: manifest.sequenceNumber,
    min_sequence_number: manifest.minSequenceNumber,
    added_snapshot_id: BigInt(manifest.addedSnapshotId),
    added_files_count: requireCount(manifest, 'addedFilesCount'),
    existing_files_count: requireCount(manifest, 'existingFilesCount'),
    deleted_files_count: requireCount(manifest, 'deletedFilesCount'),
    added_rows_count: requireCount(manifest, 'addedRowsCount'),
    existing_rows_count: requireCount(manifest, 'existingRowsCount'),
    deleted_rows_count: requireCount(manifest, 'deletedRowsCount'),
    // An empty list would describe a spec without fields; leaving it out means that the summary is unknown.
    partitions:
      manifest.partitions.length === 0
        ? null
        : manifest.partitions.map((summary) => ({
            contains_null: summary.containsNull,
            contains_nan: summary.containsNan,
            lower_bound: summary.lowerBound,
            upper_bound: summary.upperBound,
          })),
  }
}

type Count =
  | 'addedFilesCount'
  | 'existingFilesCount'
  | 'deletedFilesCount'
  | 'addedRowsCount'
  | 'existingRowsCount'
  | 'deletedRowsCount'

/** A v1 writer may have left a count out. Later formats require it, and a made-up count would mislead every planner. */
function requireCount(manifest: ManifestFile, count: Count): number {
  const value = manifest[count]
  if (value !== null) return value
  throw new AppError(
    'not-supported',
    `The manifest ${manifest.manifestPath} does not state its file and row counts, which format v2 and later require`,
    {
      facts: { manifestPath: manifest.manifestPath, count },
    },
  )
}
