import 'server-only'
import { DamagedParquet } from '@/lib/parquet/errors'
import type { Encoding } from '@/lib/parquet/footer'
import { bitsNeeded } from '@/lib/parquet/hybrid'
import type { PageHeader } from '@/lib/parquet/page'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { readPlain, type Values } from '@/lib/parquet/values'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { encodeHybrid } from '@/lib/parquet/write/encode-hybrid'
import { encodeAgain, encodePlain, type ValueRange } from '@/lib/parquet/write/encode-values'
import { sum } from '@/lib/sum'
import type { DecodedPage } from '../transcode/decode-pages'
import type { DecodedChunk } from '../transcode/transcode-chunk'
import type { PageRows } from './chunk-cursor'
import { CompactDictionary, type IndexedValues } from './compact-dictionary'

type Leaf = NonNullable<SchemaNode['leaf']>

/** Short pages are gathered until they have as many values, or bytes: those of Iceberg's default pages. */
const MAX_GATHERED_VALUES = 20_000
const MAX_GATHERED_BYTES = 1024 * 1024

/** A column chunk that was put together from rows of others. */
export type CutChunk = DecodedChunk & {
  /** Values and nulls at all levels. */
  valueCount: number
}

/** With a dictionary if all values had one, and if it takes less space than the values. Short pages become one. */
export function toChunk(node: SchemaNode, rows: readonly PageRows[]): CutChunk {
  const { leaf, path } = node
  if (!leaf) throw new DamagedParquet(`${path.join('.')} holds no values`)
  const valueCount = sum(rows.map(levelCount))
  const withDictionary = toDictionaryPages(node, leaf, rows)
  if (withDictionary !== null) return { valueCount, ...withDictionary }
  const pages = gatherShort(
    rows.map((part) => ({ part, bytes: toPlainBytes(leaf, part) })),
    ({ part, bytes }) => ({ valueCount: levelCount(part), byteLength: bytes.length }),
  ).map((parts) => toPlainPage(node, leaf, parts))
  return { pages, valueCount, dictionaryCount: null }
}

function toDictionaryPages(node: SchemaNode, leaf: Leaf, rows: readonly PageRows[]): DecodedChunk | null {
  const parts: { part: PageRows; values: IndexedValues | null }[] = []
  for (const part of rows) {
    const { values } = part.page
    // A page of nulls has any encoding.
    if (part.values.end === part.values.start) parts.push({ part, values: null })
    else if (values.kind === 'indexed' && values.dictionary.kind !== 'booleans') parts.push({ part, values })
    else return null
  }
  const nonNullCount = sum(rows.map(({ values }) => values.end - values.start))
  if (nonNullCount === 0) return null
  const dictionary = new CompactDictionary(nonNullCount)
  const added = parts.map(({ part, values }) => ({
    part,
    indexes: values === null ? new Uint16Array(0) : dictionary.add(values, part.values),
  }))
  const { count, plain } = dictionary
  const bitWidth = Math.max(1, bitsNeeded(count - 1))
  if (plain.length + (nonNullCount * bitWidth) / 8 >= dictionary.plainValueBytes) return null
  const entries = readPlain(plain, count, leaf, () => {})
  const header = toHeader('dictionary', 'PLAIN_DICTIONARY', { valueCount: count, bytes: plain })
  const pages = gatherShort(added, ({ part, indexes }) => ({
    valueCount: levelCount(part),
    byteLength: (indexes.length * bitWidth) / 8,
  })).map((page) => {
    const indexes = joinIndexes(page.map((one) => one.indexes))
    const values = { kind: 'indexed', indexes, dictionary: entries } as const
    return toIndexedPage(
      node,
      page.map(({ part }) => part),
      { values, bitWidth },
    )
  })
  return { pages: [{ kind: 'dictionary', header, plain }, ...pages], dictionaryCount: count }
}

function levelCount({ levels }: PageRows): number {
  return levels.end - levels.start
}

/** Neighbours that fit into a page together. A page is cut when it is written, but never made longer. */
function gatherShort<Part>(
  parts: readonly Part[],
  measure: (part: Part) => { valueCount: number; byteLength: number },
): Part[][] {
  const pages: Part[][] = []
  let [values, bytes] = [Infinity, Infinity]
  for (const part of parts) {
    const { valueCount, byteLength } = measure(part)
    values += valueCount
    bytes += byteLength
    if (values <= MAX_GATHERED_VALUES && bytes <= MAX_GATHERED_BYTES) pages.at(-1)?.push(part)
    else {
      pages.push([part])
      values = valueCount
      bytes = byteLength
    }
  }
  return pages
}

function joinIndexes(parts: readonly IndexedValues['indexes'][]): IndexedValues['indexes'] {
  const [only] = parts
  if (only && parts.length === 1) return only
  const joined = new Uint32Array(sum(parts.map(({ length }) => length)))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}

function toIndexedPage(
  node: SchemaNode,
  parts: readonly PageRows[],
  { values, bitWidth }: { values: IndexedValues; bitWidth: number },
): DecodedPage {
  const { length } = values.indexes
  const out = new ByteWriter(Math.ceil((length * bitWidth) / 8) + 64)
  out.byte(bitWidth)
  encodeHybrid(values.indexes, { start: 0, end: length, bitWidth }, out)
  return toPage(node, parts, 'PLAIN_DICTIONARY', { values, valueBytes: out.written() })
}

