import { describe, expect, it } from 'vitest'
import {
  columnChunk,
  fileMetaData,
  fileOf,
  rootElement,
  rowGroup,
  schemaElement,
  sourceOf,
} from '@/testing/parquet/hand-made-file'
import {
  binary,
  bool,
  type Fields,
  int,
  list,
  struct,
  writeStruct,
  type Written,
} from '@/testing/parquet/thrift-writer'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import type { Annotation, SchemaNode } from '@/lib/parquet/schema-node'
import { bindPredicate } from '../predicate/bind-predicate'
import { parsePredicateText } from '../predicate/predicate-text'
import { openParquetFile } from '../read/data-file'
import { findMatches } from './find-matches'
import { toPlainValues, toStoredRange } from './parquet-range'
import { pruneRowGroup } from './prune-row-group'
import { intersectRanges, uniteRanges } from './row-ranges'

const int32 = (value: number) => [...new Uint8Array(Int32Array.of(value).buffer)]

type Page = { values: readonly number[]; min?: number; max?: number; isNullPage?: boolean; nullCount?: number }

/** A page of nulls has bounds only if it contradicts itself. */
const boundOf = ({ isNullPage = false, min }: Page, bound: number): Written =>
  binary(isNullPage && min === undefined ? [] : int32(bound))

/** A file of one column of ints with a page index, whose claims may be wrong. Offsets count from the magic. */
function indexedFile(
  pages: readonly Page[],
  { columnIndex, offsetIndex, chunk = {} }: { columnIndex?: Fields; offsetIndex?: Written[]; chunk?: Fields } = {},
) {
  const stored = pages.map(({ values }) => {
    const plain = values.flatMap(int32)
    const header = struct({ 1: int(values.length), 2: int(0), 3: int(3), 4: int(3) })
    return [...writeStruct({ 1: int(0), 2: int(plain.length), 3: int(plain.length), 5: header }), ...plain]
  })
  let [offset, firstRow] = [4, 0]
  const locations = pages.map(({ values }, i) => {
    const location = struct({ 1: int(offset), 2: int(stored[i]?.length ?? 0), 3: int(firstRow) })
    offset += stored[i]?.length ?? 0
    firstRow += values.length
    return location
  })
  const columnBytes = writeStruct(
    columnIndex ?? {
      1: list(...pages.map(({ isNullPage = false }) => bool(isNullPage))),
      2: list(...pages.map((page) => boundOf(page, page.min ?? Math.min(...page.values)))),
      3: list(...pages.map((page) => boundOf(page, page.max ?? Math.max(...page.values)))),
      4: int(0),
      ...(pages.some(({ nullCount }) => nullCount !== undefined) && {
        5: list(...pages.map(({ nullCount = 0 }) => int(nullCount))),
      }),
    },
  )
  const offsetBytes = writeStruct({ 1: list(...(offsetIndex ?? locations)) })
  const pagesEnd = offset
  const column = columnChunk(
    'a',
    { 5: int(firstRow), 6: int(pagesEnd - 4), 7: int(pagesEnd - 4), ...chunk },
    { 4: int(pagesEnd + columnBytes.length), 5: int(offsetBytes.length), 6: int(pagesEnd), 7: int(columnBytes.length) },
  )
  const footer = fileMetaData({
    2: list(rootElement(1), schemaElement('a', { 9: int(1) })),
    3: int(firstRow),
    4: list(rowGroup([column], firstRow)),
  })
  const bytes = fileOf(footer, { pages: Uint8Array.from([...stored.flat(), ...columnBytes, ...offsetBytes]) })
  return openParquetFile(
    sourceOf(bytes),
    { recordCount: firstRow, constants: new Map(), nameMapping: null },
    { codecs: pageCodecs, tally: { bytesRead: 0, requests: 0 }, tailBytes: 65_536 },
  )
}

function bind(filter: string, type: PrimitiveType = 'int') {
  return bindPredicate(parsePredicateText(filter), { fields: [{ id: 1, name: 'a', required: false, type }] })
}
const unlimited = () => undefined
const PAGES: readonly Page[] = [{ values: [1, 2, 3] }, { values: [11, 12, 13] }, { values: [21, 22, 23] }]

