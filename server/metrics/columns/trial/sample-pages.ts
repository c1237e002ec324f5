import 'server-only'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { decompress } from '@/lib/parquet/decompress'
import { type ColumnChunk, type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import { pageCodecs } from '@/server/ingest/input/page-codecs'
import { readStoredPages, type StoredPage } from '@/server/parquet/transcode/read-stored-pages'
import { spreadEvenly } from '../spread-evenly'

/** Bytes of a page that its codec compresses, and how long they are stored. */
export type SampledPage = { plain: Uint8Array; storedBytes: number }

export type PageSample = { pages: readonly SampledPage[]; fileCount: number }

const MAX_FILES = 16
const MAX_PAGES = 96
const MAX_BYTES = 32 * 1024 * 1024
const MAX_PAGE_BYTES = 8 * 1024 * 1024
const MAX_CHUNKS_A_FILE = 8

type Column = { fieldId: number; path: readonly string[] }

/**
 * Pages of a column from files that are spread evenly over the table, decompressed and checked for their lengths.
 * Dictionaries are pages, too. Pages of more than 8 MiB are left out.
 *
 * @throws {AppError} not-found if no file has a page of the column; file-damaged, not-supported, file-missing
 */
export async function samplePages(
  files: readonly ByteSource[],
  column: Column,
  signal: AbortSignal,
): Promise<PageSample> {
  const chosen = spreadEvenly(files, MAX_FILES)
  const pagesPerFile = Math.ceil(MAX_PAGES / Math.max(1, chosen.length))
  const bytesPerFile = MAX_BYTES / Math.max(1, chosen.length)
  const pages: SampledPage[] = []
  let fileCount = 0
  for (const source of chosen) {
    const found = await sampleFile(source, column, { maxPages: pagesPerFile, maxBytes: bytesPerFile, signal })
    if (found.length > 0) fileCount += 1
    pages.push(...found.slice(0, MAX_PAGES - pages.length))
  }
  if (pages.length === 0)
    throw new AppError('not-found', `No data file has a page of ${column.path.join('.')} to try codecs on.`)
  return { pages, fileCount }
}

type Limits = { maxPages: number; maxBytes: number; signal: AbortSignal }

async function sampleFile(source: ByteSource, column: Column, limits: Limits): Promise<SampledPage[]> {
  const footer = await readFooter(source, { signal: limits.signal })
  const all = columnChunks(footer, column)
  const chunks = spreadEvenly(all, Math.min(MAX_CHUNKS_A_FILE, limits.maxPages))
  await pageCodecs.load?.(new Set(chunks.map(({ codec }) => codec)))
  const pagesPerChunk = Math.ceil(limits.maxPages / Math.max(1, chunks.length))
  const pages: SampledPage[] = []
  let bytes = 0
  for (const chunk of chunks) {
    let ofChunk = 0
    for await (const page of readStoredPages(source, chunk, { maxPageBytes: MAX_PAGE_BYTES, signal: limits.signal })) {
      const plain = decompressPage(page, chunk)
      if (plain !== null && plain.plain.length > 0) pages.push(plain)
      bytes += plain?.plain.length ?? 0
      ofChunk += 1
      if (ofChunk >= pagesPerChunk || pages.length >= limits.maxPages || bytes >= limits.maxBytes) break
    }
    if (pages.length >= limits.maxPages || bytes >= limits.maxBytes) break
  }
  return pages
}

function columnChunks({ leaves, rowGroups }: ParquetFooter, { fieldId, path }: Column): ColumnChunk[] {
  const leaf = leaves.findIndex(
    (node) => node.fieldId === fieldId || (node.fieldId === null && node.path.join('.') === path.join('.')),
  )
  return rowGroups.flatMap(({ columns }) => columns.filter((chunk) => chunk.leaf === leaf && chunk.valueCount > 0))
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
