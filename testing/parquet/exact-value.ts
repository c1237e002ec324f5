import type { Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'

/** A value in the form of `testing/parquet-corpus/exact_values.py`. */
export type ExactValue = null | boolean | string | readonly ExactValue[]

export function toExactValue(type: Type, value: RowValue | null): ExactValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value
  if (value instanceof Uint8Array) return toHex(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'number') return type === 'float' || type === 'double' ? doubleBits(value) : String(value)
  const items = value
  if (typeof type === 'string') throw new Error(`a ${type} cannot be a list`)
  switch (type.type) {
    case 'struct':
      return type.fields.map((field, i) => toExactValue(field.type, items[i] ?? null))
    case 'list':
      return items.map((item) => toExactValue(type.element, item))
    case 'map':
      return items.map((entry) => {
        const [key = null, item = null] = entry as readonly (RowValue | null)[]
        return [toExactValue(type.key, key), toExactValue(type.value, item)]
      })
  }
}

function doubleBits(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setFloat64(0, value)
  return toHex(bytes)
}

/** Without Node's buffers, because it also runs in a browser. */
function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
