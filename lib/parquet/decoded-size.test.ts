import { describe, expect, test } from 'vitest'
import { type Fields, int, struct, writeStruct } from '@/testing/parquet/thrift-writer'
import { checkDecodedSize, type StoredChunk } from './decoded-size'
import { DamagedParquet, OversizedParquet } from './errors'
import type { PhysicalType, SchemaNode } from './schema-node'

const MEBIBYTE = 1024 * 1024
const PLAIN = 0
const RLE_DICTIONARY = 8

type NodeFacts = { physicalType?: PhysicalType; lengthBytes?: number; maxRepetition?: number; isDecimal?: boolean }

function toNode({ physicalType = 'BYTE_ARRAY', lengthBytes = 0, maxRepetition = 0, isDecimal }: NodeFacts): SchemaNode {
  return {
    name: 'a',
    path: ['a'],
    fieldId: null,
    repetition: 'required',
    maxDefinition: 0,
    maxRepetition,
    annotation: isDecimal ? { kind: 'decimal', precision: 9, scale: 2 } : null,
    children: [],
    leaf: { index: 0, physicalType, lengthBytes },
  }
}

/** parquet.thrift, *PageHeader*: 1 type, 2 plain bytes, 3 stored bytes, then a header for the type. */
function page(type: 0 | 2, header: Fields, stored: readonly number[], plainBytes = stored.length): number[] {
  const fields = { 1: int(type), 2: int(plainBytes), 3: int(stored.length), [type === 0 ? 5 : 7]: struct(header) }
  return [...writeStruct(fields), ...stored]
}
const dataPage = (valueCount: number, stored: readonly number[], encoding = PLAIN, plainBytes?: number) =>
  page(0, { 1: int(valueCount), 2: int(encoding), 3: int(3), 4: int(3) }, stored, plainBytes)
const dictionaryPage = (...texts: readonly string[]) =>
  page(2, { 1: int(texts.length), 2: int(PLAIN) }, texts.flatMap(plainText))

const plainText = (text: string) => [text.length & 0xff, text.length >> 8, 0, 0, ...new TextEncoder().encode(text)]
/** `count` times the index 1, of a dictionary of two: one run, after the width of an index in bits. */
const repeatedIndex = (count: number) => [1, ((count << 1) & 0x7f) | 0x80, count >> 6, 1]

function chunkOf(column: string, valueCount: number, pages: readonly number[][], facts: NodeFacts = {}): StoredChunk {
  const bytes = Uint8Array.from(pages.flat())
  const chunk = {
    leaf: 0,
    codec: 'uncompressed' as const,
    encodings: [],
    valueCount,
    encodedBytes: bytes.length,
    storedBytes: bytes.length,
    startOffset: 0,
    dataPageOffset: 0,
    dictionaryPageOffset: null,
    statistics: null,
    byteArrayBytes: null,
    offsetIndex: null,
    columnIndex: null,
    bloomFilter: null,
  }
  return { column, node: toNode(facts), chunk, bytes }
}

/** The smallest limit that the chunks pass. */
function measure(chunks: readonly StoredChunk[], startBytes = 0): number {
  let [refused, accepted] = [0, 64 * MEBIBYTE]
  while (accepted - refused > 1) {
    const decodedBytes = Math.floor((refused + accepted) / 2)
    try {
      checkDecodedSize(chunks, { decodedBytes, valueBytes: MEBIBYTE }, startBytes)
      accepted = decodedBytes
    } catch (error) {
      if (!(error instanceof OversizedParquet)) throw error
      refused = decodedBytes
    }
  }
  return accepted
}

describe('The decoded size', () => {
  test.each([
    ['BOOLEAN', {}, 1],
    ['INT32', {}, 4],
    ['FLOAT', {}, 4],
    ['INT64', {}, 8],
    ['DOUBLE', {}, 8],
    ['INT96', {}, 8],
    ['FIXED_LEN_BYTE_ARRAY', { lengthBytes: 16 }, 16],
    ['INT32', { isDecimal: true }, 16],
    ['INT32', { maxRepetition: 1 }, 8],
  ] as const)(
    'of a value of %s with %o is that of Arrow, however few bytes store it',
    (physicalType, facts, widthBytes) => {
      const chunk = chunkOf('a', 1000, [dataPage(1000, [0, 0])], { physicalType, ...facts })
      expect(measure([chunk])).toBe(1000 * widthBytes)
    },
  )

  test('of texts is that of their page, which has a length before each', () => {
    const stored = ['lake', 'shore'].flatMap(plainText)
    expect(measure([chunkOf('a', 2, [dataPage(2, stored)])])).toBe(stored.length)
  })

  test('of texts in a dictionary counts each repetition, and not the longest text each time', () => {
    const pages = [dictionaryPage('x'.repeat(2000), 'lake'), dataPage(3000, repeatedIndex(3000), RLE_DICTIONARY)]
    expect(measure([chunkOf('a', 3000, pages)])).toBe(3000 * ('lake'.length + 4))
  })

  test('is that of all columns, with what is in memory already', () => {
    const chunks = ['a', 'b'].map((name) => chunkOf(name, 100, [dataPage(100, [0])], { physicalType: 'INT64' }))
    expect(measure(chunks)).toBe(1600)
    expect(measure(chunks, 500)).toBe(2100)
  })

  test('does not count bytes after the last page', () => {
    const pages = [dataPage(100, [0]), [0xff, 0xff, 0xff]]
    expect(measure([chunkOf('a', 100, pages, { physicalType: 'INT32' })])).toBe(400)
  })
})

describe('Chunks that are refused', () => {
  const check = (chunks: readonly StoredChunk[], decodedBytes = 4 * MEBIBYTE, valueBytes = MEBIBYTE) =>
    checkDecodedSize(chunks, { decodedBytes, valueBytes })

  test('name the column that exceeds the limit, and not those before it', () => {
    const chunks = [chunkOf('small', 1, [dataPage(1, [0, 0, 0, 0])], { physicalType: 'INT32' })]
    chunks.push(chunkOf('large', 1_000_000, [dataPage(1_000_000, [0])], { physicalType: 'INT64' }))
    expect(() => check(chunks)).toThrow(
      new OversizedParquet(
        'with column large these rows take more than 4 MiB of memory; leave the column out to read the others',
      ),
    )
  })

  test('have a page that claims more than the limit', () => {
    expect(() => check([chunkOf('s', 1, [dataPage(1, [0], PLAIN, 5 * MEBIBYTE)])])).toThrow(
      new OversizedParquet('column s: a page of 5 MiB is larger than the 4 MiB limit for decoding'),
    )
  })

  test('have a text in their dictionary that is longer than a value may be', () => {
    const pages = [dictionaryPage('x'.repeat(3000), 'lake'), dataPage(1, repeatedIndex(1), RLE_DICTIONARY)]
    expect(() => check([chunkOf('s', 1, pages)], 4 * MEBIBYTE, 2000)).toThrow('column s: a value of')
  })

  test('have two dictionaries', () => {
    const pages = [dictionaryPage('a', 'b'), dictionaryPage('c', 'd'), dataPage(1, repeatedIndex(1), RLE_DICTIONARY)]
    expect(() => check([chunkOf('s', 1, pages)])).toThrow(
      new DamagedParquet('column s: a column chunk has two dictionaries'),
    )
  })

  test('end before they have the values that they claim', () => {
    const pages = [dataPage(1, [0, 0, 0, 0]), [0xff]]
    expect(() => check([chunkOf('n', 2, pages, { physicalType: 'INT32' })])).toThrow(/^column n: /)
  })
})
