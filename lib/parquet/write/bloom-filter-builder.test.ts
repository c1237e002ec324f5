import { describe, expect, it } from 'vitest'
import { sourceOf } from '@/testing/parquet/hand-made-file'
import { type BloomFilter, readBloomFilter, readBloomFilterHeader } from '../bloom-filter'
import { xxhash64 } from '../xxhash64'
import { BloomFilterBuilder, type BloomFilterSize } from './bloom-filter-builder'

const SIZE: BloomFilterSize = { maxBytes: 1024 * 1024, falsePositiveRate: 0.01, distinctCount: null }

const bytesOf = (number: number) => new Uint8Array(BigInt64Array.of(BigInt(number)).buffer)

async function build(values: readonly number[], size: Partial<BloomFilterSize> = {}, valueCount = values.length) {
  const builder = new BloomFilterBuilder({ ...SIZE, ...size }, valueCount)
  for (const value of values) builder.add(xxhash64(bytesOf(value)))
  const bytes = builder.finish({ ...SIZE, ...size }.falsePositiveRate)
  const bloomFilter = { offset: 0, lengthBytes: bytes.length }
  const filter = await readBloomFilter(sourceOf(bytes), { bloomFilter })
  if (filter === null) throw new Error('the filter cannot be read')
  return { bitsetBytes: readBloomFilterHeader(bytes).bitsetBytes, filter }
}

const count = (n: number, first = 0) => Array.from({ length: n }, (_, i) => first + i)
/** The share of 20,000 values that were not added for which a filter says that they might be there. */
const measureRate = (filter: BloomFilter) =>
  count(20_000, 1_000_000_000).filter((value) => filter.mightHold(bytesOf(value))).length / 20_000

describe('A Bloom filter that is built', () => {
  it.each([0.1, 0.01, 0.001])('holds all its values, and of others about the share that it may: %s', async (rate) => {
    const { filter } = await build(count(50_000), { falsePositiveRate: rate })
    expect(count(50_000).every((value) => filter.mightHold(bytesOf(value)))).toBe(true)
    const measured = measureRate(filter)
    expect(measured).toBeLessThan(1.2 * rate + 0.0005)
    // The next smaller size would be less precise than requested; each half is several times less.
    expect(measured).toBeGreaterThan(rate / 60)
  })

  it('is as small as its distinct values need, however often they are there', async () => {
    const repeated = await build(Array.from({ length: 100_000 }, (_, i) => i % 100))
    const once = await build(count(100))
    expect(repeated.bitsetBytes).toBe(once.bitsetBytes)
    expect(measureRate(repeated.filter)).toBeLessThan(0.012)
    expect(repeated.bitsetBytes).toBeLessThanOrEqual(256)
  })

  it.each([
    ['as large as it may be at most', { maxBytes: 5000 }, 4096],
    ['of one block, however small the limit is', { maxBytes: 1 }, 32],
    ['laid out for the values that were announced', { distinctCount: 1000 }, 2048],
  ])('is %s, and holds its values all the same', async (_, size, bitsetBytes) => {
    const built = await build(count(50_000), size)
    expect(built.bitsetBytes).toBe(bitsetBytes)
    expect(count(50_000).every((value) => built.filter.mightHold(bytesOf(value)))).toBe(true)
  })

  it('of nothing but nulls has one block and holds nothing', async () => {
    const { bitsetBytes, filter } = await build([], {}, 1000)
    expect(bitsetBytes).toBe(32)
    expect(measureRate(filter)).toBe(0)
  })
})
