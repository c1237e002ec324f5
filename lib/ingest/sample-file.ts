import type { CsvQuestion } from './readings/csv-question'
import { AppError } from '../errors'
import type { ColumnDeclaration } from '../changes/declaration/table-declaration'
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
import { type FitsType, type InferredType, TypeSample } from './infer-type'
import { type JsonRecord, readJsonArray, readJsonLines } from './json-items'
import { JsonSyntax, parseJsonTokens } from './json-tokens'
import { type IsAsked, type NumbersOf, ReadingSample } from './readings/csv-questions'
import { findOtherEncoding, toUtf8 } from './text-encoding'
import type { TextReader } from './text-reader'
import { inOnePiece } from '@/lib/in-one-piece'
import { readCsvRow } from './rejects/csv-row'
import { UnreadableSample, type UnreadableRows } from './sample/unreadable-rows'
import { misfitReason } from './text-value'

/** The columns of a text file, as inferred from its first rows. */
export type FileSample = {
  columns: readonly (ColumnDeclaration & { sampled: TypeSample; inferred: InferredType })[]
  /** Rows that a load can read. */
  rowCount: number
  /** How many more of them from all over the file were read. */
  furtherCount: number
  /** The rows that a load rejects as a whole, in either part; null without any. Columns are of the others. */
  unreadable: UnreadableRows | null
  /** Whether there are more rows than were read. */
  isTruncated: boolean
  /** How values of a CSV file are to be read; the options may have the answers. JSON leaves nothing open. */
  findQuestions: (isAsked?: IsAsked) => readonly CsvQuestion[]
}

export const MAX_SAMPLE_BYTES = 4 * 1024 * 1024
const MAX_ROWS = 10_000
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
  const { rowCount, isTruncated } = await readSampledRows(file, MAX_ROWS, {
    add: (fields, line) => {
      for (const [i, sample] of rows.entries()) sample.addText(fields[i] ?? null, line)
      readings.add(fields, line)
    },
    addUnreadable: ({ line, bytes: record }, reason) =>
      unreadable.add({ line }, reason, reason === NOT_UTF8 ? { encoding: findOtherEncoding(record, options) } : {}),
  })
  let furtherCount = 0
  for (const records of further) {
    const furtherOptions = { ...options, encoding: 'utf-8', skippedLines: 0 } as const
    for await (const record of readRecords(records, furtherOptions, { delimiter: file.delimiter, isWhole: true })) {
      const row = readRow(file, record)
      if ('reason' in row) {
        unreadable.add({ line: null }, row.reason)
        continue
      }
      furtherCount += 1
      for (const [i, sample] of rows.entries()) sample.addText(row.fields[i] ?? null, null)
    }
  }
  return {
    columns: file.names.map((name, i) => toColumn(name, rows[i] ?? new TypeSample())),
    rowCount,
    furtherCount,
    unreadable: unreadable.finish(rowCount + furtherCount),
    isTruncated,
    findQuestions: (isAsked) => readings.findQuestions(isAsked),
  }
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
  await readSampledRows(file, maxRows, { add: (fields, line) => readings.add(fields, line), addUnreadable: () => {} })
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

/** The records behind the header. One that may be cut off with the sample is left out. */
async function readSampledRows(
  file: CsvFile,
  maxRows: number,
  {
    add,
    addUnreadable,
  }: {
    add: (fields: readonly CsvField[], line: number) => void
    addUnreadable: (record: CsvRecord, reason: string) => void
  },
): Promise<{ rowCount: number; isTruncated: boolean }> {
  const { bytes, isWhole, options, delimiter } = file
  let isHeader = options.hasHeader
  let [rowCount, recordCount] = [0, 0]
  for await (const record of readRecords(bytes, options, { delimiter, isWhole })) {
    if (isHeader) {
      isHeader = false
      continue
    }
    if (recordCount === maxRows) return { rowCount, isTruncated: true }
    recordCount += 1
    const row = readRow(file, record)
    if ('reason' in row) addUnreadable(record, row.reason)
    else {
      rowCount += 1
      add(row.fields, record.line)
    }
  }
  return { rowCount, isTruncated: !isWhole }
}

function readRow({ names, options: { hasHeader } }: CsvFile, record: CsvRecord) {
  return readCsvRow(record, { fieldCount: names.length, hasHeader })
}

/**
 * Samples a file of JSON objects, one a line.
 *
 * @param further whole lines from further on
 * @throws {AppError} file-damaged, naming the line
 */
export async function sampleJsonLines(
  bytes: Uint8Array,
  isWhole: boolean,
  further: readonly Uint8Array[] = [],
): Promise<FileSample> {
  const emptyMessage = 'The file has no line with a JSON object.'
  return sampleJson(readJsonLines(inOnePiece(bytes), !isWhole), { isWhole, emptyMessage, further })
}

/**
 * Samples a file that is one array of JSON objects.
 *
 * @throws {AppError} file-damaged, naming the line
 */
export async function sampleJsonArray(bytes: Uint8Array, isWhole: boolean): Promise<FileSample> {
  const emptyMessage = 'The array of the file has no JSON object.'
  return sampleJson(readJsonArray(inOnePiece(bytes), !isWhole), { isWhole, emptyMessage, further: [] })
}

async function sampleJson(
  batches: AsyncIterable<readonly JsonRecord[]>,
  { isWhole, emptyMessage, further }: { isWhole: boolean; emptyMessage: string; further: readonly Uint8Array[] },
): Promise<FileSample> {
  const all = new TypeSample()
  const unreadable = new UnreadableSample()
  let rowCount = 0
  let isFull = false
  read: for await (const records of batches)
    for (const { line, item, text } of records) {
      if (isBlank(text)) continue
      if (rowCount + unreadable.count === MAX_ROWS) {
        isFull = true
        break read
      }
      const reason = addObject(all, line, text)
      if (reason === null) rowCount += 1
      else unreadable.add({ line, item }, reason)
    }
  if (rowCount + unreadable.count === 0)
    throw isWhole ? new AppError('file-damaged', emptyMessage) : cutRecordError('first record')
  let furtherCount = 0
  for (const lines of further)
    for await (const records of readJsonLines(inOnePiece(lines)))
      for (const { text } of records) {
        if (isBlank(text)) continue
        const reason = addObject(all, null, text)
        if (reason === null) furtherCount += 1
        else unreadable.add({ line: null }, reason)
      }
  return {
    columns: [...all.members].map(([name, sample]) => toColumn(name, sample)),
    rowCount,
    furtherCount,
    unreadable: unreadable.finish(rowCount + furtherCount),
    isTruncated: !isWhole || isFull,
    findQuestions: () => [],
  }
}

function isBlank(text: JsonRecord['text']): boolean {
  return typeof text === 'string' && text.trim() === ''
}

/** @returns why a load rejects the row as a whole; null if it was added */
function addObject(all: TypeSample, line: number | null, text: JsonRecord['text']): string | null {
  try {
    if (typeof text !== 'string') throw new JsonSyntax(NOT_UTF8)
    const token = parseJsonTokens(text)
    if (token.kind !== 'object') throw new JsonSyntax('is not a JSON object')
    all.addJson(token, line)
    return null
  } catch (error) {
    if (!(error instanceof JsonSyntax)) throw error
    return error.message
  }
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

function toColumn(name: string, sampled: TypeSample): FileSample['columns'][number] {
  const inferred = sampled.finish()
  return { name, type: inferred.type, sampled, inferred }
}
