import type { ByteCursor } from '@/lib/iceberg/avro/byte-cursor'
import type { ReserveMemory } from '@/lib/parquet/values'
import { columnTooLongError } from './avro-errors'
import type { RowValue } from '../row-value'
import type { Vector } from '../vector'

/**
 * Collects the values of one column record by record. How many there are inside lists is not known before, so memory
 * grows, and is reserved before each growth.
 */
export type ColumnBuilder = {
  /** Reads the next value, which is not null. */
  read(cursor: ByteCursor): void
  appendNull(): void
  /** @param length the number of values that were read or are null */
  finish(length: number): Vector
}

/** Writes a value that the cursor reads at a byte position. */
export type WriteValue = (cursor: ByteCursor, target: DataView, at: number) => void

type FixedWidthOptions = {
  widthBytes: number
  /** How many values there will probably be. */
  expectedCount: number
  reserveMemory: ReserveMemory
  write: WriteValue
  toVector: (bytes: Uint8Array<ArrayBuffer>, length: number, validity: Uint8Array | null) => Vector
}

export function createFixedWidthBuilder(options: FixedWidthOptions): ColumnBuilder {
  const { widthBytes, expectedCount, reserveMemory, write, toVector } = options
  const validity = new GrowingValidity(reserveMemory)
  const room = new Room(reserveMemory)
  let view = toView(room.grow(0, expectedCount * widthBytes))
  let length = 0
  const requireRoom = () => {
    const neededBytes = (length + 1) * widthBytes
    if (neededBytes > view.byteLength) view = toView(room.grow(length * widthBytes, neededBytes))
  }
  return {
    read(cursor) {
      requireRoom()
      write(cursor, view, length * widthBytes)
      length++
    },
    appendNull() {
      requireRoom()
      validity.setNull(length)
      length++
    },
    finish: (count) => toVector(room.bytes.subarray(0, length * widthBytes), count, validity.finish(length)),
  }
}

function toView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const OFFSET_BYTES = 4

/** @param readBytes returns a view of the value's bytes */
export function createBytesBuilder(
  readBytes: (cursor: ByteCursor) => Uint8Array,
  { expectedCount, reserveMemory }: { expectedCount: number; reserveMemory: ReserveMemory },
): ColumnBuilder {
  const offsets = new GrowingOffsets(expectedCount, reserveMemory)
  const validity = new GrowingValidity(reserveMemory)
  const room = new Room(reserveMemory)
  let length = 0
  let end = 0
  return {
    read(cursor) {
      const value = readBytes(cursor)
      if (end + value.length > room.bytes.length) room.grow(end, end + value.length)
      room.bytes.set(value, end)
      end += value.length
      offsets.push(end)
      length++
    },
    appendNull() {
      validity.setNull(length)
      offsets.push(end)
      length++
    },
    finish: (count) => ({
      kind: 'bytes',
      length: count,
      validity: validity.finish(length),
      offsets: offsets.finish(),
      bytes: room.bytes.subarray(0, end),
    }),
  }
}

/** @param entryCount the number of entries after the list that was read */
export function createListBuilder(
  readEntries: (cursor: ByteCursor) => number,
  toVector: (lists: { length: number; validity: Uint8Array | null; offsets: Int32Array }, entryCount: number) => Vector,
  { expectedCount, reserveMemory }: { expectedCount: number; reserveMemory: ReserveMemory },
): ColumnBuilder {
  const offsets = new GrowingOffsets(expectedCount, reserveMemory)
  const validity = new GrowingValidity(reserveMemory)
  let length = 0
  let entryCount = 0
  return {
    read(cursor) {
      entryCount += readEntries(cursor)
      if (entryCount > MAX_COLUMN_BYTES) throw columnTooLongError(cursor.label)
      offsets.push(entryCount)
      length++
    },
    appendNull() {
      validity.setNull(length)
      offsets.push(entryCount)
      length++
    },
    finish: (count) =>
      toVector({ length: count, validity: validity.finish(length), offsets: offsets.finish() }, entryCount),
  }
}

