import { snappyUncompress } from 'hyparquet'
import { decompressBrotli, decompressZstd, gunzip } from 'hyparquet-compressors'
import { DamagedParquet, UnsupportedParquet } from './errors'
import type { Codec } from './footer'
import { decompressLz4, decompressLz4Raw } from './lz4'

/**
 * Undoes a page's compression into exactly `length` bytes. The length is the page header's, checked against the
 * budget before; a stream that yields fewer or more is damage, never a page that ends in zeros.
 *
 * @throws {DamagedParquet} when the bytes are not what the codec writes, {UnsupportedParquet} for LZO
 */
export function decompress(codec: Codec, input: Uint8Array, length: number): Uint8Array {
  if (codec === 'uncompressed') {
    if (input.length !== length) throw new DamagedParquet(`a page holds ${input.length} bytes and claims ${length}`)
    return input
  }
  if (codec === 'lzo') throw new UnsupportedParquet('it is compressed with LZO')
  // Some writers keep an empty page as no bytes at all.
  if (length === 0) return new Uint8Array(0)
  try {
    return DECODERS[codec](input, length)
  } catch (error) {
    if (error instanceof DamagedParquet) throw error
    throw new DamagedParquet(`a page is not sound ${codec}: ${error instanceof Error ? error.message : String(error)}`)
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
 * Lets a decoder fill a buffer and finds out whether it reached the last byte, which the decoders do not say: the byte
 * is marked before, and only where the mark is still there decoded once more with another one.
 */
function fillBuffer(length: number, decode: (output: Uint8Array) => unknown, spareBytes = 0): Uint8Array {
  for (const marker of [0xa5, 0x5a]) {
    const output = new Uint8Array(length + spareBytes).fill(marker, length - 1)
    decode(output)
    if (spareBytes > 0 && output[length] !== marker) throw pageTooLong(length)
    if (output[length - 1] !== marker) return output.subarray(0, length)
  }
  throw new DamagedParquet(`a page yields fewer bytes than the ${length} it claims`)
}

/** As {@link fillBuffer}, for decoders that write nothing behind what they yield: a byte more tells whether that is more. */
function fillBufferExactly(length: number, decode: (output: Uint8Array) => unknown): Uint8Array {
  return fillBuffer(length, decode, 1)
}

/** The decoder uses what is left of its output as scratch: only a frame that says its length tells that it is longer. */
function decompressZstdFrames(input: Uint8Array, length: number): Uint8Array {
  const claimedBytes = readZstdContentSize(input)
  if (claimedBytes !== null && claimedBytes > length) throw pageTooLong(length)
  return fillBuffer(length, (output) => decompressZstd(input, output))
}

/** Spec: RFC 8878, section 3.1.1.1, *Frame_Header*. Null where the first frame leaves its length out. */
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

/** Of the decoder's own buffers, none but its window is as long as this. */
const SMALL_BUFFER_BYTES = 128 * 1024
/** How much longer the decoder's window is than the power of two it stands for. */
const WINDOW_SLACK_BYTES = 128 + 4096 + 24

/**
 * hyparquet-compressors' brotli decoder makes its own output, and makes it longer without end where a stream yields
 * more than it was told: some kilobytes came to gigabytes and minutes. While it runs, which is without a pause, the
 * buffers it asks for pass here: the first is the output, and one for more than that ends it.
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
        throw pageTooLong(output.length - 1)
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

function pageTooLong(length: number): DamagedParquet {
  return new DamagedParquet(`a page yields more bytes than the ${length} it claims`)
}
