import 'server-only'
import { open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { BIGINT, type DuckDBType, MAP, VARCHAR } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { exactTextSql } from '@/server/codecs/duckdb-infinity'
import { quoteIdentifier, quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { absentColumn, type ColumnCast, nullColumn, textCast } from '../cast/column-cast'
import { sqlType, typedColumn } from '../cast/typed-column'
import type { FieldUse, InputRequest } from '../stage-request'
import { mightReadLeniently } from './csv-leniency'
import { type ComputedColumns, computeColumns } from './expression-columns'
import { matchFields } from './field-matches'
import { FieldSamples } from './field-samples'
import { loadedAtText, type LoadPlan, type PlannedSource, planLoad } from './load-plan'
import { MappingProblems } from './mapping-problems'
import { isPlainCsv, matchCsv, rewriteCsv } from './rewrite-csv'
import { hasRecords } from './input-records'
import { rewriteJson } from './rewrite-json'
import { withoutColumn } from './sql-expression'
import type { Reading, RewrittenInput, TextInput } from './text-input'

/** Longer records are left to reading row by row. */
const MAX_DIRECT_RECORD_BYTES = 2_000_000
/** Each thread holds several: with DuckDB's default of 32 MiB they would be most of a run's memory. */
const CSV_BUFFER_BYTES = 4 * 1024 * 1024
const SAMPLE_BYTES = 256 * 1024
/** DuckDB 1.5 refuses some files with records of 300 kB when several threads read them, or misses their line ends. */
const MAX_PARALLEL_RECORD_BYTES = 64 * 1024
/** Rows of a Parquet file, so that most fields have a value among them. */
const SAMPLED_ROWS = 100

/** An input as a DuckDB relation, and how the table's columns are computed from it. */
export type LoadedInput = {
  /** SQL of a relation that has the columns that the casts' `raw` names, and `line`. */
  relation: string
  casts: readonly ColumnCast[]
  plan: LoadPlan
  fieldUse: FieldUse
  /** The expressions behind some of the casts; null without any. */
  computed: ComputedColumns['computed']
  /** The fields of a Parquet file that are read, in a relation with their `line`; null for other formats. */
  rows: { source: string; fields: readonly { name: string; column: string; type: DuckDBType }[] } | null
  /** The delimiter of a CSV file; null for other formats. */
  delimiter: string | null
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
export async function openDirectInput(session: DuckdbSession, request: InputRequest): Promise<LoadedInput | null> {
  const { format } = request.input
  if (hasRecords(format)) return null
  const problems = new MappingProblems()
  const plan = await planLoad(session, request, problems)
  if (format === 'csv') return openDirectCsv(session, request, { plan, problems })
  return openParquetInput(session, request, { plan, problems, preview: null })
}

/**
 * The input in a form in which every row has its line number and unreadable rows are already rejected.
 *
 * @throws {AppError} invalid-request when its columns do not match the table's
 */
export async function openExactInput(
  session: DuckdbSession,
  request: InputRequest,
  reading: Reading,
): Promise<LoadedInput> {
  const { input, stagingDir } = request
  const plan = await planLoad(session, request, reading.problems)
  if (input.format === 'parquet') return openParquetInput(session, request, { plan, ...reading })
  const target = path.join(stagingDir, 'rows.csv')
  const from: TextInput = { request, plan, ...reading }
  const rewritten = await (input.format === 'csv' ? rewriteCsv(from, target) : rewriteJson(from, target))
  return loadRewritten(session, from, rewritten, target)
}

async function loadRewritten(
  session: DuckdbSession,
  { request, plan, problems, preview }: TextInput,
  { rowsRead, maxRecordBytes, namedFields, delimiter, fieldUse }: RewrittenInput,
  file: string,
): Promise<LoadedInput> {
  const { size } = await stat(file)
  const textColumns = plan.columns.map((_column, i) => `f${i}`)
  const fields = namedFields.map((name, i) => ({ name, column: `e${i}`, type: 'VARCHAR' }))
  const columns = [...textColumns, ...fields.map(({ column }) => column)]
  const source = rewrittenRelation(file, columns, maxRecordBytes)
  const plainColumns = ['line', ...textColumns]
  const { relation, casts, computed } = await computeColumns(session, plan, { source, plainColumns, fields }, problems)
  if (preview === null) problems.throwFirst()
  return {
    relation,
    casts: plan.columns.map(
      ({ field, source: from }, i) =>
        casts.get(i) ??
        commonCast(field, from, request, problems) ??
        (isFailed(field, from, problems) ? nullColumn(field) : textCast(field, `f${i}`)),
    ),
    plan,
    fieldUse,
    computed,
    rows: null,
    delimiter,
    rowsRead,
    bytesPerRow: size / Math.max(1, rowsRead),
    isExact: ALWAYS_EXACT,
    discard: () => rm(file),
  }
}

/** The cast of a column that no field fills; null for any other column. */
function commonCast(
  field: NestedField,
  source: PlannedSource,
  { input }: InputRequest,
  problems: MappingProblems,
): ColumnCast | null {
  switch (source.kind) {
    case 'constant':
      return source.text === null ? nullColumn(field) : textCast(field, quoteLiteral(source.text))
    case 'fact':
      if (source.fact === 'file-name') return textCast(field, quoteLiteral(input.name))
      if (source.fact === 'line') return typedColumn(field, 'line', BIGINT, { ignoreExtra: false })
      return textCast(field, quoteLiteral(loadedAtText(field.type, input.loadedAtMs)))
    case 'absent':
      return isFailed(field, source, problems) ? nullColumn(field) : absentColumn(field)
    case 'failed':
    case 'expression':
      return nullColumn(field)
    case 'field':
    case 'rest':
      return null
  }
}

/** Whether the column has a problem that is reported already, so that its rows are not rejected for it, too. */
function isFailed({ name }: NestedField, { kind }: PlannedSource, problems: MappingProblems): boolean {
  return (
    kind === 'failed' ||
    problems.missingColumns.includes(name) ||
    problems.columns.some(({ column }) => column === name)
  )
}

async function openDirectCsv(
  session: DuckdbSession,
  request: InputRequest,
  { plan, problems }: { plan: LoadPlan; problems: MappingProblems },
): Promise<LoadedInput | null> {
  const { input } = request
  if (!isPlainCsv(input, plan)) return null
  const { header, matches } = await matchCsv(request, plan, problems)
  const { names, delimiter } = header
  problems.throwFirst()
  // With one column, an empty line is a row, and only the exact reader can tell how many there are between mixed line
  // ends. Where DuckDB reads leniently is known only for commas.
  if (names.length === 1 || delimiter !== ',') return null
  const columns = names.map((_name, i) => `f${i}`)
  // A parallel read does not know line numbers: callers that need them read exactly.
  const source = `(SELECT 0::BIGINT AS line, * FROM ${csvRelation(
    input.path,
    columns.map((name) => [name, 'VARCHAR']),
    { hasHeader: true, maxRecordBytes: MAX_DIRECT_RECORD_BYTES, isParallel: true },
  )})`
  const fields = matches.namedFields.map(({ name, index }) => ({ name, column: `f${index}`, type: 'VARCHAR' }))
  const usedColumns = columns.filter((_name, i) => matches.columnIndexes.includes(i))
  const plainColumns = ['line', ...usedColumns]
  const computing = await computeColumns(session, plan, { source, plainColumns, fields }, problems)
  problems.throwFirst()
  // Runs while DuckDB reads.
  const isExact = mightReadLeniently(input.path, names.length).then((isLenient) => !isLenient)
  isExact.catch(() => {
    // Handled where it is awaited; if reading fails before that, its error is reported.
  })
  return {
    relation: computing.relation,
    casts: plan.columns.map(({ field, source: from }, i) => {
      const columnIndex = matches.columnIndexes[i] ?? null
      const cast = computing.casts.get(i) ?? commonCast(field, from, request, problems)
      if (cast !== null) return cast
      return columnIndex === null ? absentColumn(field) : textCast(field, `f${columnIndex}`)
    }),
    plan,
    fieldUse: matches.fieldUse,
    computed: computing.computed,
    rows: null,
    delimiter,
    rowsRead: null,
    bytesPerRow: await sampleCsvBytesPerRow(input.path),
    isExact,
    discard: async () => {},
  }
}

/** The approximate size of a record, from the first ones. */
async function sampleCsvBytesPerRow(file: string): Promise<number> {
  const handle = await open(file, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0)
    let lines = 1
    for (let at = buffer.indexOf('\n'); at >= 0 && at < bytesRead; at = buffer.indexOf('\n', at + 1)) lines += 1
    return bytesRead / lines
  } finally {
    await handle.close()
  }
}

function rewrittenRelation(file: string, columns: readonly string[], maxRecordBytes: number): string {
  const texts = columns.map((name): [string, string] => [name, 'VARCHAR'])
  return csvRelation(file, [['line', 'BIGINT'], ...texts], {
    hasHeader: false,
    maxRecordBytes,
    isParallel: maxRecordBytes <= MAX_PARALLEL_RECORD_BYTES,
  })
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
  { hasHeader, maxRecordBytes, isParallel }: { hasHeader: boolean; maxRecordBytes: number; isParallel: boolean },
): string {
  const options = [
    ...CSV_OPTIONS,
    `header = ${hasHeader}`,
    `max_line_size = ${Math.max(maxRecordBytes, MAX_DIRECT_RECORD_BYTES)}`,
    `buffer_size = ${Math.max(maxRecordBytes, CSV_BUFFER_BYTES)}`,
    ...(isParallel ? [] : ['parallel = false']),
    `columns = {${columns.map(([name, type]) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`).join(', ')}}`,
  ]
  return `read_csv(${quoteLiteral(file)}, ${options.join(', ')})`
}

async function openParquetInput(
  session: DuckdbSession,
  request: InputRequest,
  { plan, problems, preview }: Pick<Reading, 'problems' | 'preview'> & { plan: LoadPlan },
): Promise<LoadedInput> {
  const { input } = request
  const file = quoteLiteral(input.path)
  // Loaded only for Parquet, as below.
  const { readInputFooter, refuseUnreadableChunks } = await import('../cast/parquet-columns')
  const footer = await readInputFooter(input.path)
  if (footer) refuseUnreadableChunks(footer, [])
  await refuseUnreadableColumns(session, file)
  const statement = await session.connection.prepare(`SELECT * FROM read_parquet(${file})`)
  const names = Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i))
  const matches = matchFields(plan, names, problems)
  if (preview === null) problems.throwFirst()
  else preview.samples = await sampleParquet(session, file, { names, typeOf: (i) => statement.columnType(i) })
  // DuckDB's Parquet reader is loaded only for Parquet: every run waits for what its process loads.
  const { rejectInexactTimes, findInexactTimes } = await import('../cast/inexact-times')
  const { findFileTypes } = await import('../cast/file-types')
  const fileTypes = await findFileTypes(session, input.path, (i) => statement.columnType(i))
  const { columnIndexes, namedFields, restIndexes } = matches
  const usedIndexes = new Set([...columnIndexes.flatMap((index) => index ?? []), ...restIndexes])
  const readIndexes = [...new Set([...usedIndexes, ...namedFields.map(({ index }) => index)])]
  const readColumns = readIndexes.map((index) => names[index] ?? '')
  if (footer) refuseUnreadableChunks(footer, readColumns)
  const inexact = await findInexactTimes(session, input.path, readColumns)
  refuseInexact(inexact, names, [...namedFields.map(({ index }) => index), ...restIndexes])
  // Generated names, because those in the file may be anything.
  const columns = readIndexes.map((index) => `${quoteIdentifier(names[index] ?? '')} AS f${index}`)
  const limit = preview === null ? '' : ` LIMIT ${preview.maxRows}`
  const source = `(SELECT ${[`${ROW_NUMBER} + 1 AS line`, ...columns].join(', ')} FROM read_parquet(${file}, ${ROW_NUMBER} = true)${limit})`
  const fields = namedFields.map(({ name, index }) => ({
    name,
    column: `f${index}`,
    type: sqlType(statement.columnType(index)),
    from: statement.columnType(index),
  }))
  const readFields = readIndexes.map((index) => ({
    name: names[index] ?? '',
    column: `f${index}`,
    type: statement.columnType(index),
  }))
  const plainColumns = ['line', ...[...usedIndexes].map((index) => `f${index}`)]
  const { relation, casts, computed } = await computeColumns(session, plan, { source, plainColumns, fields }, problems)
  const toFieldCast = (field: NestedField, index: number): ColumnCast => {
    const inDuckdb = statement.columnType(index)
    const { type: from, hasMillis } = fileTypes.get(index) ?? { type: inDuckdb, hasMillis: false }
    const raw = from === inDuckdb ? `f${index}` : `f${index}::${sqlType(from)}`
    const cast = typedColumn(field, raw, from, { ignoreExtra: input.ignoreExtra, isRescaled: hasMillis })
    return rejectInexactTimes(session, cast, index, inexact.get(names[index] ?? '') ?? new Map())
  }
  const toCast = ({ field, source: from }: LoadPlan['columns'][number], i: number): ColumnCast => {
    const cast = casts.get(i) ?? commonCast(field, from, request, problems)
    if (cast !== null) return cast
    if (from.kind === 'rest') {
      const texts = restIndexes.map((at) => ({
        name: names[at] ?? '',
        text: exactTextSql(statement.columnType(at), `f${at}`),
      }))
      const raw = restSql(texts, from.isMap)
      return typedColumn(field, raw, from.isMap ? MAP(VARCHAR, VARCHAR) : VARCHAR, { ignoreExtra: false })
    }
    const index = columnIndexes[i] ?? null
    if (index === null) return isFailed(field, from, problems) ? nullColumn(field) : absentColumn(field)
    try {
      return toFieldCast(field, index)
    } catch (error) {
      if (preview === null || !(error instanceof AppError) || error.code !== 'invalid-request') throw error
      problems.addColumn(field.name, withoutColumn(error.message, field))
      return nullColumn(field)
    }
  }
  const allCasts = plan.columns.map(toCast)
  if (preview === null) problems.throwFirst()
  return {
    relation,
    casts: allCasts,
    plan,
    fieldUse: matches.fieldUse,
    computed,
    rows: { source, fields: readFields },
    delimiter: null,
    rowsRead: null,
    bytesPerRow: await readParquetBytesPerRow(session, input.path),
    isExact: ALWAYS_EXACT,
    discard: async () => {},
  }
}

/** Only a column that is filled from one field can take the times that DuckDB would truncate. */
function refuseInexact(
  inexact: ReadonlyMap<string, unknown>,
  names: readonly string[],
  indexes: readonly number[],
): void {
  const column = indexes.map((index) => names[index] ?? '').find((name) => inexact.has(name))
  if (column === undefined) return
  const detail = `The field ${column} holds nanoseconds (INT96 or a UTC timestamp), which an expression and the rest of the fields would truncate: write it with microseconds.`
  throw new AppError('not-supported', detail, { facts: { column } })
}

/** Names and texts of the fields that are not null. */
function restSql(fields: readonly { name: string; text: string }[], isMap: boolean): string {
  const entries = fields.map(({ name, text }) => `{'k': ${quoteLiteral(name)}, 'v': ${text}}`)
  const list = entries.length === 0 ? '[]::STRUCT(k VARCHAR, v VARCHAR)[]' : `[${entries.join(', ')}]`
  const map = `map_from_entries(list_filter(${list}, lambda e: e.v IS NOT NULL))`
  return isMap ? map : `to_json(${map})::VARCHAR`
}

async function sampleParquet(
  session: DuckdbSession,
  file: string,
  { names, typeOf }: { names: readonly string[]; typeOf: (index: number) => DuckDBType },
): Promise<FieldSamples> {
  const samples = new FieldSamples(names)
  const columns = names.map((name, i) => `${exactTextSql(typeOf(i), quoteIdentifier(name))} AS s${i}`)
  const rows = await session.rows(`SELECT ${columns.join(', ')} FROM read_parquet(${file}) LIMIT ${SAMPLED_ROWS}`)
  for (const row of rows) {
    for (const [i, name] of names.entries()) {
      const text = row[`s${i}`]
      samples.add(name, typeof text === 'string' ? text : null)
    }
  }
  return samples
}

async function readParquetBytesPerRow(session: DuckdbSession, path: string): Promise<number> {
  const file = quoteLiteral(path)
  try {
    const [row] = await session.rows(
      `SELECT (sum(total_uncompressed_size) / nullif((SELECT sum(num_rows) FROM parquet_file_metadata(${file})), 0))::DOUBLE AS bytes
       FROM parquet_metadata(${file})`,
    )
    return Number(row?.bytes ?? 0)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('Conversion Error')) throw error
    // DuckDB cannot write the statistics of the least times as text.
    const [row] = await session.rows(
      `SELECT nullif(sum(num_rows), 0)::DOUBLE AS "rows" FROM parquet_file_metadata(${file})`,
    )
    return typeof row?.rows === 'number' ? (await stat(path)).size / row.rows : 0
  }
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
