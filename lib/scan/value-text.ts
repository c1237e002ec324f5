import { toHex } from '@/lib/iceberg/schema/byte-text'
import { formatValue, MICROS_PER_SECOND, NANOS_PER_SECOND } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import { zonedTimestampText } from '@/lib/iceberg/schema/zoned-time'
import type { RowValue } from './read/row-values'

/** Longer values are truncated on one line; a click shows the whole value. */
const MAX_LINE_CHARS = 400

/**
 * One value of a primitive type as shown in a grid and copied from it: exact, and never localized. Timestamps read
 * `2001-03-06 09:03:00`, timestamps with a zone `2001-03-06 10:03:00+01:00`, bytes are hexadecimal.
 *
 * @param timeZone IANA name of the zone in which instants are shown: the reader's, `UTC` for exports
 */
export function valueText(type: PrimitiveType, value: Value, timeZone: string): string {
  // A string column has bytes instead of text if they are not UTF-8.
  if (value instanceof Uint8Array) return `0x${toHex(value)}`
  // Already text: strings, UUIDs, and what DuckDB returns for an infinite date.
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' && isInstant(type) && timeZone !== 'UTC') {
    return zonedTimestampText(value, timeZone, type === 'timestamptz_ns' ? NANOS_PER_SECOND : MICROS_PER_SECOND)
  }
  const text = formatValue(type, value)
  return type.startsWith('timestamp') ? text.replace('T', ' ') : text
}

/** Whether values of a type, or members of them, are instants. They are shown in the reader's time zone. */
export function hasInstants(type: Type): boolean {
  if (typeof type === 'string') return isInstant(type)
  switch (type.type) {
    case 'struct':
      return type.fields.some((field) => hasInstants(field.type))
    case 'list':
      return hasInstants(type.element)
    case 'map':
      return hasInstants(type.key) || hasInstants(type.value)
  }
}

function isInstant(type: PrimitiveType): boolean {
  return type === 'timestamptz' || type === 'timestamptz_ns'
}

/** A piece of a line. Names of fields are quiet, so that they differ from values. */
export type LinePart = { text: string; isQuiet: boolean }

/** Any value on one line: `tail "N121UA", taxi {out 28, in 12}`, `["B14", "B16"]`, `{"a": 1}`. Truncated when it is long. */
export function lineText(type: Type, value: RowValue, timeZone: string): string {
  return lineParts(type, value, timeZone)
    .map(({ text }) => text)
    .join('')
}

/** The pieces of {@link lineText}; neighbours differ in `isQuiet`. */
export function lineParts(type: Type, value: RowValue, timeZone: string): LinePart[] {
  const parts: LinePart[] = []
  let length = 0
  const append: Append = (text, isQuiet = false) => {
    const room = MAX_LINE_CHARS - length
    const retained = text.length > room ? `${text.slice(0, room)}…` : text
    const last = parts.at(-1)
    if (last?.isQuiet === isQuiet) last.text += retained
    else parts.push({ text: retained, isQuiet })
    length += text.length
    return length <= MAX_LINE_CHARS
  }
  if (isPrimitive(value)) append(primitiveText(type, value, timeZone))
  else writeTopLevel(type, value, { append, timeZone })
  return parts
}

type Append = (text: string, isQuiet?: boolean) => boolean
type LineWriter = { append: Append; timeZone: string }
type Nested = readonly (RowValue | null)[]

function isPrimitive(value: RowValue): value is Value {
  return typeof value !== 'object' || value instanceof Uint8Array
}

function primitiveText(type: Type, value: Value, timeZone: string): string {
  return typeof type === 'string' ? valueText(type, value, timeZone) : String(value)
}

/** A struct at the top has no braces around its fields. */
function writeTopLevel(type: Type, value: Nested, writer: LineWriter): boolean {
  const { append } = writer
  if (typeof type === 'string' || type.type !== 'struct') return write(type, value, writer)
  return type.fields.every(
    (field, i) =>
      (i === 0 || append(', ')) && append(`${field.name} `, true) && write(field.type, value[i] ?? null, writer),
  )
}

