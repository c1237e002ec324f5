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
    const options = { maxOutputLength: Math.max(maxBytes, 1), chunkSize: guessPlainBytes(bytes) }
    switch (codec) {
      case 'deflate':
        return withoutSlack(zlib.inflateRawSync(bytes, options))
      case 'zstandard':
        return withoutSlack(zlib.zstdDecompressSync(bytes, options))
      case 'snappy':
        return decompressSnappyBlock(bytes, maxBytes)
    }
  },
}

const MIN_CHUNK_BYTES = 1024
const MAX_CHUNK_BYTES = 64 * 1024

/** Some writers put every entry into a block of its own: by default zlib allocates 64 KiB for each of them. */
function guessPlainBytes({ length }: Uint8Array): number {
  return Math.min(MAX_CHUNK_BYTES, Math.max(MIN_CHUNK_BYTES, 8 * length))
}

/** Blocks are cached. A small part of a large buffer would keep all of it in memory. */
function withoutSlack(bytes: Uint8Array): Uint8Array {
  return bytes.length < bytes.buffer.byteLength ? new Uint8Array(bytes) : bytes
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
