import { describe, expect, it } from 'vitest'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { binary, bool, type Fields, int, list, struct, writeStruct } from '@/testing/parquet/thrift-writer'
import type { ColumnChunk, RowGroup } from '@/lib/parquet/footer'
import { listPages } from './list-pages'

const PLAIN = 0
const RLE_DICTIONARY = 8

const page = (type: number, header: Fields, body: number): number[] => [
  ...writeStruct({ 1: int(type), 2: int(body * 2), 3: int(body), ...header }),
  ...new Uint8Array(body),
]
const levels = { 3: int(3), 4: int(3) }
const dictionary = page(2, { 7: struct({ 1: int(3), 2: int(PLAIN) }) }, 30)
const first = page(0, { 5: struct({ 1: int(20), 2: int(RLE_DICTIONARY), ...levels }) }, 10)
const second = page(3, { 8: struct({ 1: int(15), 2: int(4), 3: int(15), 4: int(PLAIN), 5: int(0), 6: int(0) }) }, 12)
const chunkBytes = [...dictionary, ...first, ...second]
const START = 4
const at = (offset: number) => START + offset

const offsetIndex = writeStruct({
  1: list(
    struct({ 1: int(at(dictionary.length)), 2: int(first.length), 3: int(0) }),
    struct({ 1: int(at(dictionary.length + first.length)), 2: int(second.length), 3: int(20) }),
  ),
})
const columnIndex = writeStruct({
  1: list(bool(false), bool(true)),
  2: list(binary([1]), binary([])),
  3: list(binary([9]), binary([])),
  4: int(2),
  5: list(int(0), int(15)),
})
const known = () => struct({ 1: struct({}) })
const bloomFilter = writeStruct({ 1: int(64), 2: known(), 3: known(), 4: known() })
const parts = [new Uint8Array(START), chunkBytes, offsetIndex, columnIndex, bloomFilter]
const offsetOf = (part: number) => parts.slice(0, part).reduce((sum, { length }) => sum + length, 0)
const file = Uint8Array.from(parts.flatMap((part) => [...part]))
const spanOf = (part: number) => ({ offset: offsetOf(part), lengthBytes: parts[part]?.length ?? 0 })

const group: RowGroup = { rowCount: 35, firstRow: 0, columns: [] }
const chunk: ColumnChunk = {
  leaf: 0,
  codec: 'zstd',
  encodings: ['PLAIN', 'RLE_DICTIONARY'],
  isAllDictionary: null,
  valueCount: 35,
  encodedBytes: 104,
  storedBytes: chunkBytes.length,
  startOffset: START,
  dataPageOffset: at(dictionary.length),
  dictionaryPageOffset: START,
  statistics: null,
  byteArrayBytes: null,
  offsetIndex: null,
  columnIndex: null,
  bloomFilter: null,
}
const indexed = { ...chunk, offsetIndex: spanOf(2), columnIndex: spanOf(3) }

describe('The pages of a column chunk', () => {
  it('are listed from their headers, with their encodings', async () => {
    const { pages, hasHeaders, order, bloomFilterBytes } = await listPages(sourceOf(file), group, chunk)
    expect({ hasHeaders, order, bloomFilterBytes }).toEqual({ hasHeaders: true, order: null, bloomFilterBytes: null })
    const bounds = { min: null, max: null }
    expect(pages).toEqual([
      {
        kind: 'dictionary',
        offset: 4,
        storedBytes: dictionary.length,
        encodedBytes: 60,
        encoding: 'PLAIN',
        valueCount: 3,
        firstRow: null,
        nullCount: null,
        ...bounds,
      },
      {
        kind: 'data',
        offset: at(dictionary.length),
        storedBytes: first.length,
        encodedBytes: 20,
        encoding: 'RLE_DICTIONARY',
        valueCount: 20,
        firstRow: 0,
        nullCount: null,
        ...bounds,
      },
      {
        kind: 'data',
        offset: at(dictionary.length + first.length),
        storedBytes: second.length,
        encodedBytes: 24,
        encoding: 'PLAIN',
        valueCount: 15,
        firstRow: 20,
        nullCount: 4,
        ...bounds,
      },
    ])
  })

  it('have the bounds of the column index', async () => {
    const { pages, order } = await listPages(sourceOf(file), group, indexed)
    expect(order).toBe('descending')
    expect(pages?.map(({ min, max, nullCount }) => ({ min, max, nullCount }))).toEqual([
      { min: null, max: null, nullCount: null },
      { min: Uint8Array.of(1), max: Uint8Array.of(9), nullCount: 0 },
      { min: null, max: null, nullCount: 15 },
    ])
  })

  it('are listed from the offset index when the chunk is too large to be read', async () => {
    const source = sourceOf(file)
    const { pages, hasHeaders } = await listPages(source, group, indexed, { maxReadBytes: 8 })
    expect(hasHeaders).toBe(false)
    expect(pages?.map(({ kind, offset, storedBytes, firstRow }) => [kind, offset, storedBytes, firstRow])).toEqual([
      ['dictionary', 4, dictionary.length, null],
      ['data', at(dictionary.length), first.length, 0],
      ['data', at(dictionary.length + first.length), second.length, 20],
    ])
    expect(source.reads).not.toContainEqual([START, START + chunkBytes.length])
  })

  it('are not listed when neither is possible', async () => {
    expect(await listPages(sourceOf(file), group, chunk, { maxReadBytes: 8 })).toMatchObject({ pages: null })
  })

  it('come with the size of the bloom filter', async () => {
    const filtered = { ...chunk, bloomFilter: { offset: offsetOf(4), lengthBytes: null } }
    expect(await listPages(sourceOf(file), group, filtered)).toMatchObject({ bloomFilterBytes: 64 })
  })

  it('have no known first rows in a column of lists', async () => {
    const { pages } = await listPages(sourceOf(file), { ...group, rowCount: 10 }, chunk)
    expect(pages?.map(({ firstRow }) => firstRow)).toEqual([null, null, null])
  })

  it.each<[string, ColumnChunk, string]>([
    [
      'a bloom filter behind its end',
      { ...chunk, bloomFilter: { offset: 99_999, lengthBytes: 1 } },
      'begins at byte 99999',
    ],
    ['an index of another chunk', { ...chunk, valueCount: 20, columnIndex: spanOf(3) }, 'has 2 pages, but the chunk 1'],
  ])('are refused in a file with %s', async (_, broken, reason) => {
    await expect(listPages(sourceOf(file), group, broken)).rejects.toMatchObject({
      code: 'file-damaged',
      message: expect.stringContaining(reason),
    })
  })

  it('are refused when an index is too large', async () => {
    const huge = { ...chunk, offsetIndex: { offset: 4, lengthBytes: 64 * 1024 * 1024 } }
    await expect(listPages(sourceOf(file), group, huge)).rejects.toMatchObject({ code: 'too-large' })
  })
})
