import 'server-only'
import type { ByteSource } from '@/lib/parquet/byte-source'
import type { ColumnChunk } from '@/lib/parquet/footer'

/** Column chunks follow one another, and a read costs more than copying their bytes. */
const READ_AHEAD_BYTES = 4 * 1024 * 1024

/** The file for one column chunk: those that follow it may be read elsewhere. */
export function chunkSource(
  source: ByteSource,
  { startOffset, storedBytes }: Pick<ColumnChunk, 'startOffset' | 'storedBytes'>,
): ByteSource {
  return readAhead(source, { aheadEnd: startOffset + storedBytes })
}

/**
 * A file that is read mostly from its start to its end.
 *
 * @param onRead is given the end of each part that was read
 * @param aheadEnd nothing behind it is read ahead
 */
export function readAhead(
  source: ByteSource,
  { onRead, aheadEnd = source.byteLength }: { onRead?: (end: number) => void; aheadEnd?: number } = {},
): ByteSource {
  const { name, byteLength } = source
  let block: { start: number; bytes: Uint8Array } = { start: 0, bytes: new Uint8Array(0) }
  return {
    name,
    byteLength,
    read: async (start, end, signal) => {
      if (start < block.start || end > block.start + block.bytes.length) {
        const blockEnd = Math.max(end, Math.min(aheadEnd, start + READ_AHEAD_BYTES))
        block = { start, bytes: await source.read(start, blockEnd, signal) }
        onRead?.(blockEnd)
      }
      return block.bytes.subarray(start - block.start, end - block.start)
    },
  }
}
