import { toHex } from '@/lib/iceberg/schema/byte-text'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from './column-reader'

/** Longer values are cut on one line; the whole is a click away. */
const MAX_LINE_CHARS = 400

/**
 * One value of a primitive type as it is shown in a grid and copied from it: exact, and never localised. Times read
 * `2001-03-06 09:03:00`, bytes are in hexadecimal.
 */
export function valueText(type: PrimitiveType, value: Value): string {
  // A string column whose bytes are not UTF-8 has them instead.
  if (value instanceof Uint8Array) return `0x${toHex(value)}`
  // A text already: strings, UUIDs, and what DuckDB answers where a date is infinite.
  if (typeof value === 'string') return value
  const text = formatValue(type, value)
  return type.startsWith('timestamp') ? text.replace('T', ' ') : text
}

/** Any value on one line: `tail N121UA taxi {28, 12}`, `[B14, B16]`, `{a: 1}`. Cut where it is long. */
export function lineText(type: Type, value: RowValue): string {
  const parts: string[] = []
  let length = 0
  const append = (text: string): boolean => {
    parts.push(text)
    length += text.length
    return length <= MAX_LINE_CHARS
  }
  const isComplete = isPrimitive(value) ? append(primitiveText(type, value)) : writeTopLevel(type, value, append)
  const line = parts.join('')
  return isComplete ? line : `${line.slice(0, MAX_LINE_CHARS)}…`
}

type Append = (text: string) => boolean
type Nested = readonly (RowValue | null)[]

function isPrimitive(value: RowValue): value is Value {
  return typeof value !== 'object' || value instanceof Uint8Array
}

function primitiveText(type: Type, value: Value): string {
  return typeof type === 'string' ? valueText(type, value) : String(value)
}

/** A struct at the top says its names; inside another value its values alone. */
function writeTopLevel(type: Type, value: Nested, append: Append): boolean {
  if (typeof type === 'string' || type.type !== 'struct') return write(type, value, append)
  return type.fields.every(
    (field, i) => append(`${i === 0 ? '' : ' '}${field.name} `) && write(field.type, value[i] ?? null, append),
  )
}

/** False as soon as the line is full. */
function write(type: Type, value: RowValue | null, append: Append): boolean {
  if (value === null) return append('null')
  if (isPrimitive(value)) return append(primitiveText(type, value))
  if (typeof type === 'string') return true
  switch (type.type) {
    case 'struct':
      return (
        append('{') &&
        type.fields.every((field, i) => append(i === 0 ? '' : ', ') && write(field.type, value[i] ?? null, append)) &&
        append('}')
      )
    case 'list':
      return (
        append('[') &&
        value.every((item, i) => append(i === 0 ? '' : ', ') && write(type.element, item, append)) &&
        append(']')
      )
    case 'map':
      return (
        append('{') &&
        value.every((entry, i) => {
          const [key, item] = toMapEntry(entry)
          return (
            append(i === 0 ? '' : ', ') &&
            write(type.key, key, append) &&
            append(': ') &&
            write(type.value, item, append)
          )
        }) &&
        append('}')
      )
  }
}

/** A map's entry, as `column-reader` gives it. */
export function toMapEntry(entry: RowValue | null): readonly [RowValue | null, RowValue | null] {
  if (!Array.isArray(entry)) return [null, null]
  const [key, value] = entry as Nested
  return [key ?? null, value ?? null]
}

/**
 * The value as JSON text for copying. Numbers keep all their digits; a map whose keys are text is an object, any
 * other a list of `{"key", "value"}`; bytes and times are text.
 */
export function valueJson(type: Type, value: RowValue | null): string {
  if (value === null) return 'null'
  if (isPrimitive(value)) return primitiveJson(type, value)
  if (typeof type === 'string') return 'null'
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map(
        (field, i) => `${JSON.stringify(field.name)}: ${valueJson(field.type, value[i] ?? null)}`,
      )
      return `{${fields.join(', ')}}`
    }
    case 'list':
      return `[${value.map((item) => valueJson(type.element, item)).join(', ')}]`
    case 'map': {
      const entries = value.map(toMapEntry)
      if (type.key === 'string' && entries.every(([key]) => typeof key === 'string')) {
        return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${valueJson(type.value, item)}`).join(', ')}}`
      }
      return `[${entries.map(([key, item]) => `{"key": ${valueJson(type.key, key)}, "value": ${valueJson(type.value, item)}}`).join(', ')}]`
    }
  }
}

function primitiveJson(type: Type, value: Value): string {
  if (typeof value === 'boolean') return String(value)
  const text = primitiveText(type, value)
  const isNumber = type === 'int' || type === 'long' || type === 'float' || type === 'double' || isDecimal(type)
  // NaN and the infinities are no JSON numbers.
  return isNumber && /^-?\d/.test(text) ? text : JSON.stringify(text)
}

function isDecimal(type: Type): boolean {
  return typeof type === 'string' && type.startsWith('decimal')
}
