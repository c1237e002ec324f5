import 'server-only'
import { rejectionReason } from '../cast/rejection-reason'
import type { RowCheck } from '../cast/row-check'
import type { LoadedInput } from '../input/loaded-input'
import { MAX_RECORDS_REMEMBERED, MAX_REJECTS_WRITTEN, type Rejects } from '../input/rejects'
import type { StagedRows } from '../input/staged-rows'
import type { InputRequest } from '../stage-request'
import type { DuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import { type ColumnMisfit, explainMisfits } from './explain-misfits'

/** Adds the misfits of checked rows, and the values that break a rule, to the rejects. */
export async function listMisfits(
  session: DuckdbSession,
  { schema }: InputRequest,
  {
    input,
    rows,
    rejects,
    checks,
  }: { input: LoadedInput; rows: StagedRows; rejects: Rejects; checks: readonly RowCheck[] },
): Promise<void> {
  const misfitCount = await rows.countMisfits()
  if (misfitCount === 0) return
  const computed = new Set(input.computed?.columns.map(({ columnIndex }) => columnIndex))
  const ofExpressions: ColumnMisfit[] = []
  for (const misfit of await rows.readMisfits(MAX_REJECTS_WRITTEN)) {
    const { record, line, columnIndex, checkIndex, text } = misfit
    const field = schema.fields[columnIndex]
    if (!field) throw new RangeError(`the schema has no field ${columnIndex}`)
    const broken = checkIndex === null ? undefined : checks[checkIndex]
    if (broken) rejects.add({ record, line, column: field.name, value: text, reason: broken.reason })
    else if (computed.has(columnIndex)) ofExpressions.push(misfit)
    else {
      const own = text === null ? null : (input.casts[columnIndex]?.reasonOf?.(text) ?? null)
      rejects.add({ record, line, column: field.name, value: text, reason: own ?? rejectionReason(field.type, text) })
    }
  }
  await explainMisfits(session, input, ofExpressions, rejects)
  for (const record of await rows.readMisfitRecords(MAX_RECORDS_REMEMBERED)) rejects.addRecord(record)
  rejects.rowCount += misfitCount
}
