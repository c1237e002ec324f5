import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { CountedRowReader } from '../matching-rows'
import type { ReadRowsOptions, RowBatch } from '../read-rows'
import { ChangeSummary, type ColumnSummary } from './change-summary'
import { type ComparedColumn, listComparedColumns, valueInStructs } from './compared-columns'
import { HASH_WORDS, type MatchedRows, matchRows } from './match-rows'
import { readScatteredRows } from './read-scattered'
import { SipHash } from './sip-hash'
import { createValueEncoder, EncodedBytes, type EncodeValue } from './value-encoding'

/** About 60 bytes each. */
export const MAX_COMPARED_ROWS = 4_000_000

export type CompareProgress = {
  /** Reading the files that differ, then reading changed rows once more to count what changed in them. */
  phase: 'read' | 'summarize'
  rowsRead: number
  /** At most: deleted rows count until their files are read. */
  rowCount: number
}

export type CompareOptions = {
  before: CountedRowReader
  after: CountedRowReader
  /** The columns to compare, as both readers read them: see `findSharedFields`. */
  fields: readonly NestedField[]
  /** Columns of {@link listComparedColumns} that identify a row; empty compares rows as a multiset. */
  keyIds: readonly number[]
  /** 16 random bytes. */
  hashKey: Uint8Array
  onProgress?: (progress: CompareProgress) => void
  signal?: AbortSignal
  maxRows?: number
}

export type ComparedRows = MatchedRows & { columns: readonly ColumnSummary[] }

const BATCH_ROWS = 4_096

/**
 * Compares the rows of two scans exactly: by keys, or as a multiset. Of each row only hashes of 128 bits are in memory. Two
 * different rows count as the same if their hashes are equal, which is less likely than a failure of the memory.
 *
 * @throws {AppError} too-large for more than `maxRows` rows; invalid-request for a key that is not compared; as
 *   `RowReader.readRows`
 */
export async function compareRows(options: CompareOptions): Promise<ComparedRows> {
  const { before, after, fields, keyIds } = options
  requireRowLimit(before.rowCount + after.rowCount, options.maxRows)
  const columns = listComparedColumns(fields)
  const keyColumns = keyIds.map((id) => findKeyColumn(columns, id))
  const total = before.rowCount + after.rowCount
  const hasher = new RowHasher(fields, keyColumns, options.hashKey, total)
  const beforeCount = await hashRows(before, hasher, options)
  await hashRows(after, hasher, options)
  const matched = matchRows({ ...hasher.finish(), beforeCount, afterCount: hasher.rowCount - beforeCount })
  return { ...matched, columns: await summarize(matched, columns, keyColumns, options) }
}

/** @throws {AppError} too-large */
export function requireRowLimit(rowCount: number, maxRows = MAX_COMPARED_ROWS): void {
  if (rowCount <= maxRows) return
  throw new AppError(
    'too-large',
    `The files that differ have ${rowCount} rows; at most ${maxRows} can be compared. Choose snapshots that are closer together.`,
    { facts: { rows: rowCount, limit: maxRows } },
  )
}

function findKeyColumn(columns: readonly ComparedColumn[], id: number): ComparedColumn {
  const column = columns.find(({ fieldId }) => fieldId === id)
  if (column) return column
  throw new AppError(
    'invalid-request',
    `The column with the id ${id} cannot be a key, because it is not in both snapshots. Choose another key.`,
  )
}

class RowHasher {
  readonly #fields: readonly { id: number; encode: EncodeValue }[]
  readonly #keys: readonly { column: ComparedColumn; encode: EncodeValue }[]
  readonly #hash: SipHash
  readonly #encoded = new EncodedBytes()
  readonly #keyHashes: Uint32Array
  readonly #valueHashes: Uint32Array
  rowCount = 0

  constructor(
    fields: readonly NestedField[],
    keyColumns: readonly ComparedColumn[],
    hashKey: Uint8Array,
    maxRows: number,
  ) {
    this.#fields = fields.map(({ id, type }) => ({ id, encode: createValueEncoder(type) }))
    this.#keys = keyColumns.map((column) => ({ column, encode: createValueEncoder(column.type) }))
    this.#hash = new SipHash(hashKey)
    this.#keyHashes = new Uint32Array(keyColumns.length === 0 ? 0 : maxRows * HASH_WORDS)
    this.#valueHashes = new Uint32Array(maxRows * HASH_WORDS)
  }

