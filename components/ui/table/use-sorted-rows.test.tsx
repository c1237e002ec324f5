// @vitest-environment happy-dom
import { renderHook } from '@testing-library/react'
import { expect, it } from 'vitest'
import type { SortKey } from './table-sort'
import { useSortedRows } from './use-sorted-rows'

const columns = [{ id: 'size', sortBy: (row: SortKey) => row }]

function sortRows(rows: readonly SortKey[], descending: boolean): readonly SortKey[] {
  return renderHook(() => useSortedRows(rows, columns, { columnId: 'size', descending })).result.current
}

it('sorts unknown values last in both directions', () => {
  expect(sortRows([2, null, 10, 1], false)).toEqual([1, 2, 10, null])
  expect(sortRows([2, null, 10, 1], true)).toEqual([10, 2, 1, null])
})

it('sorts text in natural order', () => {
  expect(sortRows(['file 10', 'File 9', 'file 1'], false)).toEqual(['file 1', 'File 9', 'file 10'])
})

it('compares 64-bit numbers exactly', () => {
  expect(sortRows([9007199254740993n, 9007199254740992n], false)).toEqual([9007199254740992n, 9007199254740993n])
})

it('keeps the order of the rows without a sort', () => {
  expect(renderHook(() => useSortedRows([3, 1, 2], columns, null)).result.current).toEqual([3, 1, 2])
})
