import 'server-only'
import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type DuckDBType, MAP, TIMESTAMPTZ, VARCHAR } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { exactTextSql } from '@/server/codecs/duckdb-infinity'
import { quoteIdentifier, quoteLiteral } from '@/server/data-files/duckdb/column-type'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { absentColumn, type ColumnCast, nullColumn } from '../cast/column-cast'
import { commonCast, isFailed } from '../input/common-cast'
import { toNestedUse } from '../cast/nested-use'
import { sqlType, typedColumn } from '../cast/typed-column'
import { computeColumns } from '../input/expression-columns'
import { type FieldMatches, matchFields } from '../input/field-matches'
import { FieldSamples } from '../input/field-samples'
import type { LoadPlan } from '../input/load-plan'
import { ALWAYS_EXACT, type InputSize, type LoadedInput } from '../input/loaded-input'
import { MappingProblems } from '../input/mapping-problems'
import { withoutColumn } from '../input/sql-expression'
import { valueProblem } from '../input/translate-error'
import type { Reading } from '../input/text-input'
import type { FieldUse, InputRequest } from '../stage-request'
import { type FileColumn, listFileColumns, refuseRenamedFields } from './file-columns'
import { findFileTypes, instantSql, isInstantOf } from './file-types'
import { findInexactTimes, rejectInexactTimes } from './inexact-times'
import { readInputFooter, refuseUnreadableChunks } from './parquet-columns'
import { type RereadColumn, rereadColumn, toRereadCast } from './reread-column'
import { verifyChecksums } from './verify-checksums'

/** Rows of a Parquet file, so that most fields have a value among them. */
const SAMPLED_ROWS = 100

/** DuckDB's column with the row number in a Parquet file. */
const ROW_NUMBER = 'file_row_number'

type ParquetReading = Pick<Reading, 'problems' | 'preview'> & {
  plan: LoadPlan
  /** By the index of the file's column. */
  reread?: ReadonlyMap<number, RereadColumn>
}

const NONE_REREAD: ReadonlyMap<number, RereadColumn> = new Map()

/**
 * @throws {AppError} invalid-request when its columns do not match the table's; not-supported for columns that DuckDB does
 *   not read, or not exactly
 */
