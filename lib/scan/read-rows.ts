import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { NestedField } from '@/lib/iceberg/schema/types'
import pMap from 'p-map'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { DamagedParquet, OversizedParquet, withFileName } from '@/lib/parquet/errors'
import { DECODE_LIMITS, type DecodeLimits } from '@/lib/parquet/decode-limits'
import type { DataFileCodecs } from './read/file-facts'
import type { ReserveMemory } from '@/lib/parquet/values'
import type { ChunkPages } from './chunk-pages'
import { DataFiles, type ReadCost } from './data-files'
import type { DeletedRows } from './deletes/deleted-rows'
import type { DeleteFile } from './deletes/delete-file'
import { createDeleteLoader } from './deletes/delete-loader'
import { createAllRows, type LiveFiles, LiveRows } from './live-rows'
import { fetchGroup, type OpenDataFile } from './read/data-file'
import { METADATA_FIELDS } from './read/metadata-columns'
import { createValueGetter, type RowValue } from './read/row-values'
import { takeValues, type Vector } from './read/vector'
import { evictLeastRecent, LruMap } from './lru-map'
import { createScanFiles, type ScanFile } from './scan-files'
import { createBudget } from './read/create-budget'
import { readAround, type ShownValue } from './read/unreadable-cell'

export type ReadRowsOptions = {
  /** Within the scan; `lastRow` is exclusive. */
  firstRow: number
  lastRow: number
  /** Top-level columns, and metadata columns (`read/metadata-columns`). */
  fieldIds: readonly number[]
  signal?: AbortSignal
}

/** @template Cell {@link ShownValue} of a batch for a view, in which columns that cannot be read are marked */
export type RowBatch<Cell = RowValue | null> = {
  firstRow: number
  lastRow: number
  /** By field id, a value per row. */
  columns: ReadonlyMap<number, readonly Cell[]>
  /** The position of each row in its file. */
  positions: Float64Array
  /**
   * For each row the indexes of the delete files that delete it, ascending. Only of a reader that shows deleted rows.
   */
  deletedBy?: readonly (readonly number[])[]
}

/**
 * Rows of an ordered scan, read from Parquet and Avro files. The caller provides the bytes, so that the browser, the server and
 * tests read the same way.
 *
 * Deleted rows are not counted and not read. Reads only the footers and, of the row groups that contain the rows, only
 * the requested columns (by pages if the file has an offset index). Decodes only the pages that contain the rows.
 */
export type RowReader = {
  /** Without the rows that are known to be deleted: it shrinks as the deletes of files are read. */
  readonly rowCount: number
  /**
   * One batch at a time: a second call waits for the first.
   *
   * @throws {AppError} file-damaged, file-missing, not-supported, too-large with the file's name; cancelled
   */
  readRows(options: ReadRowsOptions): Promise<RowBatch>
  /**
   * As {@link readRows}, for a view: a column that cannot be read in a row group leaves the others. Fails for what
   * concerns a whole file.
   */
  readShownRows(options: ReadRowsOptions): Promise<RowBatch<ShownValue>>
  /** The file that holds a row of the scan, and the row's position in it. */
  findFile(row: number, signal?: AbortSignal): Promise<{ file: ScanFile; position: number } | null>
  /** How many rows of each file are deleted. */
  countDeleted(files: readonly ScanFile[], signal?: AbortSignal): Promise<number[]>
  /** Since the reader was created. */
  cost(): ReadCost
}

export type ReadLimits = DecodeLimits & {
  rows: number
  /** Size of the cache of decoded pages. */
  cacheBytes: number
}

const DEFAULT_LIMITS: ReadLimits = {
  ...DECODE_LIMITS,
  rows: 10_000,
  cacheBytes: 128 * 1024 * 1024,
}
const MAX_PARALLEL_FILES = 4
const NOT_DELETED: readonly number[] = []
/** Rows of a file with deletes are read some at a time, because any number of deleted ones may be between two others. */
const MAX_ROWS_WITH_DELETES = 16_384

