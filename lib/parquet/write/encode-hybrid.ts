import type { Indexes } from '../hybrid'
import type { ByteWriter } from './byte-writer'

/** A run is cheaper than packed bits from this length on, which is also the number of values in a packed group. */
const GROUP_VALUES = 8

/**
 * Values `[start, end)` in Parquet's hybrid of run-length encoding and bit packing: runs of eight and more equal values
 * as runs, all others packed.
 *
 * Spec: parquet-format, *Encodings.md*, *Run Length Encoding / Bit-Packing Hybrid*.
 *
 * @param bitWidth 1 to 32, enough for every value
 */
export function encodeHybrid(
  values: Indexes,
  { start, end, bitWidth }: { start: number; end: number; bitWidth: number },
  out: ByteWriter,
): void {
  let pendingFrom = start
  for (let at = start; at < end; ) {
    const value = values[at] ?? 0
    let runEnd = at + 1
    while (runEnd < end && values[runEnd] === value) runEnd++
    // Packed values come in whole groups, so the values before a run take the missing ones from it.
    const borrowed = (GROUP_VALUES - ((at - pendingFrom) % GROUP_VALUES)) % GROUP_VALUES
    if (runEnd - at - borrowed >= GROUP_VALUES) {
      packGroups(values, { start: pendingFrom, end: at + borrowed, bitWidth }, out)
      encodeRun(value, runEnd - at - borrowed, bitWidth, out)
      pendingFrom = runEnd
    }
    at = runEnd
  }
  packGroups(values, { start: pendingFrom, end, bitWidth }, out)
}

/** `count` times the same value. */
export function encodeRun(value: number, count: number, bitWidth: number, out: ByteWriter): void {
  out.varint(2 * count)
  for (let byte = 0; byte < Math.ceil(bitWidth / 8); byte++) out.byte((value >>> (8 * byte)) & 0xff)
}

/** The last group is filled with zeros. */
function packGroups(
  values: Indexes,
  { start, end, bitWidth }: { start: number; end: number; bitWidth: number },
  out: ByteWriter,
): void {
  if (start === end) return
  const groups = Math.ceil((end - start) / GROUP_VALUES)
  out.varint(2 * groups + 1)
  const packed = new Uint8Array(groups * bitWidth)
  if (bitWidth <= MAX_FAST_BITS) packNarrow(values, { start, end, bitWidth }, packed)
  else packWide(values, { start, end, bitWidth }, packed)
  out.bytes(packed)
}

/** With the at most seven bits that wait for the next byte, they are fewer than 32. */
const MAX_FAST_BITS = 24

function packNarrow(
  values: Indexes,
  { start, end, bitWidth }: { start: number; end: number; bitWidth: number },
  packed: Uint8Array,
): void {
  let byte = 0
  let bits = 0
  let bitCount = 0
  for (let i = start; i < end; i++) {
    bits |= (values[i] ?? 0) << bitCount
    bitCount += bitWidth
    while (bitCount >= 8) {
      packed[byte++] = bits
      bits >>>= 8
      bitCount -= 8
    }
  }
  if (bitCount > 0) packed[byte] = bits
}

function packWide(
  values: Indexes,
  { start, end, bitWidth }: { start: number; end: number; bitWidth: number },
  packed: Uint8Array,
): void {
  let byte = 0
  let bit = 0
  for (let i = start; i < end; i++) {
    let rest = values[i] ?? 0
    for (let left = bitWidth; left > 0; ) {
      const taken = Math.min(8 - bit, left)
      packed[byte] = (packed[byte] ?? 0) | (rest << bit)
      rest >>>= taken
      left -= taken
      bit += taken
      if (bit === 8) {
        bit = 0
        byte++
      }
    }
  }
}