export async function openParquetInput(
  session: DuckdbSession,
  request: InputRequest,
  { plan, problems, preview, reread = NONE_REREAD }: ParquetReading,
): Promise<LoadedInput> {
  const { input } = request
  const file = quoteLiteral(input.path)
  const footer = await readInputFooter(input.path)
  if (footer) refuseUnreadableChunks(footer, [])
  await refuseUnreadableColumns(session, file)
  const statement = await session.connection.prepare(`SELECT * FROM read_parquet(${file})`)
  const readNames = Array.from({ length: statement.columnCount }, (_, i) => statement.columnName(i))
  const fileColumns = await listFileColumns(session, input.path, readNames)
  const names = fileColumns.map(({ name }) => name)
  const matches = matchFields(plan, names, problems)
  if (preview === null) problems.throwFirst()
  else preview.samples = await sampleParquet(session, file, { fileColumns, typeOf: (i) => statement.columnType(i) })
  const fileTypes = await findFileTypes(session, input.path, (i) => statement.columnType(i))
  const { columnIndexes, namedFields, restIndexes } = matches
  const usedIndexes = new Set([...columnIndexes.flatMap((index) => index ?? []), ...restIndexes])
  const readIndexes = [...new Set([...usedIndexes, ...namedFields.map(({ index }) => index)])]
  refuseRenamedFields(fileColumns, readIndexes)
  const readColumns = readIndexes.map((index) => names[index] ?? '')
  if (footer) refuseUnreadableChunks(footer, readColumns)
  if (footer && preview === null && reread.size === 0) await verifyChecksums(input.path, footer, readColumns)
  const inexact = await findInexactTimes(session, input.path, readColumns)
  refuseInexact(inexact, names, [...namedFields.map(({ index }) => index), ...restIndexes])
  const source = toSource(file, { fileColumns, readIndexes, reread, maxRows: preview?.maxRows ?? null })
  const fields = namedFields.map(({ name, index }) => ({
    name,
    column: `f${index}`,
    type: sqlType(statement.columnType(index)),
    from: statement.columnType(index),
  }))
  const readFields = readIndexes.map((index) => ({
    name: names[index] ?? '',
    column: `f${index}`,
    type: reread.has(index) ? VARCHAR : statement.columnType(index),
  }))
  const plainColumns = [
    'line',
    ...[...usedIndexes].flatMap((index) => [`f${index}`, ...(reread.has(index) ? [`q${index}`] : [])]),
  ]
  const { relation, casts, computed } = await computeColumns(session, plan, { source, plainColumns, fields }, problems)
  const toFieldCast = (field: NestedField, index: number): ColumnCast => {
    const inDuckdb = statement.columnType(index)
    const fileType = fileTypes.get(index) ?? { type: inDuckdb, hasMillis: false, isInt96: false }
    const isInstant = isInstantOf(fileType, field)
    const from = isInstant ? TIMESTAMPTZ : fileType.type
    const raw = isInstant ? instantSql(`f${index}`) : from === inDuckdb ? `f${index}` : `f${index}::${sqlType(from)}`
    const cast = typedColumn(field, raw, from, { ignoreExtra: input.ignoreExtra, isRescaled: fileType.hasMillis })
    const again = reread.get(index)
    if (again) return toRereadCast(field, again, { text: `f${index}`, isBad: `q${index}` })
    const times = inexact.get(names[index] ?? '')
    return times ? rejectInexactTimes(session, cast, { columnIndex: index, times, isInstant }) : cast
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
    fieldUse: withNestedFields(matches, plan, (index) => statement.columnType(index)),
    computed,
    rows: { source, fields: readFields },
    delimiter: null,
    rowsRead: null,
    ...(await readParquetSize(session, input.path)),
    isExact: ALWAYS_EXACT,
    reread: async (columnIndex) => {
      const index = columnIndexes[columnIndex] ?? null
      const isComputed = namedFields.some((field) => field.index === index)
      if (index === null || footer === null || reread.has(index) || isComputed) return null
      const node = footer.schema.children[index]
      const target = path.join(request.stagingDir, `reread-${index}.csv`)
      const column =
        node && (await rereadColumn(input.path, footer, { node, target, maxRows: preview?.maxRows ?? null }))
      if (!column) return null
      // The problems are those that this reading has found.
      const again = { plan, problems: new MappingProblems(), preview, reread: new Map([...reread, [index, column]]) }
      return openParquetInput(session, request, again)
    },
    discard: async () => {},
  }
}

/** Adds the fields inside nested columns that the file lacks, and those that the table lacks. */
function withNestedFields(
  { columnIndexes, fieldUse }: FieldMatches,
  { columns }: LoadPlan,
  typeOf: (index: number) => DuckDBType,
): FieldUse {
  const nested = columns.flatMap(({ field }, i) => {
    const index = columnIndexes[i] ?? null
    return index === null ? [] : [{ field, use: toNestedUse(field.type, typeOf(index)) }]
  })
  return {
    absentColumns: [
      ...fieldUse.absentColumns,
      ...nested.flatMap(({ field, use }) => use.absentFields(field.type, field.name)),
    ],
    skippedFields: [...fieldUse.skippedFields, ...nested.flatMap(({ field, use }) => use.skippedFields(field.name))],
  }
}

