import 'server-only'
import type { DeletedRows } from '@/lib/scan/deletes/deleted-rows'
import type { RowBatch } from '@/lib/scan/read-rows'
import { LAST_UPDATED_SEQUENCE_NUMBER } from '@/lib/scan/read/metadata-columns'
import type { ScanFile } from '@/lib/scan/scan-files'
import type { RowsToWrite } from '@/server/data-files/write/write-rows'

/** The rows of a file without some of them, by their position in it. */
export async function* retainedRows(
  batches: AsyncIterable<RowBatch>,
  removed: DeletedRows,
): AsyncGenerator<RowsToWrite, void> {
  for await (const { columns, positions } of batches) {
    const retained: number[] = []
    for (const [index, position] of positions.entries()) if (!removed.has(position)) retained.push(index)
    if (retained.length === 0) continue
    yield retained.length === positions.length
      ? { columns, rowCount: positions.length }
      : {
          columns: new Map(
            [...columns].map(([id, values]) => [id, retained.map((index) => values[index] ?? null)] as const),
          ),
          rowCount: retained.length,
        }
  }
}

/**
 * The same rows with the sequence number of their last update. Readers give none to the rows of a file without row ids,
 * which are older than the table's upgrade to format v3, and a new file would give them its own.
 */
export async function* withLastUpdate(
  rows: AsyncIterable<RowsToWrite>,
  { firstRowId = null, sequenceNumber }: Pick<ScanFile, 'firstRowId' | 'sequenceNumber'>,
): AsyncGenerator<RowsToWrite, void> {
  if (firstRowId !== null) return yield* rows
  const { id } = LAST_UPDATED_SEQUENCE_NUMBER
  for await (const { columns, rowCount } of rows) {
    const values = columns.get(id) ?? []
    const filled = Array.from({ length: rowCount }, (_, row) => values[row] ?? BigInt(sequenceNumber))
    yield { columns: new Map([...columns, [id, filled]]), rowCount }
  }
}
