import { type PanelValue, toPanelValue } from '@/components/table/rows/detail/panel-value'
import { AppError } from '@/lib/errors'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import { isUnreadable } from '@/lib/scan/read/unreadable-cell'
import { columnName } from './column-name'
import type { ChangedRow } from './use-changed-rows'

export type Side = 'before' | 'after'
export type SidesOfValue = Partial<Record<Side, PanelValue>>

/** The values of a cell that have members, by the snapshot; null if neither has. */
export function sidesOfValue(column: ShownColumn, row: ChangedRow | AppError | undefined): SidesOfValue | null {
  if (row === undefined || row instanceof AppError) return null
  const { rows, index } = row
  const valueOf = (side: Side) => {
    const value = rows[side].get(column.key)?.[index] ?? null
    return isUnreadable(value) ? null : toPanelValue(columnName(column), column.type, value)
  }
  const [before, after] = [valueOf('before'), valueOf('after')]
  if (before === null && after === null) return null
  return { ...(before && { before }), ...(after && { after }) }
}
