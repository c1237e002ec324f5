import type { ReadRowsOptions, RowBatch } from '../read-rows'
import type { RowValue } from '../read/row-value'

/** Rows between two requested ones that are read along. */
const MAX_GAP_ROWS = 32
const MAX_RUN_ROWS = 4_096

/** By field id, a value per requested row. */
export type ScatteredRows<Cell = RowValue | null> = ReadonlyMap<number, readonly (Cell | null)[]>

/**
 * The values of some rows, read in runs of rows that are close together.
 *
 * @param rows in any order; −1 for a row that the side does not have, whose values are null
 * @throws as `readRows`
 */
export async function readScatteredRows<Cell>(
  readRows: (options: ReadRowsOptions) => Promise<RowBatch<Cell>>,
  rows: Int32Array,
  fieldIds: readonly number[],
  signal?: AbortSignal,
): Promise<ScatteredRows<Cell>> {
  const columns = new Map(fieldIds.map((id) => [id, new Array<Cell | null>(rows.length).fill(null)]))
  const indexes = Array.from(rows.keys())
    .filter((index) => (rows[index] ?? -1) >= 0)
    .sort((a, b) => (rows[a] ?? 0) - (rows[b] ?? 0))
  for (let start = 0; start < indexes.length; ) {
    const firstRow = rows[indexes[start] ?? 0] ?? 0
    let end = start + 1
    while (end < indexes.length) {
      const [previous, next] = [rows[indexes[end - 1] ?? 0] ?? 0, rows[indexes[end] ?? 0] ?? 0]
      if (next - previous > MAX_GAP_ROWS || next - firstRow >= MAX_RUN_ROWS) break
      end += 1
    }
    const lastRow = (rows[indexes[end - 1] ?? 0] ?? 0) + 1
    const batch = await readRows({ firstRow, lastRow, fieldIds, ...(signal && { signal }) })
    for (const index of indexes.slice(start, end)) {
      for (const [id, values] of columns) values[index] = batch.columns.get(id)?.[(rows[index] ?? 0) - firstRow] ?? null
    }
    start = end
  }
  return columns
}
