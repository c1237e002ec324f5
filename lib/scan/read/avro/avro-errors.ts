import { AppError } from '@/lib/errors'
import { toMebibytes } from '@/lib/parquet/decode-limits'
import { OversizedParquet } from '@/lib/parquet/errors'

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
