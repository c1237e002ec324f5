import 'server-only'
import zlib from 'node:zlib'
import {
  bytesAfterEndError,
  type DecompressPage,
  type PageCodecs,
  pageTooLongError,
  pageTooShortError,
} from '@/lib/parquet/page-codecs'

/** Native decompression of Parquet's pages. */
export const pageCodecs: PageCodecs = {
  gzip: createDecompress(zlib.gunzipSync),
  zstd: createDecompress(zlib.zstdDecompressSync),
  brotli: createDecompress(zlib.brotliDecompressSync, { allowsSeveral: false }),
  crc32: (bytes) => zlib.crc32(bytes),
}

type Decode = (stored: Uint8Array, options: { info: true; maxOutputLength: number; chunkSize: number }) => unknown
/** The result with the option `info`, which the types of Node leave out. */
type Decoded = { buffer: Buffer; engine: { bytesWritten: number } }

/** zlib accepts no smaller chunk. */
const MIN_CHUNK_BYTES = 64

/**
 * Node decodes one frame of zstd, one stream of brotli or all members of gzip, and ignores the bytes after them, so the
 * bytes that it consumed are counted.
 */
function createDecompress(decode: Decode, { allowsSeveral = true } = {}): DecompressPage {
  return (stored, lengthBytes) => {
    const parts: Buffer[] = []
    let consumedBytes = 0
    let plainBytes = 0
    do {
      const { buffer, engine } = decodeNext(
        decode,
        stored.subarray(consumedBytes),
        lengthBytes - plainBytes,
        lengthBytes,
      )
      parts.push(buffer)
      consumedBytes += engine.bytesWritten
      plainBytes += buffer.length
      if (plainBytes > lengthBytes) throw pageTooLongError(lengthBytes)
      if (!allowsSeveral && consumedBytes < stored.length) throw bytesAfterEndError()
    } while (consumedBytes < stored.length)
    if (plainBytes < lengthBytes) throw pageTooShortError(lengthBytes)
    const [whole] = parts.length === 1 ? parts : [Buffer.concat(parts)]
    return whole ? new Uint8Array(whole.buffer, whole.byteOffset, whole.length) : new Uint8Array(0)
  }
}

function decodeNext(decode: Decode, stored: Uint8Array, remainingBytes: number, lengthBytes: number): Decoded {
  try {
    return decode(stored, {
      info: true,
      // zlib does not accept a limit of 0.
      maxOutputLength: Math.max(1, remainingBytes),
      chunkSize: Math.max(MIN_CHUNK_BYTES, remainingBytes + 1),
    }) as Decoded
  } catch (error) {
    if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw pageTooLongError(lengthBytes)
    }
    throw error
  }
}
