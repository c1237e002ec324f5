import type { DecodeSteps } from '../avro/decode-steps'
import { RECORDS_PER_STEP } from '../avro/decode-steps'
import { countEntries, mightHoldLiveFiles } from '../manifest/count-entries'
import type { DataFile, FieldSummary, ManifestEntry, ManifestFile } from '../manifest/manifest'
import { partitionKey } from '../manifest/partition-key'
import { schemaForSpec } from '../manifest/partition-tuple'
import type { Snapshot, TableMetadata } from '../metadata/table-metadata'
import { type PartitionColumn, partitionColumns } from '../partitioning/partition-spec'
import { compareValues, tryDecodeSingleValue } from '../schema/single-value'
import type { Value } from '../schema/types'
import { fileKey } from './operation'

/**
 * Checks whether a snapshot that calls itself an append is one: every live file of its parent is live in it, unchanged,
 * and all added files are data files. Writers merge manifests when they append, so manifests may come and go; and they
 * drop delete files older than all data, which compactions leave behind and which no longer delete any row.
 *
 * Spec: Iceberg table spec, *Snapshots*, *Manifests*, *Row Lineage*, *Scan Planning* (which files deletes apply to).
 */

/**
 * The bounds on reading to judge one snapshot. Above them the commit is refused, because reading more would delay other
 * requests.
 */
export const MAX_JUDGED_MANIFESTS = 1_000
export const MAX_JUDGED_ENTRIES = 200_000
/** The size of the manifests, decompressed. */
export const MAX_JUDGED_BYTES = 128 * 1024 * 1024

/** The manifests that two snapshots do not share. */
export type ManifestChanges = {
  /** Listed by the parent alone, and may have live files. */
  left: readonly ManifestFile[]
  /** Listed by the snapshot alone. */
  came: readonly ManifestFile[]
  /** Manifests in both lists for which only the snapshot's list has summaries that the parent's list left out. */
  described: readonly ManifestFile[]
}

type ReadManifest = { manifest: ManifestFile; entries: readonly ManifestEntry[] }

export type ReadChanges = { [Name in keyof ManifestChanges]: readonly ReadManifest[] }

type NewSnapshot = Pick<Snapshot, 'firstRowId'>

/** The lists that are compared. */
type JudgedSnapshot = { parent: readonly ManifestFile[]; snapshot: NewSnapshot }

/** Compares two manifest lists. The result leaves out manifests in both, which need not be read. */
export function compareManifests(
  parent: readonly ManifestFile[],
  next: readonly ManifestFile[],
  snapshot: NewSnapshot,
): ManifestChanges {
  const unmatched = new Map<string, ManifestFile[]>()
  for (const manifest of parent) addTo(unmatched, manifest.manifestPath, manifest)
  const came: ManifestFile[] = []
  const described: ManifestFile[] = []
  for (const manifest of next) {
    const known = takeFrom(unmatched, manifest.manifestPath, (before) => isSameManifest(before, manifest, snapshot))
    if (!known) came.push(manifest)
    else if (!hasSameDescription(known, manifest)) described.push(manifest)
  }
  return { left: [...unmatched.values()].flat().filter(mightHoldLiveFiles), came, described }
}

/**
 * Why manifests of this number and size are not read, as the end of a sentence about the snapshot; null when they are.
 *
 * @param size as read so far; by default the sizes in the lists
 */
export function judgedTooMuch(changes: ManifestChanges, size = listedSize(changes)): string | null {
  const bounds: [string, number, number][] = [
    ['manifests', Object.values(changes).flat().length, MAX_JUDGED_MANIFESTS],
    ['entries', size.entryCount, MAX_JUDGED_ENTRIES],
    ['bytes', size.bytes, MAX_JUDGED_BYTES],
  ]
  const over = bounds.find(([, actual, max]) => actual > max)
  return over ? `changes manifests with ${over[1]} ${over[0]}, and at most ${over[2]} are checked` : null
}

/**
 * Why the snapshot is more than an append, as the end of a sentence about it; null when it is one. Files are named only
 * when the parent has them.
 *
 * @param table with the specs and schemas of the manifests
 * @throws {AppError} file-damaged for bounds that cannot be decoded
 */
