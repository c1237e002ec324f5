import { DamagedParquet } from './errors'

/**
 * Thrift's compact protocol, read only, as used by Parquet's footers, page headers and indexes.
 *
 * Spec: Apache Thrift, *thrift-compact-protocol.md*. Depth and number of values are limited, because the lengths come
 * from the file and may be wrong.
 */

const STOP = 0
const TRUE = 1
const FALSE = 2
const I8 = 3
const I16 = 4
const I32 = 5
const I64 = 6
const DOUBLE = 7
const BINARY = 8
const LIST = 9
const SET = 10
const STRUCT = 12

/** Parquet's deepest structure has about ten levels. */
const MAX_DEPTH = 24
/** A footer of 2,000 columns × 1,000 row groups has about 40 million. */
const MAX_VALUES = 50_000_000

/** A name may begin with U+FEFF, which is not a byte order mark in Thrift. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true })

type ThriftValue = boolean | number | Uint8Array | ThriftStruct | ThriftValue[]

/** A struct by field number. The getters throw {@link DamagedParquet} if a field does not have the requested type. */
export class ThriftStruct {
  readonly #fields: (ThriftValue | undefined)[] = []
  #boolOffsets: Map<number, number> | undefined

  set(field: number, value: ThriftValue): void {
    this.#fields[field] = value
  }

  setBool(field: number, value: boolean, offset: number): void {
    this.#fields[field] = value
    this.#boolOffsets ??= new Map()
    this.#boolOffsets.set(field, offset)
  }

  /** Offset of a boolean in the bytes: the lower four bits there are 1 for true and 2 for false. */
  boolOffset(field: number): number | undefined {
    return this.#boolOffsets?.get(field)
  }

  has(field: number): boolean {
    return this.#fields[field] !== undefined
  }

  bool(field: number): boolean | undefined {
    const value = this.#fields[field]
    if (value === undefined || typeof value === 'boolean') return value
    throw new DamagedParquet(`field ${field} of a struct is not a boolean`)
  }

  /** An integer within ±2^53; `undefined` if the field is missing. */
  int(field: number): number | undefined {
    const value = this.#fields[field]
    if (value === undefined || (typeof value === 'number' && Number.isSafeInteger(value))) return value
    throw new DamagedParquet(`field ${field} of a struct is not an integer below 2^53`)
  }

  /** A required integer that is not negative: a count, a length, an offset. */
  count(field: number, name: string): number {
    const value = this.int(field)
    if (value === undefined) throw new DamagedParquet(`${name} is missing`)
    if (value < 0) throw new DamagedParquet(`${name} is negative (${value})`)
    return value
  }

  bytes(field: number): Uint8Array | undefined {
    const value = this.#fields[field]
    if (value === undefined || value instanceof Uint8Array) return value
    throw new DamagedParquet(`field ${field} of a struct is not a string of bytes`)
  }

  text(field: number): string | undefined {
    const value = this.bytes(field)
    return value && UTF8.decode(value)
  }

  struct(field: number): ThriftStruct | undefined {
    const value = this.#fields[field]
    if (value === undefined || value instanceof ThriftStruct) return value
    throw new DamagedParquet(`field ${field} of a struct is not a struct`)
  }

  structs(field: number): ThriftStruct[] | undefined {
    return this.#list(field)?.map((item) => {
      if (item instanceof ThriftStruct) return item
      throw new DamagedParquet(`field ${field} is not a list of structs`)
    })
  }

  ints(field: number): number[] | undefined {
    return this.#list(field)?.map((item) => {
      if (typeof item === 'number') return item
      throw new DamagedParquet(`field ${field} is not a list of integers`)
    })
  }

  bools(field: number): boolean[] | undefined {
    return this.#list(field)?.map((item) => {
      if (typeof item === 'boolean') return item
      throw new DamagedParquet(`field ${field} is not a list of booleans`)
    })
  }

  bytesList(field: number): Uint8Array[] | undefined {
    return this.#list(field)?.map((item) => {
      if (item instanceof Uint8Array) return item
      throw new DamagedParquet(`field ${field} is not a list of strings`)
    })
  }

  #list(field: number): ThriftValue[] | undefined {
    const value = this.#fields[field]
    if (value === undefined || Array.isArray(value)) return value
    throw new DamagedParquet(`field ${field} of a struct is not a list`)
  }
}

