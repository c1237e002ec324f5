import 'server-only'
import type { Type } from '@/lib/iceberg/schema/types'
import type { ColumnRule } from '@/lib/rules/column-rules'
import { valueText } from '@/lib/scan/value-text'
import { type DuckdbSession, openDuckdbSession, type OpenSession } from '@/server/data-files/duckdb/duckdb-session'
import { valueFromText, valueTextSql } from '@/server/data-files/duckdb/value-text'
import { partitionColumns } from '@/server/data-files/write/partition-sql'
import { requireWritable } from '@/server/data-files/write/writable-columns'
import { toPartitionChecks, toRowChecks } from '../cast/row-check'
import { withExactPath } from '../input/exact-path'
import { selectRowsWithMisfits, stagedColumn } from '../input/checked-rows'
import { openExactInput } from './load-input'
import { MappingProblems } from '../input/mapping-problems'
import { nestedJsonSql } from './nested-json'
import { saveRejectedRecords } from './rejected-records'
import { Rejects } from '../input/rejects'
import { StagedRows } from '../input/staged-rows'
import type { Reading } from '../input/text-input'
import { translateError } from '../input/translate-error'
import { unpackInput } from '../input/unpack-input'
import type { InputPreview, PreviewRequest } from '../stage-request'
import { completeRows } from './complete-rows'
import { listMisfits } from './list-misfits'
import { withReadableInput } from './locate-failure'
import { rejectRepeatedRows } from './repeated-rows'
import { requirePatterns } from './require-patterns'

const MAX_ROWS_SHOWN = 100
const MAX_REJECTS_SHOWN = 100
const MAX_CELL_CHARS = 1_000

/**
 * Reads the first rows of a file as a load does, with the same code, and returns everything that would stop the load or
 * reject rows, instead of stopping at the first problem. Writes nothing outside the staging folder, and no file of the
 * table.
 *
 * @param options.maxRows how many rows are read
 * @throws {AppError} when the file cannot be read at all, or its options contradict themselves
 */
export async function previewInput(
  previewRequest: PreviewRequest,
  { maxRows, openSession = openDuckdbSession }: { maxRows: number; openSession?: OpenSession },
): Promise<InputPreview> {
  const { isTruncated, schema, limits, stagingDir } = previewRequest
  requireWritable(schema)
  const request = await withExactPath(await unpackInput(previewRequest, { isTruncated, onProgress: () => {} }))
  const session = await openSession({ inputPath: request.input.path, stagingDir }, limits)
  const rejects = new Rejects()
  const problems = new MappingProblems()
  const preview: NonNullable<Reading['preview']> = { maxRows, isTruncated, samples: null }
  try {
    await requirePatterns(session, request.rules)
    const opened = await openExactInput(session, request, { rejects, problems, preview, onProgress: () => {} })
    const rules = usableRules(request, problems)
    const checks = [
      ...toRowChecks(rules, schema.fields),
      ...toPartitionChecks(partitionColumns(previewRequest.spec, schema, stagedColumn)),
    ]
    const { result: held, input } = await withReadableInput(session, opened, (read) =>
      StagedRows.hold(session, selectRowsWithMisfits(read, { partition: [], checks })),
    )
    const keyFiles = { folder: stagingDir, earlierNames: [] }
    const rows = await rejectRepeatedRows(session, { ...request, rules, keyFiles }, { rows: held, rejects })
    await listMisfits(session, request, { input, rows, rejects, checks })
    await completeRows(session, input, rejects)
    await saveRejectedRecords({ request, plan: input.plan, rejects, recordsFile: null, isTruncated })
    rejects.sort()
    const shownRows = await readShownRows(
      session,
      rows,
      request.schema.fields.map(({ type }) => type),
    )
    return {
      fields: preview.samples?.list() ?? [],
      delimiter: input.delimiter,
      rowsRead: input.rowsRead ?? rows.rowCount,
      rows: shownRows.map(({ record, ...row }) => ({ ...row, ...(rejects.isByRecord && { record }) })),
      rejects: rejects.listed
        .slice(0, MAX_REJECTS_SHOWN)
        .map(({ record, isOfField: _isOfField, ...reject }) => ({ ...reject, ...(rejects.isByRecord && { record }) })),
      rowsRejected: rejects.rowCount,
      rejectCounts: Array.from(rejects.counts, ([column, count]) => ({ column, count })),
      unknownColumns: problems.unknownColumns,
      unmappedFields: problems.unmappedFields,
      missingFields: problems.missingFields,
      missingColumns: problems.missingColumns,
      columnProblems: problems.columns,
      absentColumns: input.fieldUse.absentColumns,
    }
  } catch (error) {
    throw translateError(error, request.input)
  } finally {
    session.close()
  }
}

/** The rules without those of columns that a problem of the mapping leaves empty. */
function usableRules({ rules, schema }: PreviewRequest, problems: MappingProblems): readonly ColumnRule[] {
  const failed = new Set([...problems.missingColumns, ...problems.columns.map(({ column }) => column)])
  return rules.filter((rule) => {
    const indexes = rule.kind === 'unique' ? rule.columnIndexes : [rule.columnIndex]
    return !indexes.some((index) => failed.has(schema.fields[index]?.name ?? ''))
  })
}

async function readShownRows(
  session: DuckdbSession,
  { relation }: StagedRows,
  types: readonly Type[],
): Promise<(InputPreview['rows'][number] & { record: number })[]> {
  const staged = types.map((_type, i) => stagedColumn(i))
  const statement = await session.connection.prepare(`SELECT ${staged.join(', ')} FROM ${relation}`)
  const texts = types.map((type, i) => {
    const value = stagedColumn(i)
    const text =
      typeof type === 'string' ? valueTextSql(type, value) : nestedJsonSql(type, value, statement.columnType(i))
    return `${text} AS t${i}`
  })
  const rows = await session.rows(
    `SELECT record::DOUBLE AS record, line::DOUBLE AS line, ${texts.join(', ')} FROM ${relation} WHERE misfits IS NULL ORDER BY record LIMIT ${MAX_ROWS_SHOWN}`,
  )
  return rows.map((row) => ({
    record: Number(row.record),
    line: Number(row.line),
    values: types.map((type, i) => {
      const text = row[`t${i}`]
      return typeof text === 'string' ? shownText(type, text) : null
    }),
  }))
}

function shownText(type: Type, text: string): string {
  const shown = typeof type === 'string' ? valueText(type, valueFromText(type, text), 'UTC') : text
  return shown.length > MAX_CELL_CHARS ? `${shown.slice(0, MAX_CELL_CHARS)}…` : shown
}
