import { DECODE_LIMITS } from '@/lib/parquet/decode-limits'
import { DamagedParquet } from '@/lib/parquet/errors'
import { forEachBatch } from '../deletes/delete-loader'
import { POSITION_DELETE_FIELDS } from '../deletes/position-deletes'
import type { OpenDataFile } from '../read/data-file'
import { bytesAt } from '../read/to-table-type'
import { isValid, type Vector } from '../read/vector'
import type { PositionRange } from './position-ranges'
import { createBudget } from '../read/create-budget'

/** The deleted positions of one data file, in the order of the delete file. */
export type FilePositions = {
  path: string
  /** Number of positions that were read, including positions in ranges that are left out. */
  count: number
  ranges: readonly PositionRange[]
  isTruncated: boolean
}

export type DeletePositions = {
  files: readonly FilePositions[]
  /** Deletes that were read; fewer than `rowCount` when the limits end the list. */
  readCount: number
  rowCount: number
}

type Limits = { rows: number; files: number; ranges: number }
const DEFAULT_LIMITS: Limits = { rows: 20_000_000, files: 10_000, ranges: 100_000 }

/**
 * The contents of a position delete file by data file. Reading ends at the first limit, after a whole row group.
 *
 * Spec: Iceberg table spec, *Position Delete Files*.
 *
 * @throws {DamagedParquet} for a row without a path or a position, {UnsupportedParquet}, {OversizedParquet}; {AppError}
 *   of Avro files, and of the source
 */
export async function listDeletePositions(
  file: OpenDataFile,
  { signal, limits = DEFAULT_LIMITS }: { signal?: AbortSignal; limits?: Limits } = {},
): Promise<DeletePositions> {
  const list = new PositionsByFile(limits)
  for (const [index, { rowCount }] of file.rowGroups.entries()) {
    signal?.throwIfAborted()
    if (list.readCount > 0 && (list.isFull || list.readCount + rowCount > limits.rows)) break
    const reserveMemory = createBudget(
      DECODE_LIMITS.decodedBytes,
      (limit) => `a row group takes more than ${limit} of memory`,
    )
    await forEachBatch(file, index, POSITION_DELETE_FIELDS, reserveMemory, (vectors, _from, count) =>
      list.add(vectors, count),
    )
  }
  const rowCount = file.rowGroups.reduce((sum, group) => sum + group.rowCount, 0)
  return { files: list.files, readCount: list.readCount, rowCount }
}

class PositionsByFile {
  readCount = 0
  /** Whether there are more data files than are listed. */
  isFull = false
  readonly #limits: Limits
  readonly #files = new Map<string, { path: string; count: number; ranges: PositionRange[]; isTruncated: boolean }>()
  readonly #decoder = new TextDecoder()
  #rangeCount = 0

  constructor(limits: Limits) {
    this.#limits = limits
  }

  get files(): FilePositions[] {
    return [...this.#files.values()]
  }

  add([paths, positions]: readonly Vector[], rowCount: number): void {
    if (rowCount === 0) return
    if (positions?.kind !== 'int64' || (paths?.kind !== 'dictionary' && paths?.kind !== 'bytes'))
      throw new DamagedParquet('it has no columns of paths and positions')
    let last: { bytes: Uint8Array; path: string } | null = null
    for (let row = 0; row < rowCount; row++) {
      if (!isValid(paths.validity, row) || !isValid(positions.validity, row))
        throw new DamagedParquet('a row has no path or no position')
      const bytes = bytesAt(paths, row)
      // Rows are sorted by path, so it is mostly the one before.
      if (last === null || !isSame(last.bytes, bytes)) last = { bytes, path: this.#decoder.decode(bytes) }
      const position = positions.data[row] ?? 0n
      if (position < 0n || position > BigInt(Number.MAX_SAFE_INTEGER))
        throw new DamagedParquet(`it deletes row ${position}, which no file has`)
      this.#addPosition(last.path, Number(position))
      this.readCount += 1
    }
  }

  #addPosition(path: string, position: number): void {
    let file = this.#files.get(path)
    if (!file) {
      if (this.#files.size >= this.#limits.files) {
        this.isFull = true
        return
      }
      file = { path, count: 0, ranges: [], isTruncated: false }
      this.#files.set(path, file)
    }
    file.count += 1
    const previous = file.ranges.at(-1)
    if (!file.isTruncated && previous?.last === position - 1) previous.last = position
    else if (this.#rangeCount < this.#limits.ranges) {
      this.#rangeCount += 1
      file.ranges.push({ first: position, last: position })
    } else file.isTruncated = true
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
