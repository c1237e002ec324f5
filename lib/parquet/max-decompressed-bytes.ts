import type { Codec } from './footer'

/** Deflate turns two bits into at most 258 bytes (RFC 1951, section 3.2.5). */
const MAX_DEFLATE_RATIO = 1032
/** A length byte in LZ4 stands for at most 255 bytes. */
const MAX_LZ4_RATIO = 255
/** RFC 8878, section 3.1.1.2.4, *Block_Maximum_Size*. */
const ZSTD_BLOCK_BYTES = 128 * 1024

/**
 * The maximum number of bytes that a compressed page can become, computed without decompressing it. A decoder that
 * trusts the page instead of its header takes this much memory. Infinity if there is no limit.
 */
export function maxDecompressedBytes(codec: Codec, stored: Uint8Array): number {
  switch (codec) {
    case 'gzip':
      return stored.length * MAX_DEFLATE_RATIO
    case 'lz4':
      return stored.length * MAX_LZ4_RATIO
    case 'zstd':
      return maxZstdBytes(stored)
    case 'brotli':
      return Number.POSITIVE_INFINITY
    case 'uncompressed':
    case 'snappy':
    case 'lz4_raw':
    case 'lzo':
      // Decoders of these write at most the length in the page's header, or there is no decoder.
      return 0
  }
}

/** Walks frames and blocks. Spec: RFC 8878, section 3.1, *Frames*. A truncated block counts as empty. */
function maxZstdBytes(stored: Uint8Array): number {
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength)
  let totalBytes = 0
  for (let at = 0; at + 8 <= stored.length; ) {
    const magic = view.getUint32(at, true)
    if (magic >>> 4 === 0x184d2a5) {
      at += 8 + view.getUint32(at + 4, true)
      continue
    }
    if (magic !== 0xfd2fb528) return totalBytes
    const descriptor = view.getUint8(at + 4)
    at += 5 + frameHeaderBytes(descriptor)
    for (let isLast = false; !isLast && at + 3 <= stored.length; ) {
      const header = view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000
      isLast = (header & 1) === 1
      const kind = (header >> 1) & 3
      const length = header >> 3
      // Raw, one byte repeated, or compressed.
      totalBytes += kind === 2 ? ZSTD_BLOCK_BYTES : length
      at += 3 + (kind === 1 ? 1 : length)
    }
    if ((descriptor & 4) !== 0) at += 4
  }
  return totalBytes
}

/** Size of the rest of a frame header after its descriptor: window, dictionary, content length. */
function frameHeaderBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const lengthBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  return (isSingleSegment ? 0 : 1) + dictionaryBytes + lengthBytes
}
