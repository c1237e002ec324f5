import {
  Binary,
  Bool,
  type Data,
  type DataType,
  DateDay,
  Decimal,
  Dictionary,
  Field,
  FixedSizeBinary,
  Float32,
  Float64,
  Int32,
  Int64,
  List,
  makeData,
  Map_,
  Null,
  RecordBatch,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  Utf8,
  Vector as ArrowVector,
} from 'apache-arrow'
import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { RowValue } from './row-value'
import { isValid, type Vector } from './vector'
import { vectorOf } from './vector-of'

/**
 * Vectors of the table's types as a batch of Arrow, for the engines. Fixed-width values are not copied.
 *
 * | Iceberg type | Arrow |
 * |---|---|
 * | boolean, int, long, float, double, date, time | Bool, Int32, Int64, Float32, Float64, Date32, Time64(µs) |
 * | timestamp, timestamptz | Timestamp(µs), without zone and with zone UTC |
 * | timestamp_ns | Timestamp(ns) without zone |
 * | timestamptz_ns | Utf8, `2023-05-15T14:30:45.123456789+00:00`: DuckDB has no such type |
 * | decimal(p, s) | Decimal128(p, s) |
 * | string, binary, fixed | Utf8, Binary, FixedSizeBinary; dictionaries stay dictionaries |
 * | variant, geometry, geography | Utf8: JSON, well-known text |
 * | uuid | FixedSizeBinary(16) with the extension arrow.uuid |
 * | unknown, and columns without a value in any row | Null |
 */
export function toArrowBatch(
  fields: readonly NestedField[],
  columns: readonly Vector[],
  rowCount: number,
): RecordBatch {
  const children = columns.map((column, i) => toArrowColumn(fieldAt(fields, i), column))
  const schema = new Schema(children.map(({ field }) => field))
  const type = new Struct(schema.fields)
  return new RecordBatch(
    schema,
    makeData({ type, length: rowCount, nullCount: 0, children: children.map(({ data }) => data) }),
  )
}

const MAX_UNPACKED_BYTES = 512 * 1024 * 1024

type ArrowColumn = { field: Field; data: Data }

function fieldAt(fields: readonly NestedField[], index: number): NestedField {
  const field = fields[index]
  if (!field) throw new Error('there are more columns than fields')
  return field
}

/** @param isRepeated whether it is inside a list or a map */
function toArrowColumn({ name, type }: { name: string; type: Type }, vector: Vector, isRepeated = false): ArrowColumn {
  const data = toArrowData(isRepeated ? unpackDictionary(vector) : vector, type, isRepeated)
  // DuckDB in the browser reads nulls without a type as UUIDs of zeros inside a struct if the field is marked as one.
  const isUuid = type === 'uuid' && data.type instanceof FixedSizeBinary
  return { field: new Field(name, data.type, true, isUuid ? UUID_METADATA : null), data }
}

const UUID_METADATA = new Map([
  ['ARROW:extension:name', 'arrow.uuid'],
  ['ARROW:extension:metadata', ''],
])