/**
 * Reads one struct at `start`.
 *
 * @returns the struct and where it ends in `bytes`
 */
export function readThrift(bytes: Uint8Array, start = 0): { struct: ThriftStruct; end: number } {
  const reader = new CompactReader(bytes, start)
  const struct = reader.struct(0)
  return { struct, end: reader.offset }
}

class CompactReader {
  offset: number
  readonly #bytes: Uint8Array
  #valuesLeft = MAX_VALUES

  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes
    this.offset = offset
  }

  struct(depth: number): ThriftStruct {
    if (depth > MAX_DEPTH) throw new DamagedParquet(`structs nest deeper than ${MAX_DEPTH}`)
    const struct = new ThriftStruct()
    let field = 0
    for (;;) {
      const at = this.offset
      const header = this.#byte()
      const type = header & 0x0f
      if (type === STOP) return struct
      field = header >> 4 ? field + (header >> 4) : this.#zigzag()
      if (field < 0 || field > 32_767) throw new DamagedParquet(`a struct has the field number ${field}`)
      if (type === TRUE || type === FALSE) struct.setBool(field, type === TRUE, at)
      else struct.set(field, this.#value(type, depth))
    }
  }

  #value(type: number, depth: number): ThriftValue {
    if (this.#valuesLeft-- === 0) throw new DamagedParquet(`the file's metadata has more than ${MAX_VALUES} values`)
    switch (type) {
      case TRUE:
      case FALSE:
        return this.#byte() === 1
      case I8:
        return (this.#byte() << 24) >> 24
      case I16:
      case I32:
      case I64:
        return this.#zigzag()
      case DOUBLE: {
        this.offset += 8
        if (this.offset > this.#bytes.length) throw prematureEndError()
        return new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.offset - 8, 8).getFloat64(0, true)
      }
      case BINARY: {
        const start = this.#skip(this.#varint())
        return this.#bytes.subarray(start, this.offset)
      }
      case LIST:
      case SET:
        return this.#list(depth)
      case STRUCT:
        return this.struct(depth + 1)
      default:
        throw new DamagedParquet(`the file's metadata has a value of the unknown type ${type}`)
    }
  }

  #list(depth: number): ThriftValue[] {
    if (depth > MAX_DEPTH) throw new DamagedParquet(`lists nest deeper than ${MAX_DEPTH}`)
    const header = this.#byte()
    const size = header >> 4 === 15 ? this.#varint() : header >> 4
    // Every element takes at least a byte.
    if (size > this.#bytes.length - this.offset) throw prematureEndError()
    const values: ThriftValue[] = []
    for (let i = 0; i < size; i++) values.push(this.#value(header & 0x0f, depth + 1))
    return values
  }

  #byte(): number {
    const byte = this.#bytes[this.offset++]
    if (byte === undefined) throw prematureEndError()
    return byte
  }

  /** Skips `length` bytes and returns where they start. */
  #skip(length: number): number {
    const start = this.offset
    if (!(length <= this.#bytes.length - start)) throw prematureEndError()
    this.offset += length
    return start
  }

  /** At most ten bytes; beyond 2^53 the number is inexact and the getters refuse it. */
  #varint(): number {
    let value = 0
    let factor = 1
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
    throw new DamagedParquet('an integer in the metadata is longer than 64 bits')
  }

  #zigzag(): number {
    const value = this.#varint()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
}

function prematureEndError(): DamagedParquet {
  return new DamagedParquet("the file's metadata is truncated")
}
