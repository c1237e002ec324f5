import 'server-only'
import { type ColumnChunk, EMPTY_CHUNK } from '@/lib/parquet/footer'

/** The column chunk of a file that does not exist yet, whose pages are in no file. */
export function createdColumn(
  leaf: number,
  { valueCount, encodedBytes = 0 }: { valueCount: number; encodedBytes?: number },
): ColumnChunk {
  return { ...EMPTY_CHUNK, leaf, valueCount, encodedBytes }
}
