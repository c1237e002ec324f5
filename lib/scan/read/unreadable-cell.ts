import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { columnHint, DamagedParquet, toAppError, UnsupportedParquet } from '@/lib/parquet/errors'
import { UnreadableAvroColumn } from './avro/avro-errors'
import type { RowValue } from './row-value'

/**
 * A cell whose column cannot be read in its file, although others can. Only for views that show rows: whatever
 * computes with rows, or writes them, fails instead. A plain object, so that it passes between threads.
 */
export type UnreadableCell = { code: 'file-damaged' | 'not-supported'; message: string; file: string }

/** A cell of a view of rows. */
export type ShownValue = RowValue | UnreadableCell | null

export function isUnreadable(value: ShownValue | undefined): value is UnreadableCell {
  return typeof value === 'object' && value !== null && 'code' in value
}

/** The cell as the failure that it stands for. */
export function unreadableError({ code, message, file }: UnreadableCell): AppError {
  return new AppError(code, message, { facts: { file, hint: HINTS[code] } })
}

/** The value of a cell, where one that cannot be read is of no use. @throws {AppError} file-damaged, not-supported */
export function requireReadable(value: ShownValue): RowValue | null {
  if (!isUnreadable(value)) return value
  const { code, message, file } = value
  throw new AppError(code, message, { facts: { file, hint: columnHint(code, null) } })
}

const HINTS = {
  'file-damaged': 'The other columns of these rows are shown. Restore the file to read this one, too.',
  'not-supported': 'The other columns of these rows are shown. Another engine may be able to read this one.',
} as const

/**
 * Reads columns, and reads the others again after one of them turned out to be unreadable.
 *
 * @param read is called at most once more for each column; what it wrote for columns that could be read is overwritten
 * @returns the columns that cannot be read, by field id
 * @throws what `read` throws that is not about one of the columns
 */
export async function readAround(
  file: string,
  fields: readonly NestedField[],
  read: (fields: readonly NestedField[]) => Promise<void>,
): Promise<ReadonlyMap<number, UnreadableCell>> {
  const unreadable = new Map<number, UnreadableCell>()
  for (;;) {
    const remaining = fields.filter(({ id }) => !unreadable.has(id))
    try {
      await read(remaining)
      return unreadable
    } catch (error) {
      const isOfColumn =
        error instanceof DamagedParquet || error instanceof UnsupportedParquet || error instanceof UnreadableAvroColumn
      const field = isOfColumn ? remaining.find(({ id }) => id === error.column?.id) : undefined
      const failure = toAppError(file, error)
      if (!field || !(failure instanceof AppError)) throw error
      if (failure.code !== 'file-damaged' && failure.code !== 'not-supported') throw error
      unreadable.set(field.id, { code: failure.code, message: failure.message, file })
    }
  }
}
