import { toBigEndian } from '@/lib/iceberg/schema/single-value'
import { fromHex } from '@/lib/iceberg/schema/byte-text'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { ByteWriter } from '@/lib/parquet/write/byte-writer'
import {
  i32,
  type ThriftFields,
  type ThriftValue,
  thriftBoolean,
  thriftStruct,
} from '@/lib/parquet/write/thrift-writer'
import type { RowValue } from '../read/row-value'
import { NotTextError } from './value-json'

/** Physical types by name, as numbered in `parquet.thrift`. */
export const PHYSICAL = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, bytes: 6, fixed: 7 } as const

/** How Parquet stores an Iceberg type. */
type Stored = {
  physical: keyof typeof PHYSICAL
  /** The members of the schema element for the type, by field of `SchemaElement`. */
  element: ThriftFields
  write: (value: RowValue, to: ByteWriter) => void
}

const EMPTY = thriftStruct({})

/** Spec: Iceberg table spec, appendix A, *Parquet*. Variants and geometries are text. */
export function toStored(type: PrimitiveType): Stored {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return { physical: 'boolean', element: {}, write: () => undefined }
    case 'int':
      return { physical: 'int32', element: {}, write: (value, to) => to.int32(Number(value)) }
    case 'date':
      return { ...logical(6, EMPTY, 6), physical: 'int32', write: (value, to) => to.int32(Number(value)) }
    case 'long':
      return { physical: 'int64', element: {}, write: writeInt64 }
    case 'float':
      return { physical: 'float', element: {}, write: (value, to) => to.float32(Number(value)) }
    case 'double':
      return { physical: 'double', element: {}, write: (value, to) => to.float64(Number(value)) }
    case 'time':
      return { ...logical(7, timeType(false, MICROS)), physical: 'int64', write: writeInt64 }
    case 'timestamp':
    case 'timestamptz':
      return { ...logical(8, timeType(primitive.kind === 'timestamptz', MICROS)), physical: 'int64', write: writeInt64 }
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return {
        ...logical(8, timeType(primitive.kind === 'timestamptz_ns', NANOS)),
        physical: 'int64',
        write: writeInt64,
      }
    case 'decimal':
      return toStoredDecimal(primitive)
    case 'uuid':
      return {
        physical: 'fixed',
        element: { 2: i32(16), ...logical(14, EMPTY).element },
        write: (value, to) => to.bytes(fromHex(String(value).replaceAll('-', ''))),
      }
    case 'fixed':
      return {
        physical: 'fixed',
        element: { 2: i32(primitive.lengthBytes) },
        write: (value, to) => to.bytes(toBytes(value)),
      }
    case 'binary':
      return { physical: 'bytes', element: {}, write: (value, to) => writeByteArray(toBytes(value), to) }
    case 'string':
    case 'variant':
    case 'geometry':
    case 'geography':
      return { ...logical(1, EMPTY, 0), physical: 'bytes', write: writeText }
    case 'unknown':
    case 'unrecognized':
      return { ...logical(11, EMPTY), physical: 'int32', write: () => undefined }
  }
}

const MICROS = 2
const NANOS = 3

function timeType(isAdjustedToUtc: boolean, unit: number): ThriftValue {
  return thriftStruct({ 1: thriftBoolean(isAdjustedToUtc), 2: thriftStruct({ [unit]: EMPTY }) })
}

function logical(number: number, value: ThriftValue, convertedType: number | null = null): { element: ThriftFields } {
  return {
    element: { ...(convertedType !== null && { 6: i32(convertedType) }), 10: thriftStruct({ [number]: value }) },
  }
}

function toStoredDecimal({ precision, scale }: { precision: number; scale: number }): Stored {
  const type = thriftStruct({ 1: i32(scale), 2: i32(precision) })
  const element = { 6: i32(5), 7: i32(scale), 8: i32(precision), 10: thriftStruct({ 5: type }) }
  if (precision <= 9) return { physical: 'int32', element, write: (value, to) => to.int32(Number(value)) }
  if (precision <= 18) return { physical: 'int64', element, write: writeInt64 }
  const lengthBytes = toBigEndian(10n ** BigInt(precision) - 1n).length
  return {
    physical: 'fixed',
    element: { 2: i32(lengthBytes), ...element },
    write: (value, to) => {
      const bytes = toBigEndian(toBigInt(value))
      const sign = toBigInt(value) < 0n ? 0xff : 0
      for (let i = bytes.length; i < lengthBytes; i++) to.byte(sign)
      to.bytes(bytes)
    },
  }
}

function writeInt64(value: RowValue, to: ByteWriter): void {
  to.int64(toBigInt(value))
}

function writeText(value: RowValue, to: ByteWriter): void {
  if (typeof value !== 'string') throw new NotTextError()
  writeByteArray(new TextEncoder().encode(value), to)
}

function writeByteArray(bytes: Uint8Array, to: ByteWriter): void {
  to.int32(bytes.length)
  to.bytes(bytes)
}

function toBigInt(value: RowValue): bigint {
  if (typeof value !== 'bigint') throw new Error(`a value is a ${typeof value}, not a bigint`)
  return value
}

function toBytes(value: RowValue): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new Error(`a value is a ${typeof value}, not bytes`)
  return value
}
