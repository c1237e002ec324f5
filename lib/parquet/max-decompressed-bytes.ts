import type { Codec } from './footer'

/** Deflate turns two bits into 258 bytes at best (RFC 1951, section 3.2.5). */
const MAX_DEFLATE_RATIO = 1032
/** A byte of length in LZ4 stands for 255 bytes. */
const MAX_LZ4_RATIO = 255
/** RFC 8878, section 3.1.1.2.4, *Block_Maximum_Size*. */
const ZSTD_BLOCK_BYTES = 128 * 1024

/**
 * The most bytes a compressed page can become, read off its outside without decompressing it. A decoder that trusts
 * the page rather than its header takes as much memory as this. Infinity where nothing bounds it.
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
      // Decoders of these fill the length of the page's header and no more, or there is none.
      return 0
  }
}

/** Walks frames and blocks. Spec: RFC 8878, section 3.1, *Frames*. What is cut off yields nothing more. */
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
      // Raw, the same byte again and again, or compressed.
      totalBytes += kind === 2 ? ZSTD_BLOCK_BYTES : length
      at += 3 + (kind === 1 ? 1 : length)
    }
    if ((descriptor & 4) !== 0) at += 4
  }
  return totalBytes
}

/** What follows the descriptor of a frame: window, dictionary, length of the content. */
function frameHeaderBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 32) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const lengthBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0
  return (isSingleSegment ? 0 : 1) + dictionaryBytes + lengthBytes
}
