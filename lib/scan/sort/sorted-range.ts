import type { RowBatch } from '../read-rows'

/**
 * The rows of a scan that are next to each other on screen.
 *
 * @param order the row of the scan for each row on screen
 * @returns the rows of the scan, ascending, and what arranges a batch of them, counted from 0, as rows from `firstRow` on
 */
export function sortedRange(order: Uint32Array, firstRow: number, lastRow: number) {
  const shown = order.subarray(firstRow, lastRow)
  const rows = [...shown].sort((a, b) => a - b)
  const indexByRow = new Map(rows.map((row, index) => [row, index]))
  const indexes = Array.from(shown, (row) => indexByRow.get(row) ?? 0)
  return { rows, arrange: <Cell>(batch: RowBatch<Cell>) => arrangeBatch(batch, indexes, firstRow) }
}

/** The rows of a batch at these indexes, as rows from `firstRow` on. */
function arrangeBatch<Cell>(
  { columns, positions, deletedBy }: RowBatch<Cell>,
  indexes: readonly number[],
  firstRow: number,
): RowBatch<Cell | null> {
  return {
    firstRow,
    lastRow: firstRow + indexes.length,
    columns: new Map([...columns].map(([id, values]) => [id, indexes.map((index) => values[index] ?? null)])),
    positions: Float64Array.from(indexes, (index) => positions[index] ?? 0),
    ...(deletedBy && { deletedBy: indexes.map((index) => deletedBy[index] ?? []) }),
  }
}
