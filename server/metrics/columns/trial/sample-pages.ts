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
import { readStoredPage, readStoredPages, type StoredPage } from '@/server/parquet/transcode/read-stored-pages'
import { spreadEvenly } from '../spread-evenly'

export type SampledPage = {
  /** The bytes that its codec compresses, and their stored length. */
  plain: Uint8Array
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
const MAX_BYTES = 32 * 1024 * 1024
const MAX_PAGE_BYTES = 8 * 1024 * 1024
const MAX_CHUNKS_A_FILE = 8
/** A column chunk with a longer offset index is read from its first page. */
const MAX_INDEX_BYTES = 4 * 1024 * 1024

type Column = {
  fieldId: number
  path: readonly string[]
  /** The table's mapping, for files without field ids. */
  nameMapping: NameMapping | null
}

/**
 * Pages of a column, decompressed and checked for their lengths: at most 96 with 32 MiB, and of each file about as
 * many, spread evenly over column chunks that have an offset index, otherwise the first ones. Dictionaries are pages,
 * too. Pages of more than 8 MiB are left out.
 *
 * @param files a few, because each is read
 * @throws {AppError} not-found if no file has a page of the column; file-damaged, not-supported, file-missing
 */
export async function samplePages(
  files: readonly ByteSource[],
  column: Column,
  signal: AbortSignal,
): Promise<PageSample> {
  const budget: Budget = { pages: MAX_PAGES, bytes: MAX_BYTES }
  const pages: SampledPage[] = []
  const fileNames: string[] = []
  let isComplete = true
  for (const [i, source] of files.entries()) {
    const remainingFileCount = files.length - i
    const share = { pages: Math.ceil(budget.pages / remainingFileCount), bytes: budget.bytes / remainingFileCount }
    const found = await withFileName(source.name, () => sampleFile(source, column, { budget, share, signal }))
    isComplete &&= found.isComplete
    if (found.pages.length > 0) fileNames.push(source.name)
    pages.push(...found.pages)
  }
  if (pages.length === 0)
    throw new AppError(
      'not-found',
      `No data file has a page of ${column.path.join('.')} of at most 8 MiB to try codecs on.`,
    )
  return { pages, fileNames, isComplete }
}

/** The pages and bytes that may still be decompressed. */
type Budget = { pages: number; bytes: number }

/** A file takes no further page once it has its share, which its last page may exceed; the budget is never exceeded. */
type Limits = { budget: Budget; share: Budget; signal: AbortSignal }

type FileSample = { pages: SampledPage[]; isComplete: boolean }

async function sampleFile(source: ByteSource, column: Column, { budget, share, signal }: Limits): Promise<FileSample> {
  if (budget.pages === 0 || budget.bytes === 0) return { pages: [], isComplete: false }
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
  let bytes = 0
  for (const chunk of chunks) {
    const read: ReadPage[] = []
    for await (const stored of readSpreadPages(source, chunk, pagesPerChunk, signal)) {
      const page = stored.header.encodedBytes > budget.bytes ? null : decompressPage(stored, chunk)
      if (page !== null && page.plain.length > 0) {
        read.push(page)
        bytes += page.plain.length
        budget.pages -= 1
        budget.bytes -= page.plain.length
      }
      const count = pages.length + read.length
      if (read.length >= pagesPerChunk || count >= share.pages || bytes >= share.bytes) break
    }
    const weighed = weighPages(read, chunk.encodedBytes)
    isComplete &&= weighed.isComplete
    pages.push(...weighed.pages)
    if (pages.length >= share.pages || bytes >= share.bytes) {
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

/** In version 2, levels are never compressed and come first. */
function decompressPage({ header, body }: StoredPage, { codec }: ColumnChunk): ReadPage | null {
  if (header.kind === 'other') return null
  const levels = 'isCompressed' in header.levels ? header.levels : null
  const levelBytes = levels === null ? 0 : levels.repetitionBytes + levels.definitionBytes
  const stored = body.subarray(levelBytes)
  const applied = levels?.isCompressed === false ? 'uncompressed' : codec
  const plain = decompress({ codec: applied, codecs: pageCodecs }, stored, header.encodedBytes - levelBytes)
  return {
    plain,
    storedBytes: stored.length,
    overheadBytes: header.start + levelBytes,
    isDictionary: header.kind === 'dictionary',
  }
}

/** @param chunkBytes of all pages of the column chunk, encoded and with their headers */
function weighPages(pages: readonly ReadPage[], chunkBytes: number): FileSample {
  const encodedBytes = ({ plain, overheadBytes }: ReadPage) => plain.length + overheadBytes
  const dataBytes = sum(pages.filter(({ isDictionary }) => !isDictionary).map(encodedBytes))
  const dictionaryBytes = sum(pages.filter(({ isDictionary }) => isDictionary).map(encodedBytes))
  // A footer may claim less than its pages have.
  const weightOfData = dataBytes === 0 ? 1 : Math.max(1, (chunkBytes - dictionaryBytes) / dataBytes)
  return {
    pages: pages.map(({ isDictionary, ...page }) => ({ ...page, weight: isDictionary ? 1 : weightOfData })),
    isComplete: dictionaryBytes + dataBytes >= chunkBytes,
  }
}
