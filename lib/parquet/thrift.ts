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

type ThriftValue = boolean | number | Uint8Array | ThriftStruct | ThriftValue[] | DeferredStructs

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

  /** How many structs a list has; 0 if the field is missing. */
  structCount(field: number): number {
    const value = this.#fields[field]
    return value instanceof DeferredStructs ? value.count : (this.#list(field)?.length ?? 0)
  }

  /** The structs of a list, one after the other: those of a deferred list are read when they are taken. */
  *eachStruct(field: number): Generator<ThriftStruct> {
    const value = this.#fields[field]
    yield* value instanceof DeferredStructs ? value.read() : (this.structs(field) ?? [])
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

/** Where the structs of a list are. They take many times as much memory as their bytes. */
class DeferredStructs {
  readonly #bytes: Uint8Array
  readonly #offsets: readonly number[]

  constructor(bytes: Uint8Array, offsets: readonly number[]) {
    this.#bytes = bytes
    this.#offsets = offsets
  }

  get count(): number {
    return this.#offsets.length
  }

  *read(): Generator<ThriftStruct> {
    for (const offset of this.#offsets) yield readThrift(this.#bytes, offset).struct
  }
}

/**
 * Reads one struct at `start`.
 *
 * @param deferredList the number of its field whose structs are only found, for {@link ThriftStruct.eachStruct}
 * @returns the struct and where it ends in `bytes`
 */
export function readThrift(bytes: Uint8Array, start = 0, deferredList?: number): { struct: ThriftStruct; end: number } {
  const reader = new CompactReader(bytes, start)
  const struct = reader.struct(0, deferredList)
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

  struct(depth: number, deferredList?: number): ThriftStruct {
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
      else if (type === LIST && field === deferredList) struct.set(field, this.#deferList(depth))
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
    const { type, size } = this.#listHeader(depth)
    const values: ThriftValue[] = []
    for (let i = 0; i < size; i++) values.push(this.#value(type, depth + 1))
    return values
  }

  #listHeader(depth: number): { type: number; size: number } {
    if (depth > MAX_DEPTH) throw new DamagedParquet(`lists nest deeper than ${MAX_DEPTH}`)
    const header = this.#byte()
    const size = header >> 4 === 15 ? this.#varint() : header >> 4
    // Every element takes at least a byte.
    if (size > this.#bytes.length - this.offset) throw prematureEndError()
    return { type: header & 0x0f, size }
  }

  #deferList(depth: number): DeferredStructs {
    const { type, size } = this.#listHeader(depth)
    if (type !== STRUCT) throw new DamagedParquet('a list of structs has other values')
    const offsets: number[] = []
    for (let i = 0; i < size; i++) {
      offsets.push(this.offset)
      this.#skipValue(type, depth + 1)
    }
    return new DeferredStructs(this.#bytes, offsets)
  }

  /** Passes a value. An error within it is found when it is read. */
  #skipValue(type: number, depth: number): void {
    if (this.#valuesLeft-- === 0) throw new DamagedParquet(`the file's metadata has more than ${MAX_VALUES} values`)
    switch (type) {
      case TRUE:
      case FALSE:
      case I8:
        this.#skip(1)
        return
      case I16:
      case I32:
      case I64:
        this.#varint()
        return
      case DOUBLE:
        this.#skip(8)
        return
      case BINARY:
        this.#skip(this.#varint())
        return
      case LIST:
      case SET: {
        const list = this.#listHeader(depth)
        for (let i = 0; i < list.size; i++) this.#skipValue(list.type, depth + 1)
        return
      }
      case STRUCT:
        this.#skipStruct(depth + 1)
        return
      default:
        throw new DamagedParquet(`the file's metadata has a value of the unknown type ${type}`)
    }
  }

  #skipStruct(depth: number): void {
    if (depth > MAX_DEPTH) throw new DamagedParquet(`structs nest deeper than ${MAX_DEPTH}`)
    for (;;) {
      const header = this.#byte()
      const type = header & 0x0f
      if (type === STOP) return
      if (header >> 4 === 0) this.#zigzag()
      if (type !== TRUE && type !== FALSE) this.#skipValue(type, depth)
    }
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
