import { AppError } from '@/lib/errors'
import type { ReadRowsOptions, RowBatch } from '../read-rows'
import type { RowEncoder } from './row-encoder'

/** A piece of the output, and how many rows end with it. */
export type EncodedRows = { bytes: Uint8Array; rowCount: number }

export type EncodeOptions = {
  /** Reads the rows in order; returns fewer rows than requested only at the end. */
  readRows: (options: ReadRowsOptions) => Promise<RowBatch>
  fieldIds: readonly number[]
  encoder: RowEncoder
  /** Infinity for all rows. */
  limit: number
  signal?: AbortSignal
}

/** Batches grow until their output has about this size. */
const TARGET_BYTES = 512 * 1024
const FIRST_BATCH_ROWS = 256
const MAX_BATCH_ROWS = 8192
const MAX_GROWTH = 4

/**
 * Rows as bytes, from the first to the last, a batch at a time as the caller asks for them. A batch that takes too much
 * memory is read again in smaller ones. The first piece has rows, if there are any: then the first file can be read.
 *
 * @throws {AppError} as the reader and the encoder do
 */
export async function* encodeRows({
  readRows,
  fieldIds,
  encoder,
  limit,
  signal,
}: EncodeOptions): AsyncGenerator<EncodedRows, void> {
  let start: Uint8Array | null = encoder.start()
  let batchRows = FIRST_BATCH_ROWS
  let isLast = limit <= 0
  for (let firstRow = 0; !isLast; ) {
    signal?.throwIfAborted()
    const lastRow = Math.min(limit, firstRow + batchRows)
    const batch = await readOrNull(
      () => readRows({ firstRow, lastRow, fieldIds, ...(signal && { signal }) }),
      batchRows,
    )
    if (batch === null) {
      batchRows = Math.max(1, Math.floor(batchRows / MAX_GROWTH))
      continue
    }
    const rowCount = batch.lastRow - batch.firstRow
    isLast = batch.lastRow < lastRow || batch.lastRow >= limit
    const bytes = encoder.encode(batch.columns, rowCount)
    if (rowCount > 0) {
      yield { bytes: start ? joinBytes([start, bytes]) : bytes, rowCount }
      start = null
    }
    firstRow = batch.lastRow
    batchRows = nextBatchRows(batchRows, bytes.length / Math.max(1, rowCount))
  }
  const end = encoder.end()
  yield { bytes: start ? joinBytes([start, end]) : end, rowCount: 0 }
}

/** Null if several rows are too large together. */
async function readOrNull(read: () => Promise<RowBatch>, rowCount: number): Promise<RowBatch | null> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError && error.code === 'too-large' && rowCount > 1) return null
    throw error
  }
}

function nextBatchRows(batchRows: number, bytesPerRow: number): number {
  const fitting = Math.floor(TARGET_BYTES / Math.max(1, bytesPerRow))
  return Math.max(1, Math.min(fitting, batchRows * MAX_GROWTH, MAX_BATCH_ROWS))
}

function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
