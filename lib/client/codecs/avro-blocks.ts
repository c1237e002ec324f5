import { Z_FINISH, Z_STREAM_END, zlibInflate, zlibInflateInit2, ZStream } from 'pako'
import { decompressSnappyBlock } from '@/lib/iceberg/avro/snappy-block'
import { crc32 } from '@/lib/parquet/crc32'
import type { ZstdDecoder } from './zstd'

/** Raw deflate, without a wrapper, with the largest window. */
const WINDOW_BITS = -15
const MIN_OUTPUT_BYTES = 4 * 1024

export function inflateBlock(stored: Uint8Array, maxBytes: number): Uint8Array {
  // A block does not say how long it is. One more byte than allowed shows that it is too long.
  let output = new Uint8Array(Math.min(maxBytes + 1, Math.max(MIN_OUTPUT_BYTES, 4 * stored.length)))
  const stream = Object.assign(new ZStream(), {
    input: stored,
    avail_in: stored.length,
    output,
    avail_out: output.length,
  })
  zlibInflateInit2(stream, WINDOW_BITS)
  for (;;) {
    const status = zlibInflate(stream, Z_FINISH)
    if (stream.next_out > maxBytes) throw tooLongError(maxBytes)
    if (status === Z_STREAM_END) return output.subarray(0, stream.next_out)
    if (stream.avail_out > 0) throw new Error(stream.msg || 'the data ends too early')
    const grown = new Uint8Array(Math.min(maxBytes + 1, 2 * output.length))
    grown.set(output)
    stream.output = grown
    stream.avail_out = grown.length - output.length
    output = grown
  }
}

export function unsnapBlock(stored: Uint8Array, maxBytes: number): Uint8Array {
  return decompressSnappyBlock(stored, maxBytes, crc32)
}

const MIN_CAPACITY_BYTES = 64 * 1024

export function unzstdBlock(decode: ZstdDecoder, stored: Uint8Array, maxBytes: number): Uint8Array {
  for (let capacity = Math.max(MIN_CAPACITY_BYTES, 8 * stored.length); ; capacity *= 4) {
    const bytes = decode(stored, Math.min(capacity, maxBytes))
    if (bytes !== null) return bytes
    if (capacity >= maxBytes) throw tooLongError(maxBytes)
  }
}

function tooLongError(maxBytes: number): RangeError {
  return new RangeError(`a block is longer than ${maxBytes} bytes`)
}
