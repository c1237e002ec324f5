import {
  Binary,
  Bool,
  type Data,
  DataType,
  DateDay,
  Decimal,
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
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimeMicrosecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  Utf8,
} from 'apache-arrow'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { countNulls, packBits } from '../read/to-arrow'
import type { RowValue } from '../read/row-value'
import type { Vector } from '../read/vector'
import { vectorOf } from '../read/vector-of'
import { inColumn, type RowColumns, type RowEncoder } from './row-encoder'
import { NotTextError } from './value-json'

/**
 * Rows as an Arrow IPC stream. The schema follows from the columns alone, whatever their values are, without
 * dictionaries; each field has its id as `PARQUET:field_id`, unless ids are left out.
 *
 * | Iceberg type | Arrow |
 * |---|---|
 * | boolean, int, long, float, double, date, time | Bool, Int32, Int64, Float32, Float64, Date32, Time64(µs) |
 * | timestamp, timestamptz | Timestamp(µs), without zone and with zone UTC |
 * | timestamp_ns, timestamptz_ns | Timestamp(ns), without zone and with zone UTC |
 * | decimal(p, s) | Decimal128(p, s) |
 * | string, binary, fixed | Utf8, Binary, FixedSizeBinary |
 * | variant, geometry, geography | Utf8: JSON, well-known text |
 * | uuid | FixedSizeBinary(16) with the extension arrow.uuid |
 * | struct, list, map | Struct, List, Map |
 * | unknown | Null |
 *
 * Spec: Apache Arrow, *IPC Streaming Format*.
 */
export function createArrowEncoder(fields: readonly NestedField[], { hasFieldIds = true } = {}): RowEncoder {
  const schema = toArrowSchema(fields, hasFieldIds)
  const start = framesOf(schema, [])
  return {
    start: () => start.slice(),
    encode: (columns, rowCount) =>
      rowCount === 0
        ? new Uint8Array(0)
        : framesOf(schema, [toRecordBatch(schema, fields, columns, rowCount)]).subarray(start.length),
    end: () => END_OF_STREAM.slice(),
  }
}

/** A continuation marker and a length of 0. */
const END_OF_STREAM = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0)

/** The stream of the batches without its end. It begins with the schema. */
function framesOf(schema: Schema, batches: readonly RecordBatch[]): Uint8Array {
  const writer = new RecordBatchStreamWriter()
  writer.reset(undefined, schema)
  for (const batch of batches) writer.write(batch)
  const bytes = writer.finish().toUint8Array(true)
  return bytes.subarray(0, bytes.length - END_OF_STREAM.length)
}

export function toArrowSchema(fields: readonly NestedField[], hasFieldIds = true): Schema {
  return new Schema(fields.map((field) => toArrowField(field, { hasFieldIds })))
}

type NamedType = Pick<NestedField, 'id' | 'name' | 'type'>

/** Every field may be null: an older file may lack a field that the schema requires. */
function toArrowField(
  { id, name, type }: NamedType,
  { hasFieldIds, isNullable = true }: { hasFieldIds: boolean; isNullable?: boolean },
): Field {
  const metadata = new Map([
    ...(hasFieldIds ? [['PARQUET:field_id', String(id)] as const] : []),
    ...(type === 'uuid' ? UUID_METADATA : []),
  ])
  return new Field(name, toArrowType(type, hasFieldIds), isNullable, metadata)
}

const UUID_METADATA: readonly [string, string][] = [
  ['ARROW:extension:name', 'arrow.uuid'],
  ['ARROW:extension:metadata', ''],
]

function toArrowType(type: Type, hasFieldIds: boolean): DataType {
  if (typeof type === 'string') return toPrimitiveType(type)
  switch (type.type) {
    case 'struct':
      return new Struct(type.fields.map((field) => toArrowField(field, { hasFieldIds })))
    case 'list':
      return new List(toArrowField({ id: type.elementId, name: 'element', type: type.element }, { hasFieldIds }))
    case 'map': {
      const key = toArrowField({ id: type.keyId, name: 'key', type: type.key }, { hasFieldIds, isNullable: false })
      const value = toArrowField({ id: type.valueId, name: 'value', type: type.value }, { hasFieldIds })
      const entries = new Field('entries', new Struct<{ key: DataType; value: DataType }>([key, value]), false)
      return new Map_(entries)
    }
  }
}

