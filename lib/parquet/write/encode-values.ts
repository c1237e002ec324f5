import { DamagedParquet } from '../errors'
import type { Encoding } from '../footer'
import type { Indexes } from '../hybrid'
import type { Values } from '../values'
import { ByteWriter } from './byte-writer'
import { encodeHybrid } from './encode-hybrid'
import { sliceHybrid } from './slice-hybrid'

const ROOM_FOR_HEADERS_BYTES = 64

/** Values from `start` up to `end`, by their index. */
export type ValueRange = { start: number; end: number }

/**
 * Encodes values in the PLAIN encoding of their physical type.
 *
 * Spec: parquet-format, *Encodings.md*, *Plain*.
 */
export function encodePlain(values: Values, range: ValueRange): Uint8Array {
  const { start, end } = range
  switch (values.kind) {
    case 'booleans':
      return packBooleans(values.data, range)
    case 'numbers':
    case 'longs': {
      const { buffer, byteOffset, BYTES_PER_ELEMENT: width } = values.data
      return new Uint8Array(buffer, byteOffset + start * width, (end - start) * width)
    }
    case 'fixed':
      return values.bytes.subarray(start * values.lengthBytes, end * values.lengthBytes)
    case 'byteArrays': {
      const out = new ByteWriter()
      for (let i = start; i < end; i++) writeByteArray(values.bytes, values.starts[i] ?? 0, values.ends[i] ?? 0, out)
      return out.written()
    }
    case 'indexed':
      return encodeIndexed(values.indexes, values.dictionary, range)
    case 'joined':
      throw new DamagedParquet('values of several pages cannot be encoded')
  }
}

/** One value in the PLAIN encoding, without a length. It is a copy. */
export function plainValueAt(values: Values, index: number): Uint8Array {
  if (values.kind === 'indexed') return plainValueAt(values.dictionary, values.indexes[index] ?? 0)
  if (values.kind === 'byteArrays') return values.bytes.slice(values.starts[index], values.ends[index])
  return encodePlain(values, { start: index, end: index + 1 }).slice()
}

function encodeIndexed(indexes: Indexes, dictionary: Values, { start, end }: ValueRange): Uint8Array {
  if (dictionary.kind === 'booleans') {
    const data = Uint8Array.from(indexes.subarray(start, end), (index) => dictionary.data[index] ?? 0)
    return packBooleans(data, { start: 0, end: end - start })
  }
  const out = new ByteWriter()
  if (dictionary.kind === 'byteArrays') {
    const { bytes, starts, ends } = dictionary
    for (let i = start; i < end; i++) {
      const index = indexes[i] ?? 0
      writeByteArray(bytes, starts[index] ?? 0, ends[index] ?? 0, out)
    }
  } else {
    for (let i = start; i < end; i++) {
      const index = indexes[i] ?? 0
      out.bytes(encodePlain(dictionary, { start: index, end: index + 1 }))
    }
  }
  return out.written()
}

function writeByteArray(bytes: Uint8Array, start: number, end: number, out: ByteWriter): void {
  out.int32(end - start)
  out.bytes(bytes.subarray(start, end))
}

function packBooleans(data: Uint8Array, { start, end }: ValueRange): Uint8Array {
  const packed = new Uint8Array(Math.ceil((end - start) / 8))
  for (let i = start; i < end; i++) {
    const at = i - start
    if (data[i] === 1) packed[at >> 3] = (packed[at >> 3] ?? 0) | (1 << (at & 7))
  }
  return packed
}

/** Bits from the start of a byte on. Those after the last one are zeros. */
function slicePacked(packed: Uint8Array, { start, end }: ValueRange): Uint8Array {
  const slice = packed.slice(start / 8, Math.ceil(end / 8))
  const bitsOfLast = (end - start) % 8
  const last = slice.length - 1
  if (bitsOfLast > 0) slice[last] = (slice[last] ?? 0) & ((1 << bitsOfLast) - 1)
  return slice
}

/** Whether pages of this encoding can be cut between any two values. */
export function isDivisible(encoding: Encoding): boolean {
  switch (encoding) {
    case 'PLAIN':
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
    case 'RLE':
    case 'BYTE_STREAM_SPLIT':
      return true
    default:
      return false
  }
}

/**
 * Encodes values again in the encoding that they were read from.
 *
 * @param encoding one that {@link isDivisible}
 * @param original the bytes that the values were decoded from
 */
export function encodeAgain(encoding: Encoding, values: Values, range: ValueRange, original: Uint8Array): Uint8Array {
  switch (encoding) {
    case 'PLAIN':
      if (values.kind === 'byteArrays') return values.bytes.subarray(...plainSpan(values, range))
      return values.kind === 'booleans' && range.start % 8 === 0
        ? slicePacked(original, range)
        : encodePlain(values, range)
    case 'BYTE_STREAM_SPLIT':
      return splitStreams(encodePlain(values, range), range.end - range.start)
    case 'RLE':
      return encodeRleBooleans(values, range)
    case 'PLAIN_DICTIONARY':
    case 'RLE_DICTIONARY':
      return encodeIndexes(values, range, original)
    default:
      throw new DamagedParquet(`pages of ${encoding} cannot be divided`)
  }
}

/** The bits of an index in a page of a dictionary's indexes; at least 1, because some readers refuse 0. */
export function indexBits(original: Uint8Array): number {
  return Math.max(1, original[0] ?? 1)
}

/** Byte arrays that were PLAIN have their lengths between them. */
function plainSpan({ starts, ends }: { starts: Uint32Array; ends: Uint32Array }, { start, end }: ValueRange) {
  return start === end ? ([0, 0] as const) : ([(starts[start] ?? 4) - 4, ends[end - 1] ?? 0] as const)
}

function splitStreams(plain: Uint8Array, count: number): Uint8Array {
  const width = count === 0 ? 0 : plain.length / count
  const split = new Uint8Array(plain.length)
  for (let part = 0; part < width; part++) {
    for (let i = 0; i < count; i++) split[part * count + i] = plain[i * width + part] ?? 0
  }
  return split
}

function encodeRleBooleans(values: Values, { start, end }: ValueRange): Uint8Array {
  if (values.kind !== 'booleans') throw new DamagedParquet('a page of RLE values holds no booleans')
  const runs = new ByteWriter()
  encodeHybrid(values.data, { start, end, bitWidth: 1 }, runs)
  const out = new ByteWriter()
  out.int32(runs.length)
  out.bytes(runs.written())
  return out.written()
}

function encodeIndexes(values: Values, { start, end }: ValueRange, original: Uint8Array): Uint8Array {
  if (values.kind !== 'indexed') throw new DamagedParquet('a page of indexes has no dictionary')
  const bitWidth = indexBits(original)
  // Packed values take the most, and runs have headers.
  const sliced = new ByteWriter(Math.ceil(((end - start) * bitWidth) / 8) + ROOM_FOR_HEADERS_BYTES)
  sliced.byte(bitWidth)
  if (original[0] === bitWidth && sliceHybrid(original.subarray(1), { start, end, bitWidth }, sliced)) {
    return sliced.written()
  }
  const out = new ByteWriter()
  out.byte(bitWidth)
  encodeHybrid(values.indexes, { start, end, bitWidth }, out)
  return out.written()
}
