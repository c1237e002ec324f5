import { snappyUncompress } from 'hyparquet'
import { decompressBrotli, decompressZstd, gunzip } from 'hyparquet-compressors'
import { DamagedParquet, UnsupportedParquet } from './errors'
import type { Codec } from './footer'
import { decompressLz4, decompressLz4Raw } from './lz4'

/**
 * Decompresses a page into exactly `length` bytes, the length in the page header, which is checked against the budget
 * before. A stream with fewer or more bytes is an error; a page is never padded with zeros.
 *
 * @throws {DamagedParquet} when the bytes are not valid for the codec, {UnsupportedParquet} for LZO
 */
export function decompress(codec: Codec, input: Uint8Array, length: number): Uint8Array {
  if (codec === 'uncompressed') {
    if (input.length !== length) throw new DamagedParquet(`a page has ${input.length} bytes but claims ${length}`)
    return input
  }
  if (codec === 'lzo') throw new UnsupportedParquet('it is compressed with LZO, which Lakeshore cannot read')
  // Some writers store an empty page as no bytes at all.
  if (length === 0) return new Uint8Array(0)
  try {
    return DECODERS[codec](input, length)
  } catch (error) {
    if (error instanceof DamagedParquet) throw error
    throw new DamagedParquet(`a page is not valid ${codec}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const DECODERS: Record<Exclude<Codec, 'uncompressed' | 'lzo'>, (input: Uint8Array, length: number) => Uint8Array> = {
  snappy: (input, length) => {
    const output = new Uint8Array(length)
    snappyUncompress(input, output)
    return output
  },
  gzip: (input, length) => fillBufferExactly(length, (output) => gunzip(input, output)),
  zstd: decompressZstdFrames,
  brotli: (input, length) => fillBufferExactly(length, (output) => decompressBrotliInto(output, input)),
  lz4: decompressLz4,
  lz4_raw: decompressLz4Raw,
}

/**
 * Lets a decoder fill a buffer and checks whether it wrote the last byte, which the decoders do not report. The last
 * byte is set to a mark before decoding; if the mark is still there, decoding runs again with another mark.
 */
function fillBuffer(length: number, decode: (output: Uint8Array) => unknown, spareBytes = 0): Uint8Array {
  for (const marker of [0xa5, 0x5a]) {
    const output = new Uint8Array(length + spareBytes).fill(marker, length - 1)
    decode(output)
    if (spareBytes > 0 && output[length] !== marker) throw pageTooLongError(length)
    if (output[length - 1] !== marker) return output.subarray(0, length)
  }
  throw new DamagedParquet(`a page decompresses to fewer bytes than the ${length} it claims`)
}

/**
 * Like {@link fillBuffer}, for decoders that write nothing after their output: one extra byte shows whether it is
 * longer.
 */
function fillBufferExactly(length: number, decode: (output: Uint8Array) => unknown): Uint8Array {
  return fillBuffer(length, decode, 1)
}

/**
 * The decoder uses the rest of its output as scratch space, so only the length in a frame shows that it is too long.
 */
function decompressZstdFrames(input: Uint8Array, length: number): Uint8Array {
  const claimedBytes = readZstdContentSize(input)
  if (claimedBytes !== null && claimedBytes > length) throw pageTooLongError(length)
  return fillBuffer(length, (output) => decompressZstd(input, output))
}

/** Spec: RFC 8878, section 3.1.1.1, *Frame_Header*. Null if the first frame does not state its length. */
function readZstdContentSize(input: Uint8Array): bigint | null {
  const view = new DataView(input.buffer, input.byteOffset, input.byteLength)
  if (input.length < 18 || view.getUint32(0, true) !== 0xfd2fb528) return null
  const descriptor = view.getUint8(4)
  const isSingleSegment = (descriptor & 32) !== 0
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryBytes
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? BigInt(view.getUint8(at)) : null
    case 1:
      return BigInt(view.getUint16(at, true) + 256)
    case 2:
      return BigInt(view.getUint32(at, true))
    default:
      return view.getBigUint64(at, true)
  }
}

/** No buffer of the decoder other than its window is this long. */
const SMALL_BUFFER_BYTES = 128 * 1024
/** How much longer the decoder's window is than the power of two for it. */
const WINDOW_SLACK_BYTES = 128 + 4096 + 24

/**
 * hyparquet-compressors' brotli decoder allocates its own output and grows it without limit if a stream yields more
 * than expected: a few kilobytes became gigabytes and took minutes. While it runs, which is synchronous, this
 * intercepts its buffers: the first is the output, and a request for a larger one stops it.
 */
function decompressBrotliInto(output: Uint8Array, input: Uint8Array): void {
  const OriginalUint8Array = globalThis.Uint8Array
  let isFirst = true
  const guardedUint8Array = new Proxy(OriginalUint8Array, {
    construct(target, args: unknown[]) {
      if (isFirst) {
        isFirst = false
        return output
      }
      const [size] = args
      if (typeof size === 'number' && size > output.length && size > SMALL_BUFFER_BYTES && !isWindow(size)) {
        throw pageTooLongError(output.length - 1)
      }
      return Reflect.construct(target, args)
    },
  })
  try {
    globalThis.Uint8Array = guardedUint8Array
    decompressBrotli(input, output.length)
  } finally {
    globalThis.Uint8Array = OriginalUint8Array
  }
}

function isWindow(size: number): boolean {
  return Number.isInteger(Math.log2(size - WINDOW_SLACK_BYTES)) && size <= 2 ** 24 + WINDOW_SLACK_BYTES
}

function pageTooLongError(length: number): DamagedParquet {
  return new DamagedParquet(`a page decompresses to more bytes than the ${length} it claims`)
}
