import { BrotliDecStream, BrotliStreamResultCode, initSync } from 'brotli-dec-wasm/web'
import { bytesAfterEndError, pageTooLongError, pageTooShortError, type DecompressPage } from '@/lib/parquet/page-codecs'

export function createBrotli(module: WebAssembly.Module): DecompressPage {
  initSync({ module })
  return (stored, lengthBytes) => {
    const stream = new BrotliDecStream()
    try {
      // One more byte shows whether there is more.
      const result = stream.dec(stored, lengthBytes + 1)
      const { buf: bytes, code, input_offset: consumedBytes } = result
      result.free()
      if (bytes.length > lengthBytes) throw pageTooLongError(lengthBytes)
      if (code !== BrotliStreamResultCode.ResultSuccess) throw new Error('the data ends too early')
      if (consumedBytes < stored.length) throw bytesAfterEndError()
      if (bytes.length < lengthBytes) throw pageTooShortError(lengthBytes)
      return bytes
    } finally {
      stream.free()
    }
  }
}
