import 'server-only'
import type { CopyRow } from './copy-endpoint'

/** How much is in memory at a time, and copied in one transaction. */
const MAX_ROWS = 1_000
const MAX_BATCH_CHARS = 2 * 1024 * 1024

/** A batch may exceed the bound by its last row. */
export function* toBatches(rows: Iterable<CopyRow>): Generator<CopyRow[]> {
  let batch: CopyRow[] = []
  let characters = 0
  for (const row of rows) {
    batch.push(row)
    for (const value of row) characters += typeof value === 'string' ? value.length : 0
    if (batch.length < MAX_ROWS && characters < MAX_BATCH_CHARS) continue
    yield batch
    batch = []
    characters = 0
  }
  if (batch.length > 0) yield batch
}

/** How many rows the next batch may have, if they are as large as these. */
export function nextBatchRowCount(rows: readonly (readonly (string | null)[])[]): number {
  const characters = rows.reduce((sum, row) => sum + row.reduce((part, text) => part + (text?.length ?? 0), 0), 0)
  const fittingRowCount = Math.floor((MAX_BATCH_CHARS * rows.length) / Math.max(characters, 1))
  return Math.min(MAX_ROWS, Math.max(1, fittingRowCount))
}
