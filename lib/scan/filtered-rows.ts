import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { withFileName } from '@/lib/parquet/errors'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { ChunkPages } from './chunk-pages'
import type { BoundPredicate } from './predicate/predicate'
import { evictLeastRecent, LruMap } from './lru-map'
import { findMatches, type GroupMatches } from './prune/find-matches'
import type { RowSkipReason } from './prune/prune-row-group'
import { fetchGroup, type OpenDataFile } from './read/data-file'
import type { FetchGroupOptions } from './read/fetch-options'
import { METADATA_FIELDS } from './read/metadata-columns'
import { createValueGetter, type RowValue } from './read/row-values'
import { readAround, type ShownValue } from './read/unreadable-cell'
import type { ReadRowsOptions, RowBatch } from './read-rows'

/** The progress of finding the rows that pass a filter. */
export type FilterProgress = {
  /** Matching rows found so far. */
  matchCount: number
  /** Whether that is all of them. */
  isComplete: boolean
  /** Files of which all row groups were searched. */
  filesSearched: number
  rowGroupsSearched: number
  /** Rows that were not compared, because their file says that they cannot match, and which part of it does. */
  skipped: Readonly<Record<RowSkipReason, SkippedRows>>
}

/** Rows in row groups of which some, or all, rows were skipped. */
export type SkippedRows = { rowGroups: number; rows: number }

/** Matching rows with the files that they are from. */
export type FilteredBatch<File, Cell = RowValue | null> = RowBatch<Cell> & {
  /** In order. `firstRow` and `lastRow`, which is exclusive, count matching rows. */
  sources: readonly { file: File; firstRow: number; lastRow: number }[]
}

/**
 * The rows of a scan that pass a filter, addressed by their position among these. How many there are is only known once
 * all files are searched; files are searched in order, as far as rows are requested.
 */
export type FilteredRows<File> = {
  progress(): FilterProgress
  /** Searches one more row group. Throws as {@link FilteredRows.readRows}; the next call searches the same one again. */
  searchNext(signal?: AbortSignal): Promise<void>
  /**
   * The batch ends before `lastRow` if fewer rows match. One batch at a time: a second call waits for the first.
   *
   * @throws {AppError} file-damaged, file-missing, not-supported, too-large with the file's name; cancelled
   */
  readRows(options: ReadRowsOptions): Promise<FilteredBatch<File>>
  /** As {@link readRows}, for a view: a column that cannot be read in a row group leaves the others. */
  readShownRows(options: ReadRowsOptions): Promise<FilteredBatch<File, ShownValue>>
  /** The file that holds a matching row, and the row's position in it; null if there are not as many. */
  findFile(row: number, signal?: AbortSignal): Promise<{ path: string; position: number } | null>
}

export type FilteredRowsOptions<File extends { filePath: string }> = {
  predicate: BoundPredicate
  /** The fields of the schema that the predicate is bound to. */
  fields: readonly NestedField[]
  /** Files that might have matching rows, in order. */
  tasks: AsyncIterable<File>
  open: (file: File, signal: AbortSignal | undefined) => Promise<OpenDataFile>
  /** Called for each row group and each batch: limits the memory of rows that are decoded together. */
  createBudget: () => ReserveMemory
  /** Called for each batch: limits the size of returned strings and bytes. */
  createValueBudget: () => ReserveMemory
  /** Leaves out the positions of deleted rows. */
  withoutDeleted?: (file: File, positions: Uint32Array) => Uint32Array | Promise<Uint32Array>
  maxMatches?: number
  /** Size of the cache of decoded pages. */
  cacheBytes?: number
}

/** Four bytes each. */
const DEFAULT_MAX_MATCHES = 50_000_000
const DEFAULT_CACHE_BYTES = 128 * 1024 * 1024
/** Rows between two matching ones that are decoded along with them. */
const MAX_GAP_ROWS = 32

/** Matching rows of one row group; `firstMatch` is the position of the first among all that match. */
type Segment<File> = { file: File; groupIndex: number; positions: Uint32Array; firstMatch: number }

export function createFilteredRows<File extends { filePath: string }>(
  options: FilteredRowsOptions<File>,
): FilteredRows<File> {
  return new FilteredScan(options)
}

const NOTHING: SkippedRows = { rowGroups: 0, rows: 0 }
const EMPTY_PROGRESS: FilterProgress = {
  matchCount: 0,
  isComplete: false,
  filesSearched: 0,
  rowGroupsSearched: 0,
  skipped: { statistics: NOTHING, 'bloom-filter': NOTHING, dictionary: NOTHING, 'page-index': NOTHING },
}

