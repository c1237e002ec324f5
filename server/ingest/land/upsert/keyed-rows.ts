import 'server-only'
import { createHash } from 'node:crypto'
import type { Schema } from '@/lib/iceberg/schema/types'
import { valueInStructs } from '@/lib/scan/compare/compared-columns'
import { createValueEncoder, EncodedBytes } from '@/lib/scan/compare/value-encoding'
import type { RowBatch, RowReader } from '@/lib/scan/read-rows'
import { readBatches } from '@/server/data-files/read/read-batches'
import type { KeyColumns } from './key-columns'

/** Rows of one file, as they are compared. */
export type KeyedRows = {
  rowCount: number
  /** Bytes that are equal exactly for equal keys. */
  keys: readonly Uint8Array[]
  /** In the file. */
  positions: Float64Array
  /** SHA-256 of all values of each row; null if they are not compared. */
  digests: readonly Uint8Array[] | null
}

/** Reads the keys of rows, exactly: no value is converted to a number or a text that is not it. */
export class KeyedRowReader {
  readonly #keys: KeyColumns
  readonly #schema: Schema
  readonly #readsDigests: boolean
  readonly #encodeKey: (columns: RowBatch['columns'], row: number) => Uint8Array
  readonly #encodeRow: (columns: RowBatch['columns'], row: number) => Uint8Array

  constructor(schema: Schema, keys: KeyColumns, { readsDigests = false } = {}) {
    this.#keys = keys
    this.#schema = schema
    this.#readsDigests = readsDigests
    this.#encodeKey = createKeyEncoder(keys)
    this.#encodeRow = createRowDigest(schema)
  }

  /** The top-level columns to read. */
  get fieldIds(): readonly number[] {
    if (this.#readsDigests) return this.#schema.fields.map(({ id }) => id)
    return [...new Set(this.#keys.map(({ columnId }) => columnId))]
  }

  /**
   * The rows from `firstRow` on, as the reader counts them.
   *
   * @throws {AppError} as the reader does
   */
  async *read(
    reader: RowReader,
    { firstRow, rowCount, signal }: { firstRow: number; rowCount: number; signal: AbortSignal },
  ): AsyncGenerator<KeyedRows, void> {
    const batches = readBatches(reader, { firstRow, rowCount, fieldIds: this.fieldIds, signal })
    for await (const batch of batches) yield this.encode(batch)
  }

  encode({ columns, positions, firstRow, lastRow }: RowBatch): KeyedRows {
    const rows = Array.from({ length: lastRow - firstRow }, (_, row) => row)
    return {
      rowCount: rows.length,
      keys: rows.map((row) => this.#encodeKey(columns, row)),
      positions,
      digests: this.#readsDigests ? rows.map((row) => this.#encodeRow(columns, row)) : null,
    }
  }
}

function createKeyEncoder(keys: KeyColumns): (columns: RowBatch['columns'], row: number) => Uint8Array {
  const encoders = keys.map((column) => ({ ...column, encode: createValueEncoder(column.type) }))
  const encoded = new EncodedBytes()
  return (columns, row) => {
    encoded.reset()
    for (const { columnId, indexes, encode } of encoders)
      encode(valueInStructs(columns.get(columnId)?.[row] ?? null, indexes) ?? null, encoded)
    return encoded.slice(0)
  }
}

function createRowDigest({ fields }: Schema): (columns: RowBatch['columns'], row: number) => Uint8Array {
  const encoders = fields.map(({ id, type }) => ({ id, encode: createValueEncoder(type) }))
  const encoded = new EncodedBytes()
  return (columns, row) => {
    encoded.reset()
    for (const { id, encode } of encoders) encode(columns.get(id)?.[row] ?? null, encoded)
    return createHash('sha256').update(encoded.bytes.subarray(0, encoded.length)).digest()
  }
}