/** A relation with `line`, a column `f0 …` for each that is read, and `q0 …` for those that Lakeshore reads itself. */
function toSource(
  file: string,
  {
    fileColumns,
    readIndexes,
    reread,
    maxRows,
  }: {
    fileColumns: readonly FileColumn[]
    readIndexes: readonly number[]
    reread: ReadonlyMap<number, RereadColumn>
    maxRows: number | null
  },
): string {
  // Generated names, because those in the file may be anything.
  const columns = readIndexes
    .filter((index) => !reread.has(index))
    .map((index) => `${quoteIdentifier(fileColumns[index]?.readName ?? '')} AS f${index}`)
  const limit = maxRows === null ? '' : ` LIMIT ${maxRows}`
  const source = `(SELECT ${[`${ROW_NUMBER} + 1 AS line`, ...columns].join(', ')} FROM read_parquet(${file}, ${ROW_NUMBER} = true)${limit})`
  if (reread.size === 0) return source
  const joined = [...reread].map(([index, { relation }]) => ({ name: `r${index}`, index, relation }))
  const texts = joined.map(({ name, index }) => `${name}.text AS f${index}, ${name}.is_bad AS q${index}`)
  const joins = joined.map(({ name, relation }) => `JOIN ${relation} ${name} ON ${name}.line = p.line`)
  return `(SELECT ${['p.*', ...texts].join(', ')} FROM ${source} p ${joins.join(' ')} ORDER BY p.line)`
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
  { fileColumns, typeOf }: { fileColumns: readonly FileColumn[]; typeOf: (index: number) => DuckDBType },
): Promise<FieldSamples> {
  const samples = new FieldSamples(fileColumns.map(({ name }) => name))
  const addSamples = async (indexes: readonly number[]): Promise<void> => {
    const columns = indexes.map(
      (i) => `${exactTextSql(typeOf(i), quoteIdentifier(fileColumns[i]?.readName ?? ''))} AS s${i}`,
    )
    for (const row of await session.rows(
      `SELECT ${columns.join(', ')} FROM read_parquet(${file}) LIMIT ${SAMPLED_ROWS}`,
    ))
      for (const i of indexes) {
        const text = row[`s${i}`]
        samples.add(fileColumns[i]?.name ?? '', typeof text === 'string' ? text : null)
      }
  }
  try {
    await addSamples([...fileColumns.keys()])
  } catch (error) {
    if (valueProblem(error) === null) throw error
    // One by one: a column that has a value at which DuckDB fails has no samples, and the preview says why.
    for (const i of fileColumns.keys())
      await addSamples([i]).catch((own: unknown) => {
        if (valueProblem(own) === null) throw own
      })
  }
  return samples
}

async function readParquetSize(session: DuckdbSession, inputPath: string): Promise<InputSize> {
  const file = quoteLiteral(inputPath)
  const [counted] = await session.rows(
    `SELECT coalesce(sum(num_rows), 0)::DOUBLE AS "rows" FROM parquet_file_metadata(${file})`,
  )
  const approximateRows = Number(counted?.rows)
  return { approximateRows, bytesPerRow: (await readPlainBytes(session, inputPath)) / Math.max(1, approximateRows) }
}

async function readPlainBytes(session: DuckdbSession, inputPath: string): Promise<number> {
  try {
    const [row] = await session.rows(
      `SELECT sum(total_uncompressed_size)::DOUBLE AS bytes FROM parquet_metadata(${quoteLiteral(inputPath)})`,
    )
    return Number(row?.bytes ?? 0)
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('Conversion Error')) throw error
    // DuckDB cannot write the statistics of the least times as text.
    return (await stat(inputPath)).size
  }
}

/** Iceberg spec, *Primitive Types*. DuckDB misreads decimals with more digits. */
const MAX_DECIMAL_DIGITS = 38

async function refuseUnreadableColumns(session: DuckdbSession, file: string): Promise<void> {
  const [found] = await session.rows(
    `SELECT name, precision::DOUBLE AS "precision" FROM parquet_schema(${file})
     WHERE precision > ${MAX_DECIMAL_DIGITS} OR lower(name) = '${ROW_NUMBER}' LIMIT 1`,
  )
  if (!found) return
  const column = String(found.name)
  const reason =
    column.toLowerCase() === ROW_NUMBER
      ? 'has a name that is reserved for row numbers. Rename it.'
      : `holds decimals of ${String(found.precision)} digits; Iceberg's have at most ${MAX_DECIMAL_DIGITS}.`
  throw new AppError('not-supported', `Column ${column} ${reason}`, { facts: { column } })
}
