import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { varint } from '@/testing/parquet/thrift-writer'
import { readDelta32, readDelta64, readDeltaLengths, readDeltaStrings, type ByteArrays } from './delta'
import { DamagedParquet } from './errors'

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes)
const zigzag = (value: bigint) => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)))
const textsOf = ({ bytes, starts, ends }: ByteArrays) =>
  [...starts].map((start, i) => new TextDecoder().decode(bytes.subarray(start, ends[i])))

/** An encoder after the specification: one block size, `miniblocks` of equal size, the smallest width for each. */
function encode(values: readonly bigint[], { blockSize = 128, miniblocks = 4 } = {}): number[] {
  const out = [...varint(BigInt(blockSize)), ...varint(BigInt(miniblocks)), ...varint(BigInt(values.length))]
  out.push(...zigzag(values[0] ?? 0n))
  const deltas = values.slice(1).map((value, i) => BigInt.asIntN(64, value - (values[i] ?? 0n)))
  for (let at = 0; at < deltas.length; at += blockSize) {
    const block = deltas.slice(at, at + blockSize)
    const min = block.reduce((least, delta) => (delta < least ? delta : least))
    const perMiniblock = blockSize / miniblocks
    const parts = Array.from({ length: miniblocks }, (_, i) =>
      block.slice(i * perMiniblock, (i + 1) * perMiniblock).map((delta) => BigInt.asUintN(64, delta - min)),
    )
    const widths = parts.map((part) => Math.max(0, ...part.map((one) => (one === 0n ? 0 : one.toString(2).length))))
    out.push(...zigzag(min), ...widths)
    parts.forEach((part, i) => {
      const width = widths[i] ?? 0
      if (part.length === 0 || width === 0) return
      let bits = 0n
      part.forEach((one, j) => {
        bits |= one << BigInt(j * width)
      })
      for (let k = 0; k < (perMiniblock * width) / 8; k++) out.push(Number((bits >> BigInt(8 * k)) & 0xffn))
    })
  }
  return out
}

describe('Delta-packed integers', () => {
  it('are read as in the first example of the specification: 1 to 5, whose deltas take no bits', () => {
    const bytes = bytesOf(8, 1, 5, 2, 2, 0)
    expect([...readDelta64(bytes, 0, 5).values]).toEqual([1n, 2n, 3n, 4n, 5n])
    expect(readDelta64(bytes, 0, 5).end).toBe(6)
  })

  it('are read as in its second example: 7 5 3 1 2 3 4 5, whose deltas take two bits', () => {
    const bytes = bytesOf(8, 1, 8, 14, 3, 2, 0b11000000, 0b00111111)
    expect([...readDelta32(bytes, 0, 8).values]).toEqual([7, 5, 3, 1, 2, 3, 4, 5])
  })

  it('are read from where they start, and say where they end', () => {
    const bytes = bytesOf(9, 9, ...encode([5n, -5n, 5n]), 9)
    const { values, end } = readDelta64(bytes, 2, 3)
    expect([...values]).toEqual([5n, -5n, 5n])
    expect(end).toBe(bytes.length - 1)
  })

  it('are read for any 64-bit values and any shape of blocks', () => {
    const anyLong = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    const anyShape = fc.constantFrom(
      { blockSize: 8, miniblocks: 1 },
      { blockSize: 128, miniblocks: 4 },
      { blockSize: 64, miniblocks: 8 },
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(anyLong, fc.bigInt({ min: -9n, max: 9n })), { minLength: 1, maxLength: 300 }),
        anyShape,
        (values, shape) => {
          expect([...readDelta64(Uint8Array.from(encode(values, shape)), 0, values.length).values]).toEqual(values)
        },
      ),
      propertyRuns(60),
    )
  })

  it('wrap around, as writers do at the ends of the range', () => {
    const ends = [-(2n ** 63n), 2n ** 63n - 1n, -(2n ** 63n)]
    expect([...readDelta64(Uint8Array.from(encode(ends)), 0, 3).values]).toEqual(ends)
    const ends32 = [-(2n ** 31n), 2n ** 31n - 1n, -(2n ** 31n)]
    expect([...readDelta32(Uint8Array.from(encode(ends32)), 0, 3).values]).toEqual(ends32.map(Number))
  })

  it('may be none', () => {
    expect(readDelta64(bytesOf(8, 1, 0, 0), 0, 0)).toEqual({ values: new BigInt64Array(), end: 4 })
  })

  it.each([
    ['another count than the page claims', bytesOf(8, 1, 4, 2, 2, 0), 'a page has 4 integers but claims 5'],
    ['no miniblocks', bytesOf(8, 0, 5, 2, 2, 0), '8 values in 0 miniblocks'],
    ['blocks that miniblocks do not divide', bytesOf(8, 3, 5, 2, 2, 0), '8 values in 3 miniblocks'],
    ['miniblocks that are not whole bytes', bytesOf(16, 4, 5, 2, 2, 0), 'miniblocks of 4 values'],
    ['a block of millions of values', bytesOf(...varint(2n ** 21n), 1, 5, 2, 2, 0), 'delta blocks of 2097152 values'],
    ['deltas wider than 64 bits', bytesOf(8, 1, 5, 2, 2, 65), 'deltas of 65 bits'],
    ['bytes that end within a miniblock', bytesOf(8, 1, 8, 14, 3, 2, 0b11000000), 'truncated'],
    ['bytes that end before the first block', bytesOf(8, 1, 8, 14), 'truncated'],
    ['an endless integer', bytesOf(...Array.from({ length: 12 }, () => 0xff)), 'longer than 64 bits'],
  ])('are refused with %s', (_, bytes, reason) => {
    expect(() => readDelta64(bytes, 0, 5 + (reason === 'truncated' ? 3 : 0))).toThrow(DamagedParquet)
    expect(() => readDelta64(bytes, 0, 5 + (reason === 'truncated' ? 3 : 0))).toThrow(reason)
  })
})

