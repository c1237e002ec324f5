import { AppError } from '@/lib/errors'
import type { AvroType } from '../avro/avro-type'
import type { ByteCursor } from '../avro/byte-cursor'
import type { AvroCodecs } from '../avro/codecs'
import { openAvroFile } from '../avro/container'
import { decodeAtOnce, type DecodeSteps, RECORDS_PER_STEP } from '../avro/decode-steps'
import { type LazyMetrics, metricsFields } from './lazy-metrics'
import { ENTRY_STATUSES, FILE_CONTENTS } from './manifest-entry-schema'
import { schemaForSpec, tupleReader } from './partition-tuple'
import {
  arrayReader,
  binaryReader,
  idReader,
  integerReader,
  type Reader,
  recordReader,
  textReader,
  type ProjectedField,
  projectedField,
  enumReader,
} from '../avro/read-value'
import { countEntries } from './count-entries'
import type { DataFile, ManifestEntry, ManifestFile } from './manifest'
import { type PartitionColumn, partitionColumns, type PartitionSpec } from '../partitioning/partition-spec'
import type { Schema } from '../schema/types'

/**
 * Reads manifests of v1, v2 and v3 from Avro files.
 *
 * Spec: Iceberg table spec, *Manifests*, *Sequence Number Inheritance*, *First Row ID Inheritance*.
 */