function toArrowData(vector: Vector, type: Type, isRepeated = false): Data {
  if (vector.kind === 'constant') return repeatValue(vector.value, vector.length, type)
  const { length, validity: nullBitmap } = vector
  const common = { length, nullBitmap, nullCount: countNulls(vector.length, nullBitmap) }
  switch (vector.kind) {
    case 'boolean':
      return makeData({ ...common, type: new Bool(), data: packBits(vector.data) })
    case 'int32':
      return makeData({ ...common, type: type === 'date' ? new DateDay() : new Int32(), data: vector.data } as never)
    case 'int64':
      if (type === 'timestamptz_ns') return toTexts(vector.data, common, type)
      return makeData({ ...common, type: toInt64Type(type), data: vector.data } as never)
    case 'float32':
      return makeData({ ...common, type: new Float32(), data: vector.data })
    case 'float64':
      return makeData({ ...common, type: new Float64(), data: vector.data })
    case 'int128': {
      const { data } = vector
      const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)
      return makeData({ ...common, type: toDecimalType(type), data: words })
    }
    case 'fixed':
      return makeData({ ...common, type: new FixedSizeBinary(vector.widthBytes), data: vector.bytes })
    case 'bytes':
      return makeData({ ...common, type: toBytesType(type), valueOffsets: vector.offsets, data: vector.bytes } as never)
    case 'dictionary': {
      const dictionary = toArrowData(vector.dictionary, type)
      const dictionaryType = new Dictionary(dictionary.type, new Int32())
      return makeData({
        ...common,
        type: dictionaryType,
        data: vector.indexes,
        dictionary: new ArrowVector([dictionary]),
      })
    }
    case 'struct': {
      const fields = typeof type !== 'string' && type.type === 'struct' ? type.fields : []
      const children = vector.fields.map((child, i) => toArrowColumn(fieldAt(fields, i), child, isRepeated))
      const structType = new Struct(children.map(({ field }) => field))
      return makeData({ ...common, type: structType, children: children.map(({ data }) => data) })
    }
    case 'list': {
      const element = toArrowColumn({ name: 'element', type: elementTypeOf(type) }, vector.element, true)
      return makeData({
        ...common,
        type: new List(element.field),
        valueOffsets: vector.offsets,
        child: element.data,
      })
    }
    case 'map': {
      const [keyType, valueType] = entryTypesOf(type)
      const key = toArrowColumn({ name: 'key', type: keyType }, vector.key, true)
      const value = toArrowColumn({ name: 'value', type: valueType }, vector.value, true)
      const entryType = new Struct([key.field.clone({ nullable: false }), value.field])
      const entries = makeData({
        type: entryType,
        length: vector.key.length,
        nullCount: 0,
        children: [key.data, value.data],
      })
      const entriesField = new Field('entries', entryType, false)
      return makeData({
        ...common,
        type: new Map_(entriesField as never),
        valueOffsets: vector.offsets,
        child: entries as never,
      })
    }
  }
}

/**
 * The values themselves. If no row that DuckDB reads at once has an element, it takes the dictionary of a list's
 * elements for a list, and its database is then invalid.
 *
 * @throws {AppError} too-large
 */
function unpackDictionary(vector: Vector): Vector {
  if (vector.kind !== 'dictionary') return vector
  const { length, validity, indexes, dictionary } = vector
  const offsets = new Int32Array(length + 1)
  let totalBytes = 0
  for (let i = 0; i < length; i++) {
    if (validity === null || isValid(validity, i)) {
      const index = indexes[i] ?? 0
      totalBytes += (dictionary.offsets[index + 1] ?? 0) - (dictionary.offsets[index] ?? 0)
    }
    if (totalBytes > MAX_UNPACKED_BYTES) {
      throw new AppError('too-large', 'The texts in the lists of a row group are larger than can be read at once.', {
        facts: { limitBytes: MAX_UNPACKED_BYTES },
      })
    }
    offsets[i + 1] = totalBytes
  }
  const bytes = new Uint8Array(totalBytes)
  for (let i = 0; i < length; i++) {
    const start = offsets[i] ?? 0
    if (offsets[i + 1] === start) continue
    const index = indexes[i] ?? 0
    bytes.set(dictionary.bytes.subarray(dictionary.offsets[index], dictionary.offsets[index + 1]), start)
  }
  return { kind: 'bytes', length, validity, offsets, bytes }
}

/** The values as text. */
function toTexts(
  values: BigInt64Array,
  { length, nullBitmap, nullCount }: { length: number; nullBitmap: Uint8Array | null; nullCount: number },
  type: PrimitiveType,
): Data {
  const valueOffsets = new Int32Array(length + 1)
  const texts: string[] = []
  for (let i = 0, end = 0; i < length; i++) {
    const text = nullBitmap !== null && !isValid(nullBitmap, i) ? '' : formatValue(type, values[i] ?? 0n)
    // One byte a character: digits and punctuation.
    end += text.length
    texts.push(text)
    valueOffsets[i + 1] = end
  }
  const data = new TextEncoder().encode(texts.join(''))
  return makeData({ type: new Utf8(), length, nullBitmap, nullCount, valueOffsets, data })
}

