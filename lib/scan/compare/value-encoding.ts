import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { toMebibytes } from '@/lib/parquet/decode-limits'
import type { RowValue } from '../read/row-value'
import { compareBytes } from '@/lib/compare-bytes'

/** Longer values of one row than this are refused, because they are in memory once more while they are compared. */
const MAX_ROW_BYTES = 256 * 1024 * 1024

const [NULL, VALUE, BYTES] = [0, 1, 2]

/** Writes a value of one type. */
export type EncodeValue = (value: RowValue | null, target: EncodedBytes) => void

/** Bytes that grow. */
export class EncodedBytes {
  #bytes = new Uint8Array(1024)
  #view = new DataView(this.#bytes.buffer)
  length = 0

  get bytes(): Uint8Array {
    return this.#bytes
  }

  reset(): void {
    this.length = 0
  }

  /** A copy of the bytes from `start` on. */
  slice(start: number): Uint8Array {
    return this.#bytes.slice(start, this.length)
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = value
  }

  float64(value: number): void {
    this.#reserve(8)
    // Every NaN is the same one.
    this.#view.setFloat64(this.length, Number.isNaN(value) ? Number.NaN : value, true)
    this.length += 8
  }

  uint32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.length, value, true)
    this.length += 4
  }

  int128(value: bigint): void {
    this.#reserve(16)
    this.#view.setBigUint64(this.length, BigInt.asUintN(64, value), true)
    this.#view.setBigInt64(this.length + 8, BigInt.asIntN(64, value >> 64n), true)
    this.length += 16
  }

  int64(value: bigint): void {
    this.#reserve(8)
    this.#view.setBigInt64(this.length, value, true)
    this.length += 8
  }

  /** With their length, so that it is clear where they end. */
  sized(bytes: Uint8Array): void {
    this.uint32(bytes.length)
    this.raw(bytes)
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  text(text: string): void {
    // A UTF-16 unit is three bytes at most.
    this.#reserve(4 + 3 * text.length)
    const { written } = TEXT_ENCODER.encodeInto(text, this.#bytes.subarray(this.length + 4))
    this.uint32(written)
    this.length += written
  }

  #reserve(size: number): void {
    const needed = this.length + size
    if (needed <= this.#bytes.length) return
    if (needed > MAX_ROW_BYTES) {
      throw new AppError(
        'too-large',
        `The values of one row take more than ${toMebibytes(MAX_ROW_BYTES)}. Compare fewer columns.`,
      )
    }
    const grown = new Uint8Array(Math.min(MAX_ROW_BYTES, Math.max(needed, 2 * this.#bytes.length)))
    grown.set(this.#bytes.subarray(0, this.length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

const TEXT_ENCODER = new TextEncoder()

/**
 * Writes values so that two of one type are equal exactly if their bytes are. A null equals a null, NaN equals NaN, and
 * 0.0 does not equal −0.0, as in equality deletes. The order of a map's entries does not matter.
 */
export function createValueEncoder(type: Type): EncodeValue {
  if (typeof type === 'string') return createPrimitiveEncoder(type)
  switch (type.type) {
    case 'struct': {
      const encoders = type.fields.map((field) => createValueEncoder(field.type))
      return orNull((value, target) => {
        const values = itemsOf(value)
        for (const [i, encode] of encoders.entries()) encode(values[i] ?? null, target)
      })
    }
    case 'list': {
      const encode = createValueEncoder(type.element)
      return orNull((value, target) => {
        const values = itemsOf(value)
        target.uint32(values.length)
        for (const one of values) encode(one, target)
      })
    }
    case 'map': {
      const [encodeKey, encodeItem] = [createValueEncoder(type.key), createValueEncoder(type.value)]
      return orNull((value, target) => {
        const entries = itemsOf(value)
        const start = target.length
        const encoded = entries.map((entry) => {
          const entryStart = target.length
          const [key = null, item = null] = itemsOf(entry)
          encodeKey(key, target)
          encodeItem(item, target)
          return target.slice(entryStart)
        })
        target.length = start
        target.uint32(encoded.length)
        for (const entry of encoded.sort(compareBytes)) target.raw(entry)
      })
    }
  }
}

function createPrimitiveEncoder(type: PrimitiveType): EncodeValue {
  const { kind } = parsePrimitive(type)
  switch (kind) {
    case 'boolean':
      return orNull((value, target) => target.byte(value === true ? 1 : 0))
    case 'int':
    case 'date':
    case 'float':
    case 'double':
      return orNull((value, target) => target.float64(Number(value)))
    case 'long':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return orNull((value, target) => target.int64(toBigInt(value)))
    case 'decimal':
      return orNull((value, target) => target.int128(toBigInt(value)))
    default:
      return orNull(encodeTextOrBytes)
  }
}

/** A string that is not UTF-8 is read as bytes, and equals no string that is. */
function encodeTextOrBytes(value: RowValue, target: EncodedBytes): void {
  if (value instanceof Uint8Array) {
    target.byte(BYTES)
    target.sized(value)
  } else {
    target.byte(VALUE)
    target.text(String(value))
  }
}

function orNull(encode: (value: RowValue, target: EncodedBytes) => void): EncodeValue {
  return (value, target) => {
    if (value === null) return target.byte(NULL)
    target.byte(VALUE)
    encode(value, target)
  }
}

function itemsOf(value: RowValue | null): readonly (RowValue | null)[] {
  return Array.isArray(value) ? (value as readonly (RowValue | null)[]) : []
}

/** Constants of older schemas are numbers. */
function toBigInt(value: RowValue): bigint {
  if (typeof value === 'bigint') return value
  if (typeof value === 'number') return BigInt(value)
  throw new TypeError(`${typeof value} is not an integer`)
}

/** Tells whether two values of a type are equal, as {@link createValueEncoder} says. */
export function createEqualityTest(type: Type): (a: RowValue | null, b: RowValue | null) => boolean {
  const encode = createValueEncoder(type)
  const [first, second] = [new EncodedBytes(), new EncodedBytes()]
  return (a, b) => {
    if (Object.is(a, b)) return true
    if (a === null || b === null) return false
    first.reset()
    second.reset()
    encode(a, first)
    encode(b, second)
    if (first.length !== second.length) return false
    for (let i = 0; i < first.length; i++) if (first.bytes[i] !== second.bytes[i]) return false
    return true
  }
}
