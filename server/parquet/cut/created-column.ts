import 'server-only'
import type { ColumnChunk } from '@/lib/parquet/footer'

/** The column chunk of a file that does not exist yet, whose pages are in no file. */
export function createdColumn(
  leaf: number,
  { valueCount, encodedBytes = 0 }: { valueCount: number; encodedBytes?: number },
): ColumnChunk {
  return {
    leaf,
    valueCount,
    codec: 'uncompressed',
    encodings: [],
    isAllDictionary: null,
    encodedBytes,
    storedBytes: 0,
    startOffset: 0,
    dataPageOffset: 0,
    dictionaryPageOffset: null,
    statistics: null,
    byteArrayBytes: null,
    offsetIndex: null,
    columnIndex: null,
    bloomFilter: null,
  }
}
