import { crc32, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { bool, type Fields, int, struct, writeStruct } from '@/testing/parquet/thrift-writer'
import type { Codec } from './footer'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readDataPage, readDictionary, readPageHeader } from './page'
import type { SchemaNode } from './schema-node'
import { valueAt, valueCount, type Values } from './values'

const PLAIN = 0
const RLE = 3
const BIT_PACKED = 4
const RLE_DICTIONARY = 8

const node = ({ maxDefinition = 0, maxRepetition = 0, physicalType = 'INT32' as const } = {}): SchemaNode => ({
  name: 'a',
  path: ['a'],
  fieldId: null,
  repetition: maxDefinition > 0 ? 'optional' : 'required',
  maxDefinition,
  maxRepetition,
  annotation: null,
  children: [],
  leaf: { index: 0, physicalType, lengthBytes: 0 },
})

const ints = (...values: number[]) => [...new Uint8Array(Int32Array.from(values).buffer)]
/** Levels of version 1 have their length before them. */
const sized = (...bytes: number[]) => [...ints(bytes.length), ...bytes]
const list = (values: Values) => Array.from({ length: valueCount(values) }, (_, i) => valueAt(values, i))

/** parquet.thrift, *PageHeader*: 1 type, 2 plain bytes, 3 stored bytes, 4 checksum, then a header for the type. */
function page(
  type: number,
  header: Fields,
  stored: readonly number[],
  { plainBytes = stored.length, ...more }: { plainBytes?: number; checksum?: number; claimed?: number } = {},
) {
  const field = { 0: 5, 2: 7, 3: 8 }[type] ?? 6
  const bytes = writeStruct({
    1: int(type),
    2: int(plainBytes),
    3: int(more.claimed ?? stored.length),
    4: more.checksum === undefined ? undefined : int(more.checksum),
    [field]: struct(header),
  })
  return Uint8Array.from([...bytes, ...stored])
}

const v1 = (valueCount_: number, encoding = PLAIN, definition = RLE, repetition = RLE): Fields => ({
  1: int(valueCount_),
  2: int(encoding),
  3: int(definition),
  4: int(repetition),
})
const v2 = (
  valueCount_: number,
  nullCount: number,
  rowCount: number,
  definitionBytes: number,
  repetitionBytes: number,
  isCompressed?: boolean,
): Fields => ({
  1: int(valueCount_),
  2: int(nullCount),
  3: int(rowCount),
  4: int(PLAIN),
  5: int(definitionBytes),
  6: int(repetitionBytes),
  7: isCompressed === undefined ? undefined : bool(isCompressed),
})

type DecodeOptions = { of?: SchemaNode; codec?: Codec; dictionary?: Values | null; reserve?: (bytes: number) => void }

function decode(
  bytes: Uint8Array,
  { of = node(), codec = 'uncompressed', dictionary = null, reserve = () => {} }: DecodeOptions = {},
) {
  const header = readPageHeader(bytes, 0)
  return readDataPage(
    header,
    bytes.subarray(header.start, header.end),
    of,
    { codec, codecs: pageCodecs },
    dictionary,
    reserve,
  )
}

