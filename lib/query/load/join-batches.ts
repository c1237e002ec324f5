import type { ReserveMemory } from '@/lib/parquet/values'
import { joinVectors } from '@/lib/scan/read/join-vectors'
import { type Vector, vectorBytes } from '@/lib/scan/read/vector'

/** Decoded rows: a vector per column. */
export type DecodedBatch = { columns: readonly Vector[]; length: number }

/** Rows decoded at a time: DuckDB's own row group. */
export const BATCH_ROWS = 122_880

/**
 * Batches are joined up to this size before they are inserted. DuckDB copies the rows of an insertion that is smaller
 * than its row group twice, and each insertion costs some milliseconds. Of larger batches, the copy costs as much as it
 * saves (`benches/RESULTS.md`).
 */
const MAX_JOINED_ROWS = 4 * BATCH_ROWS
const MAX_JOINED_BYTES = 2 * 1024 * 1024

/** Collects batches in the order of their rows, and passes them on joined. */
export function createBatchJoiner(passOn: (batch: DecodedBatch) => void, createBudget: () => ReserveMemory) {
  let waiting: DecodedBatch[] = []
  let rowCount = 0
  let bytes = 0

  const finish = () => {
    for (const batch of joinBatches(waiting, createBudget())) passOn(batch)
    waiting = []
    rowCount = 0
    bytes = 0
  }

  return {
    add(batch: DecodedBatch): void {
      const batchBytes = batch.columns.reduce((sum, column) => sum + vectorBytes(column), 0)
      if (rowCount + batch.length > MAX_JOINED_ROWS || bytes + batchBytes > MAX_JOINED_BYTES) finish()
      waiting.push(batch)
      rowCount += batch.length
      bytes += batchBytes
    },
    /** Passes on the remaining batches. */
    finish,
  }
}

/** As one batch, or as they are when a column cannot be joined. */
function joinBatches(batches: readonly DecodedBatch[], reserveMemory: ReserveMemory): readonly DecodedBatch[] {
  const [first] = batches
  if (first === undefined || batches.length === 1) return batches
  const columns: Vector[] = []
  for (const i of first.columns.keys()) {
    const joined = joinVectors(
      batches.flatMap((batch) => batch.columns[i] ?? []),
      reserveMemory,
    )
    if (joined === null) return batches
    columns.push(joined)
  }
  return [{ columns, length: batches.reduce((sum, { length }) => sum + length, 0) }]
}
