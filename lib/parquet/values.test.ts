import { describe, expect, it } from 'vitest'
import type { Encoding } from './footer'
import type { PhysicalType } from './schema-node'
import { joinValues, memoryBytes, readValues, valueAt, valueCount, type Values } from './values'

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes)
const type = (physicalType: PhysicalType, lengthBytes = 0) => ({ physicalType, lengthBytes })
const texts = (values: Values) => list(values).map((value) => new TextDecoder().decode(value as Uint8Array))
const list = (values: Values) => Array.from({ length: valueCount(values) }, (_, i) => valueAt(values, i))

function read(
  encoding: Encoding,
  bytes: Uint8Array,
  count: number,
  leaf: ReturnType<typeof type>,
  { dictionary = null, reserve = () => {} }: { dictionary?: Values | null; reserve?: (bytes: number) => void } = {},
): Values {
  return readValues(encoding, bytes, count, leaf, dictionary, reserve)
}

describe('Plain values', () => {
  it('are little-endian, in the width of their type', () => {
    expect(list(read('PLAIN', bytesOf(1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff), 2, type('INT32')))).toEqual([1, -1])
    const longs = bytesOf(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0x80)
    expect(list(read('PLAIN', longs, 2, type('INT64')))).toEqual([2n ** 63n - 1n, -(2n ** 63n)])
    expect(list(read('PLAIN', bytesOf(0, 0, 0x80, 0x3f, 0, 0, 0xc0, 0x7f), 2, type('FLOAT')))).toEqual([1, Number.NaN])
    expect(list(read('PLAIN', bytesOf(0, 0, 0, 0, 0, 0, 0, 0x80), 1, type('DOUBLE')))).toEqual([-0])
  })

  it('are bytes of one length, or with their length before them', () => {
    const fixed = read('PLAIN', bytesOf(1, 2, 3, 4, 5, 6), 2, type('FIXED_LEN_BYTE_ARRAY', 3))
    expect(list(fixed)).toEqual([bytesOf(1, 2, 3), bytesOf(4, 5, 6)])
    const twelve = Array.from({ length: 12 }, (_, i) => i)
    expect(list(read('PLAIN', bytesOf(...twelve), 1, type('INT96')))).toEqual([bytesOf(...twelve)])
    expect(texts(read('PLAIN', bytesOf(2, 0, 0, 0, 0x68, 0x69, 0, 0, 0, 0), 2, type('BYTE_ARRAY')))).toEqual(['hi', ''])
  })

  it('are bits for booleans, the lowest first', () => {
    const values = read('PLAIN', bytesOf(0b10000101, 0b1), 9, type('BOOLEAN'))
    expect(list(values)).toEqual([true, false, true, false, false, false, false, true, true])
  })

  it('are read where a page does not start at an aligned address', () => {
    const page = bytesOf(9, 7, 0, 0, 0, 0, 0, 0, 0).subarray(1)
    expect(list(read('PLAIN', page, 1, type('INT64')))).toEqual([7n])
  })

  it.each([
    ['INT32', 0, 7, 2],
    ['INT64', 0, 15, 2],
    ['FLOAT', 0, 3, 1],
    ['DOUBLE', 0, 7, 1],
    ['INT96', 0, 11, 1],
    ['FIXED_LEN_BYTE_ARRAY', 5, 9, 2],
    ['BOOLEAN', 0, 1, 9],
    ['BYTE_ARRAY', 0, 7, 2],
  ] as const)('of %s are refused when the page is too short for them', (physicalType, width, pageBytes, count) => {
    const page = new Uint8Array(pageBytes)
    expect(() => read('PLAIN', page, count, type(physicalType, width))).toThrow(
      `a page of ${pageBytes} bytes is too short for the ${count} values it claims`,
    )
  })

  it('are refused when one reaches beyond the page, even by a length near 4 GiB', () => {
    for (const length of [
      [3, 0, 0, 0],
      [0xff, 0xff, 0xff, 0xff],
    ])
      expect(() => read('PLAIN', bytesOf(...length, 1, 2), 1, type('BYTE_ARRAY'))).toThrow('reaches beyond its page')
  })
})

