import { DamagedParquet, UnsupportedParquet } from './errors'
import { readThrift } from './thrift'

/** A header and the size of what follows it. */
export type BloomFilterHeader = { headerBytes: number; bitsetBytes: number }

/** More than any header takes. */
export const MAX_BLOOM_HEADER_BYTES = 256

/**
 * The header of a bloom filter, which is followed by its bits.
 *
 * Spec: parquet-format, *BloomFilter.md*: split blocks of 32 bytes, XXH64, uncompressed.
 */
export function readBloomFilterHeader(bytes: Uint8Array): BloomFilterHeader {
  const { struct, end } = readThrift(bytes)
  const bitsetBytes = struct.count(1, "a bloom filter's length")
  const isKnown = struct.struct(2)?.has(1) && struct.struct(3)?.has(1) && struct.struct(4)?.has(1)
  if (!isKnown) throw new UnsupportedParquet('a bloom filter has an algorithm, a hash or a compression that is unknown')
  if (bitsetBytes === 0 || bitsetBytes % 32 !== 0)
    throw new DamagedParquet(`a bloom filter has ${bitsetBytes} bytes, which is no number of blocks`)
  return { headerBytes: end, bitsetBytes }
}
