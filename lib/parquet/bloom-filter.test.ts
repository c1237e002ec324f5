import { describe, expect, it } from 'vitest'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { type Fields, int, struct, writeStruct } from '@/testing/parquet/thrift-writer'
import { readBloomFilter } from './bloom-filter'
import { type HashHalves, xxhash64 } from './xxhash64'

const bytesOf = (text: string) => new TextEncoder().encode(text)
const toBigint = ({ high, low }: HashHalves) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)

describe('The hash of bloom filters', () => {
  // From the reference implementation, `xxhsum -H64`.
  it.each([
    ['', 'ef46db3751d8e999'],
    ['a', 'd24ec4f1a98c6e5b'],
    ['abc', '44bc2cf5ad770999'],
    ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
    ['The quick brown fox jumps over the lazy dog', '0b242d361fda71bc'],
  ])('of %s is %s', (text, expected) => {
    expect(
      toBigint(xxhash64(bytesOf(text)))
        .toString(16)
        .padStart(16, '0'),
    ).toBe(expected)
  })
})

/** A filter with the value inserted, by the algorithm of BloomFilter.md. */
function filterWith(value: string, blockCount: number): Uint8Array {
  const hash = toBigint(xxhash64(bytesOf(value)))
  const block = Number(((hash >> 32n) * BigInt(blockCount)) >> 32n)
  const salts = [0x47b6137bn, 0x44974d91n, 0x8824ad5bn, 0xa2b7289dn, 0x705495c7n, 0x2df1424bn, 0x9efc4947n, 0x5c6bfb31n]
  const bits = new Uint8Array(32 * blockCount)
  const view = new DataView(bits.buffer)
  salts.forEach((salt, word) => {
    const bit = Number((((hash & 0xffffffffn) * salt) & 0xffffffffn) >> 27n)
    view.setUint32(32 * block + 4 * word, (2 ** bit) >>> 0, true)
  })
  return bits
}

const KNOWN = { 2: struct({ 1: struct({}) }), 3: struct({ 1: struct({}) }), 4: struct({ 1: struct({}) }) }

function read(fields: Fields, bits: Uint8Array, { lengthBytes = null as number | null, offset = 4 } = {}) {
  const header = writeStruct(fields)
  const source = sourceOf(Uint8Array.from([0, 0, 0, 0, ...header, ...bits]))
  return readBloomFilter(source, { bloomFilter: { offset, lengthBytes } })
}

describe('A bloom filter', () => {
  it.each([null, 300])('holds what was inserted; its length in the footer is %s', async (lengthBytes) => {
    const bits = filterWith('Berlin', 8)
    const filter = await read({ 1: int(bits.length), ...KNOWN }, bits, { lengthBytes })
    expect(filter?.mightHold(bytesOf('Berlin'))).toBe(true)
    expect(['Bern', 'Bremen', ''].map((city) => filter?.mightHold(bytesOf(city)))).toEqual([false, false, false])
  })

  it.each([
    ['of another algorithm', { 1: int(32), ...KNOWN, 2: struct({ 2: struct({}) }) }],
    ['of another hash', { 1: int(32), ...KNOWN, 3: struct({ 2: struct({}) }) }],
    ['that is compressed', { 1: int(32), ...KNOWN, 4: struct({ 2: struct({}) }) }],
    ['of a gigabyte', { 1: int(2 ** 30), ...KNOWN }],
  ])('%s says nothing', async (_, fields) => {
    expect(await read(fields, new Uint8Array(32))).toBeNull()
  })

  it('says nothing where there is none', async () => {
    expect(await readBloomFilter(sourceOf(new Uint8Array(4)), { bloomFilter: null })).toBeNull()
  })

  it.each([
    ['empty', 0, 4],
    ['not of whole blocks', 33, 4],
    ['longer than the file', 64, 4],
    ['outside the file', 32, 900],
  ])('is refused when it is %s', async (_, lengthBytes, offset) => {
    await expect(read({ 1: int(lengthBytes), ...KNOWN }, new Uint8Array(33), { offset })).rejects.toThrow(
      'bloom filter',
    )
  })
})