describe('Values of a dictionary', () => {
  const dictionary = read('PLAIN', bytesOf(1, 0, 0, 0, 0x61, 1, 0, 0, 0, 0x62, 1, 0, 0, 0, 0x63), 3, type('BYTE_ARRAY'))

  it('are referred to by indexes of any width', () => {
    // Width 2; three times 2 as a run, then a group of eight packed ones.
    const page = bytesOf(2, 6, 2, 3, 0b00_01_10_00, 0b00_00_00_01)
    const values = read('RLE_DICTIONARY', page, 11, type('BYTE_ARRAY'), { dictionary })
    expect(texts(values).join('')).toBe('cccacbabaaa')
    expect(texts(read('PLAIN_DICTIONARY', bytesOf(0, 8), 4, type('BYTE_ARRAY'), { dictionary }))).toEqual([
      'a',
      'a',
      'a',
      'a',
    ])
  })

  it('are refused without the dictionary, and beyond its end', () => {
    expect(() => read('RLE_DICTIONARY', bytesOf(2, 6, 2), 3, type('BYTE_ARRAY'))).toThrow(
      'a dictionary that is not there',
    )
    expect(() => read('RLE_DICTIONARY', bytesOf(2, 6, 3), 3, type('BYTE_ARRAY'), { dictionary })).toThrow(
      'entry 3 of a dictionary of 3',
    )
    expect(() => read('RLE_DICTIONARY', bytesOf(), 3, type('BYTE_ARRAY'), { dictionary })).toThrow('too short')
    expect(list(read('RLE_DICTIONARY', bytesOf(), 0, type('BYTE_ARRAY'), { dictionary }))).toEqual([])
  })
})

describe('Runs of booleans', () => {
  it('have their length before them', () => {
    expect(list(read('RLE', bytesOf(2, 0, 0, 0, 6, 1), 3, type('BOOLEAN')))).toEqual([true, true, true])
    expect(list(read('RLE', bytesOf(), 0, type('BOOLEAN')))).toEqual([])
  })

  it.each([
    ['too short for a length', bytesOf(2, 0, 0), 'too short'],
    ['shorter than it says', bytesOf(9, 0, 0, 0, 6, 1), 'too short'],
    ['without all values', bytesOf(2, 0, 0, 0, 4, 1), 'a page has 2 of the 3'],
  ])('are refused in a page %s', (_, page, reason) => {
    expect(() => read('RLE', page, 3, type('BOOLEAN'))).toThrow(reason)
  })
})

describe('Split streams of bytes', () => {
  it('are read as in the example of the specification: three floats', () => {
    const page = bytesOf(0xaa, 0x00, 0xa3, 0xbb, 0x11, 0xb4, 0xcc, 0x22, 0xc5, 0xdd, 0x33, 0xd6)
    const values = read('BYTE_STREAM_SPLIT', page, 3, type('FIXED_LEN_BYTE_ARRAY', 4))
    expect(list(values)).toEqual([
      bytesOf(0xaa, 0xbb, 0xcc, 0xdd),
      bytesOf(0, 0x11, 0x22, 0x33),
      bytesOf(0xa3, 0xb4, 0xc5, 0xd6),
    ])
    const floats = read('BYTE_STREAM_SPLIT', bytesOf(0, 0, 0, 0, 0x80, 0, 0x3f, 0x40), 2, type('FLOAT'))
    expect(list(floats)).toEqual([1, 2])
  })

  it('are refused when they are too short, and for types without a width', () => {
    expect(() => read('BYTE_STREAM_SPLIT', bytesOf(1, 2, 3), 1, type('INT32'))).toThrow('too short')
    for (const physicalType of ['BYTE_ARRAY', 'BOOLEAN', 'INT96'] as const)
      expect(() => read('BYTE_STREAM_SPLIT', new Uint8Array(24), 1, type(physicalType))).toThrow(
        `BYTE_STREAM_SPLIT does not fit the type ${physicalType}`,
      )
  })
})

