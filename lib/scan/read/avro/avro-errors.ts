import { AppError } from '@/lib/errors'
import { toMebibytes } from '@/lib/parquet/decode-limits'
import { columnHint, OversizedParquet } from '@/lib/parquet/errors'

/** How messages call a file. */
export function avroLabel(name: string): string {
  return `Avro file ${name}`
}

export function damagedAvroError(label: string, detail: string): AppError {
  return new AppError('file-damaged', `The ${label} cannot be read: ${detail}`, { facts: { file: label } })
}

export function unsupportedAvroError(label: string, detail: string): AppError {
  return new AppError('not-supported', `The ${label} cannot be read: ${detail}`, { facts: { file: label } })
}

/** The column that is read, for error messages. */
export type ColumnPath = {
  label: string
  /** The column and the fields inside it. */
  path: readonly string[]
  /** The column of the table; null before a column is read. */
  columnId: number | null
}

/**
 * A column whose values are not of a type that can be read as that of the table, while others of the file can be read.
 * Damaged bytes are never of one column: records are not separated, so that what follows cannot be trusted.
 */
export class UnreadableAvroColumn extends AppError {
  readonly column: { id: number } | null

  /** @param detail what completes "column x …" */
  constructor(code: Parameters<typeof columnHint>[0], detail: string, { label, path, columnId }: ColumnPath) {
    const facts = { file: label, hint: columnHint(code, path[0] ?? null) }
    super(code, `The ${label}: column ${path.join('.')} ${detail}`, { facts })
    this.column = columnId === null ? null : { id: columnId }
  }
}

export function oversizedBlockError(label: string, maxBytes: number): AppError {
  return new AppError('too-large', `The ${label} has a block of more than ${toMebibytes(maxBytes)}`, {
    facts: { file: label, maxBytes },
  })
}

/** Thrown where no file is known; `withFileName` adds the name. */
export function columnTooLongError(label?: string): Error {
  const detail = 'the values of a column are longer than 2 GiB together'
  return label === undefined ? new OversizedParquet(detail) : new AppError('too-large', `The ${label}: ${detail}`)
}
