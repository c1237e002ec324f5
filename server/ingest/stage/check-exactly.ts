import 'server-only'
import { openExactInput } from './load-input'
import { selectRowsWithMisfits } from '../input/checked-rows'
import type { LoadedInput } from '../input/loaded-input'
import { MappingProblems } from '../input/mapping-problems'
import { saveRejectedRecords } from './rejected-records'
import { Rejects } from '../input/rejects'
import { completeRows } from './complete-rows'
import { listMisfits } from './list-misfits'
import { withReadableInput } from './locate-failure'
import { rejectRepeatedRows } from './repeated-rows'
import type { Staging } from './staging'
import type { StagingStrategy } from './staging-strategy'
import { checkRows, type CheckedInput, writeCheckedRows } from './write-checked-rows'

/**
 * Our own reader rewrites a text, so that each row has its line and unreadable rows are rejected before DuckDB checks the
 * others. Every row that does not fit is found, listed, and left out if that many may be rejected.
 */
export const checkExactly: StagingStrategy = {
  way: 'record-by-record',

  appliesTo: () => true,

  async stage(staging) {
    const rejects = new Rejects()
    const input = await openExactInput(staging.session, staging.request, {
      rejects,
      onProgress: (bytesRead, rowsRead) => staging.reportRead(bytesRead, { rowsRead, rowsRejected: rejects.rowCount }),
      problems: new MappingProblems(),
      preview: null,
    })
    return await writeCheckedRows(staging, await checkInput(staging, input, rejects), rejects)
  },
}

async function checkInput(staging: Staging, opened: LoadedInput, rejects: Rejects): Promise<CheckedInput> {
  const { session, request } = staging
  const { result: checked, input } = await withReadableInput(session, opened, (read) =>
    checkRows(staging, read, selectRowsWithMisfits),
  )
  requireAllRows(input, checked.rowCount + rejects.rowCount)
  const rows = await staging.runWithProgress('checking', () =>
    rejectRepeatedRows(session, request, { rows: checked, rejects }),
  )
  await listMisfits(session, request, { input, rows, rejects, checks: staging.checks })
  await completeRows(session, input, rejects)
  staging.report({ rowsRejected: rejects.rowCount })
  await input.discard()
  const { recordsFile } = request.rejects
  const savedRecords = await saveRejectedRecords({
    request,
    plan: input.plan,
    rejects,
    recordsFile,
    isTruncated: false,
  })
  return { rows, fieldUse: input.fieldUse, rowsRead: input.rowsRead ?? rows.rowCount, savedRecords }
}

/** A row that DuckDB missed would be lost silently. */
function requireAllRows({ rowsRead }: LoadedInput, rowCount: number): void {
  if (rowsRead !== null && rowsRead !== rowCount)
    throw new Error(`DuckDB read ${rowCount} of ${rowsRead} rows that were written for it`)
}
