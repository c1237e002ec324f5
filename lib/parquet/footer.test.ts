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
import { binary, type Fields, int, list, struct, text, type Written } from '@/testing/parquet/thrift-writer'
import { decodeEnum, ENCODINGS, parseFooter, readFooter } from './footer'

const FILE_BYTES = 10_000
const parse = (fields: Parameters<typeof fileMetaData>[0] = {}) => parseFooter(fileMetaData(fields), FILE_BYTES)
const withChunk = (...chunk: Parameters<typeof columnChunk>) => parse({ 4: list(rowGroup([columnChunk(...chunk)])) })

describe('A footer', () => {
  it('has the version, the writer, the rows and what writers add', () => {
    const footer = parse({
      5: list(struct({ 1: text('iceberg.schema'), 2: text('{}') }), struct({ 1: text('empty') })),
      6: text('parquet-mr version 1.15.0'),
    })
    expect(footer).toMatchObject({
      formatVersion: 2,
      createdBy: 'parquet-mr version 1.15.0',
      rowCount: 3,
      keyValues: [
        { key: 'iceberg.schema', value: '{}' },
        { key: 'empty', value: null },
      ],
      footerBytes: expect.any(Number),
    })
    expect(parse()).toMatchObject({ createdBy: null, keyValues: [] })
  })

  it('numbers the rows over its row groups', () => {
    const groups = list(
      rowGroup([columnChunk('a')], 3),
      rowGroup([columnChunk('a')], 0),
      rowGroup([columnChunk('a')], 4),
    )
    const { rowGroups, rowCount } = parse({ 3: int(7), 4: groups })
    expect(rowGroups.map(({ firstRow, rowCount: count }) => [firstRow, count])).toEqual([
      [0, 3],
      [3, 0],
      [3, 4],
    ])
    expect(rowCount).toBe(7)
  })

  it('may say 0 rows, as an early writer did, but no other wrong number', () => {
    expect(parse({ 3: int(0) }).rowCount).toBe(3)
    expect(() => parse({ 3: int(4) })).toThrow('the footer says 4 rows, but its row groups have 3')
    expect(() => parse({ 3: int(-1) })).toThrow("the file's row count is negative (-1)")
    expect(() => parse({ 3: undefined })).toThrow("the file's row count is missing")
  })

  it('describes a column chunk', () => {
    const { rowGroups } = withChunk(
      'a',
      {
        4: int(6),
        11: int(4),
        9: int(104),
        7: int(200),
        6: int(400),
        12: struct({ 1: binary([1]), 2: binary([2]), 3: int(5), 4: int(6), 5: binary([9]), 6: binary([8]) }),
        14: int(500),
        15: int(64),
        16: struct({ 1: int(77) }),
      },
      { 4: int(600), 5: int(30), 6: int(700), 7: int(40) },
    )
    expect(rowGroups[0]?.columns[0]).toEqual({
      leaf: 0,
      codec: 'zstd',
      encodings: ['PLAIN', 'RLE'],
      isAllDictionary: null,
      valueCount: 3,
      encodedBytes: 400,
      storedBytes: 200,
      startOffset: 4,
      dataPageOffset: 104,
      dictionaryPageOffset: 4,
      statistics: {
        nullCount: 5,
        distinctCount: 6,
        min: Uint8Array.of(8),
        max: Uint8Array.of(9),
        // The older fields 1 and 2, which have no defined order.
        signedMin: Uint8Array.of(2),
        signedMax: Uint8Array.of(1),
      },
      byteArrayBytes: 77,
      offsetIndex: { offset: 600, lengthBytes: 30 },
      columnIndex: { offset: 700, lengthBytes: 40 },
      bloomFilter: { offset: 500, lengthBytes: 64 },
    })
  })

  it('starts a chunk at its first data page when it has no dictionary, also where a writer says 0', () => {
    for (const dictionary of [undefined, int(0)])
      expect(withChunk('a', { 9: int(50), 11: dictionary }).rowGroups[0]?.columns[0]?.startOffset).toBe(50)
    expect(withChunk('a', { 9: int(50), 11: int(90) }).rowGroups[0]?.columns[0]?.startOffset).toBe(50)
  })

  it('knows from the pages of each encoding whether all values are in the dictionary', () => {
    const pages = (...counts: [type: number, encoding: number, count: number][]) =>
      list(...counts.map(([type, encoding, count]) => struct({ 1: int(type), 2: int(encoding), 3: int(count) })))
    const isAllDictionary = (encodings: Written) =>
      withChunk('a', { 13: encodings }).rowGroups[0]?.columns[0]?.isAllDictionary
    // The dictionary page itself is plain.
    expect(isAllDictionary(pages([2, 0, 1], [0, 8, 3]))).toBe(true)
    expect(isAllDictionary(pages([2, 0, 1], [3, 2, 1], [0, 0, 0]))).toBe(true)
    expect(isAllDictionary(pages([0, 8, 3], [0, 0, 1]))).toBe(false)
    expect(isAllDictionary(pages([2, 0, 1]))).toBeNull()
  })

  it('knows which columns have the order of their type', () => {
    const ordersOf = (fields: Fields) => parse(fields).hasTypeOrder
    expect(ordersOf({})).toEqual([false])
    expect(ordersOf({ 7: list(struct({ 1: struct({}) })) })).toEqual([true])
    expect(ordersOf({ 7: list(struct({ 2: struct({}) })) })).toEqual([false])
  })

  it('names codecs and encodings of a later format, so that other columns can be read', () => {
    const chunk = withChunk('a', { 2: list(int(10)), 4: int(8) }).rowGroups[0]?.columns[0]
    expect(chunk).toMatchObject({ codec: 'codec 8', encodings: ['encoding 10'] })
  })

  it('has no page index of no bytes', () => {
    const chunk = withChunk('a', {}, { 4: int(600), 5: int(0), 6: int(700) }).rowGroups[0]?.columns[0]
    expect(chunk).toMatchObject({ offsetIndex: null, columnIndex: null, bloomFilter: null, statistics: null })
  })

  it.each([
    ['another number of columns than the schema', { 4: list(rowGroup([])) }, 'has 0 columns, but the schema has 1'],
    ['columns in another order', { 4: list(rowGroup([columnChunk('b')])) }, 'not in the order of the schema'],
    ['a chunk without metadata', { 4: list(rowGroup([struct({ 2: int(4) })])) }, 'has no metadata'],
    ['a chunk beyond the file', { 4: list(rowGroup([columnChunk('a', { 7: int(9_997) })])) }, 'ends at byte 10001'],
    [
      'an index beyond the file',
      { 4: list(rowGroup([columnChunk('a', {}, { 4: int(9_999), 5: int(2) })])) },
      'ends at byte 10001',
    ],
    [
      'an index before the file',
      { 4: list(rowGroup([columnChunk('a', {}, { 6: int(-1), 7: int(2) })])) },
      'page index',
    ],
    [
      'a negative length',
      { 4: list(rowGroup([columnChunk('a', { 7: int(-1) })])) },
      "a column chunk's length is negative",
    ],
    [
      'a negative offset',
      { 4: list(rowGroup([columnChunk('a', { 9: int(-5) })])) },
      "a column chunk's page offset is negative",
    ],
    ['no codec', { 4: list(rowGroup([columnChunk('a', { 4: undefined })])) }, 'the codec of a column is not defined'],
    ['a negative codec', { 4: list(rowGroup([columnChunk('a', { 4: int(-1) })])) }, 'the codec -1 is not defined'],
    ['no schema', { 2: undefined }, 'the footer has no schema'],
  ])('is refused with %s', (_, fields, reason) => {
    expect(() => parse(fields)).toThrow(reason)
  })

  it.each([
    [
      'columns in other files',
      { 4: list(rowGroup([columnChunk('a', {}, { 1: text('b.parquet') })])) },
      'in other files',
    ],
  ])('names what it cannot read: %s', (_, fields, reason) => {
    expect(() => parse(fields)).toThrow(
      expect.objectContaining({ name: 'UnsupportedParquet', message: expect.stringContaining(reason) }),
    )
  })

  it('marks encrypted columns, and has the others', () => {
    const { rowGroups } = parse({
      2: list(rootElement(2), schemaElement('a'), schemaElement('b')),
      4: list(rowGroup([struct({ 2: int(4), 8: struct({ 2: struct({}) }) }), columnChunk('b')])),
      8: struct({}),
    })
    expect(rowGroups[0]?.columns.map(({ isEncrypted = false, valueCount }) => [isEncrypted, valueCount])).toEqual([
      [true, 0],
      [false, 3],
    ])
  })

  it('is refused when it has more column chunks than any table', () => {
    const columns = Array.from({ length: 1_001 }, (_, i) => schemaElement(`c${i}`))
    const groups = Array.from({ length: 2_000 }, () => struct({}))
    expect(() => parse({ 2: list(rootElement(1_001), ...columns), 4: list(...groups) })).toThrow(
      '2000 row groups of 1001 columns',
    )
  })
})

