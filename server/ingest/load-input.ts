import 'server-only'
import { rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { AppError } from '@/lib/errors'
import type { Schema } from '@/lib/iceberg/types'
import { absentColumn, type ColumnCast, textCast, textColumn } from './column-cast'
import { quoteName, quoteText } from './column-type'
import { mayReadLeniently } from './csv-leniency'
import type { DuckdbSession } from './duckdb-session'
import { matchColumns } from './input-columns'
import type { StageRequest } from './stage-request'
import { csvBytesPerRow, csvHeader, type Rewritten, rewriteCsv, rewriteNdjson, type TextInput } from './text-input'
import { typedColumn } from './typed-column'
import { hasWriteDefault } from './write-default'

/** Longer records are found by reading row by row. */
const DIRECT_RECORD_BYTES = 2_000_000
/** Each thread holds several: with DuckDB's own 32 MiB they are most of what a run takes. */
const BUFFER_BYTES = 4 * 1024 * 1024

/** An input as a relation of DuckDB and how the table's columns are made of it. */
export type LoadedInput = {
  /** SQL of a relation that has what the casts' `raw` names, and `line`. */
  relation: string
  casts: readonly ColumnCast[]
  /** Known when the input was rewritten. */
  rowsRead: number | null
  /** About how long a row is, from the input's beginning or its footer. */
  bytesPerRow: number
  /** False where what was read may not be what is there, so that it has to be read exactly; known once the input was looked through. */
  isExact: Promise<boolean>
  /** Takes away what was written to read it; it cannot be read afterwards. */
  discard: () => Promise<void>
}

const ALWAYS = Promise.resolve(true)
/** What DuckDB calls the number of a row of a Parquet file. */
const ROW_NUMBER = 'file_row_number'

/**
 * The input as it is, for a fast reading that stops at the first row that does not fit; null where the format has
 * to be rewritten first.
 *
 * @throws {AppError} invalid-request when its columns are not the table's
 */
export async function directInput(session: DuckdbSession, request: StageRequest): Promise<LoadedInput | null> {
  switch (request.input.format) {
    case 'csv':
      return directCsv(request)
    case 'ndjson':
      return null
    case 'parquet':
      return parquetInput(session, request)
  }
}

/**
 * The input in a form in which every row has its line and rows that cannot be read are already rejected.
 *
 * @throws {AppError} invalid-request when its columns are not the table's
 */
export async function exactInput(
  session: DuckdbSession,
  request: StageRequest,
  reading: Pick<TextInput, 'rejects' | 'onProgress'>,
): Promise<LoadedInput> {
  const { input, schema, stagingDir } = request
  if (input.format === 'parquet') return parquetInput(session, request)
  const target = path.join(stagingDir, 'rows.csv')
  const from: TextInput = { path: input.path, schema, ignoreExtra: input.ignoreExtra, ...reading }
  if (input.format === 'csv') {
    const header = await csvHeader(input.path, schema, input.ignoreExtra)
    refuseNested(schema, header.names)
    return rewritten(target, schema, await rewriteCsv(from, header, target))
  }
  return rewritten(target, schema, await rewriteNdjson(from, target))
}

async function rewritten(file: string, schema: Schema, { rowsRead, longestBytes }: Rewritten): Promise<LoadedInput> {
  const { size } = await stat(file)
  const casts = schema.fields.map((field, i) => textCast(field, `f${i}`))
  return {
    relation: rewrittenRows(file, schema, longestBytes),
    casts,
    rowsRead,
    bytesPerRow: size / Math.max(1, rowsRead),
    isExact: ALWAYS,
    discard: () => rm(file),
  }
}

async function directCsv({ input, schema }: StageRequest): Promise<LoadedInput | null> {
  const { names, delimiter } = await csvHeader(input.path, schema, input.ignoreExtra)
  const places = matchColumns(schema, names, input.ignoreExtra)
  refuseNested(schema, names)
  // An empty line is a row then, and what is one between line ends of several kinds is told by reading them one by one.
  // Where DuckDB reads leniently is known of commas.
  if (names.length === 1 || delimiter !== ',') return null
  // While DuckDB reads.
  const isExact = mayReadLeniently(input.path, names.length).then((isLenient) => !isLenient)
  isExact.catch(() => {
    // Heard where it is awaited; a reading that failed before has said why.
  })
  return {
    // The number of a row is not known in a parallel reading: whoever needs it reads exactly.
    relation: `(SELECT 0::BIGINT AS line, * FROM ${csvRelation(
      input.path,
      names.map((_name, i) => [`f${i}`, 'VARCHAR']),
      { hasHeader: true, longestBytes: DIRECT_RECORD_BYTES },
    )})`,
    casts: schema.fields.map((field, i) => {
      const place = places[i] ?? null
      return place === null || typeof field.type !== 'string'
        ? absentColumn(field)
        : textColumn(field, field.type, `f${place}`)
    }),
    rowsRead: null,
    bytesPerRow: await csvBytesPerRow(input.path),
    isExact,
    discard: async () => {},
  }
}

function rewrittenRows(file: string, schema: Schema, longestBytes: number): string {
  const columns = schema.fields.map((_field, i): [string, string] => [`f${i}`, 'VARCHAR'])
  return csvRelation(file, [['line', 'BIGINT'], ...columns], { hasHeader: false, longestBytes })
}

/** As RFC 4180 has it; a field without quotes and without a character is null. */
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
  { hasHeader, longestBytes }: { hasHeader: boolean; longestBytes: number },
): string {
  const options = [
    ...CSV_OPTIONS,
    `header = ${hasHeader}`,
    `max_line_size = ${Math.max(longestBytes, DIRECT_RECORD_BYTES)}`,
    `buffer_size = ${Math.max(longestBytes, BUFFER_BYTES)}`,
    `columns = {${columns.map(([name, type]) => `${quoteText(name)}: ${quoteText(type)}`).join(', ')}}`,
  ]
  return `read_csv(${quoteText(file)}, ${options.join(', ')})`
}

