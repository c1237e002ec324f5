import 'server-only'
import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { decompress } from '@/lib/parquet/decompress'
import { DamagedParquet, UnsupportedParquet, withFileName } from '@/lib/parquet/errors'
import { type ColumnChunk, type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { readOffsetIndex } from '@/lib/parquet/offset-index'
import { fieldIdResolver } from '@/lib/scan/read/data-file'
import { sum } from '@/lib/sum'
import { pageCodecs } from '@/server/parquet/page-codecs'
import type { ColumnLayout } from '@/server/parquet/transcode/column-layout'
import { createPageDecoder, type DecodedDictionary, type DecodedPage } from '@/server/parquet/transcode/decode-pages'
import type { PlainPage } from '@/server/parquet/transcode/page-queue'
import { cutPlainPages, toPlainDictionary } from '@/server/parquet/transcode/plain-pages'
import { readStoredPage, readStoredPages, type StoredPage } from '@/server/parquet/transcode/read-stored-pages'
import { spreadEvenly } from '../spread-evenly'

export type SampledPage = {
  /** Pages that it becomes when its file is rewritten, before compression; of a large page a few, spread evenly. */
  parts: readonly PlainPage[]
  /** How many of its bytes before compression each byte of its parts stands for. */
  partWeight: number
  /** The bytes that its codec compresses, before and after. */
  encodedBytes: number
  storedBytes: number
  /** Its header, and levels that no codec compresses. */
  overheadBytes: number
  /**
   * How many pages of its column chunk it stands for. A dictionary stands for itself; data pages share the encoded
   * bytes of the chunk that were not read.
   */
  weight: number
}

/** `fileNames`: of the files that the pages are of; `isComplete`: whether no page of the column in these files is missing. */
export type PageSample = { pages: readonly SampledPage[]; fileNames: readonly string[]; isComplete: boolean }

const MAX_PAGES = 96
/** The bytes of the pages that the parts are of, before compression. A file's last page may exceed it. */
const MAX_READ_BYTES = 512 * 1024 * 1024
/** DuckDB writes a page a row group, so pages of texts are large. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024
const MAX_CHUNKS_A_FILE = 8
/** A column chunk with a longer offset index is read from its first page. */
const MAX_INDEX_BYTES = 4 * 1024 * 1024

/** `maxBytes`: of all parts. `maxPartBytes`: of one, which each codec compresses several times. */
type SampleSize = { maxBytes: number; maxPartBytes: number }

export const SAMPLE_SIZE: SampleSize = { maxBytes: 32 * 1024 * 1024, maxPartBytes: 8 * 1024 * 1024 }

type Column = {
  fieldId: number
  path: readonly string[]
  /** The table's mapping, for files without field ids. */
  nameMapping: NameMapping | null
  /** The pages of a rewrite. */
  layout: ColumnLayout
}

/**
 * Pages of a column, decompressed, decoded and cut as a rewrite cuts them, because a codec compresses small pages less:
 * at most 96, with parts of 32 MiB, and of each file about as many, spread evenly over column chunks that have an offset
 * index, otherwise the first ones. Dictionaries are pages, too. Left out are pages of more than 64 MiB, and dictionaries
 * and pages of more than 8 MiB that cannot be cut.
 *
 * @param files a few, because each is read
 * @param size another one only for tests
 * @throws {AppError} not-found if no file has a page of the column; file-damaged, not-supported, file-missing
 */
export async function samplePages(
  files: readonly ByteSource[],
  column: Column,
  signal: AbortSignal,
  size: SampleSize = SAMPLE_SIZE,
): Promise<PageSample> {
  const budget: Budget = { pages: MAX_PAGES, bytes: size.maxBytes, readBytes: MAX_READ_BYTES }
  const pages: SampledPage[] = []
  const fileNames: string[] = []
  let isComplete = true
  for (const [i, source] of files.entries()) {
    const remainingFileCount = files.length - i
    const share = {
      pages: Math.ceil(budget.pages / remainingFileCount),
      bytes: budget.bytes / remainingFileCount,
      readBytes: budget.readBytes / remainingFileCount,
    }
    const found = await withFileName(source.name, () => sampleFile(source, column, { budget, share, size, signal }))
    isComplete &&= found.isComplete
    if (found.pages.length > 0) fileNames.push(source.name)
    pages.push(...found.pages)
  }
  if (pages.length === 0)
    throw new AppError(
      'not-found',
      `No data file has a page of ${column.path.join('.')} to try codecs on that is small enough: at most 64 MiB, or 8 MiB if it cannot be cut.`,
    )
  return { pages, fileNames, isComplete }
}

/** The pages, the bytes of their parts, and the bytes of whole pages that may still be sampled. */
type Budget = { pages: number; bytes: number; readBytes: number }

/** A file takes no further page once it has its share, which its last page may exceed; the budget is never exceeded. */
type Limits = { budget: Budget; share: Budget; size: SampleSize; signal: AbortSignal }

type FileSample = { pages: SampledPage[]; isComplete: boolean }

async function sampleFile(
  source: ByteSource,
  column: Column,
  { budget, share, size, signal }: Limits,
): Promise<FileSample> {
  if (budget.pages === 0 || budget.bytes === 0 || budget.readBytes <= 0) return { pages: [], isComplete: false }
  const footer = await readFooter(source, { signal })
  const all = columnChunks(footer, column)
  const chunks = spreadEvenly(all, Math.min(MAX_CHUNKS_A_FILE, share.pages))
  if (chunks.some(({ isEncrypted }) => isEncrypted)) {
    throw new UnsupportedParquet(`column ${column.path.join('.')} is encrypted, which Lakeshore cannot read`)
  }
  await pageCodecs.load?.(new Set(chunks.map(({ codec }) => codec)))
  const pagesPerChunk = Math.ceil(share.pages / Math.max(1, chunks.length))
  const pages: SampledPage[] = []
  let isComplete = chunks.length === all.length
  const maxPartsBytes = share.bytes / Math.max(1, chunks.length)
  let bytes = 0
  let readBytes = 0
  const isShareUsed = (count: number) => count >= share.pages || bytes >= share.bytes || readBytes >= share.readBytes
  for (const chunk of chunks) {
    const read: ReadPage[] = []
    const readPage = createPageReader(footer, chunk, column.layout)
    for await (const stored of readSpreadPages(source, chunk, pagesPerChunk, signal)) {
      const whole = readPage(stored)
      readBytes += stored.header.encodedBytes
      budget.readBytes -= stored.header.encodedBytes
      const page = whole && thinPage(whole, Math.min(maxPartsBytes, budget.bytes), size.maxPartBytes)
      const partsBytes = page === null ? 0 : bytesOfParts(page.parts)
      if (page !== null && partsBytes <= budget.bytes) {
        read.push(page)
        bytes += partsBytes
        budget.pages -= 1
        budget.bytes -= partsBytes
      }
      if (read.length >= pagesPerChunk || isShareUsed(pages.length + read.length)) break
    }
    const weighed = weighPages(read, chunk.encodedBytes)
    isComplete &&= weighed.isComplete
    pages.push(...weighed.pages)
    if (isShareUsed(pages.length)) {
      isComplete &&= chunk === chunks.at(-1)
      break
    }
  }
  return { pages, isComplete }
}

/** The dictionary of a column chunk and `count` pages spread over it, or its first pages if it has no offset index. */
async function* readSpreadPages(
  source: ByteSource,
  chunk: ColumnChunk,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<StoredPage> {
  const { offsetIndex, startOffset, storedBytes } = chunk
  if (offsetIndex === null || offsetIndex.lengthBytes > MAX_INDEX_BYTES) {
    yield* readStoredPages(source, chunk, { maxPageBytes: MAX_PAGE_BYTES, skipsLarger: true, signal })
    return
  }
  const end = startOffset + storedBytes
  const index = await source.read(offsetIndex.offset, offsetIndex.offset + offsetIndex.lengthBytes, signal)
  const locations = readOffsetIndex(index)
  if (locations.some((page) => page.offset < startOffset || page.offset + page.storedBytes > end)) {
    throw new DamagedParquet('its offset index names a page outside its column chunk')
  }
  const first = locations[0]?.offset ?? startOffset
  const dictionary = first > startOffset ? [{ offset: startOffset, storedBytes: first - startOffset }] : []
  for (const page of [...dictionary, ...spreadEvenly(locations, Math.max(1, count - dictionary.length))]) {
    const range = { startOffset: page.offset, storedBytes: page.storedBytes }
    const stored = await readStoredPage(source, range, { maxPageBytes: MAX_PAGE_BYTES, signal })
    if (stored !== null) yield stored
  }
}

function columnChunks(footer: ParquetFooter, { fieldId, nameMapping }: Column): ColumnChunk[] {
  const fieldIdOf = fieldIdResolver(footer, nameMapping)
  const leaf = footer.leaves.findIndex((node) => fieldIdOf(node) === fieldId)
  return footer.rowGroups.flatMap(({ columns }) =>
    columns.filter((chunk) => chunk.leaf === leaf && (chunk.valueCount > 0 || chunk.isEncrypted)),
  )
}

type ReadPage = Omit<SampledPage, 'weight'> & { isDictionary: boolean }

function createPageReader(
  { leaves }: ParquetFooter,
  { leaf: index, codec }: ColumnChunk,
  layout: ColumnLayout,
): (stored: StoredPage) => ReadPage | null {
  const node = leaves[index]
  if (!node?.leaf) throw new DamagedParquet('a row group has more columns than the schema')
  const column = { node, leaf: node.leaf, layout }
  const decode = createPageDecoder(node, { codec, codecs: pageCodecs })
  let hasDictionary = false
  return (stored) => {
    const { header, body } = stored
    if (header.kind === 'other') return null
    const isIndexed = header.encoding === 'RLE_DICTIONARY' || header.encoding === 'PLAIN_DICTIONARY'
    const isDictionary = header.kind === 'dictionary'
    hasDictionary ||= isDictionary
    // In version 2, levels are never compressed and come first.
    const levels = 'isCompressed' in header.levels ? header.levels : null
    const levelBytes = levels === null ? 0 : levels.repetitionBytes + levels.definitionBytes
    return {
      // A dictionary of more than 64 MiB is not read, and indexes cannot be decoded without one.
      parts:
        isIndexed && !hasDictionary ? [decompressPage(stored, codec, levelBytes)] : cutPages(decode(stored), column),
      partWeight: 1,
      encodedBytes: header.encodedBytes - levelBytes,
      storedBytes: body.length - levelBytes,
      overheadBytes: header.start + levelBytes,
      isDictionary,
    }
  }
}

/** With a few of its parts if they have more than `maxBytes`; null if it has none that a codec could be tried on. */
function thinPage(page: ReadPage, maxBytes: number, maxPartBytes: number): ReadPage | null {
  const totalBytes = bytesOfParts(page.parts)
  if (page.encodedBytes === 0 || page.parts.some(({ body }) => body.length > maxPartBytes)) return null
  if (totalBytes <= maxBytes) return page
  const count = Math.max(1, Math.floor((page.parts.length * maxBytes) / totalBytes))
  if (count >= page.parts.length) return page
  // Copies, because a part of a page would keep all of it in memory.
  const parts = spreadEvenly(page.parts, count).map((part) => ({ ...part, body: Uint8Array.from(part.body) }))
  return { ...page, parts, partWeight: totalBytes / Math.max(1, bytesOfParts(parts)) }
}

function bytesOfParts(parts: readonly PlainPage[]): number {
  return sum(parts.map(({ body }) => body.length))
}

function cutPages(
  page: DecodedDictionary | DecodedPage | null,
  column: Parameters<typeof cutPlainPages>[1],
): PlainPage[] {
  if (page === null) return []
  if (page.kind === 'data') return [...cutPlainPages(page, column)].map(({ plain }) => plain)
  return column.layout.dictionary === 'keep' ? [toPlainDictionary(page)] : []
}

/** A data page as a whole, without the fields of its header. */
function decompressPage({ header, body }: StoredPage, codec: ColumnChunk['codec'], levelBytes: number): PlainPage {
  const applied = 'isCompressed' in header.levels && !header.levels.isCompressed ? 'uncompressed' : codec
  const plainBytes = header.encodedBytes - levelBytes
  const plain = decompress({ codec: applied, codecs: pageCodecs }, body.subarray(levelBytes), plainBytes)
  return { kind: 'data', levels: body.subarray(0, levelBytes), body: plain, header: {} }
}

/** @param chunkBytes of all pages of the column chunk, encoded and with their headers */
function weighPages(pages: readonly ReadPage[], chunkBytes: number): FileSample {
  const pageBytes = ({ encodedBytes, overheadBytes }: ReadPage) => encodedBytes + overheadBytes
  const dataBytes = sum(pages.filter(({ isDictionary }) => !isDictionary).map(pageBytes))
  const dictionaryBytes = sum(pages.filter(({ isDictionary }) => isDictionary).map(pageBytes))
  // A footer may claim less than its pages have.
  const weightOfData = dataBytes === 0 ? 1 : Math.max(1, (chunkBytes - dictionaryBytes) / dataBytes)
  return {
    pages: pages.map(({ isDictionary, ...page }) => ({ ...page, weight: isDictionary ? 1 : weightOfData })),
    isComplete: dictionaryBytes + dataBytes >= chunkBytes && pages.every(({ partWeight }) => partWeight === 1),
  }
}
