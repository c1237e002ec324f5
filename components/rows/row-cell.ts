import type { Cell, GridColumn } from '@/components/ui/grid/grid-cell'
import type { AppError } from '@/lib/errors'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { formatPercent } from '@/lib/format/percent'
import { typeLabel } from '@/lib/iceberg/schema/schema'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/column-reader'
import { lineText, valueJson, valueText } from '@/lib/scan/value-text'
import { columnWidth } from './column-width'

/** A cell shows at most this much of a value, because megabytes in one line block the browser. A copy has all of it. */
const MAX_DRAWN_CHARS = 10_000

/** A value of a row as a cell of the grid. */
export function toCell(type: Type, value: RowValue | null): Cell {
  if (value === null) return { kind: 'null', text: 'null' }
  if (value === '') return { kind: 'empty', text: 'empty' }
  if (typeof type !== 'string') {
    const text = lineText(type, value)
    return { kind: 'nested', text, title: text, copyText: valueJson(type, value) }
  }
  if (typeof value === 'object' && !(value instanceof Uint8Array)) return { kind: 'failed', text: '–' }
  if ((typeof value === 'string' || value instanceof Uint8Array) && value.length > MAX_DRAWN_CHARS) {
    return truncatedCell(type, value)
  }
  const text = valueText(type, value)
  if (type === 'string' && value instanceof Uint8Array) {
    return { kind: 'value', text, title: `Not UTF-8, shown as bytes: ${text}` }
  }
  return { kind: value === 0 || value === 0n ? (isTime(type) ? 'value' : 'zero') : 'value', text }
}

/** A cell with the beginning of a long value. The full text is built only for a copy. */
function truncatedCell(type: PrimitiveType, value: string | Uint8Array): Cell {
  const size = typeof value === 'string' ? `${formatCount(value.length)} characters` : formatBytes(value.length)
  return {
    kind: 'value',
    text: `${valueText(type, value.slice(0, MAX_DRAWN_CHARS))}…`,
    title: `The first ${formatCount(MAX_DRAWN_CHARS)} of ${size}. Copy the cell for the full value.`,
    get copyText() {
      return valueText(type, value)
    },
  }
}

/** A cell whose file cannot be read. */
export function failedCell(error: AppError): Cell {
  return { kind: 'failed', text: '–', title: error.message }
}

/** A column of the schema as a column of the grid. Its key is the field id. */
export function toGridColumn(field: NestedField, nullShare: number | null): GridColumn {
  const header = {
    name: field.name,
    typeLabel: typeLabel(field.type),
    ...(nullShare !== null && { note: `${nullShare === 0 ? '0%' : formatPercent(nullShare)} null` }),
  }
  return {
    key: String(field.id),
    ...header,
    align: isNumber(field.type) ? 'right' : 'left',
    width: columnWidth({ ...header, type: field.type }),
    ...(isMono(field.type) && { mono: true }),
  }
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

function isMono(type: Type): boolean {
  return typeof type === 'string' && (isTime(type) || type === 'uuid' || type === 'binary' || type.startsWith('fixed'))
}
