import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'
import type { CsvOptions } from './csv-options'
import { createNumberReader } from './number-format'
import type { TextReader } from './text-reader'
import { textPattern } from './text-value'
import { createTimeReader } from './time-format'

/**
 * How fields of a CSV file become the canonical texts of a type.
 *
 * @returns null if they are canonical already
 * @throws {AppError} invalid-request for a format that is not understood
 */
export function createFieldReader(type: Type, options: CsvOptions): TextReader | null {
  if (typeof type !== 'string') return null
  const { dateFormat, timestampFormat, assumesUtc } = options
  const { kind } = parsePrimitive(type)
  switch (kind) {
    case 'int':
    case 'long':
    case 'decimal':
    case 'float':
    case 'double':
      return createNumberReader(options)
    case 'date':
      return dateFormat === null ? null : createTimeReader(dateFormat, 'date')
    case 'timestamp':
    case 'timestamp_ns':
      return timestampFormat === null ? null : createTimeReader(timestampFormat, 'timestamp')
    case 'timestamptz':
    case 'timestamptz_ns': {
      const read = timestampFormat === null ? null : createTimeReader(timestampFormat, 'timestamp')
      return assumesUtc ? inUtc(read) : read
    }
    default:
      return null
  }
}

/**
 * Checks what the options say together, before anything is read.
 *
 * @throws {AppError} invalid-request
 */
export function checkCsvOptions(options: CsvOptions): void {
  const { delimiter, quote, decimalSeparator, groupSeparator, dateFormat, timestampFormat } = options
  if (delimiter !== null && !isSeparator(delimiter))
    throw optionError('The delimiter has to be one character that ends no line.')
  if (quote !== null && (!isSeparator(quote) || quote > '\u007f'))
    throw optionError('The quote has to be one character of ASCII that ends no line, or none.')
  if (delimiter !== null && delimiter === quote)
    throw optionError('The delimiter and the quote are the same character.')
  if (quote === null && delimiter === '"') throw optionError('The delimiter cannot be a quote.')
  if (decimalSeparator === groupSeparator)
    throw optionError('The separators of decimals and of thousands are the same character.')
  if (dateFormat !== null) createTimeReader(dateFormat, 'date')
  if (timestampFormat !== null) createTimeReader(timestampFormat, 'timestamp')
}

function isSeparator(text: string): boolean {
  return text.length === 1 && text.isWellFormed() && !/[\r\n\0\ufeff]/.test(text)
}

const WITHOUT_ZONE = new RegExp(`^(?:${textPattern('timestamp_ns')})$`)
const WITHOUT_SECONDS = /[T ][0-9]{2}:[0-9]{2}$/

function inUtc(read: TextReader | null): TextReader {
  return (text) => {
    const time = read === null ? text : read(text)
    if (typeof time !== 'string' || !WITHOUT_ZONE.test(time)) return time
    return `${time}${WITHOUT_SECONDS.test(time) ? ':00' : ''}Z`
  }
}

function optionError(detail: string): AppError {
  return new AppError('invalid-request', detail)
}
