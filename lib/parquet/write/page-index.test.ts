import { expect, test } from 'vitest'
import { readColumnIndex } from '../column-index'
import { encodeColumnIndex, type WrittenPage } from './page-index'

const page = (bounds: [min: number, max: number] | null, isNull = bounds === null): WrittenPage => ({
  offset: 4,
  storedBytes: 100,
  firstRow: 0,
  nullCount: isNull ? 10 : 0,
  byteArrayBytes: null,
  bounds: bounds && { min: Uint8Array.of(bounds[0]), max: Uint8Array.of(bounds[1]) },
  isNull,
})

function writtenOrder(...pages: WrittenPage[]): string | undefined {
  const bytes = encodeColumnIndex(pages, { kind: 'bytes', isText: false })
  return bytes ? readColumnIndex(bytes).order : undefined
}

test.each<[order: string, pages: [number, number][]]>([
  [
    'ascending',
    [
      [1, 3],
      [2, 4],
      [2, 9],
    ],
  ],
  [
    'descending',
    [
      [7, 9],
      [7, 8],
      [1, 2],
    ],
  ],
  [
    'unordered',
    [
      [1, 3],
      [5, 6],
      [2, 4],
    ],
  ],
  [
    'unordered',
    [
      [1, 9],
      [2, 8],
    ],
  ],
  [
    'ascending',
    [
      [5, 5],
      [5, 5],
    ],
  ],
])('A column index says %s of pages with these bounds: %j', (order, pages) => {
  expect(writtenOrder(...pages.map((bounds) => page(bounds)))).toBe(order)
})

test('The order of pages leaves out pages of nulls', () => {
  expect(writtenOrder(page([1, 3]), page(null), page([4, 5]))).toBe('ascending')
  expect(writtenOrder(page([4, 5]), page(null), page([1, 3]))).toBe('descending')
})

test('A column index is not written when a page has values without bounds', () => {
  expect(writtenOrder(page([1, 3]), page(null, false))).toBeUndefined()
})
