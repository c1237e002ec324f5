import 'server-only'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { Encoding } from '@/lib/parquet/footer'
import { bitsNeeded } from '@/lib/parquet/hybrid'
import type { PageHeader } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { Values } from '@/lib/parquet/values'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { encodeHybrid, encodeRun } from '@/lib/parquet/write/encode-hybrid'
import { encodeAgain, encodePlain, indexBits, isDivisible, type ValueRange } from '@/lib/parquet/write/encode-values'
import { findExtremes } from '@/lib/parquet/write/find-extremes'
import { i32, thriftBoolean, thriftStruct } from '@/lib/parquet/write/thrift-writer'
import { ENCODINGS } from '@/lib/parquet/footer'
import { canHaveBloomFilter, ChunkBloomFilter } from './chunk-bloom-filter'
import { ChunkSummary } from './chunk-summary'
import type { ColumnLayout } from './column-layout'
import { cutPage, type PageCut } from './cut-page'
import { type ChunkToDecode, type DecodedDictionary, type DecodedPage, decodePages } from './decode-pages'
import { fillNulls } from './fill-nulls'
import type { PageQueue, PlainPage } from './page-queue'
import type { RowNumbers } from './row-numbers'

const RLE = ENCODINGS.indexOf('RLE')

export type ChunkInput = ChunkToDecode & {
  /** Index in the file of the first row of its row group. */
  firstRow: number
  /** Rows of its row group. */
  rowCount: number
  layout: ColumnLayout
  /** The values that replace nulls. */
  fill?: RowNumbers
  /** Receives each decoded page, with nulls filled, before it is written. */
  onPage?: (node: SchemaNode, page: DecodedDictionary | DecodedPage) => void
}

type Leaf = NonNullable<SchemaNode['leaf']>
/** A page with its values, and the encoding to write them in. */
type PageToWrite = DecodedPage & { encoding: Encoding }

export type TranscodedChunk = {
  /** Complete once the queue has written the pages. */
  summary: ChunkSummary
  /** The filter to write, or null. */
  bloomFilter: Uint8Array | null
}

/** Writes the pages of a column chunk into the queue. */
export async function transcodeChunk(input: ChunkInput, queue: PageQueue): Promise<TranscodedChunk> {
  const { node, rowCount, layout, fill, onPage } = input
  const { leaf } = node
  if (!leaf) throw new DamagedParquet(`${node.path.join('.')} holds no values`)
  const summary = new ChunkSummary(node, layout)
  const bloomFilter = createBloomFilter(input)
  let firstRow = 0
  let isFirst = true
  for await (const decoded of decodePages(input)) {
    const page = fill && decoded.kind === 'data' ? fillNulls(decoded, fill, input.firstRow + firstRow) : decoded
    onPage?.(node, page)
    if (page.kind === 'dictionary') {
      if (layout.dictionary === 'keep') await addDictionary(page.header, page.plain, { layout, queue, summary })
    } else {
      const { values, header } = page
      bloomFilter?.add(values)
      const encoding = values.kind === 'indexed' && layout.dictionary === 'drop' ? 'PLAIN' : header.encoding
      firstRow += await addPage({ ...page, encoding }, { node, leaf, layout, queue, summary, firstRow, isFirst })
      isFirst = false
    }
  }
  if (firstRow !== rowCount) {
    throw new DamagedParquet(`column ${node.path.join('.')} holds ${firstRow} rows, but its row group has ${rowCount}`)
  }
  return { summary, bloomFilter: bloomFilter?.finish() ?? null }
}

function createBloomFilter({ node, chunk, layout }: ChunkInput): ChunkBloomFilter | null {
  if (typeof layout.bloomFilter === 'string' || !canHaveBloomFilter(node)) return null
  return new ChunkBloomFilter(layout.bloomFilter, chunk.valueCount)
}

type Target = { layout: ColumnLayout; queue: PageQueue; summary: ChunkSummary }

function addDictionary(header: PageHeader, plain: Uint8Array, { layout, queue, summary }: Target): Promise<void> {
  const page: PlainPage = {
    kind: 'dictionary',
    levels: new Uint8Array(0),
    body: plain,
    header: { 7: thriftStruct({ 1: i32(header.valueCount), 2: i32(ENCODINGS.indexOf(header.encoding)) }) },
  }
  return queue.add(page, layout, (range) => summary.addDictionary(header.encoding, range))
}

type PageTarget = Target & { node: SchemaNode; leaf: Leaf; firstRow: number; isFirst: boolean }

