import { type Field, type RecordBatch, RecordBatchReader, Table, tableToIPC } from 'apache-arrow'
import { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { displayCastType } from '@/lib/query/duckdb/display-cast-type'
import { savedNameProblem } from '@/lib/query/saved-columns'
import { MAX_RESULT_BYTES, MAX_ROWS, type QueryResult, type ResultBatch } from '@/lib/query/engine'
import { splitStatements } from '@/lib/query/statement/statements'
import { tokenKeyword } from '@/lib/query/statement/tokenize'
import type { Engine } from '@/lib/query/duckdb/engine'
import { toIcebergType, toRowValue } from './result-values'
import { selectSchema } from './zones'

/** Takes a batch of a result, of which the first `rowCount` rows count. The next one is read when it resolves. */
export type PassOn = (batch: RecordBatch, rowCount: number) => Promise<void>

/**
 * Runs a statement over the views of schema `lake`, and stops it after enough rows.
 *
 * @param hasZoneOperators it calls macros in place of operators
 * @param readsNoRows returns the columns alone
 * @param maxBytes of the result, whatever its number of rows
 * @param passOn takes the batches, which the result then lacks; an empty one has only types
 * @throws {AppError} cancelled, too-large; DuckDB's own failures with its message
 */
export async function readRows(
  engine: Engine,
  sql: string,
  maxRows: number,
  signal: AbortSignal,
  { hasZoneOperators = false, readsNoRows = false, maxBytes = MAX_RESULT_BYTES, passOn }: ReadRowsOptions = {},
): Promise<Pick<QueryResult, 'columns' | 'batches' | 'rowCount' | 'isTruncated' | 'resultBytes'>> {
  await selectSchema(engine, 'lake', hasZoneOperators)
  const types = await describeColumns(engine, sql)
  const limit = Math.min(maxRows, MAX_ROWS)
  const batches: ResultBatch[] = []
  let rowCount = 0
  let resultBytes = 0
  let isTruncated = false
  let fields: readonly Field[] = []
  for await (const batch of engine.stream(types ? castForDisplay(sql, types, readsNoRows) : sql, signal)) {
    if (signal.aborted) throw new AppError('cancelled', 'The query was cancelled.')
    fields = batch.schema.fields
    // Arrow has no data for the keys and values of a map without rows.
    if (batch.numRows === 0) {
      await passOn?.(batch, 0)
      continue
    }
    resultBytes += batch.data.byteLength
    if (resultBytes > maxBytes) throw resultTooLargeError(maxBytes)
    const remainingRows = limit - rowCount
    const retainedRows = Math.min(batch.numRows, remainingRows)
    await passOn?.(batch, retainedRows)
    // A plan is read here, too.
    if (retainedRows > 0 && (!passOn || types === null)) batches.push(toResultBatch(batch, retainedRows))
    rowCount += retainedRows
    if (batch.numRows > remainingRows) {
      isTruncated = true
      break
    }
  }
  // Without any batch the types of Arrow are unknown, and there is no value of them.
  const columns = (types ?? fields).map(({ name }, i) => {
    const field = fields[i]
    return { name, type: field ? toIcebergType(field.type) : 'string', sqlType: types?.[i]?.type ?? '' }
  })
  return { columns, batches, rowCount, isTruncated, resultBytes }
}

/**
 * Runs a statement over the views of schema `lake`, and writes all its rows to the file of the engine.
 *
 * @param toName the name of a column as the user knows it
 * @returns its columns and the number of rows, which are not in the result
 * @throws {AppError} query-failed for an EXPLAIN, and for names that cannot be those of columns of a table
 */
export async function saveRows(
  engine: Engine,
  sql: string,
  signal: AbortSignal,
  { hasZoneOperators, toName }: { hasZoneOperators: boolean; toName: (name: string) => string },
): ReturnType<typeof readRows> {
  if (!engine.save) throw new AppError('not-supported', 'This engine saves no results.')
  const described = await readRows(engine, sql, 0, signal, { hasZoneOperators, readsNoRows: true })
  // An EXPLAIN has columns without types of DuckDB.
  if (described.columns.some(({ sqlType }) => sqlType === ''))
    throw new AppError('query-failed', 'The plan of a statement is not a result to save. Save the statement itself.')
  const columns = described.columns.map(({ name }) => ({ name: toName(name) }))
  const problem = savedNameProblem(columns)
  if (problem !== null) throw new AppError('query-failed', problem)
  const names = columns.map(({ name }) => name)
  return { ...described, rowCount: await engine.save(sql, names), isTruncated: false }
}

type ReadRowsOptions = { hasZoneOperators?: boolean; readsNoRows?: boolean; maxBytes?: number; passOn?: PassOn }

/** The values of the first rows of a batch, read from its own memory. */
export function toResultBatch(batch: RecordBatch, rowCount: number): ResultBatch {
  const { children } = batch.data
  return {
    rowCount,
    value: (row, column) => {
      const data = children[column]
      return data ? toRowValue(data, row) : null
    },
    toArrow: (column) => {
      const rows = rowCount < batch.numRows ? batch.slice(0, rowCount) : batch
      return tableToIPC(new Table([column === undefined ? rows : rows.selectAt([column])]))
    },
  }
}

/** The batches of a stream of `toArrow`. */
export function readArrow(stream: Uint8Array): ResultBatch[] {
  return [...RecordBatchReader.from(stream)].map((batch) => toResultBatch(batch, batch.numRows))
}

function resultTooLargeError(maxBytes: number): AppError {
  return new AppError(
    'too-large',
    `The result is larger than ${formatBytes(maxBytes)}, which is the limit of a page. Select fewer rows or columns, or ` +
      'only the beginning of long texts with left(column, 1000).',
    { facts: { maxBytes } },
  )
}

/** DuckDB's own names for the result's types; null for statements without a description (EXPLAIN). */
async function describeColumns(engine: Engine, sql: string): Promise<{ name: string; type: string }[] | null> {
  const [first] = splitStatements(sql)
  if (tokenKeyword(first?.tokens[0]) === 'EXPLAIN') return null
  const isDescription = ['DESCRIBE', 'DESC', 'SUMMARIZE'].includes(tokenKeyword(first?.tokens[0]) ?? '')
  const description = await engine.query(isDescription ? `DESCRIBE SELECT * FROM (${sql}\n)` : `DESCRIBE ${sql}`)
  return description.toArray().map((row) => ({ name: String(row.column_name), type: String(row.column_type) }))
}

/** The statement, with a cast for each column that could not be shown otherwise, or without its rows. */
function castForDisplay(sql: string, columns: readonly { type: string }[], readsNoRows: boolean): string {
  const casts = columns.map(({ type }, i) => {
    const castType = displayCastType(type)
    return castType === null ? `c${i}` : `c${i}::${castType}`
  })
  if (!readsNoRows && columns.every(({ type }) => displayCastType(type) === null)) return sql
  const names = columns.map((_column, i) => `c${i}`)
  const selected = `SELECT ${casts.join(', ')} FROM (${sql}\n) AS answer(${names.join(', ')})`
  return readsNoRows ? `${selected} LIMIT 0` : selected
}
