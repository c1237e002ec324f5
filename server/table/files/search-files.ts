import 'server-only'
import { type FileListColumn, type FileSort, parseSort } from '@/lib/contract/table/file-sorts'
import { partitionComparator } from '@/lib/iceberg/manifest/compare-partitions'
import type { ManifestEntry } from '@/lib/iceberg/manifest/manifest'
import { partitionColumnsBySpec } from '@/lib/iceberg/manifest/partition-tuple'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type DataFileSizes, readFileSizes } from '@/server/db/catalog/data-file-sizes'
import type { Database } from '@/server/db/database'
import { codecPropertyNames } from '@/server/table/codec-name'
import type { ListedEntry } from './listed-entries'
import { describePartitions } from './live-files'

/** How many matches are compared at a time; if the order needs the sizes of their footers, one read of the database. */
const BATCH_SIZE = 500

/** Columns whose values are in footers, not in manifests. */
const MEASURED_COLUMNS: ReadonlySet<FileListColumn> = new Set(['plain', 'ratio', 'codec'])

type FileSearch = {
  /** Part of a path or of a partition, in any case; empty for all files. */
  filter: string
  /** Null for scan order. */
  sort: FileSort | null
  offset: number
  limit: number
  /** The search ends after so many files. */
  maxSearchedFiles: number
}

type FoundFiles = {
  page: ListedEntry[]
  searchedCount: number
  /** Size of the searched files. */
  searchedBytes: number
  matchCount: number
  /** Whether there was no file beyond the searched ones. */
  isComplete: boolean
}

/**
 * A page of the files that match, in the order of a column. Reads the entries once and holds at most twice as many
 * files as there are up to the end of the page.
 *
 * @param entries in scan order, which is also the order of files with equal values
 */
export async function searchFiles(
  { database, metadata }: { database: Database; metadata: TableMetadata },
  entries: AsyncIterable<ListedEntry>,
  { filter, sort, offset, limit, maxSearchedFiles }: FileSearch,
): Promise<FoundFiles> {
  const { column, isDescending } =
    sort === null ? { column: null, isDescending: false } : parseSort<FileListColumn>(sort)
  const isMatch = fileMatcher(metadata, filter)
  const first = new FirstFiles(offset + limit, fileComparator(metadata, column, isDescending))
  let [searchedCount, searchedBytes, matchCount, isComplete] = [0, 0, 0, true]
  let batch: ListedEntry[] = []
  const addBatch = async () => {
    const isMeasured = column !== null && MEASURED_COLUMNS.has(column)
    const paths = isMeasured ? batch.map(({ entry }) => entry.dataFile.filePath) : []
    const sizes = await readFileSizes(database, paths)
    for (const listed of batch) {
      first.add({ listed, value: valueOf(column, listed.entry, sizes.get(listed.entry.dataFile.filePath) ?? null) })
    }
    batch = []
  }
  for await (const listed of entries) {
    if (searchedCount === maxSearchedFiles) {
      isComplete = false
      break
    }
    searchedCount += 1
    searchedBytes += listed.entry.dataFile.fileSizeBytes
    if (!isMatch(listed.entry)) continue
    matchCount += 1
    batch.push(listed)
    if (batch.length === BATCH_SIZE) await addBatch()
  }
  await addBatch()
  return { page: first.toList().slice(offset), searchedCount, searchedBytes, matchCount, isComplete }
}

function fileMatcher(metadata: TableMetadata, filter: string): (entry: ManifestEntry) => boolean {
  const needle = filter.trim().toLowerCase()
  if (needle === '') return () => true
  const describePartition = describePartitions(metadata)
  const hasNeedle = (text: string) => text.toLowerCase().includes(needle)
  return (entry) => hasNeedle(entry.dataFile.filePath) || hasNeedle(describePartition(entry).partitionLabel)
}

type SortedFile = { listed: ListedEntry; value: string | number | null }
type FileComparator = (a: SortedFile, b: SortedFile) => number

/** The value that files are sorted by. Null if it is unknown, or is not a single value. */
function valueOf(
  column: FileListColumn | null,
  entry: ManifestEntry,
  sizes: DataFileSizes | null,
): string | number | null {
  const { dataFile, status, sequenceNumber } = entry
  switch (column) {
    case null:
    case 'partition':
      return null
    case 'file':
      return dataFile.filePath
    case 'status':
      return status
    case 'content':
      return dataFile.content
    case 'spec':
      return dataFile.specId
    case 'rows':
      return dataFile.recordCount
    case 'stored':
      return dataFile.fileSizeBytes
    case 'sequence':
      return sequenceNumber
    case 'plain':
      return sizes?.plainBytes ?? null
    case 'ratio':
      return sizes?.plainBytes == null || sizes.storedBytes === 0 ? null : sizes.plainBytes / sizes.storedBytes
    case 'codec':
      return sizes && codecPropertyNames(Object.values(sizes.codecs))
  }
}

/** Unknown values are last in both directions. */
function fileComparator(metadata: TableMetadata, column: FileListColumn | null, isDescending: boolean): FileComparator {
  if (column === 'partition') {
    const compare = partitionComparator(partitionColumnsBySpec(metadata), isDescending)
    return (a, b) => compare(a.listed.entry.dataFile, b.listed.entry.dataFile)
  }
  const direction = isDescending ? -1 : 1
  return ({ value: a }, { value: b }) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return a === b ? 0 : a < b ? -direction : direction
  }
}

/** The first files in an order, of those that are added. Files with equal values stay as they were added. */
class FirstFiles {
  readonly #limit: number
  readonly #compare: FileComparator
  #files: SortedFile[] = []
  /** The last of the first files when they were last sorted: a file after it is not needed. */
  #last: SortedFile | null = null

  constructor(limit: number, compare: FileComparator) {
    this.#limit = limit
    this.#compare = compare
  }

  add(file: SortedFile): void {
    if (this.#last !== null && this.#compare(file, this.#last) >= 0) return
    this.#files.push(file)
    if (this.#files.length >= 2 * this.#limit) this.#trim()
  }

  toList(): ListedEntry[] {
    this.#trim()
    return this.#files.map(({ listed }) => listed)
  }

  #trim(): void {
    this.#files = this.#files.toSorted(this.#compare).slice(0, this.#limit)
    this.#last = this.#files.length === this.#limit ? (this.#files.at(-1) ?? null) : null
  }
}