describe('An encoding', () => {
  it.each([
    ['DELTA_BINARY_PACKED', 'DOUBLE'],
    ['DELTA_LENGTH_BYTE_ARRAY', 'INT32'],
    ['DELTA_BYTE_ARRAY', 'INT64'],
    ['RLE', 'INT32'],
  ] as const)('%s is refused for %s', (encoding, physicalType) => {
    expect(() => read(encoding, bytesOf(8, 1, 0, 0), 0, type(physicalType))).toThrow(
      `does not fit the type ${physicalType}`,
    )
  })

  it.each(['BIT_PACKED', 'GROUP_VAR_INT'] as const)('%s is named as one that cannot be read', (encoding) => {
    expect(() => read(encoding, bytesOf(), 0, type('INT32'))).toThrow(
      `the encoding ${encoding}, which Lakeshore cannot read`,
    )
  })

  it.each([
    ['DELTA_BINARY_PACKED', 'INT64'],
    ['DELTA_LENGTH_BYTE_ARRAY', 'BYTE_ARRAY'],
    ['DELTA_BYTE_ARRAY', 'BYTE_ARRAY'],
  ] as const)('%s may have no values and no bytes', (encoding, physicalType) => {
    expect(valueCount(read(encoding, bytesOf(), 0, type(physicalType)))).toBe(0)
  })

  it('of strings is refused for a value of another length than the column’s', () => {
    // Prefix 0 and a suffix of one byte, each as a block without deltas.
    const page = bytesOf(8, 1, 1, 0, 8, 1, 1, 2, 0x61)
    expect(texts(read('DELTA_BYTE_ARRAY', page, 1, type('FIXED_LEN_BYTE_ARRAY', 1)))).toEqual(['a'])
    expect(() => read('DELTA_BYTE_ARRAY', page, 1, type('FIXED_LEN_BYTE_ARRAY', 2))).toThrow('not 2 bytes long')
  })
})

describe('Memory', () => {
  it.each([
    ['PLAIN', 'BYTE_ARRAY', new Uint8Array(4_000_000)],
    ['PLAIN', 'BOOLEAN', new Uint8Array(125_000)],
    ['RLE', 'BOOLEAN', bytesOf(5, 0, 0, 0, 0x80, 0x89, 0x7a, 1, 1)],
    ['RLE_DICTIONARY', 'INT32', bytesOf(1, 0x80, 0x89, 0x7a, 0)],
    ['DELTA_BINARY_PACKED', 'INT64', bytesOf(8, 1, 0xc0, 0x84, 0x3d, 0)],
    ['DELTA_LENGTH_BYTE_ARRAY', 'BYTE_ARRAY', bytesOf(8, 1, 0xc0, 0x84, 0x3d, 0)],
    ['DELTA_BYTE_ARRAY', 'BYTE_ARRAY', bytesOf(8, 1, 0xc0, 0x84, 0x3d, 0)],
  ] as const)('for a million values of %s of %s is reserved before it is taken', (encoding, physicalType, page) => {
    const dictionary = read('PLAIN', bytesOf(1, 0, 0, 0), 1, type('INT32'))
    const reserve = (bytes: number) => {
      throw new Error(`${bytes >= 1_000_000} at least a megabyte`)
    }
    expect(() => read(encoding, page, 1_000_000, type(physicalType), { dictionary, reserve })).toThrow('true at least')
  })

  it('of values is what they take without their dictionary', () => {
    const numbers = read('PLAIN', new Uint8Array(12), 3, type('INT32'))
    const fixed = read('PLAIN', new Uint8Array(10), 2, type('FIXED_LEN_BYTE_ARRAY', 5))
    const indexed = read('RLE_DICTIONARY', bytesOf(1, 8, 0), 4, type('INT32'), { dictionary: numbers })
    expect([numbers, fixed, indexed, joinValues([numbers, fixed])].map(memoryBytes)).toEqual([12, 10, 16, 22])
  })
})

describe('Pages joined to a column', () => {
  const page = (...values: number[]) =>
    read('PLAIN', new Uint8Array(Int32Array.from(values).buffer), values.length, type('INT32'))

  it('are one list, with empty pages among them', () => {
    const joined = joinValues([page(1, 2), page(), page(3), page(4, 5, 6)])
    expect(valueCount(joined)).toBe(6)
    expect(list(joined)).toEqual([1, 2, 3, 4, 5, 6])
  })

  it('have no value when there is no page', () => {
    expect(valueCount(joinValues([]))).toBe(0)
    expect(() => valueAt(joinValues([]), 0)).toThrow('claims values but has none')
  })
})
