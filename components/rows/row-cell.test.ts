import { describe, expect, test } from 'vitest'
import { blockText, toCell, toGridColumn } from './row-cell'

describe('A text of several lines', () => {
  const text = 'first\nsecond\r\n\u2028last'

  test('is one line in a cell, with a quiet mark for each break, and is copied unchanged', () => {
    expect(toCell('string', text, 'UTC')).toEqual({
      kind: 'value',
      text: 'first↵second↵↵last',
      parts: [
        { text: 'first', isQuiet: false },
        { text: '↵', isQuiet: true },
        { text: 'second', isQuiet: false },
        { text: '↵', isQuiet: true },
        { text: '↵', isQuiet: true },
        { text: 'last', isQuiet: false },
      ],
      title: text,
      copyText: text,
    })
  })

  test('keeps its lines where there is room for them', () => {
    expect(blockText(text, toCell('string', text, 'UTC'))).toBe(text)
    const long = 'x\n'.repeat(50_000)
    expect(blockText(long, toCell('string', long, 'UTC'))).toBe(`${long.slice(0, 10_000)}…`)
    expect(blockText('', toCell('string', '', 'UTC'))).toBe('empty')
  })

  test('has a bounded number of pieces', () => {
    const cell = toCell('string', 'x\n'.repeat(50_000), 'UTC')
    expect(cell.parts?.length).toBeLessThan(50)
    expect(cell.text.startsWith('x↵x↵')).toBe(true)
    expect(cell.copyText).toHaveLength(100_000)
  })
})

test('A column has a null share, the reason why it is unknown, or nothing without rows', () => {
  const field = { id: 1, name: 'route', required: false, type: 'string' } as const
  expect(toGridColumn(field, 0)).toMatchObject({ note: '0.0% null' })
  expect(toGridColumn(field, null)).toMatchObject({
    note: '– null',
    noteReason: 'Null share unknown: some files have no null count for this column',
  })
  expect(toGridColumn(field)).not.toHaveProperty('note')
})
