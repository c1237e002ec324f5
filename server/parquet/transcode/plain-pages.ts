import 'server-only'
import { ENCODINGS, type Encoding } from '@/lib/parquet/footer'
import { bitsNeeded } from '@/lib/parquet/hybrid'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import type { Values } from '@/lib/parquet/values'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { encodeHybrid, encodeRun } from '@/lib/parquet/write/encode-hybrid'
import { encodeAgain, encodePlain, indexBits, isDivisible, type ValueRange } from '@/lib/parquet/write/encode-values'
import { i32, thriftBoolean, thriftStruct } from '@/lib/parquet/write/thrift-writer'
import type { ColumnLayout } from './column-layout'
import { cutPage, type PageCut } from './cut-page'
import type { DecodedDictionary, DecodedPage } from './decode-pages'
import type { PlainPage } from './page-queue'

const RLE = ENCODINGS.indexOf('RLE')

type Leaf = NonNullable<SchemaNode['leaf']>
/** A page with its values, and the encoding to write them in. */
type PageToWrite = DecodedPage & { encoding: Encoding }
type WrittenColumn = { node: SchemaNode; leaf: Leaf; layout: ColumnLayout }
/** A page to compress and write, and the part of the old page that it is. */
type CutPage = { cut: PageCut; plain: PlainPage & { kind: 'data' | 'data-v2' } }

export function toPlainDictionary({ header, plain }: DecodedDictionary): PlainPage {
  return {
    kind: 'dictionary',
    levels: new Uint8Array(0),
    body: plain,
    header: { 7: thriftStruct({ 1: i32(header.valueCount), 2: i32(ENCODINGS.indexOf(header.encoding)) }) },
  }
}

/** The pages that a page becomes with a layout, before compression. */
export function* cutPlainPages(page: DecodedPage, { node, leaf, layout }: WrittenColumn): Generator<CutPage> {
  const { header, repetitions, definitions } = page
  const written = { ...page, encoding: writtenEncoding(page, layout) }
  const levels = { definitions, repetitions, valueCount: header.valueCount }
  const kind = header.kind === 'data-v2' ? 'data-v2' : 'data'
  const limits = isDivisible(written.encoding)
    ? { maxRows: layout.maxPageRows, maxBits: layout.maxPageBytes * 8 }
    : null
  const bits = bitsPerValue(written, leaf)
  for (const cut of cutPage(levels, node, bits, limits, plainSpanBits(written))) {
    yield { cut, plain: toPlainPage(kind, written, cut, { node, layout }) }
  }
}

export function writtenEncoding({ header, values }: DecodedPage, { dictionary }: ColumnLayout): Encoding {
  return values.kind === 'indexed' && dictionary === 'drop' ? 'PLAIN' : header.encoding
}

function toPlainPage(
  kind: 'data' | 'data-v2',
  page: PageToWrite,
  cut: PageCut,
  { node, layout }: Pick<WrittenColumn, 'node' | 'layout'>,
): CutPage['plain'] {
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

/** The length of a run, and its level. */
const MAX_RUN_BYTES = 8

/** Null if the column has no such levels. */
function encodeLevels(levels: Uint8Array | null, { start, end }: ValueRange, max: number): Uint8Array | null {
  if (max === 0) return null
  const out = new ByteWriter(levels === null ? MAX_RUN_BYTES : undefined)
  // Definition levels are left out when no value is null.
  if (levels === null) encodeRun(max, end - start, bitsNeeded(max), out)
  else encodeHybrid(levels, { start, end, bitWidth: bitsNeeded(max) }, out)
  return out.written()
}

/** In version 1 levels come after their length. */
function sized(levels: Uint8Array | null): Uint8Array[] {
  if (levels === null) return []
  const length = new ByteWriter(4)
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
