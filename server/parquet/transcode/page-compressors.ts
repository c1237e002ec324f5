import 'server-only'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { DEFAULT_LEVELS } from '@/lib/iceberg/properties/compression'
import type { WrittenCodec } from './column-layout'

/**
 * Compresses the bytes of a page.
 *
 * @param level null: the codec's usual one
 */
export type CompressPage = (plain: Uint8Array, level: number | null) => Uint8Array | Promise<Uint8Array>

export type PageCompressors = Readonly<Record<Exclude<WrittenCodec, 'uncompressed'>, CompressPage>>

const { ZSTD_c_compressionLevel, BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants
const gzip = promisify(zlib.gzip)
const zstd = promisify<Uint8Array, zlib.ZstdOptions, Buffer>(zlib.zstdCompress)
const brotli = promisify<Uint8Array, zlib.BrotliOptions, Buffer>(zlib.brotliCompress)

/** The length that `lz4-napi` writes before a block; in Parquet it is in the page's header. */
const LZ4_LENGTH_BYTES = 4
/** Space for the overhead of a codec on incompressible bytes. */
const OVERHEAD_BYTES = 1024
/** Up to this size, another thread takes longer to begin with a page than a fast codec takes to compress it. */
const SMALL_PAGE_BYTES = 512 * 1024

/** Compression with the libraries of Node, and native ones, which are loaded when they are needed. */
export const pageCompressors: PageCompressors = {
  gzip: (plain, level) => gzip(plain, { ...oneChunk(plain), ...(level !== null && { level }) }),
  zstd: (plain, level) => {
    if (plain.length <= MAX_RAW_BYTES) return rawZstdFrame(plain)
    const options = {
      ...oneChunk(plain),
      // The size is known before the page is compressed, so that a small page does not cost the memory of a large one.
      pledgedSrcSize: plain.length,
      params: level === null ? {} : { [ZSTD_c_compressionLevel]: level },
    }
    const isFast = plain.length <= SMALL_PAGE_BYTES && (level ?? DEFAULT_LEVELS.zstd) <= DEFAULT_LEVELS.zstd
    return isFast ? zlib.zstdCompressSync(plain, options) : zstd(plain, options)
  },
  brotli: (plain, level) =>
    brotli(plain, {
      ...oneChunk(plain),
      params: {
        [BROTLI_PARAM_QUALITY]: level ?? DEFAULT_LEVELS.brotli,
        [BROTLI_PARAM_SIZE_HINT]: plain.length,
      },
    }),
  snappy: async (plain) => {
    const { compress, compressSync } = await import('snappy')
    return plain.length <= SMALL_PAGE_BYTES ? compressSync(plain) : await compress(plain)
  },
  lz4_raw: async (plain) => {
    const { compress, compressSync } = await import('lz4-napi')
    const block =
      plain.length <= SMALL_PAGE_BYTES
        ? compressSync(Buffer.from(plain.buffer, plain.byteOffset, plain.length))
        : await compress(plain)
    return block.subarray(LZ4_LENGTH_BYTES)
  },
}

/** Too short for zstd to gain more than a few bytes, for which it would reserve and clear its memory. */
const MAX_RAW_BYTES = 64
const ZSTD_MAGIC = 0xfd2fb528
/** One segment, whose size is in the next byte. */
const ZSTD_SMALL_FRAME = 0x20
const ZSTD_LAST_BLOCK = 1

/**
 * A frame with one block that is not compressed.
 *
 * Spec: RFC 8878, *Zstandard Frames*.
 */
function rawZstdFrame(plain: Uint8Array): Uint8Array {
  const frame = Buffer.allocUnsafe(9 + plain.length)
  frame.writeUInt32LE(ZSTD_MAGIC, 0)
  frame.writeUInt8(ZSTD_SMALL_FRAME, 4)
  frame.writeUInt8(plain.length, 5)
  frame.writeUIntLE((plain.length << 3) | ZSTD_LAST_BLOCK, 6, 3)
  frame.set(plain, 9)
  return frame
}

/** The output in one piece: Node passes each one through its event loop. */
function oneChunk(plain: Uint8Array): { chunkSize: number } {
  return { chunkSize: plain.length + OVERHEAD_BYTES }
}
