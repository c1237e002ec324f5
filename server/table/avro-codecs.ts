import 'server-only'
import zlib from 'node:zlib'
import { snappyUncompress } from 'hyparquet'
import type { AvroCodecs } from '@/lib/iceberg/avro/codecs'

const CRC_BYTES = 4

/** Block compression of manifests and manifest lists. */
export const avroCodecs: AvroCodecs = {
  deflate: (bytes) => zlib.deflateRawSync(bytes),
  decompress: (codec, bytes, maxBytes) => {
    // zlib takes no limit of 0.
    const limit = { maxOutputLength: Math.max(maxBytes, 1) }
    switch (codec) {
      case 'deflate':
        return zlib.inflateRawSync(bytes, limit)
      case 'zstandard':
        return zlib.zstdDecompressSync(bytes, limit)
      case 'snappy':
        return unsnap(bytes, maxBytes)
    }
  },
}

/** The snappy block, then the big-endian CRC-32 of its plain bytes (Avro specification, *snappy*). */
function unsnap(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const packed = bytes.subarray(0, -CRC_BYTES)
  const plainBytes = plainLength(packed)
  if (plainBytes > maxBytes) throw new RangeError(`a snappy block of ${plainBytes} bytes, ${maxBytes} are allowed`)
  const plain = new Uint8Array(plainBytes)
  snappyUncompress(packed, plain)
  const sum = new DataView(bytes.buffer, bytes.byteOffset + packed.length).getUint32(0)
  if (zlib.crc32(plain) !== sum) throw new Error('a snappy block does not have the checksum it says')
  return plain
}

/** A snappy block begins with its plain length as a varint. */
function plainLength(packed: Uint8Array): number {
  let length = 0
  for (let index = 0; index < 5; index += 1) {
    const byte = packed[index] ?? 0
    length += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return length
  }
  throw new Error('a snappy block has no length')
}
