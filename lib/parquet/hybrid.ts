import { DamagedParquet } from './errors'

/** With 16 or 32 bits, by those of the page, if that was asked for; otherwise 32. Levels and booleans are bytes. */
export type Indexes = Uint8Array | Uint16Array | Uint32Array

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
  let words: Int32Array | null = null
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
        words ??= copyToWords(bytes, start, end)
        highest = Math.max(highest, unpack(words, at - start, bitWidth, output, filledCount, packedCount))
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

/** Unpacks values, starting from the lowest bit of each byte. @returns the highest */
function unpack(
  words: Int32Array,
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
  const mask = bitWidth === 32 ? -1 : 2 ** bitWidth - 1
  const end = at + count
  let word = startByte >>> 2
  let shift = 8 * (startByte & 3)
  let highest = 0
  for (let i = at; i < end; i++) {
    let value = (words[word] ?? 0) >>> shift
    if (shift + bitWidth > 32) value |= (words[word + 1] ?? 0) << (32 - shift)
    value &= mask
    // Of 32 bits, the highest may be the sign.
    if (value >>> 0 > highest) highest = value >>> 0
    output[i] = value
    shift += bitWidth
    word += shift >>> 5
    shift &= 31
  }
  return highest
}

/** A copy that can be read 32 bits at a time, with a word of zeros after its end. */
function copyToWords(bytes: Uint8Array, start: number, end: number): Int32Array {
  const words = new Int32Array(Math.ceil((end - start) / 4) + 1)
  new Uint8Array(words.buffer).set(bytes.subarray(start, end))
  return words
}

function tooFewValuesError(actual: number, expected: number): DamagedParquet {
  return new DamagedParquet(`a page has ${actual} of the ${expected} levels or indexes it claims`)
}
