import { AppError } from '@/lib/errors'
import type { ReadRowsOptions, RowBatch } from '../read-rows'
import { readSparseRows } from '../sort/read-sparse-rows'
import { sortedRange } from '../sort/sorted-range'

type ReadRows = (options: ReadRowsOptions) => Promise<RowBatch>

/** Rows that are read in one pass over the scan: sorted rows are anywhere in it. */
const MAX_WINDOW_ROWS = 32_768

/**
 * Reads the rows of a scan in another order, in passes over the scan, of which each has room for many rows. Batches have
 * fewer rows than requested only at the end.
 *
 * @param order the row of the scan for each row that is returned
 */
export function readInOrder(readRows: ReadRows, order: Uint32Array, maxWindowRows = MAX_WINDOW_ROWS): ReadRows {
  let windowRows = maxWindowRows
  let window: RowBatch | null = null
  return async ({ firstRow, lastRow, fieldIds, signal }) => {
    const end = Math.max(firstRow, Math.min(lastRow, order.length))
    while (window === null || firstRow < window.firstRow || end > window.lastRow) {
      const { rows, arrange } = sortedRange(order, firstRow, Math.max(end, firstRow + windowRows))
      try {
        window = arrange(await readSparseRows(readRows, rows, fieldIds, signal))
      } catch (error) {
        const canBeSmaller = error instanceof AppError && error.code === 'too-large' && rows.length > end - firstRow
        if (!canBeSmaller) throw error
        windowRows = Math.max(end - firstRow, Math.ceil(rows.length / 4))
      }
    }
    return sliceBatch(window, firstRow, end)
  }
}

function sliceBatch({ firstRow, columns, positions }: RowBatch, from: number, to: number): RowBatch {
  const [start, end] = [from - firstRow, to - firstRow]
  return {
    firstRow: from,
    lastRow: to,
    columns: new Map([...columns].map(([id, values]) => [id, values.slice(start, end)])),
    positions: positions.slice(start, end),
  }
}
