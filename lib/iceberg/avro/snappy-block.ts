import { decompressSnappy, readSnappyLength } from '@/lib/parquet/snappy'

const CRC_BYTES = 4

/**
 * A snappy block is followed by the big-endian CRC-32 of its plain bytes (Avro specification, *snappy*).
 *
 * @throws {RangeError} when the result would exceed `maxBytes`; any other error when the bytes are damaged
 */
export function decompressSnappyBlock(
  bytes: Uint8Array,
  maxBytes: number,
  crc32: (plain: Uint8Array) => number,
): Uint8Array {
  const compressed = bytes.subarray(0, -CRC_BYTES)
  const { plainBytes: uncompressedBytes } = readSnappyLength(compressed)
  if (uncompressedBytes > maxBytes)
    throw new RangeError(`a snappy block of ${uncompressedBytes} bytes, ${maxBytes} are allowed`)
  const uncompressed = decompressSnappy(compressed, uncompressedBytes)
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + compressed.length).getUint32(0)
  if (crc32(uncompressed) !== checksum) throw new Error('a snappy block does not match its checksum')
  return uncompressed
}
