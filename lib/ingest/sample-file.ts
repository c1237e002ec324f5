import type { CsvQuestion } from './readings/csv-question'
import { AppError } from '../errors'
import { CSV_DEFAULTS, type CsvOptions } from './csv-options'
import {
  CSV_DELIMITERS,
  type CsvField,
  type CsvRecord,
  cutRecordError,
  headerNames,
  isEnded,
  isUnnamed,
  NOT_UTF8,
  positionName,
  readCsvRecords,
} from './csv-records'
import { createFieldReader } from './field-reader'
import { type FitsType, TypeSample } from './infer-type'
import { type IsAsked, type NumbersOf, ReadingSample } from './readings/csv-questions'
import { findOtherEncoding, toUtf8 } from './text-encoding'
import type { TextReader } from './text-reader'
import { inOnePiece } from '@/lib/in-one-piece'
import { readCsvRow } from './rejects/csv-row'
import { type AddRow, type FileSample, MAX_SAMPLED_ROWS, toSampledColumn } from './sample/file-sample'
import { UnreadableSample } from './sample/unreadable-rows'
import { misfitReason } from './text-value'

const MAX_COLUMNS = 10_000
const UNNAMED = 'has no name in the header'

/**
 * Samples a CSV file. Without a delimiter in the options, it is the one with which the first record has the most fields.
 *
 * @param bytes the beginning of the file
 * @param further whole records from further on, in UTF-8, which only the types of the columns are read from
 * @throws {AppError} file-damaged for a file that is not CSV with a header, whose header a load would refuse, or of which
 *   half of the rows or more cannot be read; too-large for too many columns, and when the header does not end in these bytes
 */
export async function sampleCsv(
  bytes: Uint8Array,
  isWhole: boolean,
  options: CsvOptions = CSV_DEFAULTS,
  further: readonly Uint8Array[] = [],
): Promise<FileSample> {
  const file = await openCsv(bytes, isWhole, options)
  const fits = fitsInOptions(options)
  const readNumber = numberReader(options)
  const rows = file.names.map((name) => new TypeSample(fits, file.unnamed.has(name) ? UNNAMED : null, readNumber))
  const readings = new ReadingSample(file.names)
  const unreadable = new UnreadableSample()
  let [rowCount, furtherCount] = [0, 0]
  const { isTruncated } = await readRows(file, {
    further,
    add: (fields, line) => {
      for (const [i, sample] of rows.entries()) sample.addText(fields[i] ?? null, line)
      if (line !== null) readings.add(fields, line)
      if (line === null) furtherCount += 1
      else rowCount += 1
    },
    unreadable,
  })
  unreadable.requireFew(rowCount + furtherCount)
  return {
    columns: file.names.map((name, i) => toSampledColumn(name, rows[i] ?? new TypeSample())),
    rowCount,
    furtherCount,
    unreadable: unreadable.finish(rowCount + furtherCount),
    isTruncated,
    findQuestions: (isAsked) => readings.findQuestions(isAsked),
  }
}

/** The rows of which {@link sampleCsv} makes a sample. */
export async function readCsvSample(
  { bytes, isWhole, further }: { bytes: Uint8Array; isWhole: boolean; further: readonly Uint8Array[] },
  options: CsvOptions,
  add: AddRow<readonly CsvField[]>,
): Promise<void> {
  await readRows(await openCsv(bytes, isWhole, options), { further, add })
}

/** The names in the header of a CSV file, and the delimiter between them. @throws {AppError} as {@link sampleCsv} */
export async function findCsvHeader(
  bytes: Uint8Array,
  isWhole: boolean,
  options: CsvOptions,
): Promise<{ names: readonly string[]; delimiter: string }> {
  const { names, delimiter } = await openCsv(bytes, isWhole, options)
  return { names, delimiter }
}

/**
 * How values of a CSV file are to be read, without their types. Rows that are not CSV are left to the load, which may
 * reject them.
 *
 * @param options.isAsked the fields of which a kind of values matters; all others still show how the file is written
 * @param options.numbersOf the fields that fill columns of numbers
 * @throws {AppError} file-damaged for a header of which no row can be read
 */
export async function findCsvQuestions(
  bytes: Uint8Array,
  isWhole: boolean,
  { csv, maxRows, isAsked, numbersOf }: { csv: CsvOptions; maxRows: number; isAsked: IsAsked; numbersOf?: NumbersOf },
): Promise<CsvQuestion[]> {
  const file = await openCsv(bytes, isWhole, csv)
  const readings = new ReadingSample(file.names)
  const add: AddRow<readonly CsvField[]> = (fields, line) => line !== null && readings.add(fields, line)
  await readRows(file, { maxRows, add })
  return readings.findQuestions(isAsked, { numbersOf })
}

type CsvFile = {
  bytes: Uint8Array
  isWhole: boolean
  options: CsvOptions
  delimiter: string
  names: readonly string[]
  /** Those that the header leaves empty. */
  unnamed: ReadonlySet<string>
}

