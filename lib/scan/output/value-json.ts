import { toHex } from '@/lib/iceberg/schema/byte-text'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Type, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'

/** A string column has a value that is not UTF-8, which readers return as bytes. */
export class NotTextError extends Error {}

/** A primitive value as text, and whether JSON writes it without quotes. */
export type PrimitiveText = { text: string; isJson: boolean }

/**
 * A value as JSON text, on one line. Numbers have all their digits, so a long is a JSON number beyond 2^53, too.
 * Decimals, dates, times, timestamps and UUIDs are text, bytes hexadecimal text, and so are NaN and the infinities,
 * which JSON lacks. A struct is an object by the names of its fields, a map with text keys an object by its keys, any
 * other map a list of `[key, value]`, a variant its own JSON, and a geometry well-known text.
 *
 * Spec: Iceberg table spec, appendix D, *JSON single-value serialization*, which has the ids of a struct's fields and two
 * lists for a map.
 *
 * @throws {NotTextError}
 */
export function valueToJson(type: Type, value: RowValue | null): string {
  if (value === null) return 'null'
  if (typeof type === 'string') {
    const { text, isJson } = primitiveText(type, value)
    if (!isJson) return JSON.stringify(text)
    // With a point, because some parsers read other numbers as integers, which have no negative zero.
    return (type === 'float' || type === 'double') && /^-?\d+$/.test(text) ? `${text}.0` : text
  }
  const items = itemsOf(value)
  switch (type.type) {
    case 'struct': {
      const members = type.fields.map(
        (field, i) => `${JSON.stringify(field.name)}:${valueToJson(field.type, items[i] ?? null)}`,
      )
      return `{${members.join(',')}}`
    }
    case 'list':
      return `[${items.map((item) => valueToJson(type.element, item)).join(',')}]`
    case 'map': {
      const entries = items.map((entry) => {
        const [key = null, item = null] = itemsOf(entry)
        return [valueToJson(type.key, key), valueToJson(type.value, item)] as const
      })
      // A file may have a key twice, which the reader of an object would lose.
      const hasTextKeys = type.key === 'string' && new Set(entries.map(([key]) => key)).size === entries.length
      return hasTextKeys
        ? `{${entries.map(([key, item]) => `${key}:${item}`).join(',')}}`
        : `[${entries.map(([key, item]) => `[${key},${item}]`).join(',')}]`
    }
  }
}

/** @throws {NotTextError} */
export function primitiveText(type: PrimitiveType, value: RowValue): PrimitiveText {
  if (!isPrimitive(value)) throw new Error(`a nested value is not a ${type}`)
  const { kind } = parsePrimitive(type)
  if (value instanceof Uint8Array) {
    if (kind === 'binary' || kind === 'fixed') return { text: toHex(value), isJson: false }
    throw new NotTextError()
  }
  if (typeof value === 'string') return { text: value, isJson: kind === 'variant' }
  const text = formatValue(type, value)
  return { text, isJson: typeof value === 'boolean' || (isNumber(kind) && /\d$/.test(text)) }
}

function isNumber(kind: string): boolean {
  return kind === 'int' || kind === 'long' || kind === 'float' || kind === 'double'
}

function isPrimitive(value: RowValue): value is Value {
  return typeof value !== 'object' || value instanceof Uint8Array
}

function itemsOf(value: RowValue | null): readonly (RowValue | null)[] {
  return Array.isArray(value) ? value : []
}
