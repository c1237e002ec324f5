import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { withFileName } from '@/lib/parquet/errors'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { ChunkPages } from './chunk-pages'
import type { BoundPredicate } from './predicate/predicate'
import { findMatches } from './prune/find-matches'
import { fetchGroup, type OpenDataFile } from './read/data-file'
import { createValueGetter, type RowValue } from './read/row-values'
import type { ReadRowsOptions, RowBatch } from './read-rows'

/** What is known of the rows that pass a filter. */
export type FilterProgress = {
  /** Matching rows found so far. */
  matchCount: number
  /** Whether that is all of them. */
  isComplete: boolean
  /** Rows of the files looked at that were not compared, because their file excludes them. */
  skippedRows: number
  filesSearched: number
}

/**
 * The rows of a scan that pass a filter, addressed by their position among these. How many there are is only known once
 * all files are searched; files are searched in order, as far as rows are requested.
 */
export type FilteredRows = {
  progress(): FilterProgress
  /**
   * The batch ends before `lastRow` if fewer rows match. One batch at a time: a second call waits for the first.
   *
   * @throws {AppError} file-damaged, file-missing, not-supported, too-large with the file's name; cancelled
   */
  readRows(options: ReadRowsOptions): Promise<RowBatch>
  /** The file that holds a matching row, and the row's position in it; null if there are not as many. */
  findFile(row: number, signal?: AbortSignal): Promise<{ path: string; position: number } | null>
}

export type FilteredRowsOptions<File extends { filePath: string }> = {
  predicate: BoundPredicate
  /** Of the schema that the predicate is bound to. */
  fields: readonly NestedField[]
  /** Files that might have matching rows, in order. */
  tasks: AsyncIterable<File>
  open: (file: File, signal: AbortSignal | undefined) => Promise<OpenDataFile>
  /** Called for each row group and each batch: limits the memory of what is decoded together. */
  createBudget: () => ReserveMemory
  /** Called for each batch: limits the size of returned strings and bytes. */
  createValueBudget: () => ReserveMemory
  /** Leaves out the positions of deleted rows. */
  withoutDeleted?: (file: File, positions: Uint32Array) => Uint32Array | Promise<Uint32Array>
  maxMatches?: number
}

/** Four bytes each. */
const DEFAULT_MAX_MATCHES = 50_000_000
/** Rows between two matching ones that are decoded along with them. */
const MAX_GAP_ROWS = 32

/** Matching rows of one row group; `firstMatch` is the position of the first among all that match. */
type Segment<File> = { file: File; groupIndex: number; positions: Uint32Array; firstMatch: number }

export function createFilteredRows<File extends { filePath: string }>(
  options: FilteredRowsOptions<File>,
): FilteredRows {
  return new FilteredScan(options)
}

class FilteredScan<File extends { filePath: string }> implements FilteredRows {
  readonly #options: FilteredRowsOptions<File>
  readonly #fields: ReadonlyMap<number, NestedField>
  readonly #segments: Segment<File>[] = []
  readonly #tasks: AsyncIterator<File>
  #progress: FilterProgress = { matchCount: 0, isComplete: false, skippedRows: 0, filesSearched: 0 }
  /** A file whose search failed is searched again, so that none is left out. */
  #pendingFile: File | null = null
  #lastRead: Promise<unknown> = Promise.resolve()

  constructor(options: FilteredRowsOptions<File>) {
    this.#options = options
    this.#fields = new Map(options.fields.map((field) => [field.id, field]))
    this.#tasks = options.tasks[Symbol.asyncIterator]()
  }

  progress(): FilterProgress {
    return this.#progress
  }

  readRows(options: ReadRowsOptions): Promise<RowBatch> {
    return this.#inTurn(() => this.#readBatch(options))
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
    while (!this.#progress.isComplete && this.#progress.matchCount < matchCount) {
      signal?.throwIfAborted()
      const file = this.#pendingFile ?? (await this.#nextFile())
      if (file === null) return
      this.#pendingFile = file
      await this.#searchFile(file, signal)
      this.#pendingFile = null
    }
  }

  async #nextFile(): Promise<File | null> {
    const next = await this.#tasks.next()
    if (next.done !== true) return next.value
    this.#progress = { ...this.#progress, isComplete: true }
    return null
  }

  async #searchFile(file: File, signal: AbortSignal | undefined): Promise<void> {
    const { predicate, open, createBudget, withoutDeleted, maxMatches = DEFAULT_MAX_MATCHES } = this.#options
    const found: Segment<File>[] = []
    let { matchCount, skippedRows } = this.#progress
    await withFileName(file.filePath, async () => {
      for await (const group of findMatches(predicate, await open(file, signal), { createBudget, signal })) {
        const positions = withoutDeleted ? await withoutDeleted(file, group.positions) : group.positions
        if (positions.length > 0) found.push({ file, groupIndex: group.groupIndex, positions, firstMatch: matchCount })
        matchCount += positions.length
        skippedRows += group.skippedRows
      }
    })
    if (matchCount > maxMatches) {
      throw new AppError('too-large', `More than ${maxMatches} rows pass the filter. Filter by more conditions.`)
    }
    this.#segments.push(...found)
    const filesSearched = this.#progress.filesSearched + 1
    this.#progress = { ...this.#progress, matchCount, skippedRows, filesSearched }
  }

  async #readBatch({
    firstRow: requestedFirst,
    lastRow: requestedLast,
    fieldIds,
    signal,
  }: ReadRowsOptions): Promise<RowBatch> {
    const fields = fieldIds.map((id) => this.#getField(id))
    await this.#searchUntil(requestedLast, signal)
    const firstRow = Math.min(Math.max(0, requestedFirst), this.#progress.matchCount)
    const lastRow = Math.max(firstRow, Math.min(requestedLast, this.#progress.matchCount))
    const columns = new Map(fieldIds.map((id) => [id, new Array<RowValue | null>(lastRow - firstRow).fill(null)]))
    const batchPositions = new Float64Array(lastRow - firstRow)
    const budgets = {
      reserveMemory: this.#options.createBudget(),
      reserveValueBytes: this.#options.createValueBudget(),
    }
    for (const segment of this.#segments) {
      const from = Math.max(firstRow, segment.firstMatch) - segment.firstMatch
      const to = Math.min(lastRow, segment.firstMatch + segment.positions.length) - segment.firstMatch
      if (from >= to) continue
      batchPositions.set(segment.positions.subarray(from, to), segment.firstMatch + from - firstRow)
      const target = { columns, at: segment.firstMatch + from - firstRow, fields, signal, ...budgets }
      await withFileName(segment.file.filePath, () =>
        this.#readSegment(segment, segment.positions.subarray(from, to), target),
      )
    }
    return { firstRow, lastRow, columns, positions: batchPositions }
  }

  async #readSegment({ file, groupIndex }: Segment<File>, positions: Uint32Array, target: Target): Promise<void> {
    const { fields, columns, reserveMemory, reserveValueBytes, signal } = target
    const openedFile = await this.#options.open(file, signal)
    const groupStart = openedFile.rowGroups[groupIndex]?.firstRow ?? 0
    const chunks = new Map<number, ChunkPages>()
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
  columns: ReadonlyMap<number, (RowValue | null)[]>
  at: number
  fields: readonly NestedField[]
  reserveMemory: ReserveMemory
  reserveValueBytes: ReserveMemory
  signal: AbortSignal | undefined
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
