import { DamagedParquet } from './errors'

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
 * @throws {DamagedParquet} when the bytes end before every value is read
 */
export function readHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  bitWidth: number,
  output: Uint8Array | Uint32Array,
): void {
  if (bitWidth > 32) throw new DamagedParquet(`a page has indexes of ${bitWidth} bits`)
  const count = output.length
  const valueBytes = (bitWidth + 7) >> 3
  let at = start
  let filledCount = 0
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
      unpack(bytes, at, bitWidth, output, filledCount, packedCount)
      at += groups * bitWidth
      filledCount += packedCount
    } else {
      if (at + valueBytes > end) throw tooFewValuesError(filledCount, count)
      let value = 0
      for (let i = 0; i < valueBytes; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i)
      at += valueBytes
      const run = Math.min(header / 2, count - filledCount)
      output.fill(value, filledCount, filledCount + run)
      filledCount += run
    }
  }
}

/** Unpacks values, starting from the lowest bit of each byte. */
function unpack(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  output: Uint8Array | Uint32Array,
  at: number,
  count: number,
): void {
  if (bitWidth === 0) {
    output.fill(0, at, at + count)
    return
  }
  if (bitWidth > 24) {
    unpackWide(bytes, start, bitWidth, output, at, count)
    return
  }
  const mask = 2 ** bitWidth - 1
  let buffer = 0
  let bufferedBits = 0
  let readOffset = start
  for (let i = 0; i < count; i++) {
    while (bufferedBits < bitWidth) {
      buffer |= (bytes[readOffset++] ?? 0) << bufferedBits
      bufferedBits += 8
    }
    output[at + i] = buffer & mask
    buffer >>>= bitWidth
    bufferedBits -= bitWidth
  }
}

/** Above 24 bits, 32-bit arithmetic would lose the upper bits. */
function unpackWide(
  bytes: Uint8Array,
  start: number,
  bitWidth: number,
  output: Uint8Array | Uint32Array,
  at: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    let value = 0
    for (let bit = 0; bit < bitWidth; bit++) {
      const position = i * bitWidth + bit
      if (((bytes[start + (position >> 3)] ?? 0) >> (position & 7)) & 1) value += 2 ** bit
    }
    output[at + i] = value
  }
}

function tooFewValuesError(actual: number, expected: number): DamagedParquet {
  return new DamagedParquet(`a page has ${actual} of the ${expected} levels or indexes it claims`)
}