describe('The header of a page', () => {
  it('of version 1 has the encodings of its levels', () => {
    const bytes = page(0, v1(2), ints(1, 2), { checksum: -5 })
    expect(readPageHeader(bytes, 0)).toEqual({
      kind: 'data',
      start: bytes.length - 8,
      end: bytes.length,
      encodedBytes: 8,
      valueCount: 2,
      rowCount: null,
      nullCount: null,
      encoding: 'PLAIN',
      levels: { definition: 'RLE', repetition: 'RLE' },
      checksum: -5,
    })
  })

  it('of version 2 has rows, nulls and the lengths of its levels, and is compressed unless it says otherwise', () => {
    expect(readPageHeader(page(3, v2(5, 1, 4, 2, 3), []), 0)).toMatchObject({
      kind: 'data-v2',
      valueCount: 5,
      nullCount: 1,
      rowCount: 4,
      levels: { definitionBytes: 2, repetitionBytes: 3, isCompressed: true },
    })
    expect(readPageHeader(page(3, v2(5, 1, 4, 2, 3, false), []), 0).levels).toMatchObject({ isCompressed: false })
  })

  it('of version 2 has no count where −1 is written', () => {
    expect(readPageHeader(page(3, v2(5, -1, -1, 2, 3), []), 0)).toMatchObject({ nullCount: null, rowCount: null })
  })

  it('of a dictionary has the number of its entries; a page of another kind is passed over', () => {
    expect(readPageHeader(page(2, { 1: int(9), 2: int(2) }, [1]), 0)).toMatchObject({
      kind: 'dictionary',
      valueCount: 9,
      encoding: 'PLAIN_DICTIONARY',
    })
    expect(readPageHeader(page(1, {}, [1, 2]), 0)).toMatchObject({ kind: 'other', valueCount: 0 })
  })

  it('is read from its position in the chunk', () => {
    const bytes = Uint8Array.from([9, 9, 9, ...page(0, v1(1), ints(1))])
    expect(readPageHeader(bytes, 3)).toMatchObject({ start: bytes.length - 4, end: bytes.length })
  })

  it.each([
    ['a page beyond its chunk', page(0, v1(1), [1], { claimed: 2 }), 'reaches beyond its column chunk'],
    ['a negative length', page(0, v1(1), [1], { claimed: -1 }), "a page's length is negative"],
    ['a negative number of values', page(0, v1(-1), [1]), "a page's value count is negative"],
    ['an unknown encoding', page(0, v1(1, 10), [1]), 'the encoding 10, which Lakeshore cannot read'],
    ['no header for its type', writeStruct({ 1: int(0), 2: int(0), 3: int(0) }), 'no header for its type'],
    ['no header of a dictionary', writeStruct({ 1: int(2), 2: int(0), 3: int(0) }), 'no header for its type'],
  ])('is refused with %s', (_, bytes, reason) => {
    expect(() => readPageHeader(bytes, 0)).toThrow(reason)
  })
})

