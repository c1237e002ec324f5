import type { ReadRowsOptions, RowBatch } from '../read-rows'

/** Rows between two requested ones that are read along with them. */
const MAX_GAP_ROWS = 32
/** Rows that are read at once, with the unwanted ones. */
const MAX_RUN_ROWS = 16_384

/**
 * Reads rows that are anywhere in a scan. Of files with an offset index only the pages with these rows are read.
 *
 * @param rows ascending
 * @returns the rows as if they followed each other, from row 0; throws what `readRows` throws
 */
export async function readSparseRows<Cell>(
  readRows: (options: ReadRowsOptions) => Promise<RowBatch<Cell>>,
  rows: readonly number[],
  fieldIds: readonly number[],
  signal?: AbortSignal,
): Promise<RowBatch<Cell | null>> {
  const columns = new Map(fieldIds.map((id) => [id, new Array<Cell | null>(rows.length).fill(null)]))
  const positions = new Float64Array(rows.length)
  const deletedBy: (readonly number[])[] = []
  let hasDeleted = false
  for (let start = 0; start < rows.length; ) {
    let end = start + 1
    const firstRow = rows[start] ?? 0
    while (end < rows.length && (rows[end] ?? 0) - (rows[end - 1] ?? 0) <= MAX_GAP_ROWS) {
      if ((rows[end] ?? 0) - firstRow >= MAX_RUN_ROWS) break
      end++
    }
    const lastRow = (rows[end - 1] ?? 0) + 1
    const batch = await readRows({ firstRow, lastRow, fieldIds, ...(signal && { signal }) })
    for (let at = start; at < end; at++) {
      const index = (rows[at] ?? 0) - firstRow
      for (const [id, values] of columns) values[at] = batch.columns.get(id)?.[index] ?? null
      positions[at] = batch.positions[index] ?? 0
      if (batch.deletedBy) deletedBy[at] = batch.deletedBy[index] ?? []
      hasDeleted ||= batch.deletedBy !== undefined
    }
    start = end
  }
  return { firstRow: 0, lastRow: rows.length, columns, positions, ...(hasDeleted && { deletedBy }) }
}
