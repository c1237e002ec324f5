import { DamagedParquet } from './errors'

/**
 * DELTA_BINARY_PACKED integers and the byte arrays built on them.
 *
 * Spec: parquet-format, *Encodings.md*, *Delta Encoding*, *Delta-length byte array*, *Delta Strings*.
 */

const MAX_BLOCK_VALUES = 1 << 20

/** Reads `count` 32-bit integers, with the format's wrap-around. */
export function readDelta32(bytes: Uint8Array, start: number, count: number): { values: Int32Array; end: number } {
  const { values, end } = readDelta64(bytes, start, count)
  const narrowed = new Int32Array(count)
  for (let i = 0; i < count; i++) narrowed[i] = Number(BigInt.asIntN(32, values[i] ?? 0n))
  return { values: narrowed, end }
}

/** Reads `count` 64-bit integers, with the format's wrap-around. */
export function readDelta64(bytes: Uint8Array, start: number, count: number): { values: BigInt64Array; end: number } {
  const reader = new DeltaReader(bytes, start)
  const blockSize = Number(reader.varint())
  const miniblocks = Number(reader.varint())
  const total = reader.varint()
  const first = reader.zigzag()
  if (total !== BigInt(count)) throw new DamagedParquet(`a page has ${total} integers but claims ${count}`)
  if (miniblocks < 1 || blockSize < 8 || blockSize > MAX_BLOCK_VALUES || blockSize % miniblocks !== 0) {
    throw new DamagedParquet(`a page has delta blocks of ${blockSize} values in ${miniblocks} miniblocks`)
  }
  const perMiniblock = blockSize / miniblocks
  if (perMiniblock % 8 !== 0) throw new DamagedParquet(`a page has delta miniblocks of ${perMiniblock} values`)

  const values = new BigInt64Array(count)
  if (count === 0) return { values, end: reader.at }
  let value = first
  values[0] = value
  for (let at = 1; at < count; ) {
    const minDelta = reader.zigzag()
    const widths = reader.take(miniblocks)
    for (let i = 0; i < miniblocks && at < count; i++) {
      const width = widths[i] ?? 0
      if (width > 64) throw new DamagedParquet(`a page has deltas of ${width} bits`)
      const packed = reader.take((perMiniblock * width) / 8)
      const requested = Math.min(perMiniblock, count - at)
      for (let j = 0; j < requested; j++) {
        value = BigInt.asIntN(64, value + minDelta + unpackValue(packed, j, width))
        values[at++] = value
      }
    }
  }
  return { values, end: reader.at }
}

/** Lengths first, then all the bytes. */
export function readDeltaLengths(bytes: Uint8Array, start: number, count: number): ByteArrays {
  const { values: lengths, end } = readDelta32(bytes, start, count)
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  let at = end
  for (let i = 0; i < count; i++) {
    const length = lengths[i] ?? 0
    if (length < 0 || length > bytes.length - at) throw new DamagedParquet('a value reaches beyond its page')
    starts[i] = at
    at += length
    ends[i] = at
  }
  return { bytes, starts, ends }
}

/**
 * Each value shares a prefix with the previous one.
 *
 * @param reserveMemory is called with the total size of all values before they are built
 */
export function readDeltaStrings(
  bytes: Uint8Array,
  start: number,
  count: number,
  reserveMemory: (bytes: number) => void,
): ByteArrays {
  const { values: prefixes, end } = readDelta32(bytes, start, count)
  const suffixes = readDeltaLengths(bytes, end, count)
  let total = 0
  for (let i = 0; i < count; i++) {
    const prefix = prefixes[i] ?? 0
    if (prefix < 0) throw new DamagedParquet('a value has a negative prefix')
    total += prefix + (suffixes.ends[i] ?? 0) - (suffixes.starts[i] ?? 0)
  }
  reserveMemory(total)
  const output = new Uint8Array(total)
  const starts = new Uint32Array(count)
  const ends = new Uint32Array(count)
  let at = 0
  for (let i = 0; i < count; i++) {
    const prefix = prefixes[i] ?? 0
    const previousStart = i === 0 ? 0 : (starts[i - 1] ?? 0)
    if (prefix > at - previousStart) throw new DamagedParquet('a value has a longer prefix than the value before it')
    starts[i] = at
    output.copyWithin(at, previousStart, previousStart + prefix)
    output.set(bytes.subarray(suffixes.starts[i], suffixes.ends[i]), at + prefix)
    at += prefix + (suffixes.ends[i] ?? 0) - (suffixes.starts[i] ?? 0)
    ends[i] = at
  }
  return { bytes: output, starts, ends }
}

/** Values of differing lengths: value `i` is `bytes[starts[i], ends[i])`. */
export type ByteArrays = { bytes: Uint8Array; starts: Uint32Array; ends: Uint32Array }

function unpackValue(packed: Uint8Array, index: number, width: number): bigint {
  if (width === 0) return 0n
  let bit = index * width
  if (width <= 32) {
    let value = 0
    for (let bitsRead = 0; bitsRead < width; ) {
      const bitsLeftInByte = 8 - (bit & 7)
      const part = ((packed[bit >> 3] ?? 0) >> (bit & 7)) & (2 ** bitsLeftInByte - 1)
      value += part * 2 ** bitsRead
      bitsRead += bitsLeftInByte
      bit += bitsLeftInByte
    }
    return BigInt(value % 2 ** width)
  }
  let value = 0n
  for (let bitsRead = 0; bitsRead < width; ) {
    const bitsLeftInByte = 8 - (bit & 7)
    value |= BigInt((packed[bit >> 3] ?? 0) >> (bit & 7)) << BigInt(bitsRead)
    bitsRead += bitsLeftInByte
    bit += bitsLeftInByte
  }
  return BigInt.asUintN(width, value)
}

class DeltaReader {
  at: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.at) throw new DamagedParquet('a page of deltas is truncated')
    this.at += length
    return this.#bytes.subarray(this.at - length, this.at)
  }

  varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const [byte = 0] = this.take(1)
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
    throw new DamagedParquet('an integer is longer than 64 bits')
  }

  zigzag(): bigint {
    const value = this.varint()
    return (value >> 1n) ^ -(value & 1n)
  }
}
