import { failedCell, toGridColumn } from '@/components/table/rows/row-cell'
import type { Cell, GridColumn } from '@/components/ui/grid/grid-cell'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import type { ChangeKind } from '@/lib/scan/compare/match-rows'
import type { ChangedValue } from '@/lib/scan/compare/snapshot-comparison'
import { toLiteral } from '@/lib/scan/predicate/literal'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import { predicateToText } from '@/lib/scan/predicate/predicate-text'
import { isUnreadable, unreadableError } from '@/lib/scan/read/unreadable-cell'
import { columnName } from './column-name'
import { toDifferenceCell, toValueCell } from './difference-cell'
import type { ChangedRow } from './use-changed-rows'

/** The column that says whether a row is in, out or changed. */
export const KIND_COLUMN: GridColumn = { key: 'change', name: '±', typeLabel: '', align: 'left', width: 56 }

const KIND_TEXTS: Record<ChangeKind, string> = { in: '+', out: '−', changed: '~' }
const TONES = { in: 'added', out: 'removed' } as const

/** Old and new value side by side need more room than one. */
const CHANGED_WIDTH_SHARE = 1.5
const MAX_CHANGED_PX = 360

/** @param changedCount rows in which the column changed; null if rows have no key, or for a column of one side */
export function toChangedColumn(column: ShownColumn, changedCount: number | null): GridColumn {
  const field = { id: column.fieldId, name: columnName(column), required: false, type: column.type }
  const gridColumn = toGridColumn(field)
  return {
    ...gridColumn,
    key: column.key,
    ...(changedCount !== null &&
      changedCount > 0 && {
        note: formatCount(changedCount),
        noteReason: `changed in ${formatCount(changedCount)} rows`,
      }),
    ...(column.side !== 'both' && { note: column.side === 'after' ? 'added' : 'removed' }),
    ...(changedCount !== null &&
      changedCount > 0 && { width: Math.min(MAX_CHANGED_PX, Math.ceil(gridColumn.width * CHANGED_WIDTH_SHARE)) }),
  }
}

/** @param opensHistory whether the row has a key, by which its history is found */
export function toKindCell(row: ChangedRow | AppError | undefined, opensHistory = false): Cell | undefined {
  if (row === undefined) return undefined
  if (row instanceof AppError) return failedCell(row)
  const kind = row.rows.kinds[row.index] ?? 'changed'
  const tone = kind === 'changed' ? null : TONES[kind]
  const label = tone ?? kind
  const title = opensHistory ? `${label}: show the history of this row` : label
  return {
    kind: opensHistory ? 'nested' : 'value',
    text: KIND_TEXTS[kind],
    copyText: kind,
    title,
    ...(tone && { tone }),
  }
}

/** Longer conditions do not fit into an address. */
const MAX_CONDITION_CHARS = 1_500

/** The condition that names a row by its key; null if it cannot be written. */
export function rowCondition(
  row: ChangedRow | AppError | undefined,
  keyColumns: readonly ShownColumn[],
): string | null {
  if (row === undefined || row instanceof AppError || keyColumns.length === 0) return null
  const { kinds, before, after } = row.rows
  const side = kinds[row.index] === 'out' ? before : after
  const parts: Predicate[] = []
  for (const column of keyColumns) {
    const value = side.get(column.key)?.[row.index] ?? null
    if (typeof column.type !== 'string' || (typeof value === 'object' && value !== null)) return null
    const name = columnName(column)
    if (value === null) parts.push({ kind: 'is-null', column: name })
    else if (Number.isNaN(value)) parts.push({ kind: 'is-nan', column: name })
    else parts.push({ kind: 'eq', column: name, value: toLiteral(column.type, value) })
  }
  const text = predicateToText({ kind: 'and', parts })
  return text.length > MAX_CONDITION_CHARS ? null : text
}

/**
 * The cell of a row of a comparison: one value, or the old and the new one.
 *
 * @param timeZone IANA name of the reader's zone
 */
export function toChangedCell(
  column: ShownColumn,
  row: ChangedRow | AppError | undefined,
  timeZone: string,
): Cell | undefined {
  if (row === undefined) return undefined
  if (row instanceof AppError) return failedCell(row)
  const { rows, index } = row
  const kind = rows.kinds[index] ?? 'changed'
  const sideCell = (value: ChangedValue, isMissing: boolean) => toSideCell(column, value, { isMissing, timeZone })
  const before = rows.before.get(column.key)?.[index]
  const after = rows.after.get(column.key)?.[index]
  if (kind === 'in') return { ...sideCell(after, column.side === 'before'), tone: 'added' }
  if (kind === 'out') return { ...sideCell(before, column.side === 'after'), tone: 'removed' }
  if (column.side !== 'both') return sideCell(column.side === 'after' ? after : before, false)
  const isChanged = rows.isChanged.get(column.key)?.[index] === true
  if (!isChanged || isUnreadable(before) || isUnreadable(after)) return sideCell(after, false)
  return toDifferenceCell(column.type, { before, after }, timeZone)
}

/** @param options.isMissing whether that side has no such column */
function toSideCell(
  { type }: ShownColumn,
  value: ChangedValue,
  { isMissing, timeZone }: { isMissing: boolean; timeZone: string },
): Cell {
  if (isMissing) return { kind: 'zero', text: '–', copyText: '', title: 'The snapshot has no such column.' }
  return isUnreadable(value) ? failedCell(unreadableError(value)) : toValueCell(type, value, timeZone)
}
