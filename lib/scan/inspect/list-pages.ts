import { MAX_BLOOM_HEADER_BYTES, readBloomFilterHeader } from '@/lib/parquet/bloom-filter'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { type ColumnIndex, readColumnIndex } from '@/lib/parquet/column-index'
import { DamagedParquet, OversizedParquet, withFileName } from '@/lib/parquet/errors'
import type { ColumnChunk, Encoding, RowGroup } from '@/lib/parquet/footer'
import { type PageLocation, readOffsetIndex } from '@/lib/parquet/offset-index'
import { readPageHeader } from '@/lib/parquet/page'

/** One page of a column chunk, as far as headers and indexes describe it. Members that neither has are null. */
export type ListedPage = {
  kind: 'dictionary' | 'data'
  /** Offset of its header in the file. */
  offset: number
  /** With its header. */
  storedBytes: number
  encodedBytes: number | null
  encoding: Encoding | null
  valueCount: number | null
  /** In the row group. */
  firstRow: number | null
  nullCount: number | null
  min: Uint8Array | null
  max: Uint8Array | null
}

export type ChunkPagesList = {
  /** Null for a chunk without an offset index whose headers would take more than `maxReadBytes` to read. */
  pages: readonly ListedPage[] | null
  /** Whether the page headers were read, which say encodings and counts. */
  hasHeaders: boolean
  order: ColumnIndex['order'] | null
  /** Size of the bits; null without a filter. */
  bloomFilterBytes: number | null
}

/** Reading a chunk for its headers is worth this many bytes. */
export const DEFAULT_MAX_READ_BYTES = 4 * 1024 * 1024
const MAX_INDEX_BYTES = 32 * 1024 * 1024
const MAX_PAGES = 100_000

/**
 * Lists the pages of a column chunk without decoding any: from their headers if the chunk is small enough to be read,
 * otherwise from its offset index.
 *
 * @throws {AppError} file-damaged, not-supported or too-large, naming the file
 */
export async function listPages(
  source: ByteSource,
  group: RowGroup,
  chunk: ColumnChunk,
  { maxReadBytes = DEFAULT_MAX_READ_BYTES, signal }: { maxReadBytes?: number; signal?: AbortSignal } = {},
): Promise<ChunkPagesList> {
  return await withFileName(source.name, async () => {
    const readSpan = async (span: { offset: number; lengthBytes: number }) => {
      if (span.lengthBytes > MAX_INDEX_BYTES)
        throw new OversizedParquet(`a page index has ${span.lengthBytes} bytes, more than ${MAX_INDEX_BYTES}`)
      return source.read(span.offset, span.offset + span.lengthBytes, signal)
    }
    const [locations, columnIndex, bloomFilterBytes] = await Promise.all([
      chunk.offsetIndex && readSpan(chunk.offsetIndex).then(readOffsetIndex),
      chunk.columnIndex && readSpan(chunk.columnIndex).then(readColumnIndex),
      readBloomFilterBytes(source, chunk, signal),
    ])
    const hasHeaders = chunk.storedBytes <= maxReadBytes
    const pages = hasHeaders
      ? walkHeaders(await source.read(chunk.startOffset, chunk.startOffset + chunk.storedBytes, signal), chunk, group)
      : locations && fromLocations(locations, chunk)
    if (pages) requirePageCount(pages.length)
    const order = columnIndex?.order ?? null
    return { pages: pages && withBounds(pages, locations, columnIndex), hasHeaders, order, bloomFilterBytes }
  })
}

async function readBloomFilterBytes(
  source: ByteSource,
  { bloomFilter }: ColumnChunk,
  signal?: AbortSignal,
): Promise<number | null> {
  if (!bloomFilter) return null
  const { offset } = bloomFilter
  if (offset < 0 || offset >= source.byteLength) throw new DamagedParquet(`a bloom filter begins at byte ${offset}`)
  const end = Math.min(source.byteLength, offset + MAX_BLOOM_HEADER_BYTES)
  return readBloomFilterHeader(await source.read(offset, end, signal)).bitsetBytes
}

function walkHeaders(bytes: Uint8Array, chunk: ColumnChunk, group: RowGroup): ListedPage[] {
  const pages: ListedPage[] = []
  let valuesSeen = 0
  // A value is a row unless lists are in the column, which the count of values shows.
  const isFlat = chunk.valueCount === group.rowCount
  for (let at = 0; at < bytes.length && valuesSeen < chunk.valueCount; ) {
    const header = readPageHeader(bytes, at)
    if (header.kind !== 'other') {
      const isData = header.kind !== 'dictionary'
      pages.push({
        kind: isData ? 'data' : 'dictionary',
        offset: chunk.startOffset + at,
        storedBytes: header.end - at,
        encodedBytes: header.encodedBytes,
        encoding: header.encoding,
        valueCount: header.valueCount,
        firstRow: isData && isFlat ? valuesSeen : null,
        nullCount: header.nullCount,
        min: null,
        max: null,
      })
      requirePageCount(pages.length)
      if (isData) valuesSeen += header.valueCount
    }
    at = header.end
  }
  return pages
}

function fromLocations(locations: readonly PageLocation[], chunk: ColumnChunk): ListedPage[] {
  const unknown = { encodedBytes: null, encoding: null, valueCount: null, nullCount: null, min: null, max: null }
  const first = locations[0]
  const dictionaryBytes = (first?.offset ?? chunk.startOffset) - chunk.startOffset
  const dictionary: ListedPage[] =
    dictionaryBytes > 0
      ? [{ ...unknown, kind: 'dictionary', offset: chunk.startOffset, storedBytes: dictionaryBytes, firstRow: null }]
      : []
  return [
    ...dictionary,
    ...locations.map(
      ({ offset, storedBytes, firstRow }): ListedPage => ({ ...unknown, kind: 'data', offset, storedBytes, firstRow }),
    ),
  ]
}

/** The indexes list data pages only. */
function withBounds(
  pages: readonly ListedPage[],
  locations: readonly PageLocation[] | null,
  columnIndex: ColumnIndex | null,
): ListedPage[] {
  const dataPageCount = pages.filter(({ kind }) => kind === 'data').length
  if (columnIndex && columnIndex.pages.length !== dataPageCount)
    throw new DamagedParquet(`a column index has ${columnIndex.pages.length} pages, but the chunk ${dataPageCount}`)
  let index = -1
  return pages.map((page) => {
    if (page.kind === 'dictionary') return page
    index += 1
    const bounds = columnIndex?.pages[index]
    return {
      ...page,
      firstRow: locations?.[index]?.firstRow ?? page.firstRow,
      min: bounds?.min ?? null,
      max: bounds?.max ?? null,
      nullCount: bounds?.nullCount ?? page.nullCount,
    }
  })
}

function requirePageCount(count: number): void {
  if (count > MAX_PAGES) throw new OversizedParquet(`a column chunk has more than ${MAX_PAGES} pages`)
}