type FileDraft = { -readonly [K in keyof DataFile]: DataFile[K] } & { metrics: LazyMetrics }
/** One entry as written, before it inherits missing fields. */
type RawEntry = {
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

type SpecsAndSchemas = { specs: readonly PartitionSpec[]; schemas: readonly Schema[] }
type DecodedManifest = { entries: ManifestEntry[]; decodedBytes: number }

/**
 * The entries of a manifest in its order, including deleted ones. An entry inherits from the manifest list what was not
 * known when the manifest was written.
 *
 * @returns also `decodedBytes`: the memory that the entries hold for metrics that are decoded on demand
 * @throws {AppError} file-damaged · too-large · not-supported for encrypted files and unknown formats
 */
export function readManifest(
  bytes: Uint8Array,
  manifest: ManifestFile,
  table: SpecsAndSchemas,
  codecs: AvroCodecs,
): DecodedManifest {
  return decodeAtOnce(manifestSteps(bytes, manifest, table, codecs))
}

/** {@link readManifest} in steps. */
export function* manifestSteps(
  bytes: Uint8Array,
  manifest: ManifestFile,
  { specs, schemas }: SpecsAndSchemas,
  codecs: AvroCodecs,
): DecodeSteps<DecodedManifest> {
  const label = `manifest ${manifest.manifestPath}`
  const spec = specs.find(({ specId }) => specId === manifest.partitionSpecId)
  if (spec === undefined) throw damagedError(label, `the table has no partition spec ${manifest.partitionSpecId}`)
  const file = openAvroFile(bytes, { label, codecs })
  const schema = schemaForSpec(spec, schemas)
  if (schema === null) throw damagedError(label, 'the table has no schema')
  const { fields, newFile } = entryFields(partitionColumns(spec, schema), spec.specId)
  const read = recordReader(file.schema, fields, label)
  const assignRowId = rowIdAssigner(manifest.firstRowId)
  const entries: ManifestEntry[] = []
  let decodedBytes = 0
  for (const { recordCount, cursor } of file.blocks()) {
    decodedBytes += cursor.bytes.length
    for (let index = 0; index < recordCount; index += 1) {
      const rawEntry: RawEntry = {
        status: 'added',
        snapshotId: null,
        sequenceNumber: null,
        fileSequenceNumber: null,
        dataFile: newFile(cursor),
      }
      read(cursor, rawEntry)
      assignRowId(rawEntry)
      entries.push(inheritFromManifest(rawEntry, manifest, label))
      if (index % RECORDS_PER_STEP === 0) yield
    }
  }
  if (bytes.length !== manifest.manifestLengthBytes) requireListedCounts(entries, manifest, bytes.length)
  return { entries, decodedBytes }
}

/**
 * Some writers list a manifest with another length than it has. It is read if it holds what its list says: the blocks
 * of an Avro file end in a marker, but a file that lacks its last blocks looks complete.
 */
function requireListedCounts(entries: readonly ManifestEntry[], manifest: ManifestFile, actualBytes: number): void {
  const found = countEntries(entries)
  const listed = COUNTS.filter((count) => manifest[count] !== null)
  if (listed.length === 0 && actualBytes > manifest.manifestLengthBytes) return
  if (listed.length > 0 && listed.every((count) => manifest[count] === found[count])) return
  const differences = listed
    .filter((count) => manifest[count] !== found[count])
    .map((count) => `${found[count]} ${COUNT_LABELS[count]} instead of ${manifest[count]}`)
  const detail = differences.length > 0 ? `, and ${differences.join(', ')}` : ', which gives no counts to check it by'
  throw damagedError(
    `manifest ${manifest.manifestPath}`,
    `it has ${actualBytes} bytes instead of the ${manifest.manifestLengthBytes} in its manifest list${detail}`,
  )
}

const COUNT_LABELS = {
  addedFilesCount: 'added files',
  existingFilesCount: 'existing files',
  deletedFilesCount: 'deleted files',
  addedRowsCount: 'added rows',
  existingRowsCount: 'existing rows',
  deletedRowsCount: 'deleted rows',
} as const
const COUNTS = Object.keys(COUNT_LABELS) as (keyof typeof COUNT_LABELS)[]

/**
 * Describes a manifest that a v1 snapshot lists itself, as a manifest list would. In steps.
 *
 * @param source its location, and the snapshot that lists it, which is used if no entry names the snapshot that added
 *   the manifest
 * @throws {AppError} as {@link readManifest}
 */
export function* describeManifestSteps(
  bytes: Uint8Array,
  source: { location: string; snapshotId: string },
  table: SpecsAndSchemas,
  codecs: AvroCodecs,
): DecodeSteps<ManifestFile> {
  const { headerText } = openAvroFile(bytes, { label: `manifest ${source.location}`, codecs })
  const manifest: ManifestFile = {
    manifestPath: source.location,
    manifestLengthBytes: bytes.length,
    partitionSpecId: Number(headerText('partition-spec-id') ?? 0),
    content: 'data',
    sequenceNumber: 0,
    minSequenceNumber: 0,
    addedSnapshotId: source.snapshotId,
    ...countEntries([]),
    partitions: [],
    firstRowId: null,
  }
  const { entries } = yield* manifestSteps(bytes, manifest, table, codecs)
  const added = entries.find(({ status }) => status !== 'existing')
  return { ...manifest, ...countEntries(entries), addedSnapshotId: added?.snapshotId ?? source.snapshotId }
}

/**
 * Spec, *Sequence Number Inheritance*. If the list says 0, the manifest is from before v2, and all its numbers are 0.
 */
function inheritFromManifest(rawEntry: RawEntry, manifest: ManifestFile, label: string): ManifestEntry {
  const inherited = rawEntry.status === 'added' || manifest.sequenceNumber === 0 ? manifest.sequenceNumber : null
  const sequenceNumber = rawEntry.sequenceNumber ?? inherited
  if (sequenceNumber === null)
    throw damagedError(label, `the ${rawEntry.status} entry of ${rawEntry.dataFile.filePath} has no sequence number`)
  return {
    status: rawEntry.status,
    snapshotId: rawEntry.snapshotId ?? manifest.addedSnapshotId,
    sequenceNumber,
    fileSequenceNumber: rawEntry.fileSequenceNumber ?? inherited,
    dataFile: rawEntry.dataFile,
  }
}

/**
 * Assigns first row ids to data files in the order of the manifest; deleted files do not inherit any. If the manifest
 * has no first row id, neither do its files.
 */
function rowIdAssigner(firstRowId: string | null): (rawEntry: RawEntry) => void {
  if (firstRowId === null) return () => {}
  let next = BigInt(firstRowId)
  return ({ status, dataFile }) => {
    if (status === 'deleted' || dataFile.content !== 'data' || dataFile.firstRowId !== null) return
    dataFile.firstRowId = String(next)
    next += BigInt(dataFile.recordCount)
  }
}

function entryFields(
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
    projectedField(103, ['record_count'], integerReader, (file, value) => (file.recordCount = value), {
      required: true,
    }),
    projectedField(104, ['file_size_in_bytes'], integerReader, (file, value) => (file.fileSizeBytes = value), {
      required: true,
    }),
    ...metricFields,
    projectedField(131, ['key_metadata'], binaryReader, rejectEncryptedFile),
    projectedField(132, ['split_offsets'], integersReader, (file, value) => (file.splitOffsets = value)),
    projectedField(135, ['equality_ids'], integersReader, (file, value) => (file.equalityIds = value)),
    projectedField(140, ['sort_order_id'], integerReader, (file, value) => (file.sortOrderId = value)),
    projectedField(142, ['first_row_id'], idReader, (file, value) => (file.firstRowId = value)),
    projectedField(143, ['referenced_data_file'], textReader, (file, value) => (file.referencedDataFile = value)),
    projectedField(144, ['content_offset'], integerReader, (file, value) => (file.contentOffset = value)),
    projectedField(145, ['content_size_in_bytes'], integerReader, (file, value) => (file.contentSizeBytes = value)),
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

function damagedError(label: string, detail: string): AppError {
  return new AppError('file-damaged', `The ${label} cannot be read: ${detail}`, { facts: { file: label } })
}
