import 'server-only'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { IndexedField } from '@/lib/iceberg/schema/schema'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { withFileName } from '@/lib/parquet/errors'
import type { ColumnChunk, ParquetFooter, StoredEncoding } from '@/lib/parquet/footer'
import { readFooter } from '@/lib/parquet/footer'
import { readOffsetIndex } from '@/lib/parquet/offset-index'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { fieldIdResolver } from '@/lib/scan/read/data-file'
import { computePlainBytes, sizesFromFooter } from '@/server/data-files/measure/footer-sizes'
import type { DataFileSizes } from '@/server/db/catalog/data-file-sizes'

/** The figures of a leaf column in one file. */
export type FileColumn = {
  /** Null if neither the file nor the name mapping has one. */
  fieldId: number | null
  plainBytes: number
  isPlainEstimated: boolean
  encodedBytes: number
  /** By the codec's name in the format. */
  storedBytesByCodec: ReadonlyMap<string, number>
  /** How many column chunks have each encoding of values. */
  encodings: ReadonlyMap<StoredEncoding, number>
  hasDictionary: boolean
  /** Null if the footer does not say. */
  hasDictionaryFallback: boolean | null
  /** Size of each data page, with its header; null if the file has no offset index or too long a one. */
  pageBytes: Uint32Array | null
}

export type FileColumns = { columns: readonly FileColumn[]; footerBytes: number; sizes: DataFileSizes }

/** The offset indexes of a file follow one another; longer ones than this are not read. */
const MAX_INDEX_BYTES = 4 * 1024 * 1024

/**
 * @param nameMapping of the table, for files without field ids
 * @param fields of the table by id, which name the columns of the sizes
 * @throws {AppError} file-damaged, not-supported (also for columns without ids), too-large; errors of the source
 */
export async function readFileColumns(
  source: ByteSource,
  { nameMapping, fields }: { nameMapping: NameMapping | null; fields: ReadonlyMap<number, IndexedField> },
  signal: AbortSignal,
): Promise<FileColumns> {
  const footer = await readFooter(source, { signal })
  const chunks = footer.rowGroups.flatMap(({ columns }) => columns)
  const pageBytes = await readPageBytes(source, chunks, signal)
  const columns = await toFileColumns(source, footer, { nameMapping, pageBytes })
  const sizes = await withFileName(source.name, () => sizesFromFooter(footer, fields))
  return { footerBytes: footer.footerBytes, sizes, columns }
}

/**
 * As {@link readFileColumns}, without the sizes of pages, which are not in the footer.
 *
 * @returns how many bytes the footer has, and what it says wrote the file, too
 */
export async function readFooterColumns(
  source: ByteSource,
  nameMapping: NameMapping | null,
  signal: AbortSignal,
): Promise<{ columns: readonly FileColumn[]; footerBytes: number; createdBy: string | null }> {
  const footer = await readFooter(source, { signal })
  const columns = await toFileColumns(source, footer, { nameMapping, pageBytes: () => null })
  return { columns, footerBytes: footer.footerBytes, createdBy: footer.createdBy }
}

async function toFileColumns(
  { name }: ByteSource,
  footer: ParquetFooter,
  { nameMapping, pageBytes }: { nameMapping: NameMapping | null; pageBytes: PageBytes },
): Promise<FileColumn[]> {
  return withFileName(name, () => {
    const fieldIdOf = fieldIdResolver(footer, nameMapping)
    const byLeaf = Map.groupBy(
      footer.rowGroups.flatMap(({ columns }) => columns),
      ({ leaf }) => leaf,
    )
    return footer.leaves.map((leaf, i) => ({
      fieldId: fieldIdOf(leaf),
      ...toFileColumn(leaf, byLeaf.get(i) ?? [], pageBytes),
    }))
  })
}

type PageBytes = (chunk: ColumnChunk) => number[] | null

/** One read of all offset indexes. */
async function readPageBytes(
  source: ByteSource,
  chunks: readonly ColumnChunk[],
  signal: AbortSignal,
): Promise<PageBytes> {
  const indexes = chunks.flatMap(({ offsetIndex }) => offsetIndex ?? [])
  const start = indexes.reduce((least, { offset }) => Math.min(least, offset), Number.POSITIVE_INFINITY)
  const end = indexes.reduce((most, { offset, lengthBytes }) => Math.max(most, offset + lengthBytes), 0)
  if (indexes.length < chunks.length || end - start > MAX_INDEX_BYTES || start < 0 || end > source.byteLength) {
    return () => null
  }
  if (chunks.length === 0) return () => []
  const bytes = await source.read(start, end, signal)
  return ({ offsetIndex }) => {
    if (offsetIndex === null) return null
    const at = offsetIndex.offset - start
    return readOffsetIndex(bytes.subarray(at, at + offsetIndex.lengthBytes)).map(({ storedBytes }) => storedBytes)
  }
}

function toFileColumn(
  leaf: SchemaNode,
  chunks: readonly ColumnChunk[],
  pageBytesOf: PageBytes,
): Omit<FileColumn, 'fieldId'> {
  const storedBytesByCodec = new Map<string, number>()
  const encodings = new Map<StoredEncoding, number>()
  const plain = chunks.map((chunk) => computePlainBytes(chunk, leaf))
  for (const chunk of chunks) {
    storedBytesByCodec.set(chunk.codec, (storedBytesByCodec.get(chunk.codec) ?? 0) + chunk.storedBytes)
    for (const encoding of valueEncodings(chunk, leaf)) encodings.set(encoding, (encodings.get(encoding) ?? 0) + 1)
  }
  const withDictionary = chunks.filter(hasDictionary)
  const pages = chunks.map(pageBytesOf)
  return {
    plainBytes: plain.reduce((total, { bytes }) => total + bytes, 0),
    isPlainEstimated: plain.some(({ isEstimated }) => isEstimated),
    encodedBytes: chunks.reduce((total, { encodedBytes }) => total + encodedBytes, 0),
    storedBytesByCodec,
    encodings,
    hasDictionary: withDictionary.length > 0,
    hasDictionaryFallback: withDictionary.some(({ isAllDictionary }) => isAllDictionary === false)
      ? true
      : withDictionary.some(({ isAllDictionary }) => isAllDictionary === null)
        ? null
        : false,
    pageBytes: pages.includes(null) ? null : Uint32Array.from(pages.flatMap((sizes) => sizes ?? [])),
  }
}

function hasDictionary({ encodings }: ColumnChunk): boolean {
  return encodings.includes('PLAIN_DICTIONARY') || encodings.includes('RLE_DICTIONARY')
}

/** The list of a column chunk also has the encodings of levels, and that of the dictionary's own values. */
function valueEncodings(chunk: ColumnChunk, leaf: SchemaNode): StoredEncoding[] {
  const isOfLevels = (encoding: StoredEncoding) =>
    encoding === 'BIT_PACKED' || (encoding === 'RLE' && leaf.leaf?.physicalType !== 'BOOLEAN')
  const isOfDictionary = (encoding: StoredEncoding) =>
    encoding === 'PLAIN' && hasDictionary(chunk) && chunk.isAllDictionary !== false
  return [...new Set(chunk.encodings)].filter((encoding) => !isOfLevels(encoding) && !isOfDictionary(encoding))
}

/** Memory that {@link FileColumns} take, roughly. */
export function fileColumnsBytes({ columns }: FileColumns): number {
  return columns.reduce((total, { pageBytes }) => total + 600 + (pageBytes?.byteLength ?? 0), 200)
}
