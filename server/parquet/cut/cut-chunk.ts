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

/** A column chunk that was put together from rows of others. */
export type CutChunk = DecodedChunk & {
  /** Values and nulls at all levels. */
  valueCount: number
}

/** With a dictionary if all rows had one, and if it takes less space than the values. */
export function toChunk({ leaf, path }: SchemaNode, rows: readonly PageRows[]): CutChunk {
  if (!leaf) throw new DamagedParquet(`${path.join('.')} holds no values`)
  const valueCount = sum(rows.map(({ levels }) => levels.end - levels.start))
  const withDictionary = toDictionaryPages(leaf, rows)
  if (withDictionary !== null) return { valueCount, ...withDictionary }
  return { pages: rows.map((part) => toPlainPage(leaf, part)), valueCount, dictionaryCount: null }
}

function toDictionaryPages(leaf: Leaf, rows: readonly PageRows[]): DecodedChunk | null {
  const parts = rows.flatMap((part) => {
    const { values } = part.page
    return values.kind === 'indexed' && values.dictionary.kind !== 'booleans' ? [{ part, values }] : []
  })
  const nonNullCount = sum(rows.map(({ values }) => values.end - values.start))
  if (parts.length < rows.length || nonNullCount === 0) return null
  const dictionary = new CompactDictionary(nonNullCount)
  const added = parts.map(({ part, values }) => ({ part, indexes: dictionary.add(values, part.values) }))
  const { count, plain } = dictionary
  const bitWidth = Math.max(1, bitsNeeded(count - 1))
  if (plain.length + (nonNullCount * bitWidth) / 8 >= dictionary.plainValueBytes) return null
  const entries = readPlain(plain, count, leaf, () => {})
  const header = toHeader('dictionary', 'PLAIN_DICTIONARY', { valueCount: count, bytes: plain })
  return {
    pages: [
      { kind: 'dictionary', header, plain },
      ...added.map(({ part, indexes }) =>
        toIndexedPage(part, { kind: 'indexed', indexes, dictionary: entries }, bitWidth),
      ),
    ],
    dictionaryCount: count,
  }
}

function toIndexedPage(part: PageRows, values: IndexedValues, bitWidth: number): DecodedPage {
  const { length } = values.indexes
  const out = new ByteWriter(Math.ceil((length * bitWidth) / 8) + 64)
  out.byte(bitWidth)
  encodeHybrid(values.indexes, { start: 0, end: length, bitWidth }, out)
  return toPage(part, 'PLAIN_DICTIONARY', values, out.written())
}

function toPlainPage(leaf: Leaf, part: PageRows): DecodedPage {
  const { page, values: range } = part
  if (page.header.encoding === 'PLAIN')
    return toPage(
      part,
      'PLAIN',
      sliceValues(page.values, range),
      encodeAgain('PLAIN', page.values, range, page.valueBytes),
    )
  const bytes = toPlainBytes(leaf, page.values, range)
  return toPage(
    part,
    'PLAIN',
    readPlain(bytes, range.end - range.start, leaf, () => {}),
    bytes,
  )
}

function toPlainBytes({ physicalType }: Leaf, values: Values, range: ValueRange): Uint8Array {
  if (physicalType !== 'FIXED_LEN_BYTE_ARRAY' || values.kind !== 'byteArrays') return encodePlain(values, range)
  // Some encodings store values of the same length as texts, which have a length each in PLAIN.
  const out = new ByteWriter()
  for (let i = range.start; i < range.end; i++) out.bytes(values.bytes.subarray(values.starts[i], values.ends[i]))
  return out.written()
}

function toPage(
  { page, levels, values: range }: PageRows,
  encoding: Encoding,
  values: Values,
  valueBytes: Uint8Array,
): DecodedPage {
  return {
    kind: 'data',
    header: toHeader('data', encoding, { valueCount: levels.end - levels.start, bytes: valueBytes }),
    definitions: page.definitions?.subarray(levels.start, levels.end) ?? null,
    repetitions: page.repetitions?.subarray(levels.start, levels.end) ?? null,
    values,
    valueBytes,
    nonNullCount: range.end - range.start,
  }
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
