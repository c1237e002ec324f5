import 'server-only'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'

/** Longer records are left to reading row by row. */
export const MAX_DIRECT_RECORD_BYTES = 2_000_000
/** Each thread holds several: with DuckDB's default of 32 MiB they would be most of a run's memory. */
const CSV_BUFFER_BYTES = 4 * 1024 * 1024
/** DuckDB 1.5 refuses some files with records of 300 kB when several threads read them, or misses their line ends. */
const MAX_PARALLEL_RECORD_BYTES = 64 * 1024

/**
 * A file of `RowWriter` as a relation with the numbers and the columns.
 *
 * @param maxRecordBytes of its records
 */
export function rewrittenRelation(
  file: string,
  columns: readonly string[],
  maxRecordBytes: number,
  numbers: readonly string[] = ['line'],
): string {
  const types = [
    ...numbers.map((name) => [name, 'BIGINT'] as const),
    ...columns.map((name) => [name, 'VARCHAR'] as const),
  ]
  return csvRelation(file, types, {
    hasHeader: false,
    maxRecordBytes,
    isParallel: maxRecordBytes <= MAX_PARALLEL_RECORD_BYTES,
    // Otherwise DuckDB takes a carriage return in the first row for the line end of the file, although it is in quotes.
    lineEnd: '\\n',
  })
}

/** Lines that are divided at a delimiter of up to four bytes and nothing else, as a relation of texts. */
export function delimitedRelation(file: string, columns: readonly string[], delimiter: string): string {
  const options = [
    'auto_detect = false',
    `delim = ${quoteLiteral(delimiter)}`,
    "quote = ''",
    "escape = ''",
    "nullstr = ''",
    ...sizeOptions(MAX_DIRECT_RECORD_BYTES),
    'header = false',
    columnsOption(columns.map((name) => [name, 'VARCHAR'])),
  ]
  return `read_csv(${quoteLiteral(file)}, ${options.join(', ')})`
}

/** By RFC 4180; an unquoted empty field is null. */
export const CSV_OPTIONS = [
  'auto_detect = false',
  "delim = ','",
  "quote = '\"'",
  "escape = '\"'",
  "nullstr = ''",
  'allow_quoted_nulls = false',
]

type CsvReading = {
  hasHeader: boolean
  maxRecordBytes: number
  isParallel: boolean
  /** As DuckDB writes it; by default that of the first line. */
  lineEnd?: '\\n'
}

/** A file of CSV by RFC 4180 as a relation with these columns, which have names and types of DuckDB. */
export function csvRelation(
  file: string,
  columns: readonly (readonly [string, string])[],
  { hasHeader, maxRecordBytes, isParallel, lineEnd }: CsvReading,
): string {
  const options = [
    ...CSV_OPTIONS,
    `header = ${hasHeader}`,
    ...sizeOptions(maxRecordBytes),
    ...(isParallel ? [] : ['parallel = false']),
    ...(lineEnd === undefined ? [] : [`new_line = ${quoteLiteral(lineEnd)}`]),
    columnsOption(columns),
  ]
  return `read_csv(${quoteLiteral(file)}, ${options.join(', ')})`
}

function sizeOptions(maxRecordBytes: number): string[] {
  return [
    `max_line_size = ${Math.max(maxRecordBytes, MAX_DIRECT_RECORD_BYTES)}`,
    `buffer_size = ${Math.max(maxRecordBytes, CSV_BUFFER_BYTES)}`,
  ]
}

function columnsOption(columns: readonly (readonly [string, string])[]): string {
  return `columns = {${columns.map(([name, type]) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`).join(', ')}}`
}
