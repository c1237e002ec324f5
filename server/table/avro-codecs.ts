import 'server-only'
import zlib from 'node:zlib'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { decompressSnappy, readSnappyLength } from '@/lib/parquet/snappy'

const CRC_BYTES = 4

/** Block compression of manifests and manifest lists. */
export const avroCodecs: AvroCodecs = {
  deflate: (bytes) => zlib.deflateRawSync(bytes),
  decompress: (codec, bytes, maxBytes) => {
    // zlib does not accept a limit of 0.
    const limit = { maxOutputLength: Math.max(maxBytes, 1) }
    switch (codec) {
      case 'deflate':
        return zlib.inflateRawSync(bytes, limit)
      case 'zstandard':
        return zlib.zstdDecompressSync(bytes, limit)
      case 'snappy':
        return decompressSnappyBlock(bytes, maxBytes)
    }
  },
}

/** A snappy block is followed by the big-endian CRC-32 of its plain bytes (Avro specification, *snappy*). */
function decompressSnappyBlock(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const compressed = bytes.subarray(0, -CRC_BYTES)
  const { plainBytes: uncompressedBytes } = readSnappyLength(compressed)
  if (uncompressedBytes > maxBytes)
    throw new RangeError(`a snappy block of ${uncompressedBytes} bytes, ${maxBytes} are allowed`)
  const uncompressed = decompressSnappy(compressed, uncompressedBytes)
  const checksum = new DataView(bytes.buffer, bytes.byteOffset + compressed.length).getUint32(0)
  if (zlib.crc32(uncompressed) !== checksum) throw new Error('a snappy block does not match its checksum')
  return uncompressed
}
