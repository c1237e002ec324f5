import { encodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from './row-value'
import { ValidityBuilder, type Vector } from './vector'

const UUID_BYTES = 16

type Values = readonly (RowValue | null)[]

/** Values, such as a default or the values of some rows, as a vector of their type. */
export function vectorOf(type: Type, values: Values): Vector {
  const { length } = values
  const nulls = new ValidityBuilder(length)
  values.forEach((value, i) => value === null && nulls.setNull(i))
  const common = { length, validity: nulls.finish() }
  if (typeof type === 'string') return primitiveVector(type, values, common)
  switch (type.type) {
    case 'struct':
      return {
        ...common,
        kind: 'struct',
        fields: type.fields.map((field, at) =>
          vectorOf(
            field.type,
            values.map((value) => itemsOf(value)[at] ?? null),
          ),
        ),
      }
    case 'list':
      return {
        ...common,
        kind: 'list',
        offsets: offsetsOf(values),
        element: vectorOf(type.element, values.flatMap(itemsOf)),
      }
    case 'map': {
      const entries = values.flatMap(itemsOf).map(itemsOf)
      return {
        ...common,
        kind: 'map',
        offsets: offsetsOf(values),
        key: vectorOf(
          type.key,
          entries.map(([key = null]) => key),
        ),
        value: vectorOf(
          type.value,
          entries.map(([, value = null]) => value),
        ),
      }
    }
  }
}

type Common = { length: number; validity: Uint8Array | null }

function primitiveVector(type: PrimitiveType, values: Values, common: Common): Vector {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'unknown':
      return { kind: 'constant', length: common.length, value: null }
    case 'boolean':
      return { ...common, kind: 'boolean', data: Uint8Array.from(values, (value) => (value === true ? 1 : 0)) }
    case 'int':
    case 'date':
      return { ...common, kind: 'int32', data: Int32Array.from(values, (value) => Number(value ?? 0)) }
    case 'float':
      return { ...common, kind: 'float32', data: Float32Array.from(values, (value) => Number(value ?? 0)) }
    case 'double':
      return { ...common, kind: 'float64', data: Float64Array.from(values, (value) => Number(value ?? 0)) }
    case 'decimal': {
      const data = BigInt64Array.from(values.map(toBigInt).flatMap((value) => [value, value >> 64n]))
      return { ...common, kind: 'int128', data }
    }
    case 'uuid':
    case 'fixed': {
      const encoded = values.map((value) => encodeValue(type, value))
      const widthBytes = primitive.kind === 'fixed' ? primitive.lengthBytes : UUID_BYTES
      const bytes = new Uint8Array(widthBytes * values.length)
      encoded.forEach((value, i) => bytes.set(value, i * widthBytes))
      return { ...common, kind: 'fixed', widthBytes, bytes }
    }
    case 'string':
    case 'binary':
    case 'variant':
    case 'geometry':
    case 'geography': {
      return { ...common, kind: 'bytes', ...encodeValues(type, values) }
    }
    default:
      return { ...common, kind: 'int64', data: BigInt64Array.from(values, toBigInt) }
  }
}

/** UTF-8 takes at most three bytes for each unit of a JavaScript string. */
const MAX_UNIT_BYTES = 3

/** Values of different lengths, one after the other: an array for each would be much work for the garbage collector. */
function encodeValues(type: PrimitiveType, values: Values): { offsets: Int32Array; bytes: Uint8Array } {
  const encoder = new TextEncoder()
  const offsets = new Int32Array(values.length + 1)
  let bytes = new Uint8Array(0)
  let end = 0
  const reserve = (lengthBytes: number) => {
    if (end + lengthBytes <= bytes.length) return
    const grown = new Uint8Array(Math.max(2 * bytes.length, end + lengthBytes))
    grown.set(bytes)
    bytes = grown
  }
  values.forEach((value, i) => {
    if (typeof value === 'string') {
      reserve(MAX_UNIT_BYTES * value.length)
      end += encoder.encodeInto(value, bytes.subarray(end)).written
    } else {
      const encoded = encodeValue(type, value)
      reserve(encoded.length)
      bytes.set(encoded, end)
      end += encoded.length
    }
    offsets[i + 1] = end
  })
  return { offsets, bytes: bytes.slice(0, end) }
}

function encodeValue(type: PrimitiveType, value: RowValue | null): Uint8Array {
  if (value === null) return new Uint8Array(0)
  if (typeof value === 'object' && !(value instanceof Uint8Array)) throw new Error(`a nested value is not a ${type}`)
  return typeof value === 'string' && type !== 'uuid' ? new TextEncoder().encode(value) : encodeSingleValue(type, value)
}

function toBigInt(value: RowValue | null): bigint {
  if (value === null) return 0n
  if (typeof value !== 'bigint') throw new Error(`a value is a ${typeof value}, not a bigint`)
  return value
}

function itemsOf(value: RowValue | null): Values {
  return Array.isArray(value) ? value : []
}

function offsetsOf(values: Values): Int32Array {
  return toOffsets(values.map((value) => itemsOf(value).length))
}

function toOffsets(lengths: readonly number[]): Int32Array {
  const offsets = new Int32Array(lengths.length + 1)
  lengths.forEach((length, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + length
  })
  return offsets
}