describe('Reading the footer of a file', () => {
  it('takes one read of its end when the footer is in it, and two when it is longer', async () => {
    const bytes = fileOf(fileMetaData({ 6: text('x'.repeat(500)) }))
    const one = sourceOf(bytes)
    expect((await readFooter(one)).rowCount).toBe(3)
    expect(one.reads).toEqual([[0, bytes.length]])
    const two = sourceOf(bytes)
    expect((await readFooter(two, { tailBytes: 100 })).createdBy).toHaveLength(500)
    expect(two.reads).toEqual([
      [bytes.length - 100, bytes.length],
      [16, bytes.length - 100],
    ])
  })

  it('asks a source that knows its end, whatever length a manifest claims', async () => {
    const bytes = fileOf(fileMetaData())
    const source = sourceOf(bytes)
    source.byteLength = 1
    source.readEnd = async (lengthBytes) => {
      source.byteLength = bytes.length
      return bytes.subarray(Math.max(0, bytes.length - lengthBytes))
    }
    expect((await readFooter(source)).rowCount).toBe(3)
  })

  it.each([
    ['an empty file', new Uint8Array(), 'file-damaged', 'the file is 0 bytes long, too short'],
    ['eleven bytes', new Uint8Array(11), 'file-damaged', 'the file is 11 bytes long, too short'],
    [
      'the frame of a file without content',
      new TextEncoder().encode('PAR1\0\0\0\0PAR1'),
      'file-damaged',
      'metadata is truncated',
    ],
    ['another kind of file', new Uint8Array(100), 'file-damaged', 'footer is missing; the file is probably truncated'],
    ['an encrypted file', fileOf(fileMetaData(), { magic: 'PARE' }), 'not-supported', 'the file is encrypted'],
    [
      'a footer longer than its file',
      fileOf(fileMetaData(), { claimed: 1_000 }),
      'file-damaged',
      'the footer claims 1000 bytes',
    ],
    ['a footer of nothing', fileOf(new Uint8Array()), 'file-damaged', 'metadata is truncated'],
    ['a footer that ends early', fileOf(fileMetaData().subarray(0, 20)), 'file-damaged', 'truncated'],
  ])('names the file and the reason: %s', async (_, bytes, code, reason) => {
    const name = 's3://lake/t/1.parquet'
    await expect(readFooter(sourceOf(bytes, name))).rejects.toMatchObject({
      code,
      facts: { file: name },
      message: expect.stringMatching(new RegExp(`^${name}: .*${reason}`)),
    })
  })

  it('refuses a footer of more than 64 MiB without reading it', async () => {
    const tail = fileOf(new Uint8Array(), { claimed: 65 * 1024 * 1024 })
    const source = sourceOf(tail)
    source.byteLength = 100 * 1024 * 1024
    source.readEnd = async () => tail
    await expect(readFooter(source)).rejects.toMatchObject({ code: 'too-large' })
    expect(source.reads).toEqual([])
  })
})

it('A number of the format is its name; any other is refused', () => {
  expect(decodeEnum(ENCODINGS, 9, 'encoding')).toBe('BYTE_STREAM_SPLIT')
  for (const number of [-1, undefined])
    expect(() => decodeEnum(ENCODINGS, number, 'encoding')).toThrow('not defined by Parquet')
  expect(() => decodeEnum(ENCODINGS, 10, 'encoding')).toThrow('it uses the encoding 10, which Lakeshore cannot read')
})
