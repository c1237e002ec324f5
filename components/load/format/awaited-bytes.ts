import { BEGINNING_BYTES } from '@/lib/client/uploads/page-upload'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { formatBytes } from '@/lib/format/bytes'

/**
 * The bytes for which the first rows of files on their way wait, as far as the server can read none of them yet; null for
 * formats whose rows are read as they come.
 */
export function awaitedBytes(format: InputFormat): string | null {
  switch (format) {
    case 'parquet':
      return 'a Parquet file has its schema at its end, so its first rows are read when its last byte is here'
    case 'arrow':
      return 'an Arrow file is read as a whole, so its first rows are read when its last byte is here'
    case 'avro':
    case 'json':
      return `the first rows are read when the first ${formatBytes(BEGINNING_BYTES)} of a file are here, or all of it`
    case 'csv':
    case 'ndjson':
      return null
  }
}

/** For a text whose first rows are longer than what has come of it. */
export const NO_ROW_YET = 'no row ends in the bytes that are here so far'
