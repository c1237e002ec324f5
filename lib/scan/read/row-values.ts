import type { Type, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from './row-value'
import { bytesAt } from './to-table-type'
import { isValid, type Vector } from './vector'

export type { RowValue } from './row-value'

/** Gets the value of a row; null is a null. */
export type ValueGetter = (index: number) => RowValue | null

/** The memory of an entry of a list or of a field of a struct. */
const ENTRY_BYTES = 8

/**
 * Reads values of a vector one by one. Strings that are not UTF-8 are returned as bytes, so that they are shown as they
 * are, without replacement characters.
 *
 * @param reserveValueBytes gets the size of strings, bytes and entries before they are created, and throws if that is
 *   too much
 */
export function createValueGetter(vector: Vector, type: Type, reserveValueBytes: (bytes: number) => void): ValueGetter {
  switch (vector.kind) {
    case 'constant':
      return () => vector.value
    case 'boolean':
      return orNull(vector.validity, (i) => vector.data[i] === 1)
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return orNull(vector.validity, (i) => vector.data[i] ?? 0)
    case 'int128':
      return orNull(
        vector.validity,
        (i) => ((vector.data[2 * i + 1] ?? 0n) << 64n) | BigInt.asUintN(64, vector.data[2 * i] ?? 0n),
      )
    case 'fixed':
    case 'bytes':
    case 'dictionary': {
      const convert = isText(type) ? toText : type === 'uuid' ? formatUuid : copyBytes
      return orNull(vector.validity, (i) => {
        const bytes = bytesAt(vector, i)
        reserveValueBytes(bytes.length)
        return convert(bytes)
      })
    }
    case 'struct': {
      const types = typeof type !== 'string' && type.type === 'struct' ? type.fields.map((field) => field.type) : []
      const getters = vector.fields.map((field, i) =>
        createValueGetter(field, types[i] ?? 'unknown', reserveValueBytes),
      )
      return orNull(vector.validity, (i) => {
        reserveValueBytes(getters.length * ENTRY_BYTES)
        return getters.map((getter) => getter(i))
      })
    }
    case 'list': {
      const elementType = typeof type !== 'string' && type.type === 'list' ? type.element : 'unknown'
      const element = createValueGetter(vector.element, elementType, reserveValueBytes)
      return orNull(vector.validity, (i) => entriesOf(vector.offsets, i, element))
    }
    case 'map': {
      const isMap = typeof type !== 'string' && type.type === 'map'
      const key = createValueGetter(vector.key, isMap ? type.key : 'unknown', reserveValueBytes)
      const value = createValueGetter(vector.value, isMap ? type.value : 'unknown', reserveValueBytes)
      return orNull(vector.validity, (i) => entriesOf(vector.offsets, i, (entry) => [key(entry), value(entry)]))
    }
  }

  function entriesOf(offsets: Int32Array, index: number, entryAt: ValueGetter): (RowValue | null)[] {
    const [start, end] = [offsets[index] ?? 0, offsets[index + 1] ?? 0]
    reserveValueBytes((end - start) * ENTRY_BYTES)
    return Array.from({ length: end - start }, (_, entry) => entryAt(start + entry))
  }
}

function orNull(validity: Uint8Array | null, get: (index: number) => RowValue): ValueGetter {
  return validity === null ? get : (index) => (isValid(validity, index) ? get(index) : null)
}

// A byte order mark is part of the value.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Variants are JSON and geometries well-known text. */
function isText(type: Type): boolean {
  return typeof type === 'string' && /^(string|variant|geometry|geography)/.test(type)
}

function toText(bytes: Uint8Array): Value {
  try {
    return UTF8.decode(bytes)
  } catch {
    return bytes.slice()
  }
}

function copyBytes(bytes: Uint8Array): Value {
  return bytes.slice()
}

function formatUuid(bytes: Uint8Array): Value {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
