import { AppError } from '@/lib/errors'
import { quoteIdentifier } from '@/lib/sql/quote-identifier'

/** A column of the table that cannot be read in a file, while others of the file may be. */
type UnreadableColumn = { id: number; name: string }
type ColumnErrorOptions = ErrorOptions & { column?: UnreadableColumn }

/**
 * A file that violates the Parquet format. The code that decodes bytes throws it without the file's name; {@link
 * withFileName} adds it.
 */
export class DamagedParquet extends Error {
  override readonly name = 'DamagedParquet'
  readonly column: UnreadableColumn | null

  constructor(message: string, { column, ...options }: ColumnErrorOptions = {}) {
    super(message, options)
    this.column = column ?? null
  }
}

/** A valid file that uses a feature Lakeshore does not support (encryption, LZO). */
export class UnsupportedParquet extends Error {
  override readonly name = 'UnsupportedParquet'
  readonly column: UnreadableColumn | null

  constructor(message: string, { column, ...options }: ColumnErrorOptions = {}) {
    super(message, options)
    this.column = column ?? null
  }
}

/** A file that would take more memory or time to read than allowed. */
export class OversizedParquet extends Error {
  override readonly name = 'OversizedParquet'
}

const OTHER_WAYS = {
  'file-damaged': ', restore the file, or roll the table back to a snapshot that does not need it.',
  'not-supported': ', or use an engine that can read it.',
} as const

/**
 * Advice for a column of a file that cannot be read, while others can.
 *
 * @param column its name in the table; null if it is not known
 */
export function columnHint(code: keyof typeof OTHER_WAYS, column: string | null): string {
  const selection = column === null ? '' : ` (in SQL: select * exclude (${quoteIdentifier(column)}))`
  return `Select the other columns${selection}${OTHER_WAYS[code]}`
}

/** The meaning of a {RangeError} of a decode. */
export const OUT_OF_BYTES = 'a length in the file reaches beyond its bytes'

/**
 * Runs a decode and turns its errors into {AppError}s that name the file.
 *
 * @throws {AppError} file-damaged, not-supported, too-large; any other AppError is rethrown
 */
export async function withFileName<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toAppError(name, error)
  }
}

/** @returns an {AppError} that names the file, or the error itself if it is not about the file's bytes */
export function toAppError(name: string, error: unknown): unknown {
  const facts = { file: name }
  if (error instanceof UnsupportedParquet) {
    const hint = error.column === null ? {} : { hint: columnHint('not-supported', error.column.name) }
    return new AppError('not-supported', `${name}: ${error.message}`, { facts: { ...facts, ...hint } })
  }
  if (error instanceof OversizedParquet) return new AppError('too-large', `${name}: ${error.message}`, { facts })
  if (error instanceof DamagedParquet) {
    const hint = error.column === null ? {} : { hint: columnHint('file-damaged', error.column.name) }
    return new AppError('file-damaged', `${name}: ${error.message}`, { facts: { ...facts, ...hint } })
  }
  // A read past the end of a DataView or a typed array: the lengths in the file do not match its bytes.
  if (error instanceof RangeError) {
    return new AppError('file-damaged', `${name}: ${OUT_OF_BYTES}`, {
      cause: error,
      facts,
    })
  }
  return error
}
