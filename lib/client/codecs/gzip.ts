import { Z_FINISH, Z_STREAM_END, zlibInflate, zlibInflateInit2, zlibInflateReset, ZStream } from 'pako'
import { pageTooLongError, pageTooShortError, type DecompressPage } from '@/lib/parquet/page-codecs'

/** The largest window, and gzip's wrapper only. */
const WINDOW_BITS = 15 + 16

export const decompressGzip: DecompressPage = (stored, lengthBytes) => {
  // One more byte shows whether there is more.
  const output = new Uint8Array(lengthBytes + 1)
  const stream = Object.assign(new ZStream(), {
    input: stored,
    avail_in: stored.length,
    output,
    avail_out: output.length,
  })
  zlibInflateInit2(stream, WINDOW_BITS)
  for (;;) {
    const status = zlibInflate(stream, Z_FINISH)
    if (stream.next_out > lengthBytes) throw pageTooLongError(lengthBytes)
    if (status !== Z_STREAM_END) throw new Error(stream.msg || 'the data ends too early')
    if (stream.avail_in === 0) break
    zlibInflateReset(stream)
  }
  if (stream.next_out < lengthBytes) throw pageTooShortError(lengthBytes)
  return output.subarray(0, lengthBytes)
}