export function* judgeAppend(
  changes: ReadChanges,
  table: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>,
  { parent, snapshot }: JudgedSnapshot,
): DecodeSteps<string | null> {
  const oldestData = minDataSequenceNumber(parent)
  const missing = new Map<string, ManifestEntry[]>()
  for (const entry of entriesOf(changes.left))
    if (entry.status !== 'deleted') addTo(missing, fileKey(entry.dataFile), entry)
  yield
  const described = new Set(changes.described)
  for (const one of [...changes.came, ...changes.described]) {
    const { manifest, entries } = one
    const isNew = !described.has(one)
    let carriesFiles = !isNew
    for (const [index, entry] of entries.entries()) {
      if (index % RECORDS_PER_STEP === 0) yield
      const problem = isNew ? judgeEntry(entry, manifest, oldestData) : null
      if (problem !== null) return problem
      if (!isNew || entry.status === 'added') continue
      carriesFiles = true
      const key = fileKey(entry.dataFile)
      if (!takeFrom(missing, key, (before) => isSameEntry(before, entry, snapshot)))
        return missing.has(key)
          ? `changes what the table says about ${entry.dataFile.filePath}`
          : 'lists a file as known that its parent does not have'
    }
    if (!carriesFiles) continue
    const isTrue = yield* describesFiles(manifest, entries, table)
    if (!isTrue) return 'lists a manifest with other counts or partitions than it has'
  }
  const lost = [...missing.values()].flat().find((entry) => !appliesToNothing(entry, oldestData))
  return lost ? `removes ${lost.dataFile.filePath}` : null
}

/** An entry of a manifest that the parent does not have. */
function judgeEntry(entry: ManifestEntry, { content, minSequenceNumber }: ManifestFile, oldestData: number) {
  const { status, dataFile, sequenceNumber } = entry
  if ((content === 'data') !== (dataFile.content === 'data')) return 'mixes data and delete files'
  if (status === 'deleted' && !appliesToNothing(entry, oldestData)) return 'marks files as deleted'
  // Later appends rely on it, see `minDataSequenceNumber`.
  if (status === 'added' && sequenceNumber < minSequenceNumber) return 'lists a manifest as newer than its files'
  return status === 'added' && content !== 'data' ? 'adds delete files' : null
}

/**
 * Whether a file is one of deletes that is older than all data. Deletes by position apply to data of the same or an
 * earlier sequence number, and deletes by equality only to that of an earlier one, so its absence changes no row.
 */
function appliesToNothing({ dataFile, sequenceNumber }: ManifestEntry, oldestData: number): boolean {
  return dataFile.content !== 'data' && sequenceNumber < oldestData
}

/**
 * The lowest sequence number of live data files, as far as the list says: none has a lower one. Writers of Java compute
 * it in this way when they drop delete files.
 */
function minDataSequenceNumber(manifests: readonly ManifestFile[]): number {
  return manifests
    .filter((manifest) => manifest.content === 'data' && mightHoldLiveFiles(manifest))
    .reduce(
      (lowest, { minSequenceNumber, sequenceNumber }) => Math.min(lowest, minSequenceNumber, sequenceNumber),
      Number.POSITIVE_INFINITY,
    )
}

/** Whether entries inherit the same from both lists. */
function isSameManifest(before: ManifestFile, after: ManifestFile, { firstRowId }: NewSnapshot): boolean {
  return (
    after.manifestLengthBytes === before.manifestLengthBytes &&
    after.partitionSpecId === before.partitionSpecId &&
    after.content === before.content &&
    after.sequenceNumber === before.sequenceNumber &&
    after.addedSnapshotId === before.addedSnapshotId &&
    isRowIdRetained(before.firstRowId, after.firstRowId, firstRowId)
  )
}

/** Rows from before format v3 get their ids with the first snapshot after the upgrade, and keep them from then on. */
function isRowIdRetained(before: string | null, after: string | null, firstNewRowId: string | undefined): boolean {
  if (before !== null || after === null) return before === after
  return firstNewRowId !== undefined && BigInt(after) >= BigInt(firstNewRowId)
}

const COUNTS = [
  'addedFilesCount',
  'existingFilesCount',
  'deletedFilesCount',
  'addedRowsCount',
  'existingRowsCount',
  'deletedRowsCount',
] as const

/** Whether readers that choose manifests by their list choose the same: by counts, sequence numbers and partitions. */
function hasSameDescription(before: ManifestFile, after: ManifestFile): boolean {
  return (
    after.minSequenceNumber === before.minSequenceNumber &&
    COUNTS.every((count) => after[count] === before[count]) &&
    after.partitions.length === before.partitions.length &&
    after.partitions.every((summary, index) => isSameSummary(summary, before.partitions[index]))
  )
}

function isSameSummary(a: FieldSummary, b: FieldSummary | undefined): boolean {
  return (
    b !== undefined &&
    a.containsNull === b.containsNull &&
    a.containsNan === b.containsNan &&
    hasSameBytes(a.lowerBound, b.lowerBound) &&
    hasSameBytes(a.upperBound, b.upperBound)
  )
}

