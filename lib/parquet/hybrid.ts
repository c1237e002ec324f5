import { DamagedParquet } from './errors'

/** With 16 or 32 bits, by those of the page, if that was requested; otherwise 32. Levels and booleans are bytes. */
export type Indexes = Uint8Array | Uint16Array | Uint32Array

/** A read returns 32 bits, and up to seven of them precede the value. */
const MAX_BITS_OF_ONE_READ = 25

/** The number of bits of a level or a dictionary index up to `max`. */
export function bitsNeeded(max: number): number {
  return 32 - Math.clz32(max)
}

/**
 * Parquet's hybrid of run-length encoding and bit packing, for levels, dictionary indexes and booleans. Fills `output`
 * completely from `bytes[start, end)`.
 *
 * Spec: parquet-format, *Encodings.md*, *Run Length Encoding / Bit-Packing Hybrid*.
 *
 * @param bitWidth 0–32
 * @returns the highest value, which is found at less cost here than in another pass over arrays of several types
 * @throws {DamagedParquet} when the bytes end before every value is read
 */
export function readHybrid(bytes: Uint8Array, start: number, end: number, bitWidth: number, output: Indexes): number {
  if (bitWidth > 32) throw new DamagedParquet(`a page has indexes of ${bitWidth} bits`)
  const count = output.length
  const valueBytes = (bitWidth + 7) >> 3
  let at = start
  let filledCount = 0
  let highest = 0
  /** All bytes, once the first packed values are there. */
  let view: DataView | null = null
  while (filledCount < count) {
    let header = 0
    let factor = 1
    for (;;) {
      const byte = bytes[at]
      if (byte === undefined || at >= end || factor > 2 ** 35) throw tooFewValuesError(filledCount, count)
      at++
      header += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 128
    }
    if (header % 2 === 1) {
      const groups = (header - 1) / 2
      const packedCount = Math.min(groups * 8, count - filledCount)
      // The last group may be truncated if its values are not needed.
      if (at + Math.ceil((packedCount * bitWidth) / 8) > end) throw tooFewValuesError(filledCount, count)
      if (bitWidth === 8) {
        highest = Math.max(highest, copyBytes(bytes.subarray(at, at + packedCount), output, filledCount))
      } else {
        view ??= copyWithZeros(bytes, start, end)
        const unpack = bitWidth <= MAX_BITS_OF_ONE_READ ? unpackNarrow : unpackWide
        highest = Math.max(highest, unpack(view, at - start, bitWidth, output, filledCount, packedCount))
      }
      at += groups * bitWidth
      filledCount += packedCount
    } else {
      if (at + valueBytes > end) throw tooFewValuesError(filledCount, count)
      let value = 0
      for (let i = 0; i < valueBytes; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i)
      at += valueBytes
      const run = Math.min(header / 2, count - filledCount)
      if (run > 0) highest = Math.max(highest, value)
      output.fill(value, filledCount, filledCount + run)
      filledCount += run
    }
  }
  return highest
}

/** Whether the bytes begin with a run of `value` that is long enough for all values. */
export function isOneRun(
  bytes: Uint8Array,
  start: number,
  end: number,
  bitWidth: number,
  value: number,
  count: number,
): boolean {
  // A run of fewer than 2^27 values has a header of up to four bytes; longer ones are read as usual.
  let header = 0
  let at = start
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = bytes[at++] ?? 0
    header |= (byte & 0x7f) << shift
    if (byte < 0x80)
      return (header & 1) === 0 && header >> 1 >= count && bitWidth <= 8 && at < end && bytes[at] === value
  }
  return false
}

/** Values of eight bits are as they are packed. @returns the highest */
function copyBytes(bytes: Uint8Array, output: Indexes, at: number): number {
  output.set(bytes, at)
  let highest = 0
  for (let i = 0; i < bytes.length; i++) {
    const value = bytes[i] ?? 0
    if (value > highest) highest = value
  }
  return highest
}

/**
 * Unpacks values, starting from the lowest bit of each byte. A value is read with the bits around it, wherever it begins:
 * that has no branches and takes two thirds of the time of going from word to word.
 *
 * @returns the highest
 */
function unpackNarrow(
  view: DataView,
  startByte: number,
  bitWidth: number,
  output: Indexes,
  at: number,
  count: number,
): number {
  if (bitWidth === 0) {
    output.fill(0, at, at + count)
    return 0
  }
  const mask = 2 ** bitWidth - 1
  const end = at + count
  let highest = 0
  for (let i = at, bit = 0; i < end; i++, bit += bitWidth) {
    const value = (view.getInt32(startByte + (bit >>> 3), true) >>> (bit & 7)) & mask
    if (value > highest) highest = value
    output[i] = value
  }
  return highest
}

/** The same for values that reach into a fifth byte. */
function unpackWide(
  view: DataView,
  startByte: number,
  bitWidth: number,
  output: Indexes,
  at: number,
  count: number,
): number {
  let highest = 0
  for (let i = 0; i < count; i++) {
    const bit = i * bitWidth
    const byte = startByte + Math.floor(bit / 8)
    const bits = view.getUint32(byte, true) + view.getUint8(byte + 4) * 2 ** 32
    const value = Math.floor(bits / 2 ** (bit % 8)) % 2 ** bitWidth
    if (value > highest) highest = value
    output[at + i] = value
  }
  return highest
}

/** A copy with zeros after its end, so that each byte begins a read. */
function copyWithZeros(bytes: Uint8Array, start: number, end: number): DataView {
  const copy = new Uint8Array(end - start + 4)
  copy.set(bytes.subarray(start, end))
  return new DataView(copy.buffer)
}

function tooFewValuesError(actual: number, expected: number): DamagedParquet {
  return new DamagedParquet(`a page has ${actual} of the ${expected} levels or indexes it claims`)
}
