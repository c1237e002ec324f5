import { describe, expect, test } from 'vitest'
import { arrangeColumns, moveColumn, pinColumn, shortOrder } from './column-arrangement'

const FIELDS = [1, 2, 3, 4, 5].map((id) => ({ id }))
const shown = (layout: { order: readonly string[]; pinned: readonly string[] }) =>
  arrangeColumns(FIELDS, layout)
    .map(({ id }) => id)
    .join('')

describe('The columns of the grid', () => {
  test('are arranged with pinned ones first, then by their order, then as in the schema', () => {
    expect(shown({ order: [], pinned: [] })).toBe('12345')
    expect(shown({ order: ['4', '2'], pinned: ['5'] })).toBe('54213')
    expect(shown({ order: ['9', '4', '4'], pinned: ['5', '5', 'x'] })).toBe('54123')
  })

  test('are as moved, from every position to every other', () => {
    for (let from = 0; from < 5; from++) {
      for (let index = 0; index <= 5; index++) {
        const key = String(from + 1)
        const others = ['1', '2', '3', '4', '5'].toSpliced(from, 1)
        const expected = others.toSpliced(index > from ? index - 1 : index, 0, key).join('')
        expect(shown(moveColumn(FIELDS, { order: [], pinned: [] }, key, index))).toBe(expected)
      }
    }
  })

  test('are pinned when they come among pinned ones, and unpinned when they leave them', () => {
    const layout = { order: [], pinned: ['4', '5'] }
    expect(moveColumn(FIELDS, layout, '1', 1)).toEqual({ order: ['4', '1', '5'], pinned: ['4', '1', '5'] })
    expect(moveColumn(FIELDS, layout, '4', 5).pinned).toEqual(['5'])
    expect(moveColumn(FIELDS, layout, '4', 2).pinned).toEqual(['5', '4'])
    expect(moveColumn(FIELDS, { order: [], pinned: ['4'] }, '4', 3).pinned).toEqual([])
    expect(moveColumn(FIELDS, layout, '9', 0)).toBe(layout)
    expect(pinColumn({ pinned: ['1'] }, '2')).toEqual({ pinned: ['1', '2'] })
    expect(pinColumn({ pinned: ['1', '2'] }, '1')).toEqual({ pinned: ['2'] })
  })

  test('have an order that is no longer than it has to be', () => {
    expect(shortOrder(FIELDS, ['1', '2', '3', '4', '5'])).toEqual([])
    expect(shortOrder(FIELDS, ['2', '1', '3', '4', '5'])).toEqual(['2'])
    expect(shortOrder(FIELDS, ['1', '3'])).toEqual(['1', '3'])
    expect(shortOrder(FIELDS, ['5', '4', '3', '2', '1'])).toEqual(['5', '4', '3', '2'])
  })
})
