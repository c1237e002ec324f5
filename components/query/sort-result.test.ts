import { describe, expect, test } from 'vitest'
import type { RowValue } from '@/lib/scan/read/row-values'
import { sortRows } from './sort-result'

function sorted(values: readonly (RowValue | null)[], isDescending = false) {
  return [...sortRows(values.length, (row) => values[row] ?? null, isDescending)].map((row) => values[row])
}

describe('Rows sorted by a column', () => {
  test('compare integers beyond 53 bits exactly', () => {
    expect(sorted([9_007_199_254_740_993n, -1n, 9_007_199_254_740_992n])).toEqual([
      -1n,
      9_007_199_254_740_992n,
      9_007_199_254_740_993n,
    ])
  })

  test('have nulls last in both directions', () => {
    expect(sorted([null, 'b', 'a'])).toEqual(['a', 'b', null])
    expect(sorted([null, 'b', 'a'], true)).toEqual(['b', 'a', null])
  })

  test('keep the order of equal values', () => {
    const order = sortRows(4, (row) => row % 2, true)
    expect([...order]).toEqual([1, 3, 0, 2])
  })

  test('have NaN above numbers, and infinite dates at either end', () => {
    expect(sorted([Number.NaN, 1, Number.POSITIVE_INFINITY, -1])).toEqual([-1, 1, Number.POSITIVE_INFINITY, Number.NaN])
    expect(sorted(['infinity', 5, '-infinity', -5])).toEqual(['-infinity', -5, 5, 'infinity'])
  })

  test('compare bytes and truth values', () => {
    expect(sorted([Uint8Array.of(2), Uint8Array.of(1, 9)])).toEqual([Uint8Array.of(1, 9), Uint8Array.of(2)])
    expect(sorted([true, false])).toEqual([false, true])
  })
})