export function createStructBuilder(
  readFields: (cursor: ByteCursor) => void,
  fields: readonly ColumnBuilder[],
  reserveMemory: ReserveMemory,
): ColumnBuilder {
  const validity = new GrowingValidity(reserveMemory)
  let length = 0
  return {
    read(cursor) {
      readFields(cursor)
      length++
    },
    appendNull() {
      validity.setNull(length)
      for (const field of fields) field.appendNull()
      length++
    },
    finish: (count) => ({
      kind: 'struct',
      length: count,
      validity: validity.finish(length),
      fields: fields.map((field) => field.finish(count)),
    }),
  }
}

/** One value for every row, whatever the file contains. */
export function createConstantBuilder(value: RowValue | null, skip: (cursor: ByteCursor) => void): ColumnBuilder {
  return {
    read: skip,
    appendNull: () => undefined,
    finish: (length) => ({ kind: 'constant', length, value }),
  }
}

/** Offsets are 32 bits wide, as in Arrow. */
const MAX_COLUMN_BYTES = 2 ** 31 - 1
const MIN_ROOM_BYTES = 1024

/** Bytes that double when they are full. */
class Room {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0)
  readonly #reserveMemory: ReserveMemory

  constructor(reserveMemory: ReserveMemory) {
    this.#reserveMemory = reserveMemory
  }

  /** @param usedBytes that are copied */
  grow(usedBytes: number, neededBytes: number): Uint8Array<ArrayBuffer> {
    if (neededBytes === 0) return this.bytes
    if (neededBytes > MAX_COLUMN_BYTES) throw columnTooLongError()
    const capacity = Math.min(MAX_COLUMN_BYTES, Math.max(neededBytes, 2 * this.bytes.length, MIN_ROOM_BYTES))
    this.#reserveMemory(capacity - this.bytes.length)
    const grown = new Uint8Array(capacity)
    grown.set(this.bytes.subarray(0, usedBytes))
    this.bytes = grown
    return grown
  }
}

class GrowingOffsets {
  readonly #reserveMemory: ReserveMemory
  #offsets: Int32Array
  #count = 0

  constructor(expectedCount: number, reserveMemory: ReserveMemory) {
    this.#reserveMemory = reserveMemory
    reserveMemory((expectedCount + 1) * OFFSET_BYTES)
    this.#offsets = new Int32Array(expectedCount + 1)
  }

  /** The end of the next value. */
  push(end: number): void {
    if (++this.#count === this.#offsets.length) {
      this.#reserveMemory(this.#offsets.byteLength)
      const grown = new Int32Array(2 * this.#offsets.length)
      grown.set(this.#offsets)
      this.#offsets = grown
    }
    this.#offsets[this.#count] = end
  }

  finish(): Int32Array {
    return this.#offsets.subarray(0, this.#count + 1)
  }
}

/** Which values are null; takes no memory until the first one. */
class GrowingValidity {
  readonly #reserveMemory: ReserveMemory
  #bits = new Uint8Array(0)

  constructor(reserveMemory: ReserveMemory) {
    this.#reserveMemory = reserveMemory
  }

  setNull(index: number): void {
    const byte = index >> 3
    if (byte >= this.#bits.length) this.#grow(byte + 1)
    this.#bits[byte] = (this.#bits[byte] ?? 0) & ~(1 << (index & 7))
  }

  #grow(neededBytes: number): void {
    const capacity = Math.max(neededBytes, 2 * this.#bits.length, 16)
    this.#reserveMemory(capacity - this.#bits.length)
    const grown = new Uint8Array(capacity).fill(0xff)
    grown.set(this.#bits)
    this.#bits = grown
  }

  finish(length: number): Uint8Array | null {
    if (this.#bits.length === 0) return null
    const neededBytes = (length + 7) >> 3
    if (neededBytes > this.#bits.length) this.#grow(neededBytes)
    return this.#bits.subarray(0, neededBytes)
  }
}
