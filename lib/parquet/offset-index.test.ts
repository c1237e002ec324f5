import { expect, it } from 'vitest'
import { int, list, struct, writeStruct } from '@/testing/parquet/thrift-writer'
import { readOffsetIndex } from './offset-index'

const location = (offset: number, storedBytes: number, firstRow: number) =>
  struct({ 1: int(offset), 2: int(storedBytes), 3: int(firstRow) })

it('An offset index lists the pages of a column chunk, also beyond 4 GiB', () => {
  const pages = [location(4, 100, 0), location(2 ** 40, 2 ** 31 - 1, 1_000_000)]
  expect(readOffsetIndex(writeStruct({ 1: list(...pages) }))).toEqual([
    { offset: 4, storedBytes: 100, firstRow: 0 },
    { offset: 2 ** 40, storedBytes: 2 ** 31 - 1, firstRow: 1_000_000 },
  ])
})

it('An offset index may have more pages than a short list', () => {
  const pages = Array.from({ length: 40 }, (_, i) => location(i * 10, 10, i))
  expect(readOffsetIndex(writeStruct({ 1: list(...pages) })).at(-1)).toEqual({
    offset: 390,
    storedBytes: 10,
    firstRow: 39,
  })
})

it('An offset index has no pages without a list', () => {
  expect(readOffsetIndex(writeStruct({}))).toEqual([])
})

it.each([
  ['an offset', struct({ 2: int(1), 3: int(0) }), "a page's offset is missing"],
  ['a length', struct({ 1: int(4), 3: int(0) }), "a page's length is missing"],
  ['a first row', struct({ 1: int(4), 2: int(1) }), "a page's first row is missing"],
])('An offset index is refused when a page has no %s', (_, page, reason) => {
  expect(() => readOffsetIndex(writeStruct({ 1: list(page) }))).toThrow(reason)
})

it('An offset index is refused with a negative offset', () => {
  expect(() => readOffsetIndex(writeStruct({ 1: list(location(-1, 1, 0)) }))).toThrow('is negative (-1)')
})
