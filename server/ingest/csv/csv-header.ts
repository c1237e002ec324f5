import 'server-only'
import { AppError } from '@/lib/errors'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import {
  CSV_DELIMITERS,
  type CsvField,
  type CsvRecord,
  headerNames,
  NOT_UTF8,
  positionName,
  readCsvRecords,
} from '@/lib/ingest/csv-records'
import { findOtherEncoding, toUtf8 } from '@/lib/ingest/text-encoding'

/** A table has fewer columns, and a file with more is probably none. */
const MAX_FIELDS = 10_000

/** The fields of a CSV file. */
export type CsvHeader = {
  names: readonly string[]
  delimiter: string
  /** Whether the first record is the first line: no empty line is before it, and no name has a line end. */
  isFirstLine: boolean
}

/** The names of fields that a header may have. */
export type ExpectedNames = {
  names: ReadonlySet<string>
  /** Whether a header may have other names, too. */
  isLenient: boolean
}

/** A file as it would begin with one of the delimiters that are possible. */
export type FirstRecord = { record: CsvRecord; delimiter: string }

/**
 * The first record by each delimiter that is possible. None of a file without records; the last one of a beginning may be
 * cut.
 *
 * @param open the bytes of the file from its beginning
 */
export async function readFirstRecords(
  open: () => AsyncIterable<Uint8Array>,
  { isTruncated, ...options }: CsvOptions & { isTruncated: boolean },
): Promise<FirstRecord[]> {
  const { quote, nullText, skippedLines } = options
  const found: FirstRecord[] = []
  const delimiters = options.delimiter === null ? CSV_DELIMITERS : [options.delimiter]
  for (const delimiter of delimiters.filter((one) => one !== quote)) {
    const chunks = toUtf8(open(), options.encoding, isTruncated)
    for await (const record of readCsvRecords(chunks, { quote, nullText, skippedLines, delimiter })) {
      found.push({ record: { ...record, bytes: record.bytes.slice() }, delimiter })
      break
    }
  }
  return found
}

/**
 * The names in the first record, and the delimiter between them: the given one, or the one with which they are expected,
 * otherwise the one with which there are the most, a comma among equals.
 *
 * @throws {AppError} invalid-request when there is no header; too-large for too many names
 */
export function chooseHeader(
  candidates: readonly FirstRecord[],
  options: CsvOptions,
  expected: ExpectedNames,
): CsvHeader {
  const [first] = candidates
  if (first === undefined) throw emptyError(options)
  const isExpected = (names: readonly string[]) =>
    expected.isLenient
      ? names.length > 1 && names.some((name) => expected.names.has(name))
      : names.every((name) => expected.names.has(name))
  const readable = candidates.flatMap(({ record, delimiter }) =>
    'fields' in record ? [{ fields: record.fields, line: record.line, delimiter }] : [],
  )
  const most = readable.reduce((best, next) => (next.fields.length > best.fields.length ? next : best), {
    fields: [] as readonly CsvField[],
    line: first.record.line,
    delimiter: first.delimiter,
  })
  const found = (options.hasHeader ? readable.find(({ fields }) => isExpected(headerNames(fields))) : undefined) ?? most
  if (found.fields.length === 0 && 'malformed' in first.record) {
    const { malformed, bytes } = first.record
    throw new AppError(
      'invalid-request',
      `The ${options.hasHeader ? 'header' : 'first row'} ${malformed}.`,
      malformed === NOT_UTF8 ? { facts: { encoding: findOtherEncoding(bytes, options) } } : {},
    )
  }
  if (found.fields.length > MAX_FIELDS)
    throw new AppError('too-large', `The file has ${found.fields.length} fields; a load reads at most ${MAX_FIELDS}.`)
  const names = options.hasHeader ? headerNames(found.fields) : found.fields.map((_field, i) => positionName(i))
  const isFirstLine = found.line === 1 && !found.fields.some((field) => field !== null && /[\r\n]/.test(field))
  return { names, delimiter: found.delimiter, isFirstLine }
}

function emptyError({ hasHeader, skippedLines }: CsvOptions): AppError {
  if (skippedLines > 0)
    return new AppError(
      'invalid-request',
      `The input has nothing after its first ${skippedLines} lines, which are skipped.`,
    )
  return new AppError(
    'invalid-request',
    hasHeader ? 'The input is empty: a CSV file begins with the names of its columns.' : 'The input is empty.',
  )
}
