import type { NestedField } from '@/lib/iceberg/schema/types'
import { DECODE_LIMITS } from '@/lib/parquet/decode-limits'
import { avroColumns } from '../read/avro/avro-columns'
import { fetchGroup, type OpenDataFile } from '../read/data-file'
import { fileColumns } from '../read/file-columns'
import { createValueGetter } from '../read/row-values'
import { createBudget } from '../read/create-budget'
import { readAround, type ShownValue } from '../read/unreadable-cell'

/** Rows of a file as they are stored. */
export type FileRows = {
  /** The columns that are listed, as the file declares them. */
  fields: readonly NestedField[]
  /** Number of columns of the file; more than `fields` when there are too many to list. */
  columnCount: number
  /** A column that cannot be read in a row group says so in each of its rows. */
  rows: readonly (readonly ShownValue[])[]
  rowCount: number
}

/** More columns cannot be compared by a person. */
const MAX_LISTED_COLUMNS = 100

/**
 * Reads some rows of a file with its own columns.
 *
 * @param file opened with `hasOwnColumns`
 * @param rows `from` counts from the file's first row
 * @param name of the file, for cells that cannot be read
 * @throws {OversizedParquet}; {DamagedParquet}, {UnsupportedParquet} for what concerns the whole file; {AppError} of Avro
 *   files, and of the source
 */
export async function readFileRows(
  file: OpenDataFile,
  name: string,
  { from, limit }: { from: number; limit: number },
  signal?: AbortSignal,
): Promise<FileRows> {
  const columns = file.format === 'avro' ? avroColumns(file) : fileColumns(file.footer)
  const fields = columns.slice(0, MAX_LISTED_COLUMNS)
  const rows: ShownValue[][] = []
  const reserveMemory = createBudget(
    DECODE_LIMITS.decodedBytes,
    (limit) => `these rows take more than ${limit} of memory`,
  )
  const reserveValueBytes = createBudget(
    DECODE_LIMITS.valueBytes,
    (limit) => `the values of these rows take more than ${limit} of memory`,
  )
  for (const [index, { firstRow, rowCount }] of file.rowGroups.entries()) {
    const start = Math.max(0, from - firstRow)
    const end = Math.min(rowCount, from + limit - firstRow)
    if (start >= end) continue
    signal?.throwIfAborted()
    const getters = new Map<number, (row: number) => ShownValue>()
    const unreadable = await readAround(name, fields, async (remaining) => {
      const options = { from: start, to: end, fields: remaining, chunks: new Map(), reserveMemory, signal }
      const vectors = (await fetchGroup(file, index, options))(start, end, reserveMemory)
      for (const [i, { id, type }] of remaining.entries()) {
        const vector = vectors[i]
        if (vector) getters.set(id, createValueGetter(vector, type, reserveValueBytes))
      }
    })
    for (let row = 0; row < end - start; row++)
      rows.push(fields.map(({ id }) => unreadable.get(id) ?? getters.get(id)?.(row) ?? null))
  }
  const rowCount = file.rowGroups.reduce((sum, group) => sum + group.rowCount, 0)
  return { fields, columnCount: columns.length, rows, rowCount }
}