/** Returns false as soon as the line is full. */
function write(type: Type, value: RowValue | null, writer: LineWriter): boolean {
  const { append, timeZone } = writer
  if (value === null) return append('null')
  if (isPrimitive(value)) return append(quotedText(type, value, timeZone))
  if (typeof type === 'string') return true
  switch (type.type) {
    case 'struct':
      return (
        append('{') &&
        type.fields.every(
          (field, i) =>
            append(i === 0 ? '' : ', ') &&
            append(`${field.name} `, true) &&
            write(field.type, value[i] ?? null, writer),
        ) &&
        append('}')
      )
    case 'list':
      return (
        append('[') &&
        value.every((item, i) => append(i === 0 ? '' : ', ') && write(type.element, item, writer)) &&
        append(']')
      )
    case 'map':
      return (
        append('{') &&
        value.every((entry, i) => {
          const [key, item] = toMapEntry(entry)
          return (
            append(i === 0 ? '' : ', ') &&
            write(type.key, key, writer) &&
            append(': ') &&
            write(type.value, item, writer)
          )
        }) &&
        append('}')
      )
  }
}

/** Text inside a nested value has quotes, so that commas and the word `null` in it cannot be mistaken. */
function quotedText(type: Type, value: Value, timeZone: string): string {
  // Quoting megabytes to show a line of them would take long.
  return (type === 'string' || isGeometry(type)) && typeof value === 'string'
    ? JSON.stringify(value.length > MAX_LINE_CHARS ? value.slice(0, MAX_LINE_CHARS + 1) : value)
    : primitiveText(type, value, timeZone)
}

/** An entry of a map, as `column-reader` returns it. */
export function toMapEntry(entry: RowValue | null): readonly [RowValue | null, RowValue | null] {
  if (!Array.isArray(entry)) return [null, null]
  const [key, value] = entry as Nested
  return [key ?? null, value ?? null]
}

/**
 * The value as JSON text for copying. Numbers keep all their digits. A map with string keys is an object, any other map
 * a list of `{"key", "value"}`. Bytes, dates and times are text.
 */
export function valueJson(type: Type, value: RowValue | null, timeZone: string): string {
  if (value === null) return 'null'
  if (isPrimitive(value)) return primitiveJson(type, value, timeZone)
  if (typeof type === 'string') return 'null'
  switch (type.type) {
    case 'struct': {
      const fields = type.fields.map(
        (field, i) => `${JSON.stringify(field.name)}: ${valueJson(field.type, value[i] ?? null, timeZone)}`,
      )
      return `{${fields.join(', ')}}`
    }
    case 'list':
      return `[${value.map((item) => valueJson(type.element, item, timeZone)).join(', ')}]`
    case 'map': {
      const entries = value.map(toMapEntry)
      if (type.key === 'string' && entries.every(([key]) => typeof key === 'string')) {
        return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${valueJson(type.value, item, timeZone)}`).join(', ')}}`
      }
      return `[${entries.map(([key, item]) => `{"key": ${valueJson(type.key, key, timeZone)}, "value": ${valueJson(type.value, item, timeZone)}}`).join(', ')}]`
    }
  }
}

function primitiveJson(type: Type, value: Value, timeZone: string): string {
  // A variant is JSON itself.
  if (typeof value === 'boolean' || type === 'variant') return String(value)
  const text = primitiveText(type, value, timeZone)
  const isNumber = type === 'int' || type === 'long' || type === 'float' || type === 'double' || isDecimal(type)
  // NaN and the infinities are not valid JSON numbers.
  return isNumber && /^-?\d/.test(text) ? text : JSON.stringify(text)
}

function isGeometry(type: Type): boolean {
  return typeof type === 'string' && /^geo(metry|graphy)/.test(type)
}

function isDecimal(type: Type): boolean {
  return typeof type === 'string' && type.startsWith('decimal')
}