/** @returns how many rows begin in the page */
async function addPage(page: PageToWrite, target: PageTarget): Promise<number> {
  const { node, layout, queue, summary } = target
  const { header, encoding, repetitions, definitions } = page
  if (repetitions !== null && repetitions[0] !== 0) {
    if (target.isFirst || header.kind === 'data-v2') throw new DamagedParquet('a page begins in the middle of a row')
    summary.hasSplitRows = true
  }
  const limits = { maxRows: layout.maxPageRows, maxBits: layout.maxPageBytes * 8 }
  const levels = { definitions, repetitions, valueCount: header.valueCount }
  const kind = header.kind === 'data-v2' ? 'data-v2' : 'data'
  let rowCount = 0
  const bits = bitsPerValue(page, target.leaf)
  const spanBits = plainSpanBits(page)
  for (const cut of cutPage(levels, node, bits, isDivisible(encoding) ? limits : null, spanBits)) {
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
    }
    await queue.add(toPlainPage(kind, page, cut, target), layout, (range) => summary.addPage(kind, contents, range))
  }
  if (header.rowCount !== null && header.rowCount !== rowCount) {
    throw new DamagedParquet(`a page has ${rowCount} rows but claims ${header.rowCount}`)
  }
  return rowCount
}

function toPlainPage(
  kind: 'data' | 'data-v2',
  page: PageToWrite,
  cut: PageCut,
  { node, layout }: PageTarget,
): PlainPage {
  const values = encodeCut(page, cut.values)
  const valueCount = cut.levels.end - cut.levels.start
  const repetitions = encodeLevels(page.repetitions, cut.levels, node.maxRepetition)
  const definitions = encodeLevels(page.definitions, cut.levels, node.maxDefinition)
  const encoding = i32(ENCODINGS.indexOf(page.encoding))
  if (kind === 'data') {
    const body = concat([...sized(repetitions), ...sized(definitions), values])
    const header = { 5: thriftStruct({ 1: i32(valueCount), 2: encoding, 3: i32(RLE), 4: i32(RLE) }) }
    return { kind, levels: new Uint8Array(0), body, header }
  }
  const levels = concat([repetitions ?? new Uint8Array(0), definitions ?? new Uint8Array(0)])
  const header = {
    8: thriftStruct({
      1: i32(valueCount),
      2: i32(valueCount - (cut.values.end - cut.values.start)),
      3: i32(cut.rowCount),
      4: encoding,
      5: i32(definitions?.length ?? 0),
      6: i32(repetitions?.length ?? 0),
      7: thriftBoolean(layout.codec !== 'uncompressed' && values.length > 0),
    }),
  }
  return { kind, levels, body: values, header }
}

function encodeCut({ header, encoding, values, valueBytes, nonNullCount }: PageToWrite, range: ValueRange): Uint8Array {
  if (encoding !== header.encoding) return encodePlain(values, range)
  const isWhole = range.end - range.start === nonNullCount
  return isWhole ? valueBytes : encodeAgain(encoding, values, range, valueBytes)
}

/** Null if the column has no such levels. */
function encodeLevels(levels: Uint8Array | null, { start, end }: ValueRange, max: number): Uint8Array | null {
  if (max === 0) return null
  const out = new ByteWriter()
  // Definition levels are left out when no value is null.
  if (levels === null) encodeRun(max, end - start, bitsNeeded(max), out)
  else encodeHybrid(levels, { start, end, bitWidth: bitsNeeded(max) }, out)
  return out.written()
}

/** In version 1 levels come after their length. */
function sized(levels: Uint8Array | null): Uint8Array[] {
  if (levels === null) return []
  const length = new ByteWriter()
  length.int32(levels.length)
  return [length.written(), levels]
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const joined = Buffer.allocUnsafeSlow(parts.reduce((total, part) => total + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

/** The size of a value in the encoding of its page. */
function bitsPerValue({ encoding, values, valueBytes }: PageToWrite, leaf: Leaf): number | ((index: number) => number) {
  if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') return indexBits(valueBytes)
  switch (leaf.physicalType) {
    case 'BOOLEAN':
      return 1
    case 'INT32':
    case 'FLOAT':
      return 32
    case 'INT64':
    case 'DOUBLE':
      return 64
    case 'INT96':
      return 96
    case 'FIXED_LEN_BYTE_ARRAY':
      return leaf.lengthBytes * 8
    case 'BYTE_ARRAY':
      return (index) => (4 + lengthAt(values, index)) * 8
  }
}

/** The size of several byte arrays that are PLAIN, which follow one another; null for other values. */
function plainSpanBits({ header, values }: PageToWrite): ((range: ValueRange) => number) | null {
  if (header.encoding !== 'PLAIN' || values.kind !== 'byteArrays') return null
  const { starts, ends } = values
  return ({ start, end }) => (start === end ? 0 : ((ends[end - 1] ?? 0) - (starts[start] ?? 0) + 4) * 8)
}

function lengthAt(values: Values, index: number): number {
  if (values.kind === 'indexed') return lengthAt(values.dictionary, values.indexes[index] ?? 0)
  if (values.kind !== 'byteArrays') return 0
  return (values.ends[index] ?? 0) - (values.starts[index] ?? 0)
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
