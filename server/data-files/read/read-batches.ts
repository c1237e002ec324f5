import 'server-only'
import { AppError } from '@/lib/errors'
import type { RowBatch, RowReader } from '@/lib/scan/read-rows'

const BATCH_ROWS = 8_192

/**
 * Rows from `firstRow` on, as the reader counts them, some at a time. Rows that take too much memory together are read in
 * smaller batches.
 *
 * @throws {AppError} as the reader does
 */
export async function* readBatches(
  reader: RowReader,
  {
    firstRow,
    rowCount,
    fieldIds,
    signal,
  }: { firstRow: number; rowCount: number; fieldIds: readonly number[]; signal: AbortSignal },
): AsyncGenerator<RowBatch, void> {
  const end = firstRow + rowCount
  let batchRows = BATCH_ROWS
  for (let next = firstRow; next < end; ) {
    signal.throwIfAborted()
    const batch = await readBatch(reader, {
      firstRow: next,
      lastRow: Math.min(end, next + batchRows),
      fieldIds,
      signal,
    })
    if (batch === null) {
      batchRows = Math.ceil(batchRows / 4)
      continue
    }
    if (batch.lastRow === batch.firstRow) return
    yield batch
    next += batch.lastRow - batch.firstRow
  }
}

/** @returns null if that is too much at once, and fewer rows may not be */
async function readBatch(reader: RowReader, options: Parameters<RowReader['readRows']>[0]): Promise<RowBatch | null> {
  try {
    return await reader.readRows(options)
  } catch (error) {
    if (error instanceof AppError && error.code === 'too-large' && options.lastRow - options.firstRow > 1) return null
    throw error
  }
}