function elementTypeOf(type: Type): Type {
  return typeof type !== 'string' && type.type === 'list' ? type.element : 'unknown'
}

function entryTypesOf(type: Type): [key: Type, value: Type] {
  return typeof type !== 'string' && type.type === 'map' ? [type.key, type.value] : ['unknown', 'unknown']
}

function toInt64Type(type: Type): DataType {
  switch (type) {
    case 'time':
      return new TimeMicrosecond()
    case 'timestamp':
      return new TimestampMicrosecond()
    case 'timestamptz':
      return new TimestampMicrosecond('UTC')
    case 'timestamp_ns':
      return new TimestampNanosecond()
    default:
      return new Int64()
  }
}

function toBytesType(type: Type): DataType {
  return type === 'binary' || (typeof type === 'string' && type.startsWith('fixed')) ? new Binary() : new Utf8()
}

function toDecimalType(type: Type): Decimal {
  const primitive = typeof type === 'string' ? parsePrimitive(type) : null
  if (primitive?.kind !== 'decimal') throw new Error('a vector of decimals is not of a decimal type')
  return new Decimal(primitive.scale, primitive.precision, 128)
}

/** A value that is the same in every row. Nulls take no memory; strings and binaries are a dictionary of one. */
function repeatValue(value: RowValue | null, length: number, type: Type): Data {
  if (value === null) return makeData({ type: new Null(), length, nullCount: length })
  if (typeof type !== 'string') return toArrowData(repeatNested(value, length, type), type)
  const one = vectorOf(type, [value])
  if (one.kind === 'bytes') {
    return toArrowData(
      { kind: 'dictionary', length, validity: null, indexes: new Int32Array(length), dictionary: one },
      type,
    )
  }
  return toArrowData(repeatFixedWidth(one, length), type)
}

function repeatNested(value: RowValue, length: number, type: Exclude<Type, string>): Vector {
  const items: readonly (RowValue | null)[] = Array.isArray(value) ? value : []
  if (type.type !== 'struct') return vectorOf(type, new Array<RowValue>(length).fill(value))
  const fields = type.fields.map((_, i): Vector => ({ kind: 'constant', length, value: items[i] ?? null }))
  return { kind: 'struct', length, validity: null, fields }
}

function repeatFixedWidth(one: Vector, length: number): Vector {
  const common = { length, validity: null }
  switch (one.kind) {
    case 'boolean':
      return { ...common, kind: 'boolean', data: new Uint8Array(length).fill(one.data[0] ?? 0) }
    case 'int32':
      return { ...common, kind: 'int32', data: new Int32Array(length).fill(one.data[0] ?? 0) }
    case 'int64':
      return { ...common, kind: 'int64', data: new BigInt64Array(length).fill(one.data[0] ?? 0n) }
    case 'float32':
      return { ...common, kind: 'float32', data: new Float32Array(length).fill(one.data[0] ?? 0) }
    case 'float64':
      return { ...common, kind: 'float64', data: new Float64Array(length).fill(one.data[0] ?? 0) }
    case 'int128': {
      const data = new BigInt64Array(2 * length)
      for (let i = 0; i < data.length; i++) data[i] = one.data[i % 2] ?? 0n
      return { ...common, kind: 'int128', data }
    }
    case 'fixed': {
      const { widthBytes } = one
      const bytes = new Uint8Array(widthBytes * length)
      for (let i = 0; i < length; i++) bytes.set(one.bytes, i * widthBytes)
      return { ...common, kind: 'fixed', widthBytes, bytes }
    }
    default:
      throw new Error(`a value of one row is a ${one.kind} vector`)
  }
}

export function countNulls(length: number, validity: Uint8Array | null): number {
  if (validity === null) return 0
  let count = 0
  for (let i = 0; i < length; i++) if (!isValid(validity, i)) count++
  return count
}

export function packBits(data: Uint8Array): Uint8Array {
  const bits = new Uint8Array((data.length + 7) >> 3)
  for (let i = 0; i < data.length; i++) if (data[i] === 1) bits[i >> 3] = (bits[i >> 3] ?? 0) | (1 << (i & 7))
  return bits
}