function toPrimitiveType(type: PrimitiveType): DataType {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return new Bool()
    case 'int':
      return new Int32()
    case 'long':
      return new Int64()
    case 'float':
      return new Float32()
    case 'double':
      return new Float64()
    case 'date':
      return new DateDay()
    case 'time':
      return new TimeMicrosecond()
    case 'timestamp':
      return new TimestampMicrosecond()
    case 'timestamptz':
      return new TimestampMicrosecond('UTC')
    case 'timestamp_ns':
      return new TimestampNanosecond()
    case 'timestamptz_ns':
      return new TimestampNanosecond('UTC')
    case 'decimal':
      return new Decimal(primitive.scale, primitive.precision, 128)
    case 'uuid':
      return new FixedSizeBinary(16)
    case 'fixed':
      return new FixedSizeBinary(primitive.lengthBytes)
    case 'binary':
      return new Binary()
    case 'string':
    case 'variant':
    case 'geometry':
    case 'geography':
      return new Utf8()
    case 'unknown':
    case 'unrecognized':
      return new Null()
  }
}

function toRecordBatch(
  schema: Schema,
  fields: readonly NestedField[],
  columns: RowColumns,
  rowCount: number,
): RecordBatch {
  const children = fields.map((field, i) => {
    const values = columns.get(field.id) ?? []
    inColumn(field, () => requireText(field.type, values))
    return toData(vectorOf(field.type, values), schema.fields[i]?.type ?? new Null())
  })
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rowCount, nullCount: 0, children }),
  )
}

/** Arrow's text is UTF-8; a reader returns other texts as bytes. */
function requireText(type: Type, values: readonly (RowValue | null)[]): void {
  if (typeof type === 'string') {
    const isText = DataType.isUtf8(toPrimitiveType(type))
    if (isText && values.some((value) => value instanceof Uint8Array)) throw new NotTextError()
    return
  }
  const items = values.map((value): readonly (RowValue | null)[] => (Array.isArray(value) ? value : []))
  switch (type.type) {
    case 'struct':
      return type.fields.forEach((field, at) =>
        requireText(
          field.type,
          items.map((item) => item[at] ?? null),
        ),
      )
    case 'list':
      return requireText(type.element, items.flat() as RowValue[])
    case 'map':
      return items.forEach((entries) =>
        entries.forEach((entry) => {
          const [key = null, value = null] = Array.isArray(entry) ? (entry as readonly (RowValue | null)[]) : []
          requireText(type.key, [key])
          requireText(type.value, [value])
        }),
      )
  }
}

/** @param vector as `vectorOf` returns it for an Iceberg type of this Arrow type */
function toData(vector: Vector, type: DataType): Data {
  const { length } = vector
  if (vector.kind === 'constant') return makeData({ type: new Null(), length, nullCount: length })
  const nullBitmap = vector.validity
  const common = { type, length, nullBitmap, nullCount: countNulls(length, nullBitmap) }
  const childType = (index: number) => (type.children?.[index] as Field | undefined)?.type ?? new Null()
  switch (vector.kind) {
    case 'boolean':
      return makeData({ ...common, data: packBits(vector.data) } as never)
    case 'int32':
    case 'int64':
    case 'float32':
    case 'float64':
      return makeData({ ...common, data: vector.data } as never)
    case 'int128': {
      const { data } = vector
      const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength / 4)
      return makeData({ ...common, data: words } as never)
    }
    case 'fixed':
      return makeData({ ...common, data: vector.bytes } as never)
    case 'bytes':
      return makeData({ ...common, valueOffsets: vector.offsets, data: vector.bytes } as never)
    case 'struct':
      return makeData({ ...common, children: vector.fields.map((field, i) => toData(field, childType(i))) } as never)
    case 'list':
      return makeData({ ...common, valueOffsets: vector.offsets, child: toData(vector.element, childType(0)) } as never)
    case 'map': {
      const entries = childType(0)
      const child = toData(
        { kind: 'struct', length: vector.key.length, validity: null, fields: [vector.key, vector.value] },
        entries,
      )
      return makeData({ ...common, valueOffsets: vector.offsets, child } as never)
    }
    case 'dictionary':
      throw new Error('values are not a dictionary')
  }
}
