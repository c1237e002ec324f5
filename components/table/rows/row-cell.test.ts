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
      title: 'first\nsecond\r\n[U+2028]last',
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

describe('A text with characters that are not drawn', () => {
  const text = 'invoice\u202efdp.exe'

  test('has a quiet mark for each of them, and is copied unchanged', () => {
    expect(toCell('string', text, 'UTC')).toEqual({
      kind: 'value',
      text: 'invoice[U+202E]fdp.exe',
      parts: [
        { text: 'invoice', isQuiet: false },
        { text: '[U+202E]', isQuiet: true },
        { text: 'fdp.exe', isQuiet: false },
      ],
      title: 'invoice[U+202E]fdp.exe',
      copyText: text,
    })
    expect(toCell('string', 'a\nb\u0007', 'UTC')).toMatchObject({ text: 'a↵b[U+0007]', copyText: 'a\nb\u0007' })
    const long = toCell('string', `\u2066${'x'.repeat(20_000)}`, 'UTC')
    expect(long.text.startsWith('[U+2066]xxx')).toBe(true)
    expect(long.copyText).toBe(`\u2066${'x'.repeat(20_000)}`)
  })

  test('has them in the members of a nested value and in their names, too', () => {
    const type = {
      type: 'struct',
      fields: [{ id: 2, name: 'na\u200fme', required: false, type: 'string' }],
    } as const
    const cell = toCell(type, [text], 'UTC')
    expect(cell.text).toBe('na[U+200F]me "invoice[U+202E]fdp.exe"')
    expect(cell.title).toBe(cell.text)
    expect(cell.copyText).toBe(`{"na\u200fme": "${text}"}`)
    const variant = `{"a": "${text}"}`
    expect(toCell('variant', variant, 'UTC')).toMatchObject({
      text: '{"a": "invoice[U+202E]fdp.exe"}',
      copyText: variant,
    })
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
