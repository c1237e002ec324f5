import 'server-only'
import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { decompress } from '@/lib/parquet/decompress'
import { UnsupportedParquet, withFileName } from '@/lib/parquet/errors'
import { type ColumnChunk, type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { fieldIdResolver } from '@/lib/scan/read/data-file'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { readStoredPages, type StoredPage } from '@/server/parquet/transcode/read-stored-pages'
import { spreadEvenly } from '../spread-evenly'

/** Bytes of a page that its codec compresses, and how long they are stored. */
export type SampledPage = { plain: Uint8Array; storedBytes: number }

/** `fileNames`: of the files that the pages are of. */
export type PageSample = { pages: readonly SampledPage[]; fileNames: readonly string[] }

const MAX_PAGES = 96
const MAX_BYTES = 32 * 1024 * 1024
const MAX_PAGE_BYTES = 8 * 1024 * 1024
const MAX_CHUNKS_A_FILE = 8

type Column = {
  fieldId: number
  path: readonly string[]
  /** The table's mapping, for files without field ids. */
  nameMapping: NameMapping | null
}

/**
 * Pages of a column, decompressed and checked for their lengths: at most 96 with 32 MiB, and of each file about as
 * many. Dictionaries are pages, too. Pages of more than 8 MiB are left out.
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
  for (const [i, source] of files.entries()) {
    const remainingFileCount = files.length - i
    const share = { pages: Math.ceil(budget.pages / remainingFileCount), bytes: budget.bytes / remainingFileCount }
    const found = await withFileName(source.name, () => sampleFile(source, column, { budget, share, signal }))
    if (found.length > 0) fileNames.push(source.name)
    pages.push(...found)
  }
  if (pages.length === 0)
    throw new AppError(
      'not-found',
      `No data file has a page of ${column.path.join('.')} of at most 8 MiB to try codecs on.`,
    )
  return { pages, fileNames }
}

/** The pages and bytes that may still be decompressed. */
type Budget = { pages: number; bytes: number }

/** A file takes no further page once it has its share, which its last page may exceed; the budget is never exceeded. */
type Limits = { budget: Budget; share: Budget; signal: AbortSignal }

async function sampleFile(
  source: ByteSource,
  column: Column,
  { budget, share, signal }: Limits,
): Promise<SampledPage[]> {
  if (budget.pages === 0 || budget.bytes === 0) return []
  const footer = await readFooter(source, { signal })
  const chunks = spreadEvenly(columnChunks(footer, column), Math.min(MAX_CHUNKS_A_FILE, share.pages))
  if (chunks.some(({ isEncrypted }) => isEncrypted)) {
    throw new UnsupportedParquet(`column ${column.path.join('.')} is encrypted, which Lakeshore cannot read`)
  }
  await pageCodecs.load?.(new Set(chunks.map(({ codec }) => codec)))
  const pagesPerChunk = Math.ceil(share.pages / Math.max(1, chunks.length))
  const pages: SampledPage[] = []
  let bytes = 0
  for (const chunk of chunks) {
    let ofChunk = 0
    const stored = readStoredPages(source, chunk, { maxPageBytes: MAX_PAGE_BYTES, skipsLarger: true, signal })
    for await (const page of stored) {
      const found = page.header.encodedBytes > budget.bytes ? null : decompressPage(page, chunk)
      if (found !== null && found.plain.length > 0) {
        pages.push(found)
        bytes += found.plain.length
        budget.pages -= 1
        budget.bytes -= found.plain.length
      }
      ofChunk += 1
      if (ofChunk >= pagesPerChunk || pages.length >= share.pages || bytes >= share.bytes) break
    }
    if (pages.length >= share.pages || bytes >= share.bytes) break
  }
  return pages
}

function columnChunks(footer: ParquetFooter, { fieldId, nameMapping }: Column): ColumnChunk[] {
  const fieldIdOf = fieldIdResolver(footer, nameMapping)
  const leaf = footer.leaves.findIndex((node) => fieldIdOf(node) === fieldId)
  return footer.rowGroups.flatMap(({ columns }) =>
    columns.filter((chunk) => chunk.leaf === leaf && (chunk.valueCount > 0 || chunk.isEncrypted)),
  )
}

/** In version 2, levels are never compressed and come first. */
function decompressPage({ header, body }: StoredPage, { codec }: ColumnChunk): SampledPage | null {
  if (header.kind === 'other') return null
  const levels = 'isCompressed' in header.levels ? header.levels : null
  const levelBytes = levels === null ? 0 : levels.repetitionBytes + levels.definitionBytes
  const stored = body.subarray(levelBytes)
  const applied = levels?.isCompressed === false ? 'uncompressed' : codec
  const plain = decompress({ codec: applied, codecs: pageCodecs }, stored, header.encodedBytes - levelBytes)
  return { plain, storedBytes: stored.length }
}
