import { describe, expect, it } from 'vitest'
import { ValueRanges } from './value-ranges'

function rangesOf(base: number, values: readonly number[]) {
  const ranges = new ValueRanges(base)
  for (const value of values) ranges.add(value)
  return ranges.toList()
}

describe('Ranges of values', () => {
  it('double, with the base between two of them', () => {
    const ranges = rangesOf(1_000, [300, 999, 1_000, 4_100])
    expect(ranges.map(({ from, to, count, sum }) => [from, to, count, sum])).toEqual([
      [250, 500, 1, 300],
      [500, 1_000, 1, 999],
      [1_000, 2_000, 1, 1_000],
      [2_000, 4_000, 0, 0],
      [4_000, 8_000, 1, 4_100],
    ])
  })

  it('are narrower when all values are close to each other', () => {
    const sizes = Array.from({ length: 2_000 }, (_, i) => 1_200 + (i % 90))
    const ranges = rangesOf(512 * 1024 * 1024, sizes)
    expect(ranges.length).toBeGreaterThanOrEqual(5)
    expect(ranges.filter(({ count }) => count > 0).length).toBeGreaterThanOrEqual(5)
    expect(ranges.reduce((sum, { count }) => sum + count, 0)).toBe(2_000)
    for (const { from, to, count } of ranges) {
      expect(sizes.filter((size) => size >= from && size < to)).toHaveLength(count)
    }
  })

  it('are the numbers themselves when they are small', () => {
    expect(rangesOf(1, [1, 1, 2, 3]).map(({ from, to, count }) => [from, to, count])).toEqual([
      [1, 2, 2],
      [2, 3, 1],
      [3, 4, 1],
    ])
  })

  it('are one range when all values are equal, and none without a value', () => {
    expect(rangesOf(1, [1, 1, 1])).toEqual([{ from: 1, to: 2, count: 3, sum: 3 }])
    expect(rangesOf(1, [])).toEqual([])
  })

  it('count each value in its range, whatever the base', () => {
    for (const base of [1, 1_000, 300_000_007]) {
      for (const values of [
        [1, 2, 3, 5, 8, 13],
        [96, 97, 98, 99, 100],
        [2 ** 40, 2 ** 40 + 1, 2 ** 41],
      ]) {
        for (const { from, to, count } of rangesOf(base, values))
          expect(values.filter((value) => value >= from && value < to)).toHaveLength(count)
      }
    }
  })

  it('remember the least and the most value', () => {
    const ranges = new ValueRanges(1)
    expect([ranges.least, ranges.most]).toEqual([null, null])
    for (const value of [7, 3, 12]) ranges.add(value)
    expect([ranges.least, ranges.most]).toEqual([3, 12])
  })
})