export function createRowReader({
  fields,
  files,
  open,
  openDelete = rejectDeleteFile,
  codecs,
  nameMapping = null,
  showsDeleted = false,
  limits = {},
}: {
  /** The fields of the snapshot's schema. */
  fields: readonly NestedField[]
  /** In the order of the scan; or where to find them as their rows are needed. */
  files: readonly ScanFile[] | LiveFiles
  open: (file: ScanFile) => ByteSource
  openDelete?: (file: DeleteFile) => ByteSource
  codecs: DataFileCodecs
  /** For files written without field ids. */
  nameMapping?: NameMapping | null
  /** Whether deleted rows are rows of the scan, too; each then says which delete files delete it. */
  showsDeleted?: boolean
  limits?: Partial<ReadLimits>
}): RowReader {
  const deletes = createDeleteLoader({ open: openDelete, codecs, nameMapping })
  const dataFiles = new DataFiles({ open, deletes, codecs, nameMapping })
  return new ScanReader(fields, files, { dataFiles, showsDeleted }, { ...DEFAULT_LIMITS, ...limits })
}

function rejectDeleteFile({ path }: DeleteFile): never {
  throw new Error(`nothing was given to open the delete file ${path} with`)
}

class ScanReader implements RowReader {
  readonly #fields: ReadonlyMap<number, NestedField>
  readonly #files: LiveFiles
  readonly #dataFiles: DataFiles
  readonly #showsDeleted: boolean
  readonly #limits: ReadLimits
  readonly #chunks = new LruMap<string, ChunkPages>()
  #lastRead: Promise<unknown> = Promise.resolve()

  constructor(
    fields: readonly NestedField[],
    files: readonly ScanFile[] | LiveFiles,
    { dataFiles, showsDeleted }: { dataFiles: DataFiles; showsDeleted: boolean },
    limits: ReadLimits,
  ) {
    this.#fields = new Map([...METADATA_FIELDS, ...fields].map((field) => [field.id, field]))
    this.#files =
      'filesForRows' in files
        ? files
        : showsDeleted
          ? createAllRows(createScanFiles(files))
          : new LiveRows(createScanFiles(files), (uncounted, signal) => this.countDeleted(uncounted, signal))
    this.#dataFiles = dataFiles
    this.#showsDeleted = showsDeleted
    this.#limits = limits
  }

  get rowCount(): number {
    return this.#files.rowCount
  }

  cost(): ReadCost {
    return this.#dataFiles.cost()
  }

  async findFile(row: number, signal?: AbortSignal): Promise<{ file: ScanFile; position: number } | null> {
    const [found] = await this.#files.filesForRows(row, row + 1, signal)
    if (!found) return null
    const { file, firstLiveRow } = found
    const index = row - firstLiveRow
    const deleted = this.#showsDeleted ? null : await this.#dataFiles.loadDeletes(file, signal)
    return { file, position: deleted ? deleted.positionOf(index) : index }
  }

