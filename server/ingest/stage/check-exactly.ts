import 'server-only'
import { misfitReason } from '@/lib/ingest/text-value'
import type { Type } from '@/lib/iceberg/schema/types'
import { openExactInput } from '../input/load-input'
import { MAX_REJECTS_WRITTEN, Rejects } from '../input/rejects'
import type { Staging } from './staging'
import type { StagingStrategy } from './staging-strategy'
import { checkRows, type CheckedInput, writeCheckedRows } from './write-checked-rows'

/**
 * Our own reader rewrites a text, so that each row has its line and unreadable rows are rejected before DuckDB checks the
 * others. Every row that does not fit is found, listed, and left out if that many may be rejected.
 */
export const checkExactly: StagingStrategy = {
  appliesTo: () => true,

  async stage(staging) {
    const rejects = new Rejects()
    return await writeCheckedRows(staging, await readExactly(staging, rejects), rejects)
  },
}

async function readExactly(staging: Staging, rejects: Rejects): Promise<CheckedInput> {
  const { schema } = staging.request
  const input = await openExactInput(staging.session, staging.request, {
    rejects,
    onProgress: (bytesRead, rowsRead) => staging.report({ phase: 'reading', bytesRead, rowsRead }),
  })
  const rows = await checkRows(staging, input)
  await input.discard()
  const misfitCount = await rows.countMisfits()
  const listed = misfitCount === 0 ? [] : await rows.readMisfits(MAX_REJECTS_WRITTEN)
  for (const { line, columnIndex, text } of listed) {
    const field = schema.fields[columnIndex]
    if (!field) throw new RangeError(`the schema has no field ${columnIndex}`)
    rejects.add({ line, column: field.name, value: text, reason: rejectionReason(field.type, text) })
  }
  rejects.rowCount += misfitCount
  return { rows, rowsRead: input.rowsRead ?? rows.rowCount }
}

function rejectionReason(type: Type, value: string | null): string {
  if (value === null) return 'is null, and the table requires a value'
  if (typeof type !== 'string') return 'does not fit its nested type exactly'
  return misfitReason(type, value) ?? `cannot be held exactly by ${type}`
}
