import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionKey } from '@/lib/iceberg/manifest/partition-key'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Type } from '@/lib/iceberg/schema/types'
import { columnTypes, createColumnRanges, type KeyRanges, mightShareKeys } from './key-bounds'
import { namedDataFile, pathBounds } from './named-data-file'
import { compareBytes } from '@/lib/compare-bytes'

const ENTRIES_PER_TURN = 500

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
 * names. Deletes by position apply to files of the same commit too, deletes by equality only to older files. Deletes
 * whose bounds exclude the data file are left out.
 */
export class DeleteIndex {
  readonly #entries: ManifestEntry[] = []
  readonly #unpartitioned: ReadonlySet<number>
  readonly #vectors = new Map<string, ManifestEntry>()
  readonly #positionDeletesByPath = new Map<string, ManifestEntry[]>()
  readonly #positionDeletesByPartition = new Map<string, UnnamedDeletes[]>()
  readonly #indexByEntry = new Map<ManifestEntry, number>()
  readonly #equalityDeletesByPartition = new Map<string, ManifestEntry[]>()
  /** The equality deletes of unpartitioned specs: they apply to files of every partition. */
  readonly #globalEqualityDeletes: ManifestEntry[] = []
  readonly #types: ReadonlyMap<number, Type>
  readonly #keyRanges = new Map<ManifestEntry, KeyRanges>()

  /**
   * @param entries of live delete files
   * @param types of columns by their id; deletes by equality are not compared by bounds of others
   * @throws {AppError} file-damaged when two deletion vectors apply to one data file
   */
  constructor(
    entries: readonly ManifestEntry[],
    specs: readonly PartitionSpec[],
    types: ReadonlyMap<number, Type> = new Map(),
  ) {
    this.#types = types
    this.#unpartitioned = new Set(specs.filter(({ fields }) => fields.length === 0).map(({ specId }) => specId))
    for (const entry of entries) this.#add(entry)
  }

  /** Creates the index in steps, so that other work of the process can run in between. */
  static async createInTurns(
    entries: readonly ManifestEntry[],
    { partitionSpecs, schemas }: Pick<TableMetadata, 'partitionSpecs' | 'schemas'>,
    takeTurns: () => Promise<void> | null,
  ): Promise<DeleteIndex> {
    const index = new DeleteIndex([], partitionSpecs, columnTypes({ schemas }))
    for (const [i, entry] of entries.entries()) {
      index.#add(entry)
      if (i % ENTRIES_PER_TURN === 0) await takeTurns()
    }
    return index
  }

  /** In the order of their positions. */
  get entries(): readonly ManifestEntry[] {
    return this.#entries
  }

  #add(entry: ManifestEntry): void {
    this.#indexByEntry.set(entry, this.#entries.length)
    this.#entries.push(entry)
    const { content, fileFormat, specId } = entry.dataFile
    if (content === 'equality-deletes') {
      if (this.#unpartitioned.has(specId)) this.#globalEqualityDeletes.push(entry)
      else append(this.#equalityDeletesByPartition, partitionKey(entry.dataFile), entry)
    } else if (fileFormat === 'puffin') this.#addVector(entry)
    else {
      const named = namedDataFile(entry.dataFile)
      if (named !== null) append(this.#positionDeletesByPath, named, entry)
      else {
        const unnamed = { entry, ...pathBounds(entry.dataFile) }
        append(this.#positionDeletesByPartition, partitionKey(entry.dataFile), unnamed)
      }
    }
  }

  /** The delete files that apply to a data file, by their position in {@link entries}, in ascending order. */
  findIndexes(data: ManifestEntry): number[] {
    if (this.entries.length === 0) return []
    const { deletionVector, positionDeletes, equalityDeletes } = this.find(data)
    return [...(deletionVector ? [deletionVector] : positionDeletes), ...equalityDeletes]
      .map((entry) => this.#indexByEntry.get(entry) ?? -1)
      .sort((a, b) => a - b)
  }

  /** The delete files that apply to a data file, in no particular order. */
  find(data: ManifestEntry): AppliedDeletes {
    const { filePath } = data.dataFile
    const key = partitionKey(data.dataFile)
    const vector = this.#vectors.get(filePath)
    const deletionVector = vector && vector.sequenceNumber >= data.sequenceNumber ? vector : null
    const named = this.#positionDeletesByPath.get(filePath) ?? []
    const unnamed = this.#positionDeletesByPartition.get(key) ?? []
    const path = new TextEncoder().encode(filePath)
    const positionDeletes = deletionVector
      ? []
      : [...named, ...unnamed.filter((each) => mightName(each, path)).map(({ entry }) => entry)].filter(
          ({ sequenceNumber }) => sequenceNumber >= data.sequenceNumber,
        )
    const equalityDeletes = [
      ...this.#globalEqualityDeletes,
      ...(this.#equalityDeletesByPartition.get(key) ?? []),
    ].filter(({ sequenceNumber }) => sequenceNumber > data.sequenceNumber)
    return { deletionVector, positionDeletes, equalityDeletes: this.#withSharedKeys(equalityDeletes, data) }
  }

  /** Leaves out deletes whose bounds exclude all keys of the data file. */
  #withSharedKeys(equalityDeletes: readonly ManifestEntry[], data: ManifestEntry): readonly ManifestEntry[] {
    if (equalityDeletes.length === 0) return []
    const dataRanges = createColumnRanges(data, this.#types)
    return equalityDeletes.filter((entry) => mightShareKeys(dataRanges, this.#readKeyRanges(entry)))
  }

  #readKeyRanges(entry: ManifestEntry): KeyRanges {
    const known = this.#keyRanges.get(entry)
    if (known) return known
    const rangeOf = createColumnRanges(entry, this.#types)
    const ranges = new Map((entry.dataFile.equalityIds ?? []).map((fieldId) => [fieldId, rangeOf(fieldId)]))
    this.#keyRanges.set(entry, ranges)
    return ranges
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

/** A position delete file that does not say to which one data file it applies. */
type UnnamedDeletes = { entry: ManifestEntry; lower: Uint8Array | undefined; upper: Uint8Array | undefined }

/** Whether a position delete file may name a data file, by the bounds of its paths. */
function mightName({ lower, upper }: UnnamedDeletes, path: Uint8Array): boolean {
  return (
    (lower === undefined || compareBytes(lower, path) <= 0) && (upper === undefined || compareBytes(upper, path) >= 0)
  )
}

function append<T>(entries: Map<string, T[]>, key: string, entry: T): void {
  const known = entries.get(key)
  if (known) known.push(entry)
  else entries.set(key, [entry])
}

function damagedError(message: string, file: string): AppError {
  return new AppError('file-damaged', message, { facts: { file } })
}
