import { AppError } from '@/lib/errors'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionKey } from '@/lib/iceberg/manifest/partition-key'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import type { Type } from '@/lib/iceberg/schema/types'
import { columnTypes, createColumnRanges, type KeyRanges, mightShareKeys } from './key-bounds'
import { pathBounds } from './named-data-file'
import { equalBound, mightBoundPath, type PathBounds } from './path-bounds'

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
  readonly #positionDeletesByStart = new DeletesByStart()
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
      const { referencedDataFile } = entry.dataFile
      if (referencedDataFile !== null) return append(this.#positionDeletesByPath, referencedDataFile, entry)
      const bounds = pathBounds(entry.dataFile)
      const equal = equalBound(bounds)
      const key = partitionKey(entry.dataFile)
      if (equal === null) return append(this.#positionDeletesByPartition, key, { entry, bounds })
      append(this.#positionDeletesByPath, new TextDecoder().decode(equal), entry)
      this.#positionDeletesByStart.add(key, equal, entry)
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
      : [
          ...named,
          ...this.#positionDeletesByStart.find(key, path),
          ...unnamed.filter(({ bounds }) => mightBoundPath(bounds, path)).map(({ entry }) => entry),
        ].filter(({ sequenceNumber }) => sequenceNumber >= data.sequenceNumber)
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
type UnnamedDeletes = { entry: ManifestEntry; bounds: PathBounds }

/**
 * Position delete files by a partition and the beginning of the paths in them, which truncated bounds tell. Few lengths
 * of beginnings occur, so a path is looked up once for each.
 */
class DeletesByStart {
  readonly #entries = new Map<string, Map<string, ManifestEntry[]>>()
  readonly #lengths = new Set<number>()
  /** One character for each byte. */
  readonly #decoder = new TextDecoder('latin1')

  add(partition: string, start: Uint8Array, entry: ManifestEntry): void {
    const byStart = this.#entries.get(partition) ?? new Map<string, ManifestEntry[]>()
    this.#entries.set(partition, byStart)
    append(byStart, this.#decoder.decode(start), entry)
    this.#lengths.add(start.length)
  }

  /** Those whose beginning is shorter than the path. */
  find(partition: string, path: Uint8Array): ManifestEntry[] {
    const byStart = this.#entries.get(partition)
    if (byStart === undefined) return []
    const text = this.#decoder.decode(path)
    return [...this.#lengths]
      .filter((length) => length < text.length)
      .flatMap((length) => byStart.get(text.slice(0, length)) ?? [])
  }
}

function append<T>(entries: Map<string, T[]>, key: string, entry: T): void {
  const known = entries.get(key)
  if (known) known.push(entry)
  else entries.set(key, [entry])
}

function damagedError(message: string, file: string): AppError {
  return new AppError('file-damaged', message, { facts: { file } })
}
