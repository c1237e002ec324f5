import 'server-only'
import { openDirectInput } from './load-input'
import { Rejects } from '../input/rejects'
import { selectStagedRowsOrFail } from '../input/checked-rows'
import type { StagedRows } from '../input/staged-rows'
import { NO_RECORDS } from '../stage-request'
import { findRepeatedRows } from './repeated-rows'
import type { Staging } from './staging'
import { isRowError, type StagingStrategy } from './staging-strategy'
import { streamRows } from './stream-rows'
import { checkRows, type CheckedInput, writeCheckedRows } from './write-checked-rows'

/**
 * DuckDB reads the input itself into checked rows, from which partitions are written. It does not know the line of a
 * row, so it stops at the first that does not fit: `checkExactly` has to find it.
 */
export const checkDirectly: StagingStrategy = {
  way: 'checked',

  // A row that ends a stream would end this one, too.
  appliesTo: (facts) => !facts.needsRewriting && !streamRows.appliesTo(facts),

  async stage(staging) {
    const checked = await readDirectly(staging)
    return checked && (await writeCheckedRows(staging, checked, new Rejects()))
  },
}

async function readDirectly(staging: Staging): Promise<CheckedInput | null> {
  const input = await openDirectInput(staging.session, staging.request)
  if (input === null) return null
  try {
    const rows = await checkRows(staging, input, selectStagedRowsOrFail)
    if ((await input.isExact(rows.rowCount)) && !(await hasRepeatedRows(staging, rows)))
      return { rows, fieldUse: input.fieldUse, rowsRead: rows.rowCount, savedRecords: NO_RECORDS }
    await rows.discard()
    return null
  } catch (error) {
    if (isRowError(error)) return null
    throw error
  }
}

async function hasRepeatedRows(staging: Staging, rows: StagedRows): Promise<boolean> {
  const repeats = await staging.runWithProgress('checking', () =>
    findRepeatedRows(staging.session, staging.request, rows),
  )
  return repeats.length > 0
}
