import type { LiveFiles } from '@/lib/scan/live-rows'
import type { RowBatch } from '@/lib/scan/read-rows'
import type { ListedFile } from '../listed-files'
import type { VisibleRows } from './row-blocks'
import type { OpenScan, RowsResult } from './row-worker'
import { filesOfRows } from './sort-rows'

/**
 * Reads rows that are next to each other on screen, and anywhere in the scan.
 *
 * @param sorted.order the row of the scan for each row on screen
 * @throws {AppError} of listing or reading
 */
export async function readSortedRows(
  { order, files, scan }: { order: Uint32Array; files: LiveFiles<ListedFile>; scan: OpenScan },
  { firstRow, lastRow, fieldIds }: VisibleRows,
  signal: AbortSignal,
): Promise<RowsResult> {
  const shown = order.subarray(firstRow, lastRow)
  const rows = [...shown].sort((a, b) => a - b)
  const found = await filesOfRows(rows, files, signal)
  signal.throwIfAborted()
  const range = { firstRow: rows[0] ?? 0, lastRow: (rows.at(-1) ?? -1) + 1, fieldIds, files: found, rows }
  const result = await scan.readRows(range, signal)
  const indexByRow = new Map(rows.map((row, index) => [row, index]))
  const indexes = Array.from(shown, (row) => indexByRow.get(row) ?? 0)
  return { ...result, batches: result.batches.map((batch) => arrangeBatch(batch, indexes, firstRow)) }
}

/** The rows of a batch at these indexes, as rows from `firstRow` on. */
function arrangeBatch(batch: RowBatch, indexes: readonly number[], firstRow: number): RowBatch {
  const { columns, positions, deletedBy } = batch
  return {
    firstRow,
    lastRow: firstRow + indexes.length,
    columns: new Map([...columns].map(([id, values]) => [id, indexes.map((index) => values[index] ?? null)])),
    positions: Float64Array.from(indexes, (index) => positions[index] ?? 0),
    ...(deletedBy && { deletedBy: indexes.map((index) => deletedBy[index] ?? []) }),
  }
}