/** A CSV field has no form for a struct, a list or a map. */
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

async function parquetInput(session: DuckdbSession, { input, schema }: StageRequest): Promise<LoadedInput> {
  const file = quoteText(input.path)
  await refuseUnreadable(session, file)
  const described = await session.connection.prepare(`SELECT * FROM read_parquet(${file})`)
  const names = Array.from({ length: described.columnCount }, (_, i) => described.columnName(i))
  const places = matchColumns(schema, names, input.ignoreExtra)
  // Its own Parquet reader is loaded for Parquet alone: every run waits for what its process loads.
  const { exactOnly, inexactTimes } = await import('./inexact-times')
  const read = names.filter((name) => schema.fields.some((field) => field.name === name))
  const inexact = await inexactTimes(session, input.path, read)
  const casts = schema.fields.map((field, i) => {
    const place = places[i] ?? null
    if (place === null) return absentColumn(field)
    const cast = typedColumn(field, `f${place}`, described.columnType(place), input.ignoreExtra)
    return exactOnly(session, cast, place, inexact.get(field.name) ?? new Map())
  })
  // Names of our own, since the file's may be any.
  const columns = schema.fields.flatMap(({ name }, i) => {
    const place = places[i] ?? null
    return place === null ? [] : [`${quoteName(name)} AS f${place}`]
  })
  return {
    relation: `(SELECT ${[`${ROW_NUMBER} + 1 AS line`, ...columns].join(', ')} FROM read_parquet(${file}, ${ROW_NUMBER} = true))`,
    casts,
    rowsRead: null,
    bytesPerRow: await parquetBytesPerRow(session, file),
    isExact: ALWAYS,
    discard: async () => {},
  }
}

async function parquetBytesPerRow(session: DuckdbSession, file: string): Promise<number> {
  const [row] = await session.rows(
    `SELECT (sum(total_uncompressed_size) / nullif((SELECT sum(num_rows) FROM parquet_file_metadata(${file})), 0))::DOUBLE AS bytes
     FROM parquet_metadata(${file})`,
  )
  return Number(row?.bytes ?? 0)
}

/** Iceberg spec, *Primitive Types*; of more digits, DuckDB reads other numbers than are there. */
const MAX_DECIMAL_DIGITS = 38

async function refuseUnreadable(session: DuckdbSession, file: string): Promise<void> {
  const [found] = await session.rows(
    `SELECT name, precision::DOUBLE AS "precision" FROM parquet_schema(${file})
     WHERE precision > ${MAX_DECIMAL_DIGITS} OR name = '${ROW_NUMBER}' LIMIT 1`,
  )
  if (!found) return
  const column = String(found.name)
  const why =
    column === ROW_NUMBER
      ? 'has a name that is needed to number the rows: rename it.'
      : `holds decimals of ${String(found.precision)} digits; Iceberg's have at most ${MAX_DECIMAL_DIGITS}.`
  throw new AppError('not-supported', `Column ${column} ${why}`, { facts: { column } })
}

/** What DuckDB's refusals mean for a run. Those that say our own SQL is wrong pass as they are. */
export function translated(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error
  const [first = ''] = error.message.split('\n')
  const [, kind] = /^([A-Za-z][A-Za-z ]*) Error: /.exec(first) ?? []
  if (kind === undefined || ['Binder', 'Catalog', 'Parser', 'INTERNAL'].includes(kind)) return error
  if (/No space left on device/.test(first)) {
    return new AppError('storage-full', 'The disk is full. Nothing was kept of this run.', { cause: error })
  }
  if (first.startsWith('Out of Memory Error')) {
    return new AppError('too-large', 'The input needs more memory and temporary space than a run may take.', {
      cause: error,
    })
  }
  return new AppError('file-damaged', `The input cannot be read: ${first}`, { cause: error })
}
