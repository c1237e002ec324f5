import 'server-only'
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { Schema } from '@/lib/iceberg/schema/types'
import { absentColumn, type ColumnCast, textCast, textColumn } from '../cast/column-cast'
import { quoteIdentifier, quoteLiteral } from '@/server/data-files/duckdb/column-type'
import { mightReadLeniently } from './csv-leniency'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { matchColumns } from './input-columns'
import type { StageRequest } from '../stage-request'
import {
  sampleCsvBytesPerRow,
  readCsvHeader,
  type RewrittenInput,
  rewriteCsv,
  rewriteNdjson,
  type TextInput,
} from './rewrite-text'
import { typedColumn } from '../cast/typed-column'
import { hasWriteDefault } from '../cast/write-default'

/** Longer records are left to reading row by row. */
const MAX_DIRECT_RECORD_BYTES = 2_000_000
/** Each thread holds several: with DuckDB's default of 32 MiB they would be most of a run's memory. */
const CSV_BUFFER_BYTES = 4 * 1024 * 1024

/** An input as a DuckDB relation, and how the table's columns are computed from it. */
export type LoadedInput = {
  /** SQL of a relation that has the columns that the casts' `raw` names, and `line`. */
  relation: string
  casts: readonly ColumnCast[]
  /** Known if the input was rewritten. */
  rowsRead: number | null
  /** The approximate size of a row, from the beginning of the input or from its footer. */
  bytesPerRow: number
  /**
   * False when DuckDB may have read the input differently from RFC 4180, so that it has to be read exactly; resolves
   * once the whole input was examined.
   */
  isExact: Promise<boolean>
  /** Removes the files that were written to read the input; it cannot be read after that. */
  discard: () => Promise<void>
}

const ALWAYS_EXACT = Promise.resolve(true)
/** DuckDB's column with the row number in a Parquet file. */
const ROW_NUMBER = 'file_row_number'

/**
 * The input itself, for a fast pass that stops at the first row that does not fit; null when the format has to be
 * rewritten first.
 *
 * @throws {AppError} invalid-request when its columns do not match the table's
 */
export async function openDirectInput(session: DuckdbSession, request: StageRequest): Promise<LoadedInput | null> {
  switch (request.input.format) {
    case 'csv':
      return openDirectCsv(request)
    case 'ndjson':
      return null
    case 'parquet':
      return openParquetInput(session, request)
  }
}

/**
 * The input in a form in which every row has its line number and unreadable rows are already rejected.
 *
 * @throws {AppError} invalid-request when its columns do not match the table's
 */
export async function openExactInput(
  session: DuckdbSession,
  request: StageRequest,
  reading: Pick<TextInput, 'rejects' | 'onProgress'>,
): Promise<LoadedInput> {
  const { input, schema, stagingDir } = request
  if (input.format === 'parquet') return openParquetInput(session, request)
  const target = path.join(stagingDir, 'rows.csv')
  const from: TextInput = { path: input.path, schema, ignoreExtra: input.ignoreExtra, ...reading }
  if (input.format === 'csv') {
    const header = await readCsvHeader(input.path, schema, input.ignoreExtra)
    refuseNested(schema, header.names)
    return loadRewritten(target, schema, await rewriteCsv(from, header, target))
  }
  return loadRewritten(target, schema, await rewriteNdjson(from, target))
}

async function loadRewritten(
  file: string,
  schema: Schema,
  { rowsRead, maxRecordBytes }: RewrittenInput,
): Promise<LoadedInput> {
  const { size } = await stat(file)
  const casts = schema.fields.map((field, i) => textCast(field, `f${i}`))
  return {
    relation: rewrittenRelation(file, schema, maxRecordBytes),
    casts,
    rowsRead,
    bytesPerRow: size / Math.max(1, rowsRead),
    isExact: ALWAYS_EXACT,
    discard: () => rm(file),
  }
}

async function openDirectCsv({ input, schema }: StageRequest): Promise<LoadedInput | null> {
  const { names, delimiter } = await readCsvHeader(input.path, schema, input.ignoreExtra)
  const columnIndexes = matchColumns(schema, names, input.ignoreExtra)
  refuseNested(schema, names)
  // With one column, an empty line is a row, and only the exact reader can tell how many there are between mixed line
  // ends. Where DuckDB reads leniently is known only for commas.
  if (names.length === 1 || delimiter !== ',') return null
  // Runs while DuckDB reads.
  const isExact = mightReadLeniently(input.path, names.length).then((isLenient) => !isLenient)
  isExact.catch(() => {
    // Handled where it is awaited; if reading fails before that, its error is reported.
  })
  return {
    // A parallel read does not know line numbers: callers that need them read exactly.
    relation: `(SELECT 0::BIGINT AS line, * FROM ${csvRelation(
      input.path,
      names.map((_name, i) => [`f${i}`, 'VARCHAR']),
      { hasHeader: true, maxRecordBytes: MAX_DIRECT_RECORD_BYTES },
    )})`,
    casts: schema.fields.map((field, i) => {
      const columnIndex = columnIndexes[i] ?? null
      return columnIndex === null || typeof field.type !== 'string'
        ? absentColumn(field)
        : textColumn(field, field.type, `f${columnIndex}`)
    }),
    rowsRead: null,
    bytesPerRow: await sampleCsvBytesPerRow(input.path),
    isExact,
    discard: async () => {},
  }
}

