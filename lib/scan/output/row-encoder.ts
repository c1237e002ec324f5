import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowBatch } from '../read-rows'
import { NotTextError } from './value-json'

export type RowFormat = 'ndjson' | 'csv' | 'arrow'

/** Rows by field id; the columns have equal lengths. */
export type RowColumns = RowBatch['columns']

/** Writes rows as bytes, piece by piece: a start, any number of batches, and an end. */
export type RowEncoder = {
  start(): Uint8Array
  /** The bytes belong to the caller, as all others. @throws {AppError} file-damaged, naming the column, for a value that the format cannot hold */
  encode(columns: RowColumns, rowCount: number): Uint8Array
  end(): Uint8Array
}

/** @throws {AppError} file-damaged, naming the column, if it has a value that is no text */
export function inColumn<Result>({ name }: NestedField, work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof NotTextError)) throw cause
    throw new AppError(
      'file-damaged',
      `Column ${name} has a text that is not valid UTF-8, so these rows cannot be written. Leave the column out.`,
      { cause, facts: { column: name } },
    )
  }
}