class FilteredScan<File extends { filePath: string }> implements FilteredRows<File> {
  readonly #options: FilteredRowsOptions<File>
  readonly #fields: ReadonlyMap<number, NestedField>
  readonly #segments: Segment<File>[] = []
  readonly #tasks: AsyncIterator<File>
  #progress = EMPTY_PROGRESS
  /** The row group to search next. One whose search failed is searched again, so that none is left out. */
  #next: { file: File; groupIndex: number } | null = null
  #pendingTask: Promise<IteratorResult<File, unknown>> | null = null
  readonly #chunks = new LruMap<string, ChunkPages>()
  #lastRead: Promise<unknown> = Promise.resolve()

  constructor(options: FilteredRowsOptions<File>) {
    this.#options = options
    this.#fields = new Map([...METADATA_FIELDS, ...options.fields].map((field) => [field.id, field]))
    this.#tasks = options.tasks[Symbol.asyncIterator]()
  }

  progress(): FilterProgress {
    return this.#progress
  }

  searchNext(signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#searchGroup(signal))
  }

  readRows(options: ReadRowsOptions): Promise<FilteredBatch<File>> {
    // Only rows for a view have cells that cannot be read.
    return this.#inTurn(() => this.#readBatch(options, { isShown: false })) as Promise<FilteredBatch<File>>
  }

  readShownRows(options: ReadRowsOptions): Promise<FilteredBatch<File, ShownValue>> {
    return this.#inTurn(() => this.#readBatch(options, { isShown: true }))
  }

  findFile(row: number, signal?: AbortSignal): Promise<{ path: string; position: number } | null> {
    return this.#inTurn(async () => {
      await this.#searchUntil(row + 1, signal)
      const segment = this.#segments.find(({ firstMatch, positions }) => row < firstMatch + positions.length)
      const position = segment?.positions[row - segment.firstMatch]
      return segment === undefined || position === undefined ? null : { path: segment.file.filePath, position }
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastRead.then(work)
    this.#lastRead = result.catch(() => undefined)
    return result
  }

  async #searchUntil(matchCount: number, signal: AbortSignal | undefined): Promise<void> {
    while (!this.#progress.isComplete && this.#progress.matchCount < matchCount) await this.#searchGroup(signal)
  }

