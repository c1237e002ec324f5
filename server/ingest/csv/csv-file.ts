import 'server-only'
import { createReadStream, type ReadStream } from 'node:fs'
import { AppError } from '@/lib/errors'
import type { CsvOptions } from '@/lib/ingest/csv-options'
import {
  CSV_DELIMITERS,
  type CsvField,
  type CsvRecord,
  headerNames,
  positionName,
  type RecordSyntax,
  readCsvRecords,
} from '@/lib/ingest/csv-records'
import { toUtf8 } from '@/lib/ingest/text-encoding'
import { expectedFields, type LoadPlan } from '../input/load-plan'

const CHUNK_BYTES = 1024 * 1024
const HEADER_CHUNK_BYTES = 64 * 1024
/** A table has fewer columns, and a file with more is probably none. */
const MAX_FIELDS = 10_000

/** The fields of a CSV file. */
export type CsvHeader = { names: readonly string[]; delimiter: string }

export type CsvFile = { path: string; options: CsvOptions; isTruncated: boolean }

/** The records of a file, and the stream of its bytes, which the caller destroys. */
export function openCsvRecords(
  { path, options, isTruncated }: CsvFile,
  { names, delimiter }: CsvHeader,
): { input: ReadStream; records: AsyncGenerator<CsvRecord> } {
  const input = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  const records = readCsvRecords(toUtf8(input, options.encoding, isTruncated), {
    ...toSyntax(options),
    delimiter,
    keepEmptyLines: names.length === 1,
    isTruncated,
  })
  return { input, records }
}

function toSyntax({ quote, nullText, skippedLines }: CsvOptions): Partial<RecordSyntax> {
  return { quote, nullText, skippedLines }
}

/**
 * The names in the first record, and the delimiter between them: the given one, or the one with which they match columns
 * of the table or fields of the mapping, otherwise the one with which there are the most, a comma among equals.
 *
 * @throws {AppError} invalid-request when there is no header; too-large for too many names
 */
export async function readCsvHeader(file: CsvFile, plan: LoadPlan): Promise<CsvHeader> {
  const { options } = file
  const delimiters = options.delimiter === null ? CSV_DELIMITERS : [options.delimiter]
  const expected = expectedFields(plan)
  const isLenient = plan.ignoreExtra || plan.takesRest
  const matchesPlan = (names: readonly string[]) =>
    isLenient ? names.length > 1 && names.some((name) => expected.has(name)) : names.every((name) => expected.has(name))
  const candidates = await readFirstRecords(
    file,
    delimiters.filter((delimiter) => delimiter !== options.quote),
  )
  const [first] = candidates
  if (first === undefined) throw emptyError(options)
  const readable = candidates.flatMap(({ record, delimiter }) =>
    'fields' in record ? [{ fields: record.fields, delimiter }] : [],
  )
  const most = readable.reduce((best, next) => (next.fields.length > best.fields.length ? next : best), {
    fields: [] as readonly CsvField[],
    delimiter: first.delimiter,
  })
  const found =
    (options.hasHeader ? readable.find(({ fields }) => matchesPlan(headerNames(fields))) : undefined) ?? most
  if (found.fields.length === 0 && 'malformed' in first.record)
    throw new AppError(
      'invalid-request',
      `The ${options.hasHeader ? 'header' : 'first row'} ${first.record.malformed}.`,
    )
  if (found.fields.length > MAX_FIELDS)
    throw new AppError('too-large', `The file has ${found.fields.length} fields; a load reads at most ${MAX_FIELDS}.`)
  const names = options.hasHeader ? headerNames(found.fields) : found.fields.map((_field, i) => positionName(i))
  return { names, delimiter: found.delimiter }
}

async function readFirstRecords(file: CsvFile, delimiters: readonly string[]) {
  const found: { record: CsvRecord; delimiter: string }[] = []
  for (const delimiter of delimiters) {
    const record = await readFirstRecord(file, delimiter)
    if (record === null) break
    found.push({ record, delimiter })
  }
  return found
}

async function readFirstRecord({ path, options, isTruncated }: CsvFile, delimiter: string): Promise<CsvRecord | null> {
  const input = createReadStream(path, { highWaterMark: HEADER_CHUNK_BYTES })
  try {
    const chunks = toUtf8(input, options.encoding, isTruncated)
    for await (const record of readCsvRecords(chunks, { ...toSyntax(options), delimiter }))
      return { ...record, bytes: record.bytes.slice() }
  } finally {
    input.destroy()
  }
  return null
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