  add(columns: RowBatch['columns'], rowCount: number): void {
    const encoded = this.#encoded
    for (let row = 0; row < rowCount; row++) {
      const at = this.rowCount * HASH_WORDS
      encoded.reset()
      for (const { id, encode } of this.#fields) encode(columns.get(id)?.[row] ?? null, encoded)
      this.#hash.hash(encoded.bytes, encoded.length, this.#valueHashes, at)
      if (this.#keys.length > 0) {
        encoded.reset()
        for (const { column, encode } of this.#keys) {
          encode(valueInStructs(columns.get(column.columnId)?.[row] ?? null, column.indexes) ?? null, encoded)
        }
        this.#hash.hash(encoded.bytes, encoded.length, this.#keyHashes, at)
      }
      this.rowCount += 1
    }
  }

  finish(): { keys: Uint32Array | null; values: Uint32Array } {
    return { keys: this.#keys.length === 0 ? null : this.#keyHashes, values: this.#valueHashes }
  }
}

/** @returns the number of rows, without deleted ones */
async function hashRows(
  reader: CountedRowReader,
  hasher: RowHasher,
  { before, after, fields, onProgress, signal }: CompareOptions,
): Promise<number> {
  const fieldIds = fields.map(({ id }) => id)
  let firstRow = 0
  let batchRows = BATCH_ROWS
  while (firstRow < reader.rowCount) {
    signal?.throwIfAborted()
    const batch = await readBatch(reader, {
      firstRow,
      lastRow: firstRow + batchRows,
      fieldIds,
      ...(signal && { signal }),
    })
    if (batch === null) {
      batchRows = Math.ceil(batchRows / 4)
      continue
    }
    const rowCount = batch.lastRow - batch.firstRow
    hasher.add(batch.columns, rowCount)
    firstRow += rowCount
    onProgress?.({ phase: 'read', rowsRead: hasher.rowCount, rowCount: before.rowCount + after.rowCount })
  }
  return firstRow
}

/** @returns null if that is too much at once, and fewer rows may not be */
async function readBatch(reader: CountedRowReader, options: ReadRowsOptions): Promise<RowBatch | null> {
  try {
    return await reader.readRows(options)
  } catch (error) {
    if (error instanceof AppError && error.code === 'too-large' && options.lastRow - options.firstRow > 1) return null
    throw error
  }
}

/** Reads the changed rows of both sides once more: hashes do not say which columns differ. */
async function summarize(
  { kinds, beforeRows, afterRows, count, changedCount }: MatchedRows,
  columns: readonly ComparedColumn[],
  keyColumns: readonly ComparedColumn[],
  { before, after, onProgress, signal }: CompareOptions,
): Promise<ColumnSummary[]> {
  const summarized = columns.filter((column) => !keyColumns.includes(column))
  const summary = new ChangeSummary(summarized)
  const fieldIds = [...new Set(summarized.map(({ columnId }) => columnId))]
  const changed: number[] = []
  let rowsRead = 0
  const flush = async () => {
    if (changed.length === 0) return
    signal?.throwIfAborted()
    const rowsOf = (rows: Int32Array) => Int32Array.from(changed, (index) => rows[index] ?? -1)
    const beforeValues = await readScatteredRows(
      (options) => before.readRows(options),
      rowsOf(beforeRows),
      fieldIds,
      signal,
    )
    const afterValues = await readScatteredRows(
      (options) => after.readRows(options),
      rowsOf(afterRows),
      fieldIds,
      signal,
    )
    summary.add(beforeValues, afterValues, changed.length)
    rowsRead += changed.length
    changed.length = 0
    onProgress?.({ phase: 'summarize', rowsRead, rowCount: changedCount })
  }
  for (let index = 0; index < count; index++) {
    if ((kinds[index] ?? 0) === 2) changed.push(index)
    if (changed.length === BATCH_ROWS / 4) await flush()
  }
  await flush()
  return summary.finish()
}
