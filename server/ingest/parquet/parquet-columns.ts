import 'server-only'
import { AppError } from '@/lib/errors'
import { CODECS, type ColumnChunk, ENCODINGS, type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { withFileSource } from '@/server/parquet/transcode/local-file'

/** Columns of a Parquet file that DuckDB does not read, by the footer as Lakeshore reads it. */

/** Null if the footer cannot be read: DuckDB then says why. */
export async function readInputFooter(path: string): Promise<ParquetFooter | null> {
  try {
    return await withFileSource(path, (source) => readFooter(source))
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/**
 * Refuses a column that DuckDB fails at with words that name neither it nor the reason.
 *
 * @param names the columns that are read. One with a codec or an encoding of a later format fails wherever it is: DuckDB
 *   then reads no column of the file
 * @throws {AppError} not-supported
 */
export function refuseUnreadableChunks({ rowGroups, leaves }: ParquetFooter, names: readonly string[]): void {
  for (const chunk of rowGroups.flatMap(({ columns }) => columns)) {
    const [column = ''] = leaves[chunk.leaf]?.path ?? []
    const problem = unknownPart(chunk) ?? (names.includes(column) ? unreadablePart(chunk, leaves[chunk.leaf]) : null)
    if (problem === null) continue
    throw new AppError('not-supported', `Column ${column} of the file ${problem}, which loads cannot read.`, {
      facts: { column, hint: 'Write the file again, for example with zstd, or without the column.' },
    })
  }
}

function unknownPart({ codec, encodings }: ColumnChunk): string | null {
  if (!CODECS.some((known) => known === codec)) return `is compressed with the ${codec}`
  const unknown = encodings.find((encoding) => !ENCODINGS.some((known) => known === encoding))
  return unknown === undefined ? null : `uses the ${unknown}`
}

function unreadablePart({ codec, encodings, isEncrypted }: ColumnChunk, node: SchemaNode | undefined): string | null {
  if (isEncrypted) return 'is encrypted'
  const isSplit = encodings.includes('BYTE_STREAM_SPLIT')
  const type = node?.leaf?.physicalType
  if (isSplit && type !== 'FLOAT' && type !== 'DOUBLE')
    return 'uses the encoding BYTE_STREAM_SPLIT for other values than float and double'
  if (codec === 'lzo') return 'is compressed with LZO'
  return codec === 'lz4' ? 'is compressed with the older LZ4 of Hadoop' : null
}
