import 'server-only'
import { open, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { absentColumn, nullColumn, textCast } from '../cast/column-cast'
import { commonCast, isFailed } from '../input/common-cast'
import type { InputRequest } from '../stage-request'
import { mightReadLeniently } from '../csv/csv-leniency'
import { computeColumns } from '../input/expression-columns'
import { csvRelation, MAX_DIRECT_RECORD_BYTES, rewrittenRelation } from '../csv/csv-relation'
import { mayShareLines, mustRewrite } from '../input/input-records'
import { type LoadPlan, planLoad } from '../input/load-plan'
import { ALWAYS_EXACT, type InputSize, type LoadedInput } from '../input/loaded-input'
import { MappingProblems } from '../input/mapping-problems'
import { isPlainCsv, matchCsv, rewriteCsv } from '../csv/rewrite-csv'
import { openDirectNdjson } from '../ndjson/direct-ndjson'
import { rewriteJson } from '../input/rewrite-json'
import type { Reading, RewrittenInput, TextInput } from '../input/text-input'

const SAMPLE_BYTES = 256 * 1024
const RECORD_COLUMN = 'record'

/**
 * The input itself, for a fast pass that stops at the first row that does not fit; null when the format has to be
 * rewritten first.
 *
 * @throws {AppError} invalid-request when its columns do not match the table's
 */
export async function openDirectInput(session: DuckdbSession, request: InputRequest): Promise<LoadedInput | null> {
  const { format } = request.input
  if (mustRewrite(format)) return null
  const problems = new MappingProblems()
  const plan = await planLoad(session, request, problems)
  if (format === 'ndjson')
    return openDirectNdjson(request, { plan, problems, size: await sampleLines(request.input.path) })
  if (format === 'csv') return openDirectCsv(session, request, { plan, problems })
  return openParquet(session, request, { plan, problems, preview: null })
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
  if (input.format === 'parquet') return openParquet(session, request, { plan, ...reading })
  const target = path.join(stagingDir, 'rows.csv')
  const from: TextInput = { request, plan, ...reading }
  const rewritten = await (input.format === 'csv' ? rewriteCsv(from, target) : rewriteJson(from, target))
  return loadRewritten(session, from, rewritten, target)
}

/** Our Parquet reader is loaded only for Parquet: every run waits for what its process loads. */
async function openParquet(
  session: DuckdbSession,
  request: InputRequest,
  reading: Pick<Reading, 'problems' | 'preview'> & { plan: LoadPlan },
): Promise<LoadedInput> {
  const { openParquetInput } = await import('../parquet/parquet-input')
  return openParquetInput(session, request, reading)
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
  const numbers = mayShareLines(request.input.format) ? [RECORD_COLUMN, 'line'] : ['line']
  const columns = [...textColumns, ...fields.map(({ column }) => column)]
  const source = rewrittenRelation(file, columns, maxRecordBytes, numbers)
  const plainColumns = [...numbers, ...textColumns]
  const { relation, casts, computed } = await computeColumns(session, plan, { source, plainColumns, fields }, problems)
  if (preview === null) problems.throwFirst()
  return {
    relation,
    ...(numbers.includes(RECORD_COLUMN) && { recordColumn: RECORD_COLUMN }),
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
    approximateRows: rowsRead,
    isExact: ALWAYS_EXACT,
    discard: () => rm(file),
  }
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
  // DuckDB takes an empty line for the header, and may lose all rows after a name with a line end.
  if (!header.isFirstLine) return null
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
    ...(await sampleLines(input.path)),
    isExact: () => isExact,
    discard: async () => {},
  }
}

/** The approximate size and number of the lines, from the first ones. */
async function sampleLines(file: string): Promise<InputSize> {
  const handle = await open(file, 'r')
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0)
    let lines = 1
    for (let at = buffer.indexOf('\n'); at >= 0 && at < bytesRead; at = buffer.indexOf('\n', at + 1)) lines += 1
    const bytesPerRow = bytesRead / lines
    const { size } = await handle.stat()
    return { bytesPerRow, approximateRows: Math.round(size / Math.max(1, bytesPerRow)) }
  } finally {
    await handle.close()
  }
}