  async countDeleted(files: readonly ScanFile[], signal?: AbortSignal): Promise<number[]> {
    const options = { concurrency: MAX_PARALLEL_FILES }
    return await pMap(files, async (file) => (await this.#dataFiles.loadDeletes(file, signal))?.count ?? 0, options)
  }

  readRows(options: ReadRowsOptions): Promise<RowBatch> {
    // Only rows for a view have cells that cannot be read.
    return this.#readInTurn(options, { isShown: false }) as Promise<RowBatch>
  }

  readShownRows(options: ReadRowsOptions): Promise<RowBatch<ShownValue>> {
    return this.#readInTurn(options, { isShown: true })
  }

  #readInTurn(options: ReadRowsOptions, use: { isShown: boolean }): Promise<RowBatch<ShownValue>> {
    const batch = this.#lastRead.then(() => this.#readBatch(options, use))
    this.#lastRead = batch.catch(() => undefined)
    return batch
  }

  async #readBatch(options: ReadRowsOptions, { isShown }: { isShown: boolean }): Promise<RowBatch<ShownValue>> {
    const firstRow = Math.max(0, options.firstRow)
    let lastRow = Math.max(firstRow, Math.min(options.lastRow, this.rowCount))
    if (lastRow - firstRow > this.#limits.rows) {
      throw new AppError(
        'too-large',
        `${lastRow - firstRow} rows were requested at once; the limit is ${this.#limits.rows}`,
      )
    }
    const { reserveMemory, reserveValueBytes } = createRowBudgets(this.#limits)
    const fields = options.fieldIds.map((id) => this.#getField(id))
    const overlappingFiles = await this.#files.filesForRows(firstRow, lastRow, options.signal)
    // Finding the files may have shown that there are fewer rows.
    lastRow = Math.max(firstRow, Math.min(lastRow, this.rowCount))
    const columns = new Map(options.fieldIds.map((id) => [id, new Array<ShownValue>(lastRow - firstRow).fill(null)]))
    const positions = new Float64Array(lastRow - firstRow)
    const deletedBy = Array.from({ length: this.#showsDeleted ? lastRow - firstRow : 0 }, () => NOT_DELETED)
    await pMap(
      overlappingFiles,
      ({ file, firstLiveRow, liveRowCount }) =>
        withFileName(file.path, async () => {
          const from = Math.max(firstRow, firstLiveRow) - firstLiveRow
          const to = Math.min(lastRow, firstLiveRow + liveRowCount) - firstLiveRow
          const target = { columns, positions, at: firstLiveRow + from - firstRow }
          const deleted = this.#showsDeleted ? null : await this.#dataFiles.loadDeletes(file, options.signal)
          if (this.#showsDeleted) await this.#markDeleted(file, deletedBy, { from, to, at: target.at }, options.signal)
          if (deleted && file.recordCount - deleted.count !== liveRowCount) {
            throw new DamagedParquet(
              `its deletes leave ${file.recordCount - deleted.count} rows, but ${liveRowCount} were counted`,
            )
          }
          await this.#readFile(file, deleted, {
            from,
            to,
            fields,
            isShown,
            target,
            reserveMemory,
            reserveValueBytes,
            signal: options.signal,
          })
        }),
      { concurrency: MAX_PARALLEL_FILES },
    )
    evictLeastRecent(this.#chunks, this.#limits.cacheBytes, (chunk) => chunk.memoryBytes())
    return { firstRow, lastRow, columns, positions, ...(this.#showsDeleted && { deletedBy }) }
  }

  /** Notes for each of some rows of a file which delete files delete it. */
  async #markDeleted(
    file: ScanFile,
    deletedBy: (readonly number[])[],
    { from, to, at }: { from: number; to: number; at: number },
    signal?: AbortSignal,
  ): Promise<void> {
    for (const { deleteFile, rows } of await this.#dataFiles.loadEachDeletes(file, signal)) {
      for (let position = from; position < to; position++) {
        const index = at + position - from
        if (rows.has(position)) deletedBy[index] = [...(deletedBy[index] ?? []), deleteFile.index].sort((a, b) => a - b)
      }
    }
  }

  /** @param request with rows that are not deleted */
  async #readFile(file: ScanFile, deleted: DeletedRows | null, request: FileReadRequest): Promise<void> {
    const openedFile = await this.#dataFiles.open(file, request.signal)
    const first = deleted?.positionOf(request.from) ?? request.from
    const end = deleted ? deleted.positionOf(request.to - 1) + 1 : request.to
    let { at } = request.target
    for (const [index, group] of openedFile.rowGroups.entries()) {
      const groupEnd = Math.min(end, group.firstRow + group.rowCount)
      const step = deleted ? MAX_ROWS_WITH_DELETES : Math.max(1, groupEnd)
      for (let from = Math.max(first, group.firstRow); from < groupEnd; from += step) {
        const to = Math.min(groupEnd, from + step)
        const retained = deleted?.remaining(from, to) ?? null
        const rowCount = retained ? retained.length : to - from
        for (let i = 0; i < rowCount; i++) request.target.positions[at + i] = from + (retained ? (retained[i] ?? 0) : i)
        const rows = { from: from - group.firstRow, to: to - group.firstRow }
        const target = { ...request.target, at }
        const read = request.isShown ? this.#readShownGroup : this.#readGroup
        if (rowCount > 0) await read.call(this, file, openedFile, index, retained, { ...request, ...rows, target })
        at += rowCount
      }
    }
  }

  /** Throws as {@link #readGroup}, except that columns of shown rows which cannot be read are marked. */
  async #readShownGroup(
    file: ScanFile,
    openedFile: OpenDataFile,
    index: number,
    retained: Int32Array | null,
    request: FileReadRequest,
  ): Promise<void> {
    const { fields, target, from, to } = request
    const unreadable = await readAround(file.path, fields, (remaining) =>
      this.#readGroup(file, openedFile, index, retained, { ...request, fields: remaining }),
    )
    const end = target.at + (retained?.length ?? to - from)
    for (const [id, cell] of unreadable) target.columns.get(id)?.fill(cell, target.at, end)
  }

  /** @param retained which of the rows are not deleted, counted from the first of them; null for all */
  async #readGroup(
    file: ScanFile,
    openedFile: OpenDataFile,
    index: number,
    retained: Int32Array | null,
    request: FileReadRequest,
  ): Promise<void> {
    const { from, to, fields, target, reserveMemory, reserveValueBytes, signal } = request
    const keyOf = (leaf: number) => `${file.path}\n${index}\n${leaf}`
    const read = await fetchGroup(openedFile, index, {
      from,
      to,
      fields,
      chunks: {
        get: (leaf) => this.#chunks.get(keyOf(leaf)),
        set: (leaf, chunk) => this.#chunks.set(keyOf(leaf), chunk),
      },
      reserveMemory,
      signal,
    })
    const vectors = read(from, to, reserveMemory)
    const isWhole = retained === null || retained.length === to - from
    for (const [i, field] of fields.entries()) {
      const [vector, values] = [vectors[i], target.columns.get(field.id)]
      if (!vector || !values) continue
      const taken = isWhole ? vector : takeValues(vector, retained, reserveMemory)
      withColumnName(field.name, () => fillValues(values, target.at, field, taken, reserveValueBytes))
    }
  }

  #getField(id: number): NestedField {
    const field = this.#fields.get(id)
    if (!field) throw new AppError('invalid-request', `The snapshot's schema has no column with the id ${id}`)
    return field
  }
}

type FileReadRequest = {
  /** Among the rows of the file that are not deleted, then within the row group; `to` is exclusive. */
  from: number
  to: number
  fields: readonly NestedField[]
  isShown: boolean
  target: { columns: ReadonlyMap<number, ShownValue[]>; positions: Float64Array; at: number }
  reserveMemory: ReserveMemory
  reserveValueBytes: ReserveMemory
  signal: AbortSignal | undefined
}

function fillValues(
  values: ShownValue[],
  at: number,
  field: NestedField,
  vector: Vector,
  reserveValueBytes: ReserveMemory,
): void {
  const valueAt = createValueGetter(vector, field.type, reserveValueBytes)
  for (let i = 0; i < vector.length; i++) values[at + i] = valueAt(i)
}

/** Adds the name of the column to an error about its size. */
function withColumnName(name: string | undefined, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (error instanceof OversizedParquet) throw new OversizedParquet(`column ${name}: ${error.message}`)
    throw error
  }
}

/** The limits on rows that are decoded and returned together. */
export function createRowBudgets({ decodedBytes, valueBytes }: DecodeLimits = DECODE_LIMITS): {
  reserveMemory: ReserveMemory
  reserveValueBytes: ReserveMemory
} {
  return {
    reserveMemory: createBudget(decodedBytes, (limit) => `these rows take more than ${limit} of memory`),
    // A page of a few kilobytes may contain a row of gigabytes, so the returned values are limited too, before they
    // exist.
    reserveValueBytes: createBudget(
      valueBytes,
      (limit) => `the values of these rows are longer than ${limit} together`,
    ),
  }
}