async function openCsv(bytes: Uint8Array, isWhole: boolean, options: CsvOptions): Promise<CsvFile> {
  const { first, delimiter, isTruncated } = await readFirstRecord(bytes, isWhole, options)
  if (isTruncated) throw cutRecordError(options.hasHeader ? 'header' : 'first record')
  if (first.length === 0) {
    const encoding = findOtherEncoding(bytes, options)
    if (encoding !== null)
      throw new AppError(
        'file-damaged',
        `The first line of the file is not UTF-8. Choose its encoding, such as ${encoding}; or it may not be text.`,
        { facts: { encoding } },
      )
    throw new AppError(
      'file-damaged',
      bytes.length === 0
        ? 'The file has no header that names its columns.'
        : 'The first line of the file names no columns. The file may not be text, or may have another encoding.',
    )
  }
  if (first.length > MAX_COLUMNS) throw new AppError('too-large', `The file has ${first.length} columns.`)
  const names = options.hasHeader ? headerNames(first) : first.map((_field, i) => positionName(i))
  requireUnique(names)
  const unnamed = options.hasHeader ? names.filter((_name, i) => isUnnamed(first[i] ?? null)) : []
  return { bytes, isWhole, options, delimiter, names, unnamed: new Set(unnamed) }
}

type ReadRows = {
  further?: readonly Uint8Array[]
  maxRows?: number
  add: AddRow<readonly CsvField[]>
  unreadable?: UnreadableSample
}

/** The rows behind the header, apart from one that may be cut off with the bytes, and then those from further on. */
async function readRows(
  file: CsvFile,
  { further = [], maxRows = MAX_SAMPLED_ROWS, add, unreadable = new UnreadableSample() }: ReadRows,
): Promise<{ isTruncated: boolean }> {
  const { bytes, isWhole, options, delimiter, names } = file
  const addRecord = (record: CsvRecord, line: number | null) => {
    const row = readCsvRow(record, { fieldCount: names.length, hasHeader: options.hasHeader })
    if ('fields' in row) add(row.fields, line)
    else if (row.reason !== NOT_UTF8) unreadable.add({ line }, row.reason)
    else unreadable.add({ line }, row.reason, { encoding: findOtherEncoding(record.bytes, options) })
  }
  let isHeader = options.hasHeader
  let recordCount = 0
  let isTruncated = !isWhole
  for await (const record of readRecords(bytes, options, { delimiter, isWhole })) {
    if (isHeader) {
      isHeader = false
      continue
    }
    if (recordCount === maxRows) {
      isTruncated = true
      break
    }
    recordCount += 1
    addRecord(record, record.line)
  }
  const furtherOptions = { ...options, encoding: 'utf-8', skippedLines: 0 } as const
  for (const records of further)
    for await (const record of readRecords(records, furtherOptions, { delimiter, isWhole: true }))
      addRecord(record, null)
  return { isTruncated }
}

/** A load refuses such a header whatever columns the table has, so a table for it would stay empty. */
function requireUnique(names: readonly string[]): void {
  const repeated = names.find((name, i) => names.indexOf(name) !== i)
  if (repeated === undefined) return
  const reason = `The header names the column ${JSON.stringify(repeated)} twice. Give each column its own name.`
  throw new AppError('file-damaged', `The file cannot be loaded as it is. ${reason}`)
}

async function readFirstRecord(
  bytes: Uint8Array,
  isWhole: boolean,
  options: CsvOptions,
): Promise<{ first: readonly string[]; delimiter: string; isTruncated: boolean }> {
  const delimiters = options.delimiter === null ? CSV_DELIMITERS : [options.delimiter]
  let best: { first: readonly string[]; delimiter: string } = { first: [], delimiter: delimiters[0] ?? ',' }
  let [hasRecord, hasEnd] = [false, isWhole]
  for (const delimiter of delimiters)
    for await (const record of readRecords(bytes, options, { delimiter, isWhole, takesCut: true })) {
      hasRecord = true
      hasEnd ||= isEnded(record)
      if ('fields' in record && record.fields.length > best.first.length)
        best = { first: record.fields.map((name) => name ?? ''), delimiter }
      break
    }
  return { ...best, isTruncated: hasRecord && !hasEnd }
}

/**
 * @param options.isWhole whether the file ends with the bytes
 * @param options.takesCut whether a last record is returned that may be cut off with them
 */
function readRecords(
  bytes: Uint8Array,
  { quote, nullText, skippedLines, encoding }: CsvOptions,
  { delimiter, isWhole, takesCut = false }: { delimiter: string; isWhole: boolean; takesCut?: boolean },
): AsyncIterable<CsvRecord> {
  const syntax = { delimiter, quote, nullText, skippedLines, isTruncated: !isWhole && !takesCut }
  return readCsvRecords(toUtf8(inOnePiece(bytes), encoding, !isWhole), syntax)
}

/** Whether a field fits a type after it was read as the options say. */
function fitsInOptions(options: CsvOptions): FitsType {
  const readers = new Map<string, TextReader | null>()
  return (type, text) => {
    let read = readers.get(type)
    if (read === undefined) readers.set(type, (read = createFieldReader(type, options)))
    const canonical = read === null ? text : read(text)
    return typeof canonical === 'string' && misfitReason(type, canonical) === null
  }
}

function numberReader(options: CsvOptions): (text: string) => string | null {
  const read = createFieldReader('double', options)
  return (text) => {
    const canonical = read === null ? text : read(text)
    return typeof canonical === 'string' ? canonical : null
  }
}
