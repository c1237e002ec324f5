import type { LiveFiles } from '@/lib/scan/live-rows'
import { sortedRange } from '@/lib/scan/sort/sorted-range'
import type { ListedFile } from '@/lib/api/listed-files'
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
  const { rows, arrange } = sortedRange(order, firstRow, lastRow)
  const found = await filesOfRows(rows, files, signal)
  signal.throwIfAborted()
  const range = { firstRow: rows[0] ?? 0, lastRow: (rows.at(-1) ?? -1) + 1, fieldIds, files: found, rows }
  const result = await scan.readRows(range, signal)
  return { ...result, batches: result.batches.map(arrange) }
}