/** Checks that the summary of a manifest in its list makes no reader skip one of its live files. */
function* describesFiles(
  manifest: ManifestFile,
  entries: readonly ManifestEntry[],
  { partitionSpecs, schemas }: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>,
): DecodeSteps<boolean> {
  const found = countEntries(entries)
  if (COUNTS.some((count) => manifest[count] !== null && manifest[count] !== found[count])) return false
  const spec = partitionSpecs.find(({ specId }) => specId === manifest.partitionSpecId)
  const schema = spec ? schemaForSpec(spec, schemas) : null
  if (!spec || !schema) return false
  const columns = partitionColumns(spec, schema)
  const { partitions } = manifest
  if (partitions.length > 0 && partitions.length !== columns.length) return false
  for (const [index, { status, sequenceNumber, dataFile }] of entries.entries()) {
    if (index % RECORDS_PER_STEP === 0) yield
    if (status === 'deleted') continue
    if (sequenceNumber < manifest.minSequenceNumber) return false
    if (!partitions.every((summary, i) => includesValue(summary, columns[i], dataFile.partition[i] ?? null)))
      return false
  }
  return true
}

/** Spec: bounds are left out only when all values are null or NaN, so readers skip the manifest for any other value. */
function includesValue(summary: FieldSummary, column: PartitionColumn | undefined, value: Value | null): boolean {
  if (!column || column.type === 'unknown' || column.transform.kind === 'unknown') return true
  if (value === null) return summary.containsNull
  if (Number.isNaN(value)) return summary.containsNan !== false
  const { lowerBound, upperBound } = summary
  if (lowerBound === null || upperBound === null) return false
  const lower = tryDecodeSingleValue(column.type, lowerBound)
  const upper = tryDecodeSingleValue(column.type, upperBound)
  // Readers may skip or refuse a manifest with a bound that is not a value of its type.
  if (lower === null || upper === null) return false
  return compareValues(column.type, value, lower) >= 0 && compareValues(column.type, value, upper) <= 0
}

function isSameEntry(before: ManifestEntry, after: ManifestEntry, { firstRowId }: NewSnapshot): boolean {
  return (
    after.sequenceNumber === before.sequenceNumber &&
    after.fileSequenceNumber === before.fileSequenceNumber &&
    isSameFile(before.dataFile, after.dataFile) &&
    isRowIdRetained(before.dataFile.firstRowId, after.dataFile.firstRowId, firstRowId)
  )
}

const SAME_FIELDS = [
  'content',
  'filePath',
  'fileFormat',
  'recordCount',
  'fileSizeBytes',
  'referencedDataFile',
  'contentOffset',
  'contentSizeBytes',
] as const

/** Everything that decides which rows a reader gets. Hints and metrics may be left out, but not changed. */
function isSameFile(before: DataFile, after: DataFile): boolean {
  return (
    SAME_FIELDS.every((field) => after[field] === before[field]) &&
    partitionKey(after) === partitionKey(before) &&
    isSameList(before.equalityIds, after.equalityIds) &&
    (after.splitOffsets === null || isSameList(before.splitOffsets, after.splitOffsets)) &&
    (after.sortOrderId === null || after.sortOrderId === before.sortOrderId) &&
    COUNT_METRICS.every((name) => isPartOf(after.metrics[name], before.metrics[name], Object.is)) &&
    BOUND_METRICS.every((name) => isPartOf(after.metrics[name], before.metrics[name], hasSameBytes))
  )
}

const COUNT_METRICS = ['valueCounts', 'nullValueCounts', 'nanValueCounts'] as const
const BOUND_METRICS = ['lowerBounds', 'upperBounds'] as const

function isPartOf<V>(
  after: ReadonlyMap<number, V>,
  before: ReadonlyMap<number, V>,
  isSame: (a: V, b: V) => boolean,
): boolean {
  return [...after].every(([fieldId, value]) => {
    const known = before.get(fieldId)
    return known !== undefined && isSame(value, known)
  })
}

function isSameList(a: readonly number[] | null, b: readonly number[] | null): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

function hasSameBytes(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}

function listedSize(changes: ManifestChanges): { entryCount: number; bytes: number } {
  const size = { entryCount: 0, bytes: 0 }
  for (const manifest of Object.values(changes).flat()) {
    size.bytes += Math.max(manifest.manifestLengthBytes, 0)
    for (const count of ['addedFilesCount', 'existingFilesCount', 'deletedFilesCount'] as const)
      size.entryCount += Math.max(manifest[count] ?? 0, 0)
  }
  return size
}

function entriesOf(manifests: readonly ReadManifest[]): ManifestEntry[] {
  return manifests.flatMap(({ entries }) => entries)
}

function addTo<T>(groups: Map<string, T[]>, key: string, item: T): void {
  const group = groups.get(key)
  if (group) group.push(item)
  else groups.set(key, [item])
}

/** Removes the first item of a group that fits, and the group with its last item. */
function takeFrom<T>(groups: Map<string, T[]>, key: string, fits: (item: T) => boolean): T | undefined {
  const group = groups.get(key) ?? []
  const index = group.findIndex(fits)
  if (index === -1) return undefined
  const [item] = group.splice(index, 1)
  if (group.length === 0) groups.delete(key)
  return item
}