describe('The pages of a row group', () => {
  it.each([
    ['a > 13', [{ from: 6, to: 9 }]],
    [
      'a = 2 or a = 22',
      [
        { from: 0, to: 3 },
        { from: 6, to: 9 },
      ],
    ],
    ['a >= 3 and a <= 11', [{ from: 0, to: 6 }]],
    ['a < 5 or a < 15', [{ from: 0, to: 6 }]],
    ['a = 7', []],
    ['true', [{ from: 0, to: 9 }]],
    ['false', []],
  ])('%s leaves the rows %o', async (filter, expected) => {
    const file = await indexedFile(PAGES)
    const { ranges } = await pruneRowGroup(bind(filter), file, 0, { reserveMemory: unlimited })
    expect(ranges).toEqual(expected)
  })

  it('are read without those that cannot match, and the rows are the same', async () => {
    const file = await indexedFile(PAGES)
    const groups = []
    for await (const group of findMatches(bind('a > 12'), file, { createBudget: () => unlimited })) groups.push(group)
    expect(groups).toEqual([
      { groupIndex: 0, positions: Uint32Array.of(5, 6, 7, 8), skippedRows: 3, reason: 'page-index' },
    ])
  })

  it('of nulls only have no bounds', async () => {
    const file = await indexedFile([
      { values: [1, 2], isNullPage: true, nullCount: 2 },
      { values: [3, 4], nullCount: 0 },
    ])
    const prune = async (filter: string) =>
      (await pruneRowGroup(bind(filter), file, 0, { reserveMemory: unlimited })).ranges
    expect(await prune('a >= 0')).toEqual([{ from: 2, to: 4 }])
    expect(await prune('a is null')).toEqual([{ from: 0, to: 2 }])
  })

  it.each<[string, Page]>([
    ['a count of other values', { values: [1, 2], isNullPage: true, nullCount: 0 }],
    ['bounds', { values: [1, 2], isNullPage: true, min: 1, max: 2, nullCount: 2 }],
  ])('are read if one of nulls only has %s', async (_, page) => {
    const file = await indexedFile([page, { values: [3, 4], nullCount: 0 }])
    const { ranges } = await pruneRowGroup(bind('a = 1'), file, 0, { reserveMemory: unlimited })
    expect(ranges).toEqual([{ from: 0, to: 2 }])
  })

  it.each([
    [
      'has bounds for fewer pages',
      { columnIndex: { 1: list(bool(false), bool(false)), 2: list(binary([1, 0, 0, 0])), 3: list() } },
    ],
    [
      'has other pages than the offset index',
      { columnIndex: { 1: list(bool(false)), 2: list(binary(int32(50))), 3: list(binary(int32(60))) } },
    ],
    ['has rows out of order', { offsetIndex: [0, 6, 3].map((row) => struct({ 1: int(4), 2: int(1), 3: int(row) })) }],
    [
      'has bounds of another length',
      {
        columnIndex: {
          1: list(bool(false), bool(false), bool(false)),
          2: list(binary([9]), binary([9]), binary([9])),
          3: list(binary([9]), binary([9]), binary([9])),
        },
      },
    ],
  ])('might all match when the index %s', async (_, claims) => {
    const file = await indexedFile(PAGES, claims)
    const { ranges, reason } = await pruneRowGroup(bind('a = 2'), file, 0, { reserveMemory: unlimited })
    expect({ ranges, reason }).toEqual({ ranges: [{ from: 0, to: 9 }], reason: null })
  })
})

describe('The statistics of a row group', () => {
  const prune = async (filter: string, statistics: Fields) => {
    const file = await indexedFile(PAGES, { chunk: { 12: struct(statistics) } })
    return (await pruneRowGroup(bind(filter), file, 0, { reserveMemory: unlimited, use: ['statistics'] })).reason
  }
  it.each([
    ['a > 23', { 5: binary(int32(23)), 6: binary(int32(1)) }, 'statistics'],
    ['a = 23', { 5: binary(int32(23)), 6: binary(int32(1)) }, null],
    // The older fields: max and min.
    ['a > 23', { 1: binary(int32(23)), 2: binary(int32(1)) }, 'statistics'],
    ['a is null', { 3: int(0) }, 'statistics'],
    ['a is null', {}, null],
    ['a is not null', { 3: int(9) }, 'statistics'],
    ['a > 23', { 5: binary([1, 2]), 6: binary(int32(1)) }, null],
    ['a > 23', { 5: binary(int32(1)), 6: binary(int32(23)) }, null],
  ])('%s with %o: %s', async (filter, statistics, expected) => {
    expect(await prune(filter, statistics)).toBe(expected)
  })
})

function node(
  physicalType: NonNullable<SchemaNode['leaf']>['physicalType'],
  annotation: Annotation | null = null,
  lengthBytes = 0,
): SchemaNode {
  return {
    name: 'a',
    path: ['a'],
    fieldId: 1,
    repetition: 'optional',
    maxDefinition: 1,
    maxRepetition: 0,
    annotation,
    children: [],
    leaf: { index: 0, physicalType, lengthBytes },
  }
}
const decimal: Annotation = { kind: 'decimal', precision: 9, scale: 2 }
const millis: Annotation = { kind: 'timestamp', isUtc: false, unit: 'millis' }