function rewrittenRelation(file: string, schema: Schema, maxRecordBytes: number): string {
  const columns = schema.fields.map((_field, i): [string, string] => [`f${i}`, 'VARCHAR'])
  return csvRelation(file, [['line', 'BIGINT'], ...columns], { hasHeader: false, maxRecordBytes })
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

function csvRelation(
  file: string,
  columns: readonly (readonly [string, string])[],
  { hasHeader, maxRecordBytes }: { hasHeader: boolean; maxRecordBytes: number },
): string {
  const options = [
    ...CSV_OPTIONS,
    `header = ${hasHeader}`,
    `max_line_size = ${Math.max(maxRecordBytes, MAX_DIRECT_RECORD_BYTES)}`,
    `buffer_size = ${Math.max(maxRecordBytes, CSV_BUFFER_BYTES)}`,
    `columns = {${columns.map(([name, type]) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`).join(', ')}}`,
  ]
  return `read_csv(${quoteLiteral(file)}, ${options.join(', ')})`
}

/** CSV has no form for a struct, a list or a map. */
function refuseNested(schema: Schema, names: readonly string[]): void {
  const nested = schema.fields.find(
    (field) =>
      typeof field.type !== 'string' && ((field.required && !hasWriteDefault(field)) || names.includes(field.name)),
  )
  if (nested) {
    throw new AppError(
      'invalid-request',
      `Column ${nested.name} is nested, which CSV cannot hold: load NDJSON or Parquet.`,
      {
        facts: { column: nested.name },
      },
    )
  }
}

async function openParquetInput(session: DuckdbSession, { input, schema }: StageRequest): Promise<LoadedInput> {
  const file = quoteLiteral(input.path)
  await refuseUnreadableColumns(session, file)
  const statement = await session.connection.prepare(`SELECT * FROM read_parquet(${file})`)
  const names = Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i))
  const columnIndexes = matchColumns(schema, names, input.ignoreExtra)
  // DuckDB's Parquet reader is loaded only for Parquet: every run waits for what its process loads.
  const { rejectInexactTimes, findInexactTimes } = await import('../cast/inexact-times')
  const readColumns = names.filter((name) => schema.fields.some((field) => field.name === name))
  const inexact = await findInexactTimes(session, input.path, readColumns)
  const casts = schema.fields.map((field, i) => {
    const columnIndex = columnIndexes[i] ?? null
    if (columnIndex === null) return absentColumn(field)
    const cast = typedColumn(field, `f${columnIndex}`, statement.columnType(columnIndex), input.ignoreExtra)
    return rejectInexactTimes(session, cast, columnIndex, inexact.get(field.name) ?? new Map())
  })
  // Generated names, because those in the file may be anything.
  const columns = schema.fields.flatMap(({ name }, i) => {
    const columnIndex = columnIndexes[i] ?? null
    return columnIndex === null ? [] : [`${quoteIdentifier(name)} AS f${columnIndex}`]
  })
  return {
    relation: `(SELECT ${[`${ROW_NUMBER} + 1 AS line`, ...columns].join(', ')} FROM read_parquet(${file}, ${ROW_NUMBER} = true))`,
    casts,
    rowsRead: null,
    bytesPerRow: await readParquetBytesPerRow(session, file),
    isExact: ALWAYS_EXACT,
    discard: async () => {},
  }
}

async function readParquetBytesPerRow(session: DuckdbSession, file: string): Promise<number> {
  const [row] = await session.rows(
    `SELECT (sum(total_uncompressed_size) / nullif((SELECT sum(num_rows) FROM parquet_file_metadata(${file})), 0))::DOUBLE AS bytes
     FROM parquet_metadata(${file})`,
  )
  return Number(row?.bytes ?? 0)
}

/** Iceberg spec, *Primitive Types*. DuckDB misreads decimals with more digits. */
const MAX_DECIMAL_DIGITS = 38

async function refuseUnreadableColumns(session: DuckdbSession, file: string): Promise<void> {
  const [found] = await session.rows(
    `SELECT name, precision::DOUBLE AS "precision" FROM parquet_schema(${file})
     WHERE precision > ${MAX_DECIMAL_DIGITS} OR name = '${ROW_NUMBER}' LIMIT 1`,
  )
  if (!found) return
  const column = String(found.name)
  const reason =
    column === ROW_NUMBER
      ? 'has a name that is reserved for row numbers. Rename it.'
      : `holds decimals of ${String(found.precision)} digits; Iceberg's have at most ${MAX_DECIMAL_DIGITS}.`
  throw new AppError('not-supported', `Column ${column} ${reason}`, { facts: { column } })
}

/** Translates DuckDB's errors for a run. Errors that mean that our own SQL is wrong are returned unchanged. */
export function translateError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error
  const [first = ''] = error.message.split('\n')
  const [, kind] = /^([A-Za-z][A-Za-z ]*) Error: /.exec(first) ?? []
  if (kind === undefined || ['Binder', 'Catalog', 'Parser', 'INTERNAL'].includes(kind)) return error
  if (/No space left on device/.test(first)) {
    return new AppError('storage-full', 'The disk is full. Nothing of this run was stored.', { cause: error })
  }
  if (first.startsWith('Out of Memory Error')) {
    return new AppError('too-large', 'The input needs more memory and temporary space than a run may take.', {
      cause: error,
    })
  }
  return new AppError('file-damaged', `The input cannot be read: ${first}`, { cause: error })
}
