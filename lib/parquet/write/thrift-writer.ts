import { ByteWriter } from './byte-writer'

/**
 * Values of Thrift's compact protocol, with the integer types that strict readers expect.
 *
 * Spec: Apache Thrift, *thrift-compact-protocol.md*.
 */
export type ThriftValue =
  | { type: 'boolean'; value: boolean }
  | { type: 'i8' | 'i16' | 'i32' | 'i64'; value: number }
  | { type: 'bytes'; value: Uint8Array }
  | { type: 'list'; element: ThriftValue['type']; items: readonly ThriftValue[] }
  | { type: 'struct'; fields: ThriftFields }

/** Values by field number, in ascending order. */
export type ThriftFields = Readonly<Record<number, ThriftValue | undefined>>

const encoder = new TextEncoder()

export const thriftBoolean = (value: boolean): ThriftValue => ({ type: 'boolean', value })
export const i8 = (value: number): ThriftValue => ({ type: 'i8', value })
export const i16 = (value: number): ThriftValue => ({ type: 'i16', value })
export const i32 = (value: number): ThriftValue => ({ type: 'i32', value })
export const i64 = (value: number): ThriftValue => ({ type: 'i64', value })
export const thriftBytes = (value: Uint8Array): ThriftValue => ({ type: 'bytes', value })
export const thriftText = (value: string): ThriftValue => thriftBytes(encoder.encode(value))
export const thriftStruct = (fields: ThriftFields): ThriftValue => ({ type: 'struct', fields })
export const thriftList = (element: ThriftValue['type'], items: readonly ThriftValue[]): ThriftValue => ({
  type: 'list',
  element,
  items,
})

const TRUE = 1
const FALSE = 2
/** A list of booleans has the type of `true`, and a byte for each of them. */
const TYPE_NUMBERS = { boolean: TRUE, i8: 3, i16: 4, i32: 5, i64: 6, bytes: 8, list: 9, struct: 12 } as const
const MAX_SHORT_STEP = 15
const MAX_SHORT_LIST = 14

/** Most structs are headers and indexes of a few bytes, for each of which new memory would take longer than writing it. */
const reused = new ByteWriter()
const MAX_REUSED_BYTES = 64 * 1024

export function writeThriftStruct(fields: ThriftFields): Uint8Array {
  reused.clear(MAX_REUSED_BYTES)
  writeStruct(reused, fields)
  return reused.written().slice()
}

function writeStruct(out: ByteWriter, fields: ThriftFields): void {
  let last = 0
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue
    const field = Number(key)
    const type = value.type === 'boolean' ? (value.value ? TRUE : FALSE) : TYPE_NUMBERS[value.type]
    const step = field - last
    if (step <= MAX_SHORT_STEP) out.byte((step << 4) | type)
    else {
      out.byte(type)
      writeZigzag(out, field)
    }
    last = field
    // A boolean is in the header of its field.
    if (value.type !== 'boolean') writeValue(out, value)
  }
  out.byte(0)
}

function writeValue(out: ByteWriter, value: ThriftValue): void {
  switch (value.type) {
    case 'boolean':
      return out.byte(value.value ? TRUE : FALSE)
    case 'i8':
      return out.byte(value.value)
    case 'i16':
    case 'i32':
    case 'i64':
      return writeZigzag(out, value.value)
    case 'bytes':
      out.varint(value.value.length)
      return out.bytes(value.value)
    case 'struct':
      return writeStruct(out, value.fields)
    case 'list': {
      const { length } = value.items
      const type = TYPE_NUMBERS[value.element]
      if (length <= MAX_SHORT_LIST) out.byte((length << 4) | type)
      else {
        out.byte(0xf0 | type)
        out.varint(length)
      }
      for (const item of value.items) writeValue(out, item)
    }
  }
}

/** Up to 2^52: offsets of files. */
function writeZigzag(out: ByteWriter, value: number): void {
  out.varint(value < 0 ? -2 * value - 1 : 2 * value)
}
