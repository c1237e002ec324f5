import type { ByteSource } from './byte-source'
import { DamagedParquet } from './errors'
import type { ColumnChunk } from './footer'
import { readThrift } from './thrift'
import { type HashHalves, xxhash64 } from './xxhash64'

/** Whether a column chunk might hold a value, by its bytes in the plain encoding without a length, or by their hash. */
export type BloomFilter = {
  mightHold(plainValue: Uint8Array): boolean
  mightHoldHash(hash: HashHalves): boolean
}

export const BLOCK_BYTES = 32
/** A larger one would cost more to read than it saves. */
export const MAX_FILTER_BYTES = 16 * 1024 * 1024
/** Longer than every header. */
export const MAX_BLOOM_HEADER_BYTES = 64
/** One for each word of a block. */
export const BLOOM_SALTS = [
  0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31,
]

/**
 * The bloom filter of a column chunk.
 *
 * Spec: parquet-format, *BloomFilter.md*.
 *
 * @returns null if the chunk has none, or one of an unknown kind or size, which cannot be used
 * @throws {DamagedParquet}; {AppError} of the source
 */
export async function readBloomFilter(
  source: ByteSource,
  { bloomFilter }: Pick<ColumnChunk, 'bloomFilter'>,
  signal?: AbortSignal,
): Promise<BloomFilter | null> {
  if (bloomFilter === null) return null
  const { offset, lengthBytes } = bloomFilter
  const wholeEnd = offset + Math.min(lengthBytes ?? MAX_BLOOM_HEADER_BYTES, MAX_BLOOM_HEADER_BYTES + MAX_FILTER_BYTES)
  if (offset < 0 || offset >= source.byteLength) throw new DamagedParquet('a bloom filter is outside the file')
  const first = await source.read(
    offset,
    Math.min(source.byteLength, Math.max(offset + MAX_BLOOM_HEADER_BYTES, wholeEnd)),
    signal,
  )
  const { headerBytes, bitsetBytes, isKnownKind } = readBloomFilterHeader(first)
  if (!isKnownKind || bitsetBytes > MAX_FILTER_BYTES) return null
  const [start, end] = [offset + headerBytes, offset + headerBytes + bitsetBytes]
  if (end > source.byteLength) throw new DamagedParquet(`a bloom filter of ${bitsetBytes} bytes ends outside the file`)
  const bits =
    first.length >= headerBytes + bitsetBytes
      ? first.subarray(headerBytes, headerBytes + bitsetBytes)
      : await source.read(start, end, signal)
  return createBloomFilter(bits)
}

/** A header and the size of the bits that follow it. */
type BloomFilterHeader = { headerBytes: number; bitsetBytes: number; isKnownKind: boolean }

/** @throws {DamagedParquet} when the bits of a filter of the known kind are not a whole number of blocks */
export function readBloomFilterHeader(bytes: Uint8Array): BloomFilterHeader {
  const { struct, end } = readThrift(bytes)
  const bitsetBytes = struct.count(1, "a bloom filter's length")
  // Blocks, xxHash, not compressed: the only ones that are defined, each as a union's first member.
  const isKnownKind = [2, 3, 4].every((field) => struct.struct(field)?.has(1) === true)
  if (isKnownKind && (bitsetBytes === 0 || bitsetBytes % BLOCK_BYTES !== 0)) {
    throw new DamagedParquet(`a bloom filter has the wrong length ${bitsetBytes}`)
  }
  return { headerBytes: end, bitsetBytes, isKnownKind }
}

function createBloomFilter(bits: Uint8Array): BloomFilter {
  const view = new DataView(bits.buffer, bits.byteOffset, bits.byteLength)
  const blockCount = bits.length / BLOCK_BYTES
  const mightHoldHash = ({ high, low }: HashHalves) => {
    const block = blockIndex(high, blockCount) * BLOCK_BYTES
    return BLOOM_SALTS.every((salt, word) => {
      const bit = Math.imul(low, salt) >>> 27
      return ((view.getUint32(block + 4 * word, true) >>> bit) & 1) === 1
    })
  }
  return { mightHoldHash, mightHold: (plainValue) => mightHoldHash(xxhash64(plainValue)) }
}

/** The index of the block that has the bits of a value, by the upper half of its hash. */
export function blockIndex(high: number, blockCount: number): number {
  // Less than 2^52.
  return Math.floor(((high >>> 0) * blockCount) / 2 ** 32)
}
