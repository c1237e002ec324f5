import { DamagedParquet } from './damaged'

/** The bits a level or a dictionary index up to `max` takes. */
export function bitWidthOf(max: number): number {
  return 32 - Math.clz32(max)
}

/**
 * Parquet's mix of run lengths and bit packing, for levels, dictionary indexes and booleans. Fills `output`
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
  if (bitWidth > 32) throw new DamagedParquet(`indexes of ${bitWidth} bits`)
  const count = output.length
  const valueBytes = (bitWidth + 7) >> 3
  let at = start
  let filled = 0
  while (filled < count) {
    let header = 0
    let factor = 1
    for (;;) {
      const byte = bytes[at]
      if (byte === undefined || at >= end || factor > 2 ** 35) throw tooFew(filled, count)
      at++
      header += (byte & 0x7f) * factor
      if (byte < 0x80) break
      factor *= 128
    }
    if (header % 2 === 1) {
      const groups = (header - 1) / 2
      const packed = Math.min(groups * 8, count - filled)
      // The last group may be cut where its values are not needed.
      if (at + Math.ceil((packed * bitWidth) / 8) > end) throw tooFew(filled, count)
      unpack(bytes, at, bitWidth, output, filled, packed)
      at += groups * bitWidth
      filled += packed
    } else {
      if (at + valueBytes > end) throw tooFew(filled, count)
      let value = 0
      for (let i = 0; i < valueBytes; i++) value += (bytes[at + i] ?? 0) * 2 ** (8 * i)
      at += valueBytes
      const run = Math.min(header / 2, count - filled)
      output.fill(value, filled, filled + run)
      filled += run
    }
  }
}

/** Values packed from the lowest bit of each byte up. */
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
  let held = 0
  let bits = 0
  let read = start
  for (let i = 0; i < count; i++) {
    while (bits < bitWidth) {
      held |= (bytes[read++] ?? 0) << bits
      bits += 8
    }
    output[at + i] = held & mask
    held >>>= bitWidth
    bits -= bitWidth
  }
}

/** Over 24 bits, 32-bit arithmetic would lose the upper ones. */
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

function tooFew(have: number, wanted: number): DamagedParquet {
  return new DamagedParquet(`a page has ${have} of the ${wanted} levels or indexes it claims`)
}
