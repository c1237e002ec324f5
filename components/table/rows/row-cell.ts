import type { Cell, GridColumn } from '@/components/ui/grid/grid-cell'
import type { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { mayHaveInvisible, visibleParts, visibleText } from '@/lib/format/visible-text'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { isJsonContainer } from '@/lib/scan/json-members'
import type { RowValue } from '@/lib/scan/read/row-values'
import { lineParts, valueJson, valueText } from '@/lib/scan/value-text'
import { columnWidth } from './columns/column-width'

/** A cell shows at most this much of a value, because megabytes in one line block the browser. A copy has all of it. */
const MAX_DRAWN_CHARS = 10_000
/** For a variant with members, which opens as a tree. */
const MAX_VARIANT_CHARS = 400
const LINE_BREAK = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/
const LINE_BREAK_MARK = '↵'
const MAX_DRAWN_LINES = 20

/**
 * A value of a row as a cell of the grid.
 *
 * @param timeZone IANA name of the reader's zone, in which instants are shown and copied
 */
export function toCell(type: Type, value: RowValue | null, timeZone: string): Cell {
  if (value === null) return { kind: 'null', text: 'null' }
  if (value === '') return { kind: 'empty', text: 'empty' }
  if (typeof type !== 'string') return nestedCell(type, value, timeZone)
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return { kind: 'failed', text: '–' }
  if (type === 'variant' && typeof value === 'string' && isJsonContainer(value)) {
    const text = value.length > MAX_VARIANT_CHARS ? `${value.slice(0, MAX_VARIANT_CHARS)}…` : value
    return { kind: 'nested', ...oneLine(text), title: visibleText(text), copyText: value }
  }
  if ((typeof value === 'string' || value instanceof Uint8Array) && value.length > MAX_DRAWN_CHARS) {
    return truncatedCell(type, value, timeZone)
  }
  const text = valueText(type, value, timeZone)
  if (type === 'string' && value instanceof Uint8Array) {
    return { kind: 'value', text, title: `Not UTF-8, shown as bytes: ${text}` }
  }
  if (typeof value === 'string' && (LINE_BREAK.test(text) || mayHaveInvisible(text))) {
    return { kind: 'value', ...oneLine(text), title: visibleText(text), copyText: text }
  }
  return { kind: value === 0 || value === 0n ? (isTime(type) ? 'value' : 'zero') : 'value', text }
}

/** The text of a value with its line breaks, for a view with room for more than one line. */
export function blockText(value: RowValue | null, cell: Cell): string {
  return cell.kind === 'value' && typeof value === 'string' ? beginning(value) : cell.text
}

function nestedCell(type: Type, value: RowValue, timeZone: string): Cell {
  const parts = lineParts(type, value, timeZone).flatMap(({ text: piece, isQuiet }) =>
    visibleParts(piece).map((part) => (isQuiet ? { ...part, isQuiet } : part)),
  )
  const text = parts.map((part) => part.text).join('')
  return {
    kind: 'nested',
    text,
    parts,
    title: text,
    get copyText() {
      return valueJson(type, value, timeZone)
    },
  }
}

/** The text on one line, with a quiet mark for each line break and for each character that would not be drawn. */
function oneLine(text: string): Pick<Cell, 'text' | 'parts'> {
  const lines = text.split(LINE_BREAK)
  // A cell has no room for more; an element for each of thousands of lines would slow the grid down.
  const drawnLines = [...lines.slice(0, MAX_DRAWN_LINES), ...(lines.length > MAX_DRAWN_LINES ? ['…'] : [])]
  const parts = drawnLines.flatMap((line, i) => [
    ...(i === 0 ? [] : [{ text: LINE_BREAK_MARK, isQuiet: true }]),
    ...(line === '' ? [] : visibleParts(line)),
  ])
  return { text: visibleText(lines.join(LINE_BREAK_MARK)), ...(isPlain(parts) ? {} : { parts }) }
}

function isPlain(parts: readonly { isQuiet: boolean }[]): boolean {
  return parts.length === 1 && parts[0]?.isQuiet === false
}

function beginning(text: string): string {
  return text.length > MAX_DRAWN_CHARS ? `${text.slice(0, MAX_DRAWN_CHARS)}…` : text
}

/** A cell with the beginning of a long value. The full text is built only for a copy. */
function truncatedCell(type: PrimitiveType, value: string | Uint8Array, timeZone: string): Cell {
  const size = typeof value === 'string' ? `${formatCount(value.length)} characters` : formatBytes(value.length)
  const text = `${valueText(type, value.slice(0, MAX_DRAWN_CHARS), timeZone)}…`
  return {
    kind: 'value',
    ...oneLine(text),
    title: `The first ${formatCount(MAX_DRAWN_CHARS)} of ${size}. Copy the cell for the full value.`,
    get copyText() {
      return valueText(type, value, timeZone)
    },
  }
}

/** A cell whose file cannot be read. */
export function failedCell(error: AppError): Cell {
  return { kind: 'failed', text: '–', title: error.message }
}

/**
 * The share of nulls in a column: 0 to 1, null if some files have no counts for it, or why it is not known. `loading`
 * until it is.
 */
export type NullShare = number | null | 'loading' | { unknownBecause: string }

/** The width of a column does not change when its share of nulls becomes known. */
const WIDEST_NOTE = '99.9% null'

/**
 * A column of the schema as a column of the grid. Its key is the field id.
 *
 * @param nullShare undefined if there are no rows
 * @param hasDeletes whether the snapshot has delete files: rows that they delete are part of the share
 */
export function toGridColumn(field: NestedField, nullShare?: NullShare, hasDeletes = false): GridColumn {
  const header = { name: field.name, typeLabel: typeLabel(field.type) }
  const hasNote = nullShare !== undefined
  return {
    key: String(field.id),
    ...header,
    ...(hasNote && nullShare !== 'loading' && nullNote(field.type, nullShare, hasDeletes)),
    align: isNumber(field.type) ? 'right' : 'left',
    width: columnWidth({ ...header, type: field.type, ...(hasNote && { note: WIDEST_NOTE }) }),
    ...(isMono(field.type) && { mono: true }),
  }
}

function nullNote(
  type: Type,
  nullShare: Exclude<NullShare, 'loading'>,
  hasDeletes: boolean,
): Pick<GridColumn, 'note' | 'noteReason'> {
  if (typeof nullShare === 'number') {
    const note = `${formatPercent(nullShare)} null`
    return { note, ...(hasDeletes && { noteReason: `${note}, deleted rows included` }) }
  }
  const reason =
    typeof type === 'string'
      ? (nullShare?.unknownBecause ?? 'some files have no null count for this column')
      : 'Iceberg counts nulls of primitive columns only'
  return { note: '– null', noteReason: `Null share unknown: ${reason}` }
}

function isTime(type: Type): boolean {
  return typeof type === 'string' && (type === 'date' || type.startsWith('time'))
}

function isNumber(type: Type): boolean {
  return type === 'int' || type === 'long' || type === 'float' || type === 'double' || isDecimal(type)
}

function isDecimal(type: Type): boolean {
  return typeof type === 'string' && type.startsWith('decimal')
}

/** Whether values are set in mono: times, ids and bytes. */
export function isMono(type: Type): boolean {
  return typeof type === 'string' && (isTime(type) || type === 'uuid' || type === 'binary' || type.startsWith('fixed'))
}