describe('Bounds of a Parquet file', () => {
  const range = (
    column: SchemaNode,
    type: PrimitiveType,
    min: number[],
    max: number[],
    order: 'type' | 'signed' = 'type',
  ) => {
    const bounds = { min: Uint8Array.from(min), max: Uint8Array.from(max) }
    const { lower, upper } = toStoredRange(column, type, { rowCount: 5, nullCount: null, ...bounds, order })
    return [lower, upper]
  }
  it.each([
    ['an int as a long', node('INT32'), 'long', int32(-1), int32(2), [-1n, 2n]],
    [
      'milliseconds as microseconds',
      node('INT64', millis),
      'timestamp',
      [1, 0, 0, 0, 0, 0, 0, 0],
      [2, 0, 0, 0, 0, 0, 0, 0],
      [1000n, 2000n],
    ],
    [
      'a decimal in bytes',
      node('FIXED_LEN_BYTE_ARRAY', decimal, 2),
      'decimal(9, 2)',
      [0xff, 0x7f],
      [0, 0x80],
      [-129n, 128n],
    ],
    [
      'a truncated decimal',
      node('FIXED_LEN_BYTE_ARRAY', decimal, 4),
      'decimal(9, 2)',
      [0xff, 0x7f],
      [0, 0x80],
      [null, null],
    ],
    ['a decimal of another scale', node('INT32', decimal), 'decimal(9, 3)', int32(1), int32(2), [null, null]],
    ['INT96', node('INT96'), 'timestamp', Array<number>(12).fill(0), Array<number>(12).fill(1), [null, null]],
    ['NaN', node('FLOAT'), 'float', [0, 0, 0xc0, 0x7f], [0, 0, 0x80, 0x3f], [null, null]],
    ['a boolean', node('BOOLEAN'), 'boolean', [0], [1], [0, 1]],
    ['a double', node('DOUBLE'), 'double', [0, 0, 0, 0, 0, 0, 0xf0, 0x3f], [0, 0, 0, 0, 0, 0, 0, 0x40], [1, 2]],
    [
      'an unsigned number that is not an int',
      node('INT32', { kind: 'integer', bits: 32, isSigned: false }),
      'int',
      int32(1),
      int32(-1),
      [null, null],
    ],
  ] as const)('of %s', (_, column, type, min, max, expected) => {
    expect(range(column, type, [...min], [...max])).toEqual(expected)
  })

  it('of texts and unsigned numbers need the order of their type', () => {
    const unsigned = node('INT32', { kind: 'integer', bits: 32, isSigned: false })
    expect(range(node('BYTE_ARRAY'), 'string', [0x61], [0x62])).toEqual([Uint8Array.of(0x61), Uint8Array.of(0x62)])
    expect(range(node('BYTE_ARRAY'), 'string', [0x61], [0x62], 'signed')).toEqual([null, null])
    expect(range(unsigned, 'long', int32(1), int32(2), 'signed')).toEqual([null, null])
    expect(range(node('INT32'), 'int', int32(1), int32(2), 'signed')).toEqual([1, 2])
  })
})

describe('A value as a file stores it', () => {
  it.each([
    ['a long in a column of ints', node('INT32'), 'long', 5n, [[5, 0, 0, 0]]],
    ['a long that no int is', node('INT32'), 'long', 2n ** 40n, []],
    ['microseconds in milliseconds', node('INT64', millis), 'timestamp', 2000n, [[2, 0, 0, 0, 0, 0, 0, 0]]],
    ['microseconds that no millisecond is', node('INT64', millis), 'timestamp', 2001n, []],
    [
      'zero, which has two forms',
      node('FLOAT'),
      'float',
      0,
      [
        [0, 0, 0, 0],
        [0, 0, 0, 0x80],
      ],
    ],
    ['a double that no float is', node('FLOAT'), 'double', 0.1, []],
    ['a decimal', node('FIXED_LEN_BYTE_ARRAY', decimal, 3), 'decimal(9, 2)', -2n, [[255, 255, 254]]],
    ['a text', node('BYTE_ARRAY'), 'string', 'ü', [[0xc3, 0xbc]]],
    ['a decimal of any length', node('BYTE_ARRAY', decimal), 'decimal(9, 2)', 1n, null],
    ['an unsigned number', node('INT32', { kind: 'integer', bits: 8, isSigned: false }), 'int', 1, null],
    ['INT96', node('INT96'), 'timestamp', 1n, null],
  ] as const)('%s', (_, column, type, value, expected) => {
    expect(toPlainValues(column, type, value)?.map((bytes) => [...bytes]) ?? null).toEqual(expected)
  })
})

describe('Ranges of rows', () => {
  it('are united and intersected', () => {
    const some = [
      { from: 0, to: 3 },
      { from: 5, to: 9 },
    ]
    const others = [
      { from: 2, to: 6 },
      { from: 8, to: 12 },
    ]
    expect(uniteRanges(some, others)).toEqual([{ from: 0, to: 12 }])
    expect(intersectRanges(some, others)).toEqual([
      { from: 2, to: 3 },
      { from: 5, to: 6 },
      { from: 8, to: 9 },
    ])
    expect(intersectRanges(some, [])).toEqual([])
  })
})