describe('Delta-length byte arrays', () => {
  it('are read as in the example of the specification', () => {
    const bytes = bytesOf(...encode([5n, 5n, 6n, 6n]), ...new TextEncoder().encode('HelloWorldFoobarABCDEF'))
    expect(textsOf(readDeltaLengths(bytes, 0, 4))).toEqual(['Hello', 'World', 'Foobar', 'ABCDEF'])
  })

  it('may be empty', () => {
    expect(textsOf(readDeltaLengths(bytesOf(...encode([0n, 1n, 0n]), 0x61), 0, 3))).toEqual(['', 'a', ''])
  })

  it.each([
    ['a length beyond the page', [2n]],
    ['a negative length', [1n, -1n]],
  ])('are refused with %s', (_, lengths) => {
    const bytes = bytesOf(...encode(lengths), 0x61)
    expect(() => readDeltaLengths(bytes, 0, lengths.length)).toThrow('a value reaches beyond its page')
  })
})

describe('Delta strings', () => {
  const encodeStrings = (prefixes: readonly bigint[], suffixes: readonly string[]) =>
    bytesOf(
      ...encode(prefixes),
      ...encode(suffixes.map(({ length }) => BigInt(length))),
      ...new TextEncoder().encode(suffixes.join('')),
    )
  const read = (
    prefixes: readonly bigint[],
    suffixes: readonly string[],
    reserve: (bytes: number) => void = () => {},
  ) => textsOf(readDeltaStrings(encodeStrings(prefixes, suffixes), 0, prefixes.length, reserve))

  it('are read as in the example of the specification', () => {
    expect(read([0n, 2n, 0n, 3n], ['axis', 'le', 'babble', 'yhood'])).toEqual(['axis', 'axle', 'babble', 'babyhood'])
  })

  it('may repeat the value before as a whole', () => {
    expect(read([0n, 3n, 3n], ['abc', '', 'd'])).toEqual(['abc', 'abc', 'abcd'])
  })

  it('reserve the memory of all values before they build one', () => {
    const reserved: number[] = []
    read([0n, 2n, 0n, 3n], ['axis', 'le', 'babble', 'yhood'], (bytes) => reserved.push(bytes))
    expect(reserved).toEqual([4 + 4 + 6 + 8])
    const refuse = () => {
      throw new Error('too much')
    }
    expect(() => read([0n], ['a'], refuse)).toThrow('too much')
  })

  it.each([
    ['a prefix longer than the value before', [0n, 3n], 'longer prefix'],
    ['a prefix of the first value', [1n, 0n], 'longer prefix'],
    ['a negative prefix', [0n, -1n], 'negative prefix'],
  ])('are refused with %s', (_, prefixes, reason) => {
    expect(() => read(prefixes, ['ab', 'c'])).toThrow(reason)
  })
})
