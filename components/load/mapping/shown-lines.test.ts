import { expect, it } from 'vitest'
import type { MappingLine } from './mapping-lines'
import { findLines, firstShownKeys, nextKeys, toShownLines } from './shown-lines'

type FieldLine = Extract<MappingLine, { kind: 'field' }>

const line = (i: number, state: FieldLine['state'] = 'same-name', rejectedCount = 0): MappingLine => ({
  kind: 'field',
  field: `f${i}`,
  sample: null,
  column: state === 'unmapped' ? null : { name: `C${i}`, type: 'int', problem: null, rejectedCount, firstReject: null },
  state,
  expressionOf: null,
  suggestion: null,
})
const linesOf = (count: number, toLine: (i: number) => MappingLine) =>
  Array.from({ length: count }, (_, i) => toLine(i))
const ofFields = (positions: readonly number[]) => positions.map((i) => `field f${i}`)
const first = (count: number) => Array.from({ length: count }, (_, i) => i)

it('Shows the first hundred of many lines', () => {
  expect(firstShownKeys(linesOf(2_000, (i) => line(i)))).toEqual(ofFields(first(100)))
})

it('Shows lines that need a decision wherever they are, then those that are not of the same name, in their order', () => {
  const lines = linesOf(2_000, (i) => {
    if (i === 1_500) return line(i, 'unmapped')
    if (i === 1_999) return line(i, 'same-name', 3)
    return line(i, i === 1_200 ? 'guessed' : 'same-name')
  })
  expect(firstShownKeys(lines)).toEqual(ofFields([...first(97), 1_200, 1_500, 1_999]))
})

it('Says how many lines need a decision when there are too many of them to show', () => {
  const lines = linesOf(2_000, (i) => line(i, i < 500 ? 'same-name' : 'unmapped'))
  const keys = firstShownKeys(lines)
  expect(keys).toHaveLength(300)
  expect(keys[0]).toBe('field f500')
  expect(toShownLines(lines, new Set(keys))).toMatchObject({ hiddenCount: 1_700, hiddenOpenCount: 1_200 })
  expect(toShownLines(lines, null)).toEqual({ lines, hiddenCount: 0, hiddenOpenCount: 0 })
})

it('Shows the next lines in their order', () => {
  const lines = linesOf(400, (i) => line(i))
  const shown = new Set(firstShownKeys(lines))
  expect(nextKeys(lines, shown)).toEqual(ofFields(first(300).slice(100)))
})

it('Finds lines by a part of the name of the field or of the column, in any case', () => {
  const lines = linesOf(2_000, (i) => line(i, i === 1_234 ? 'unmapped' : 'same-name'))
  expect(findLines(lines, ' F1234 ').lines.map((found) => found.column)).toEqual([null])
  expect(findLines(lines, 'c1999').lines).toEqual([lines[1_999]])
  expect(findLines(lines, 'f')).toMatchObject({ hiddenCount: 1_900, hiddenOpenCount: 1 })
  expect(findLines(lines, 'x')).toEqual({ lines: [], hiddenCount: 0, hiddenOpenCount: 0 })
})
