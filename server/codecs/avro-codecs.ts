import 'server-only'
import zlib from 'node:zlib'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'
import { decompressSnappyBlock } from '@/lib/iceberg/avro/snappy-block'

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
        return decompressSnappyBlock(bytes, maxBytes, (plain) => zlib.crc32(plain))
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