describe('A data page', () => {
  it('of a required column has values alone', () => {
    const { values, definitions, repetitions, valueCount: count } = decode(page(0, v1(3), ints(7, 8, 9)))
    expect([list(values), definitions, repetitions, count]).toEqual([[7, 8, 9], null, null, 3])
  })

  it('of an optional column has a level for each value, and no value for a null', () => {
    // 1 0 1: a packed group of one-bit levels.
    const bytes = page(0, v1(3), [...sized(3, 0b101), ...ints(7, 9)])
    const { values, definitions } = decode(bytes, { of: node({ maxDefinition: 1 }) })
    expect([list(values), [...(definitions ?? [])]]).toEqual([
      [7, 9],
      [1, 0, 1],
    ])
  })

  it('of a list has the repetition levels first, in both versions', () => {
    const [repetitions, definitions] = [
      [3, 0b0110],
      [8, 2],
    ]
    const of = node({ maxDefinition: 2, maxRepetition: 1 })
    const one = decode(page(0, v1(4), [...sized(...repetitions), ...sized(...definitions), ...ints(1, 2, 3, 4)]), {
      of,
    })
    const two = decode(page(3, v2(4, 0, 2, 2, 2), [...repetitions, ...definitions, ...ints(1, 2, 3, 4)]), { of })
    for (const { values, ...levels } of [one, two]) {
      expect(list(values)).toEqual([1, 2, 3, 4])
      expect([...(levels.repetitions ?? [])]).toEqual([0, 1, 1, 0])
      // Each value is there.
      expect(levels.definitions).toBeNull()
    }
  })

  it('of version 2 compresses its values, never its levels', () => {
    const stored = [...zstdCompressSync(Uint8Array.from(ints(7, 9)))]
    const levels = [3, 0b101]
    const of = node({ maxDefinition: 1 })
    const compressed = page(3, v2(3, 1, 3, 2, 0), [...levels, ...stored], { plainBytes: 10 })
    expect(list(decode(compressed, { of, codec: 'zstd' }).values)).toEqual([7, 9])
    const plain = page(3, v2(3, 1, 3, 2, 0, false), [...levels, ...ints(7, 9)])
    expect(list(decode(plain, { of, codec: 'zstd' }).values)).toEqual([7, 9])
    const onlyNulls = page(3, v2(3, 3, 3, 2, 0), [6, 0])
    expect(list(decode(onlyNulls, { of, codec: 'zstd' }).values)).toEqual([])
  })

  it('takes its values from the dictionary of the chunk', () => {
    const stored = page(2, { 1: int(2), 2: int(PLAIN) }, ints(70, 80))
    const header = readPageHeader(stored, 0)
    const dictionary = readDictionary(
      header,
      stored.subarray(header.start),
      node(),
      { codec: 'uncompressed', codecs: pageCodecs },
      () => {},
    )
    const bytes = page(0, v1(3, RLE_DICTIONARY), [1, 3, 0b101])
    expect(list(decode(bytes, { dictionary }).values)).toEqual([80, 70, 80])
  })

  it('is compared with its checksum, which some writers store as a negative number', () => {
    const body = ints(7, 8, 9)
    const checksum = crc32(Uint8Array.from(body))
    for (const same of [checksum, checksum | 0])
      expect(list(decode(page(0, v1(3), body, { checksum: same })).values)).toEqual([7, 8, 9])
    expect(() => decode(page(0, v1(3), body, { checksum: checksum + 1 }))).toThrow('do not match its checksum')
  })

  it('reserves memory for its bytes and levels before it decodes them', () => {
    const reserved: number[] = []
    decode(page(0, v1(3), ints(7, 8, 9)), { reserve: (bytes) => reserved.push(bytes) })
    expect(reserved[0]).toBe(12 + 2 * 3)
    const refuse = () => {
      throw new Error('too much')
    }
    expect(() => decode(page(0, v1(2_000_000_000), ints(1)), { reserve: refuse })).toThrow('too much')
  })

  it.each([
    ['levels that end before their length', page(0, v1(3), [1, 0]), 'a page ends before its levels'],
    ['levels beyond the page', page(0, v1(3), [...ints(9), 6, 1]), 'levels reach beyond their page'],
    ['fewer levels than values', page(0, v1(3), [...sized(4, 1), ...ints(7, 9)]), 'a page has 2 of the 3 levels'],
    ['levels in an old encoding', page(0, v1(3, PLAIN, BIT_PACKED), sized(6, 1)), 'levels use the encoding BIT_PACKED'],
    ['fewer values than levels', page(0, v1(3), [...sized(6, 1), ...ints(7)]), 'too short for the 3 values'],
    ['levels longer than the page, in version 2', page(3, v2(3, 0, 3, 9, 0), [6, 1]), 'levels reach beyond their page'],
  ])('is refused with %s', (_, bytes, reason) => {
    expect(() => decode(bytes, { of: node({ maxDefinition: 1 }) })).toThrow(reason)
  })

  it.each([
    ['more nulls', 2],
    ['fewer nulls', 0],
    ['−1 nulls, as writers do that do not count them', -1],
  ])('is read by its levels when its header claims %s', (_, claimed) => {
    const bytes = page(3, v2(3, claimed, 3, 2, 0), [3, 0b101, ...ints(7, 9)])
    const { values, definitions } = decode(bytes, { of: node({ maxDefinition: 1 }) })
    expect([list(values), [...(definitions ?? [])]]).toEqual([
      [7, 9],
      [1, 0, 1],
    ])
  })

  it('is refused with a level that the schema does not have', () => {
    const bytes = page(0, v1(3), [...sized(6, 3), ...ints(7, 8, 9)])
    expect(() => decode(bytes, { of: node({ maxDefinition: 2 }) })).toThrow(
      'the level 3, but the schema allows at most 2',
    )
  })
})

describe('A dictionary', () => {
  const read = (bytes: Uint8Array, codec: Codec = 'uncompressed') => {
    const header = readPageHeader(bytes, 0)
    return readDictionary(
      header,
      bytes.subarray(header.start, header.end),
      node(),
      { codec, codecs: pageCodecs },
      () => {},
    )
  }

  it('is plain, under either name of that encoding, and may be compressed', () => {
    expect(list(read(page(2, { 1: int(2), 2: int(0) }, ints(7, 8))))).toEqual([7, 8])
    const stored = [...zstdCompressSync(Uint8Array.from(ints(7, 8)))]
    expect(list(read(page(2, { 1: int(2), 2: int(2) }, stored, { plainBytes: 8 }), 'zstd'))).toEqual([7, 8])
  })

  it('is refused in another encoding, with too few entries, and with a wrong checksum', () => {
    expect(() => read(page(2, { 1: int(2), 2: int(RLE_DICTIONARY) }, ints(7, 8)))).toThrow(
      'a dictionary has the encoding',
    )
    expect(() => read(page(2, { 1: int(3), 2: int(0) }, ints(7, 8)))).toThrow('too short for the 3 values')
    expect(() => read(page(2, { 1: int(2), 2: int(0) }, ints(7, 8), { checksum: 1 }))).toThrow('checksum')
  })
})
