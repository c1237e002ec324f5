import { AppError } from '@/lib/errors'
import type { AvroCodecs } from '../avro/codecs'
import { openAvroFile } from '../avro/container'
import { type DecodeSteps, RECORDS_PER_STEP } from '../avro/decode-steps'
import { recordReader } from '../avro/read-value'
import { countEntries } from './count-entries'
import { entryFields, type RawEntry } from './entry-fields'
import type { ManifestEntry, ManifestFile } from './manifest'
import { schemaForSpec } from './partition-tuple'
import { partitionColumns, type PartitionSpec } from '../partitioning/partition-spec'
import type { Schema } from '../schema/types'

/**
 * Reads manifests of v1, v2 and v3 from Avro files.
 *
 * Spec: Iceberg table spec, *Manifests*, *Sequence Number Inheritance*, *First Row ID Inheritance*.
 */

type SpecsAndSchemas = { specs: readonly PartitionSpec[]; schemas: readonly Schema[] }
type DecodedManifest = { entries: ManifestEntry[]; decodedBytes: number }

/**
 * The entries of a manifest in its order, including deleted ones. An entry inherits from the manifest list whatever was
 * not known when the manifest was written.
 *
 * @returns also `decodedBytes`: the memory that the entries hold for metrics that are decoded on demand
 * @throws {AppError} file-damaged · too-large · not-supported for encrypted files and unknown formats
 */
export function* manifestSteps(
  bytes: Uint8Array,
  manifest: ManifestFile,
  table: SpecsAndSchemas,
  codecs: AvroCodecs,
): DecodeSteps<DecodedManifest> {
  const entries: ManifestEntry[] = []
  const batches = decodeBatches(bytes, manifest, table, codecs)
  let batch = batches.next()
  for (; !batch.done; batch = batches.next()) {
    for (const entry of batch.value) entries.push(entry)
    yield
  }
  if (bytes.length !== manifest.manifestLengthBytes) requireListedCounts(entries, manifest, bytes.length)
  return { entries, decodedBytes: batch.value }
}

/**
 * The entries of {@link readManifest} a few at a time, for a reader that does not hold on to them. A batch takes about
 * a millisecond; some may be empty.
 */
export function* manifestBatches(
  bytes: Uint8Array,
  manifest: ManifestFile,
  table: SpecsAndSchemas,
  codecs: AvroCodecs,
): Generator<readonly ManifestEntry[], void> {
  if (bytes.length === manifest.manifestLengthBytes) {
    yield* decodeBatches(bytes, manifest, table, codecs)
    return
  }
  // Whether such a manifest may be read is not known before its last entry.
  const steps = manifestSteps(bytes, manifest, table, codecs)
  let step = steps.next()
  for (; !step.done; step = steps.next()) yield []
  yield step.value.entries
}

/** @returns as `decodedBytes` of {@link readManifest} */
function* decodeBatches(
  bytes: Uint8Array,
  manifest: ManifestFile,
  { specs, schemas }: SpecsAndSchemas,
  codecs: AvroCodecs,
): Generator<readonly ManifestEntry[], number> {
  const label = `manifest ${manifest.manifestPath}`
  const spec = specs.find(({ specId }) => specId === manifest.partitionSpecId)
  if (spec === undefined) throw damagedError(label, `the table has no partition spec ${manifest.partitionSpecId}`)
  const file = openAvroFile(bytes, { label, codecs })
  const schema = schemaForSpec(spec, schemas)
  if (schema === null) throw damagedError(label, 'the table has no schema')
  const { fields, newFile } = entryFields(partitionColumns(spec, schema), spec.specId)
  const read = recordReader(file.schema, fields, label)
  const assignRowId = rowIdAssigner(manifest.firstRowId)
  let decodedBytes = 0
  for (const { recordCount, cursor } of file.blocks()) {
    decodedBytes += cursor.bytes.length
    for (let first = 0; first < recordCount; first += RECORDS_PER_STEP) {
      const batch: ManifestEntry[] = []
      const end = Math.min(first + RECORDS_PER_STEP, recordCount)
      for (let index = first; index < end; index += 1) {
        const rawEntry: RawEntry = {
          status: 'added',
          snapshotId: null,
          sequenceNumber: null,
          fileSequenceNumber: null,
          dataFile: newFile(cursor),
        }
        read(cursor, rawEntry)
        assignRowId(rawEntry)
        batch.push(inheritFromManifest(rawEntry, manifest, label))
      }
      yield batch
    }
  }
  return decodedBytes
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
 * Assigns first row ids to data files in the order of the manifest; deleted files do not inherit any. Without a first
 * row id of the manifest, its files have none.
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

function damagedError(label: string, detail: string): AppError {
  return new AppError('file-damaged', `The ${label} cannot be read: ${detail}`, { facts: { file: label } })
}