  async #searchGroup(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted()
    const next = this.#next ?? (await this.#nextFile(signal))
    if (next === null) return
    this.#next = next
    const { file, groupIndex } = next
    await withFileName(file.filePath, async () => {
      const openedFile = await this.#options.open(file, signal)
      const group = await this.#findGroupMatches(openedFile, next, signal)
      if (group) await this.#addMatches(file, group)
      const isLast = groupIndex + 1 >= openedFile.rowGroups.length
      this.#next = isLast ? null : { file, groupIndex: groupIndex + 1 }
      if (isLast) this.#progress = { ...this.#progress, filesSearched: this.#progress.filesSearched + 1 }
    })
    this.#evictChunks()
  }

  /** An abort does not wait for the tasks: their results belong to the next call. */
  async #nextFile(signal: AbortSignal | undefined): Promise<{ file: File; groupIndex: number } | null> {
    this.#pendingTask ??= this.#tasks.next()
    const next = await untilAborted(this.#pendingTask, signal).catch((error: unknown) => {
      if (!signal?.aborted) this.#pendingTask = null
      throw error
    })
    this.#pendingTask = null
    if (next.done !== true) return { file: next.value, groupIndex: 0 }
    this.#progress = { ...this.#progress, isComplete: true }
    return null
  }

  /** Null if the file has no such row group. */
  async #findGroupMatches(
    openedFile: OpenDataFile,
    { file, groupIndex: firstGroup }: { file: File; groupIndex: number },
    signal: AbortSignal | undefined,
  ): Promise<GroupMatches | null> {
    const { predicate, createBudget } = this.#options
    const chunksOf = (groupIndex: number) => this.#chunksOf(file, groupIndex)
    const groups = findMatches(predicate, openedFile, { createBudget, firstGroup, chunksOf, signal })
    for await (const group of groups) return group
    return null
  }

  async #addMatches(file: File, { groupIndex, positions: found, skippedRows, reason }: GroupMatches): Promise<void> {
    const { withoutDeleted, maxMatches = DEFAULT_MAX_MATCHES } = this.#options
    const positions = withoutDeleted ? await withoutDeleted(file, found) : found
    const { matchCount: firstMatch, skipped, rowGroupsSearched } = this.#progress
    const matchCount = firstMatch + positions.length
    if (matchCount > maxMatches) {
      throw new AppError('too-large', `More than ${maxMatches} rows pass the filter. Filter by more conditions.`)
    }
    if (positions.length > 0) this.#segments.push({ file, groupIndex, positions, firstMatch })
    const before = reason && skipped[reason]
    this.#progress = {
      ...this.#progress,
      matchCount,
      rowGroupsSearched: rowGroupsSearched + 1,
      skipped: before
        ? { ...skipped, [reason]: { rowGroups: before.rowGroups + 1, rows: before.rows + skippedRows } }
        : skipped,
    }
  }

  #chunksOf({ filePath }: File, groupIndex: number): FetchGroupOptions['chunks'] {
    const keyOf = (leaf: number) => `${filePath}\n${groupIndex}\n${leaf}`
    return {
      get: (leaf) => this.#chunks.get(keyOf(leaf)),
      set: (leaf, chunk) => this.#chunks.set(keyOf(leaf), chunk),
    }
  }

  #evictChunks(): void {
    const { cacheBytes = DEFAULT_CACHE_BYTES } = this.#options
    evictLeastRecent(this.#chunks, cacheBytes, (chunk) => chunk.memoryBytes())
  }

  async #readBatch(
    { firstRow: requestedFirst, lastRow: requestedLast, fieldIds, signal }: ReadRowsOptions,
    { isShown }: { isShown: boolean },
  ): Promise<FilteredBatch<File, ShownValue>> {
    const fields = fieldIds.map((id) => this.#getField(id))
    await this.#searchUntil(requestedLast, signal)
    const firstRow = Math.min(Math.max(0, requestedFirst), this.#progress.matchCount)
    const lastRow = Math.max(firstRow, Math.min(requestedLast, this.#progress.matchCount))
    const columns = new Map(fieldIds.map((id) => [id, new Array<ShownValue>(lastRow - firstRow).fill(null)]))
    const batchPositions = new Float64Array(lastRow - firstRow)
    const sources: { file: File; firstRow: number; lastRow: number }[] = []
    const budgets = {
      reserveMemory: this.#options.createBudget(),
      reserveValueBytes: this.#options.createValueBudget(),
    }
    for (const segment of this.#segments) {
      const from = Math.max(firstRow, segment.firstMatch) - segment.firstMatch
      const to = Math.min(lastRow, segment.firstMatch + segment.positions.length) - segment.firstMatch
      if (from >= to) continue
      sources.push({ file: segment.file, firstRow: segment.firstMatch + from, lastRow: segment.firstMatch + to })
      batchPositions.set(segment.positions.subarray(from, to), segment.firstMatch + from - firstRow)
      const target = { columns, at: segment.firstMatch + from - firstRow, fields, signal, ...budgets }
      await withFileName(segment.file.filePath, async () => {
        const positions = segment.positions.subarray(from, to)
        await (isShown ? this.#readShownSegment : this.#readSegment).call(this, segment, positions, target)
      })
    }
    this.#evictChunks()
    return { firstRow, lastRow, columns, positions: batchPositions, sources }
  }

  /** As {@link #readSegment}, except that columns which cannot be read are marked. */
  async #readShownSegment(segment: Segment<File>, positions: Uint32Array, target: Target): Promise<void> {
    const { fields, columns, at } = target
    const unreadable = await readAround(segment.file.filePath, fields, (remaining) =>
      this.#readSegment(segment, positions, { ...target, fields: remaining }),
    )
    for (const [id, cell] of unreadable) columns.get(id)?.fill(cell, at, at + positions.length)
  }

  async #readSegment({ file, groupIndex }: Segment<File>, positions: Uint32Array, target: Target): Promise<void> {
    const { fields, columns, reserveMemory, reserveValueBytes, signal } = target
    const openedFile = await this.#options.open(file, signal)
    const groupStart = openedFile.rowGroups[groupIndex]?.firstRow ?? 0
    const chunks = this.#chunksOf(file, groupIndex)
    let at = target.at
    for (const run of toRuns(positions)) {
      const [from, to] = [(run[0] ?? 0) - groupStart, (run.at(-1) ?? 0) + 1 - groupStart]
      const read = await fetchGroup(openedFile, groupIndex, { from, to, fields, chunks, reserveMemory, signal })
      const vectors = read(from, to, reserveMemory)
      for (const [i, field] of fields.entries()) {
        const [vector, values] = [vectors[i], columns.get(field.id)]
        if (!vector || !values) continue
        const valueAt = createValueGetter(vector, field.type, reserveValueBytes)
        run.forEach((position, index) => (values[at + index] = valueAt(position - groupStart - from)))
      }
      at += run.length
    }
  }

  #getField(id: number): NestedField {
    const field = this.#fields.get(id)
    if (!field) throw new AppError('invalid-request', `The snapshot's schema has no column with the id ${id}`)
    return field
  }
}

type Target = {
  columns: ReadonlyMap<number, ShownValue[]>
  at: number
  fields: readonly NestedField[]
  reserveMemory: ReserveMemory
  reserveValueBytes: ReserveMemory
  signal: AbortSignal | undefined
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** Positions in order, split where many rows do not match. */
function toRuns(positions: Uint32Array): Uint32Array[] {
  const runs: Uint32Array[] = []
  let start = 0
  for (let i = 1; i <= positions.length; i++) {
    if (i < positions.length && (positions[i] ?? 0) - (positions[i - 1] ?? 0) <= MAX_GAP_ROWS) continue
    runs.push(positions.subarray(start, i))
    start = i
  }
  return positions.length === 0 ? [] : runs
}
