import 'server-only'
import zlib from 'node:zlib'
import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { DECODE_LIMITS } from '@/lib/parquet/decode-limits'
import { DamagedParquet, UnsupportedParquet } from '@/lib/parquet/errors'
import type { ColumnChunk, ParquetFooter } from '@/lib/parquet/footer'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { readStoredPages } from '@/server/parquet/transcode/read-stored-pages'

/**
 * Compares the pages of a file with the checksums that its writer gave them, as Spark and Java do by default: DuckDB does
 * not, and would load other values. A column whose first page has none is not read.
 *
 * @param names the columns that are read
 * @throws {AppError} file-damaged, with the column
 */
export async function verifyChecksums(
  path: string,
  { rowGroups, leaves }: ParquetFooter,
  names: readonly string[],
): Promise<void> {
  await withFileSource(path, async (source) => {
    for (const { columns, firstRow } of rowGroups)
      for (const chunk of columns) {
        const [column = ''] = leaves[chunk.leaf]?.path ?? []
        if (!names.includes(column) || (await hasValidPages(source, chunk))) continue
        throw new AppError(
          'file-damaged',
          `Column ${column} of the file is damaged: a page after row ${formatCount(firstRow)} does not match its checksum. Nothing was loaded.`,
          { facts: { column } },
        )
      }
  })
}

/** Pages that cannot be found are left to the reader, which says why. */
async function hasValidPages(source: Parameters<typeof readStoredPages>[0], chunk: ColumnChunk): Promise<boolean> {
  const options = { maxPageBytes: DECODE_LIMITS.decodedBytes, skipsLarger: true }
  try {
    for await (const { header, body } of readStoredPages(source, chunk, options)) {
      if (header.checksum === null) return true
      if (zlib.crc32(body) !== header.checksum >>> 0) return false
    }
  } catch (error) {
    if (!(error instanceof DamagedParquet || error instanceof UnsupportedParquet)) throw error
  }
  return true
}
