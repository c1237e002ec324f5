import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import type { Value } from '@/lib/iceberg/schema/types'

/** Field id of the column of position delete files that names the data file (spec, *Reserved Field IDs*). */
export const DELETE_FILE_PATH_ID = 2_147_483_546

/** The delete files that apply to one data file. */
export type AppliedDeletes = {
  /** Replaces position delete files. */
  deletionVector: ManifestEntry | null
  positionDeletes: readonly ManifestEntry[]
  equalityDeletes: readonly ManifestEntry[]
}

/**
 * Finds the delete files of a snapshot that apply to a data file.
 *
 * Spec: Iceberg table spec, *Scan Planning*: by partition, data sequence number and the data file that a delete file
 * names. Deletes by position apply to files of the same commit too, deletes by equality only to older files.
 */
export class DeleteIndex {
  readonly #vectors = new Map<string, ManifestEntry>()
  readonly #positionDeletesByPath = new Map<string, ManifestEntry[]>()
  readonly #positionDeletesByPartition = new Map<string, ManifestEntry[]>()
  readonly #equalityDeletesByPartition = new Map<string, ManifestEntry[]>()
  /** Of unpartitioned specs: they apply to files of every partition. */
  readonly #globalEqualityDeletes: ManifestEntry[] = []

  /**
   * @param entries of live delete files
   * @throws {AppError} file-damaged when two deletion vectors apply to one data file
   */
  constructor(entries: readonly ManifestEntry[], specs: readonly PartitionSpec[]) {
    const unpartitioned = new Set(specs.filter(({ fields }) => fields.length === 0).map(({ specId }) => specId))
    for (const entry of entries) {
      const { content, fileFormat, referencedDataFile, specId } = entry.dataFile
      if (content === 'equality-deletes') {
        if (unpartitioned.has(specId)) this.#globalEqualityDeletes.push(entry)
        else append(this.#equalityDeletesByPartition, partitionKey(entry), entry)
      } else if (fileFormat === 'puffin') this.#addVector(entry)
      else if (referencedDataFile !== null) append(this.#positionDeletesByPath, referencedDataFile, entry)
      else append(this.#positionDeletesByPartition, partitionKey(entry), entry)
    }
  }

  /** The delete files that apply to a data file, in no particular order. */
  find(data: ManifestEntry): AppliedDeletes {
    const { filePath } = data.dataFile
    const key = partitionKey(data)
    const vector = this.#vectors.get(filePath)
    const deletionVector = vector && vector.sequenceNumber >= data.sequenceNumber ? vector : null
    const named = this.#positionDeletesByPath.get(filePath) ?? []
    const unnamed = this.#positionDeletesByPartition.get(key) ?? []
    const positionDeletes = deletionVector
      ? []
      : [...named, ...unnamed.filter((entry) => mightName(entry, filePath))].filter(
          ({ sequenceNumber }) => sequenceNumber >= data.sequenceNumber,
        )
    const equalityDeletes = [
      ...this.#globalEqualityDeletes,
      ...(this.#equalityDeletesByPartition.get(key) ?? []),
    ].filter(({ sequenceNumber }) => sequenceNumber > data.sequenceNumber)
    return { deletionVector, positionDeletes, equalityDeletes }
  }

  #addVector(entry: ManifestEntry): void {
    const { referencedDataFile, filePath } = entry.dataFile
    if (referencedDataFile === null) {
      throw damagedError(`A deletion vector in ${filePath} does not say to which data file it applies.`, filePath)
    }
    if (this.#vectors.has(referencedDataFile)) {
      throw damagedError(`Two deletion vectors apply to ${referencedDataFile}, but at most one may.`, filePath)
    }
    this.#vectors.set(referencedDataFile, entry)
  }
}

/** Whether a position delete file may name a data file, by the bounds of its paths. */
function mightName({ dataFile: { metrics } }: ManifestEntry, filePath: string): boolean {
  const lower = metrics.lowerBounds.get(DELETE_FILE_PATH_ID)
  const upper = metrics.upperBounds.get(DELETE_FILE_PATH_ID)
  const path = new TextEncoder().encode(filePath)
  return (
    (lower === undefined || compareBytes(lower, path) <= 0) && (upper === undefined || compareBytes(upper, path) >= 0)
  )
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** Equal for files of one partition: of the same spec with the same values. */
function partitionKey({ dataFile: { specId, partition } }: ManifestEntry): string {
  return JSON.stringify([specId, ...partition.map(valueKey)])
}

function valueKey(value: Value | null): string | null {
  if (value === null) return null
  if (value instanceof Uint8Array) return `bytes ${toHex(value)}`
  return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
}

function append(entries: Map<string, ManifestEntry[]>, key: string, entry: ManifestEntry): void {
  const known = entries.get(key)
  if (known) known.push(entry)
  else entries.set(key, [entry])
}

function damagedError(message: string, file: string): AppError {
  return new AppError('file-damaged', message, { facts: { file } })
}