type PlainPart = { part: PageRows; bytes: Uint8Array }

function toPlainPage(node: SchemaNode, leaf: Leaf, parts: readonly PlainPart[]): DecodedPage {
  const rows = parts.map(({ part }) => part)
  const [only] = parts
  if (only && parts.length === 1) {
    const { page, values: range } = only.part
    const isPlain = page.header.encoding === 'PLAIN'
    const values = isPlain
      ? sliceValues(page.values, range)
      : readPlain(only.bytes, range.end - range.start, leaf, () => {})
    return toPage(node, rows, 'PLAIN', { values, valueBytes: only.bytes })
  }
  const valueBytes = joinPlain(leaf, parts)
  const count = sum(rows.map(({ values }) => values.end - values.start))
  return toPage(node, rows, 'PLAIN', { values: readPlain(valueBytes, count, leaf, () => {}), valueBytes })
}

function joinPlain(leaf: Leaf, parts: readonly PlainPart[]): Uint8Array {
  if (leaf.physicalType !== 'BOOLEAN') return Buffer.concat(parts.map(({ bytes }) => bytes))
  // Eight booleans share a byte.
  const data = parts.flatMap(({ part: { values }, bytes }) => {
    const count = values.end - values.start
    const read = readPlain(bytes, count, leaf, () => {})
    return read.kind === 'booleans' ? [...read.data] : []
  })
  return encodePlain({ kind: 'booleans', data: Uint8Array.from(data) }, { start: 0, end: data.length })
}

function toPlainBytes({ physicalType }: Leaf, { page, values: range }: PageRows): Uint8Array {
  const { header, values, valueBytes } = page
  if (header.encoding === 'PLAIN') return encodeAgain('PLAIN', values, range, valueBytes)
  if (physicalType !== 'FIXED_LEN_BYTE_ARRAY' || values.kind !== 'byteArrays') return encodePlain(values, range)
  // Some encodings store values of the same length as texts, which have a length each in PLAIN.
  const out = new ByteWriter()
  for (let i = range.start; i < range.end; i++) out.bytes(values.bytes.subarray(values.starts[i], values.ends[i]))
  return out.written()
}

function toPage(
  { maxDefinition, maxRepetition }: SchemaNode,
  parts: readonly PageRows[],
  encoding: Encoding,
  { values, valueBytes }: Pick<DecodedPage, 'values' | 'valueBytes'>,
): DecodedPage {
  return {
    kind: 'data',
    header: toHeader('data', encoding, { valueCount: sum(parts.map(levelCount)), bytes: valueBytes }),
    definitions: joinLevels(parts, ({ definitions }) => definitions, maxDefinition),
    repetitions: joinLevels(parts, ({ repetitions }) => repetitions, maxRepetition),
    values,
    valueBytes,
    nonNullCount: sum(parts.map((part) => part.values.end - part.values.start)),
  }
}

/** Null if all parts have the highest level, which pages leave out. */
function joinLevels(
  parts: readonly PageRows[],
  levelsOf: (page: DecodedPage) => Uint8Array | null,
  max: number,
): Uint8Array | null {
  if (max === 0 || parts.every(({ page }) => levelsOf(page) === null)) return null
  const [only] = parts
  if (only && parts.length === 1) return levelsOf(only.page)?.subarray(only.levels.start, only.levels.end) ?? null
  const joined = new Uint8Array(sum(parts.map(levelCount))).fill(max)
  let at = 0
  for (const part of parts) {
    const levels = levelsOf(part.page)
    if (levels) joined.set(levels.subarray(part.levels.start, part.levels.end), at)
    at += levelCount(part)
  }
  return joined
}

function toHeader(
  kind: 'data' | 'dictionary',
  encoding: Encoding,
  { valueCount, bytes }: { valueCount: number; bytes: Uint8Array },
): PageHeader {
  return {
    kind,
    start: 0,
    end: bytes.length,
    encodedBytes: bytes.length,
    valueCount,
    rowCount: null,
    nullCount: null,
    encoding,
    levels: { repetition: 'RLE', definition: 'RLE' },
    checksum: null,
  }
}

/** Views of the same memory. */
function sliceValues(values: Values, { start, end }: ValueRange): Values {
  switch (values.kind) {
    case 'booleans':
      return { kind: 'booleans', data: values.data.subarray(start, end) }
    case 'numbers':
      return { kind: 'numbers', data: values.data.subarray(start, end) }
    case 'longs':
      return { kind: 'longs', data: values.data.subarray(start, end) }
    case 'byteArrays':
      return { ...values, starts: values.starts.subarray(start, end), ends: values.ends.subarray(start, end) }
    case 'fixed': {
      const { lengthBytes } = values
      return {
        kind: 'fixed',
        bytes: values.bytes.subarray(start * lengthBytes, end * lengthBytes),
        lengthBytes,
        count: end - start,
      }
    }
    case 'indexed':
    case 'joined':
      throw new Error(`values that are ${values.kind} have no PLAIN encoding`)
  }
}
