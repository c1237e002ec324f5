import 'server-only'
import zlib from 'node:zlib'
import type { ArrowCodecs } from '@/lib/ingest/arrow/arrow-batch'

/** Compression of the buffers of Arrow files. */
export const arrowCodecs: ArrowCodecs = {
  // zlib does not accept a limit of 0.
  zstd: (bytes, maxBytes) => zlib.zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, maxBytes) }),
}
