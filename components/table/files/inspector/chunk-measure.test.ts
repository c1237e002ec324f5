import { expect, it } from 'vitest'
import { formatMeasure, measureChunk, shadeOf, shadesOf } from './chunk-measure'

const chunk = {
  storedBytes: 100,
  encodedBytes: 250,
  valueCount: 200,
  statistics: { nullCount: 50, distinctCount: null, min: null, max: null, signedMin: null, signedMax: null },
}

it('measures stored bytes, codec ratio and the share of nulls', () => {
  expect(measureChunk('stored', chunk)).toBe(100)
  expect(measureChunk('ratio', chunk)).toBe(2.5)
  expect(measureChunk('nulls', chunk)).toBe(0.25)
  expect(formatMeasure('ratio', 2.5)).toBe('2.50')
})

it('leaves unknown what the file does not say', () => {
  expect(measureChunk('nulls', { ...chunk, statistics: null })).toBeNull()
  expect(measureChunk('ratio', { ...chunk, storedBytes: 0 })).toBeNull()
  expect(shadeOf([1, 2, 3], null)).toBe(0)
})

it('divides the range of sizes into five equal ratios', () => {
  const shades = shadesOf('stored', [1, 100_000, null, 0])
  expect(shades.map(Math.round)).toEqual([1, 10, 100, 1_000, 10_000])
  expect([1, 9, 11, 5_000, 100_000].map((value) => shadeOf(shades, value))).toEqual([1, 1, 2, 4, 5])
})

it('gives one shade when all chunks are equal', () => {
  expect(shadesOf('stored', [7, 7])).toEqual([7])
  expect(shadeOf([7], 7)).toBe(1)
  expect(shadesOf('ratio', [null])).toEqual([0])
})
