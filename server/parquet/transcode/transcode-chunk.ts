import 'server-only'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { Values } from '@/lib/parquet/values'
import type { ValueRange } from '@/lib/parquet/write/encode-values'
import { countNans } from '@/lib/parquet/write/count-nans'
import { findExtremes } from '@/lib/parquet/write/find-extremes'
import { canHaveBloomFilter, ChunkBloomFilter } from './chunk-bloom-filter'
import type { PageSummary } from './chunk-summary'
import type { ColumnLayout } from './column-layout'
import { type ChunkToDecode, type DecodedDictionary, type DecodedPage, decodePages } from './decode-pages'
import { fillNulls } from './fill-nulls'
import type { PageQueue } from './page-queue'
import { cutPlainPages, writtenEncoding, toPlainDictionary } from './plain-pages'
import type { RowNumbers } from './row-numbers'

/** A column chunk that is in no file. */
export type DecodedChunk = {
  pages: readonly (DecodedDictionary | DecodedPage)[]
  /** How many entries its dictionary has; null without one. */
  dictionaryCount: number | null
}

export type ChunkInput = ChunkToDecode & {
  /** Index in the file of the first row of its row group. */
  firstRow: number
  /** Rows of its row group. */
  rowCount: number
  layout: ColumnLayout
  /** Returns the pages, if the source does not have them. */
  decode?: () => Promise<DecodedChunk>
  /** The values that replace nulls. */
  fill?: RowNumbers
  /** Receives each decoded page, with nulls filled, before it is written. */
  onPage?: (node: SchemaNode, page: DecodedDictionary | DecodedPage) => void
}

type Leaf = NonNullable<SchemaNode['leaf']>

/**
 * Writes the pages of a column chunk into the queue.
 *
 * @param summary complete once the queue has written the pages
 * @returns the Bloom filter to write, or null
 */
export async function transcodeChunk(
  input: ChunkInput,
  queue: PageQueue,
  summary: PageSummary,
): Promise<Uint8Array | null> {
  const { node, rowCount, layout, fill, onPage } = input
  const { leaf } = node
  if (!leaf) throw new DamagedParquet(`${node.path.join('.')} holds no values`)
  const decodedChunk = (await input.decode?.()) ?? null
  const bloomFilter = createBloomFilter(input, decodedChunk)
  let firstRow = 0
  let isFirst = true
  for await (const decoded of decodedChunk?.pages ?? decodePages(input)) {
    const page = fill && decoded.kind === 'data' ? fillNulls(decoded, fill, input.firstRow + firstRow) : decoded
    onPage?.(node, page)
    if (page.kind === 'dictionary') {
      if (layout.dictionary === 'keep') await addDictionary(page, { layout, queue, summary })
    } else {
      bloomFilter?.add(page.values)
      firstRow += await addPage(page, { node, leaf, layout, queue, summary, firstRow, isFirst })
      isFirst = false
    }
  }
  if (firstRow !== rowCount) {
    throw new DamagedParquet(`column ${node.path.join('.')} holds ${firstRow} rows, but its row group has ${rowCount}`)
  }
  return bloomFilter?.finish() ?? null
}

function createBloomFilter({ node, chunk, layout }: ChunkInput, decoded: DecodedChunk | null): ChunkBloomFilter | null {
  if (layout.bloomFilter === 'drop' || !canHaveBloomFilter(node)) return null
  if (layout.bloomFilter !== 'keep') return new ChunkBloomFilter(layout.bloomFilter, chunk.valueCount)
  const distinctCount = decoded?.dictionaryCount ?? null
  // As DuckDB does it: a filter for every column that has a dictionary.
  return distinctCount === null ? null : new ChunkBloomFilter({ ...DICTIONARY_FILTER, distinctCount }, chunk.valueCount)
}

const DICTIONARY_FILTER = { maxBytes: 1024 * 1024, falsePositiveRate: 0.01 }

type Target = { layout: ColumnLayout; queue: PageQueue; summary: PageSummary }

function addDictionary(page: DecodedDictionary, { layout, queue, summary }: Target): Promise<void> {
  return queue.add(toPlainDictionary(page), layout, (range) => summary.addDictionary(page.header.encoding, range))
}

type PageTarget = Target & { node: SchemaNode; leaf: Leaf; firstRow: number; isFirst: boolean }

/** @returns how many rows begin in the page */
async function addPage(page: DecodedPage, target: PageTarget): Promise<number> {
  const { layout, queue, summary } = target
  const { header, repetitions } = page
  const encoding = writtenEncoding(page, layout)
  if (repetitions !== null && repetitions[0] !== 0) {
    if (target.isFirst || header.kind === 'data-v2') throw new DamagedParquet('a page begins in the middle of a row')
    summary.hasSplitRows = true
  }
  let rowCount = 0
  for (const { cut, plain } of cutPlainPages(page, target)) {
    const firstRow = target.firstRow + rowCount
    rowCount += cut.rowCount
    const nonNullCount = cut.values.end - cut.values.start
    const valueCount = cut.levels.end - cut.levels.start
    const contents = {
      encoding,
      firstRow,
      nullCount: valueCount - nonNullCount,
      isNull: nonNullCount === 0,
      byteArrayBytes: target.leaf.physicalType === 'BYTE_ARRAY' ? totalLength(page.values, cut.values) : null,
      extremes: summary.order && findExtremes(page.values, cut.values, summary.order),
      nanCount: countNans(page.values, cut.values),
    }
    await queue.add(plain, layout, (range) => summary.addPage(plain.kind, contents, range))
  }
  return rowCount
}

function totalLength(values: Values, { start, end }: ValueRange): number {
  let total = 0
  if (values.kind === 'byteArrays') {
    const { starts, ends } = values
    for (let i = start; i < end; i++) total += (ends[i] ?? 0) - (starts[i] ?? 0)
  } else if (values.kind === 'indexed' && values.dictionary.kind === 'byteArrays') {
    const { indexes } = values
    const { starts, ends } = values.dictionary
    for (let i = start; i < end; i++) total += (ends[indexes[i] ?? 0] ?? 0) - (starts[indexes[i] ?? 0] ?? 0)
  }
  return total
}
