import { toCell } from '@/components/table/rows/row-cell'
import type { Cell } from '@/components/ui/grid/grid-cell'
import type { Type } from '@/lib/iceberg/schema/types'
import type { CellValue } from '@/lib/scan/compare/change-summary'

/**
 * One value of a compared row. It does not open, so its text has the names of all fields.
 *
 * @param timeZone IANA name of the reader's zone
 */
export function toValueCell(type: Type, value: CellValue, timeZone: string): Cell {
  if (value === undefined) return { kind: 'null', text: 'null', title: 'The struct around it is null.' }
  const cell = toCell(type, value, timeZone)
  return cell.kind === 'nested' ? { ...cell, kind: 'value' } : cell
}

/** The old and the new value of a column that changed. */
export function toDifferenceCell(
  type: Type,
  { before, after }: { before: CellValue; after: CellValue },
  timeZone: string,
): Cell {
  const [old, current] = [toValueCell(type, before, timeZone), toValueCell(type, after, timeZone)]
  return {
    kind: 'value',
    tone: 'changed',
    text: `${old.text} → ${current.text}`,
    parts: type === 'string' ? markDifference(old.text, current.text) : markWhole(old.text, current.text),
    title: `was ${old.title ?? old.text}\nis ${current.title ?? current.text}`,
    copyText: `${old.copyText ?? old.text} → ${current.copyText ?? current.text}`,
  }
}

function markWhole(old: string, current: string): NonNullable<Cell['parts']> {
  return [
    { text: old, isQuiet: false, mark: 'old' },
    { text: current, isQuiet: false, mark: 'new' },
  ]
}

/** Texts that share less are shown whole. */
const MIN_SHARED_CHARS = 6

/** The old text struck, and next to it the new one; of long texts only the part that differs. */
export function markDifference(old: string, current: string): NonNullable<Cell['parts']> {
  const [a, b] = [Array.from(old), Array.from(current)]
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  if (start + end < MIN_SHARED_CHARS || 2 * (start + end) < Math.min(a.length, b.length)) return markWhole(old, current)
  const part = (text: readonly string[], mark?: 'old' | 'new') =>
    text.length === 0 ? [] : [{ text: text.join(''), isQuiet: false, ...(mark && { mark }) }]
  return [
    ...part(a.slice(0, start)),
    ...part(a.slice(start, a.length - end), 'old'),
    ...part(b.slice(start, b.length - end), 'new'),
    ...part(a.slice(a.length - end)),
  ]
}
