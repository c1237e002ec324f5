import { expect, it } from 'vitest'
import type { Type } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS } from '../csv-options'
import { parseJsonTokens } from '../json-tokens'
import { MisfitCounter, misfitsSentence } from './column-misfits'

function csvSentence(type: Type, texts: readonly (string | null)[], csv = CSV_DEFAULTS) {
  const counter = new MisfitCounter({ path: ['c'], type }, csv)
  for (const [i, text] of texts.entries()) counter.addText(text, i + 2)
  return misfitsSentence(counter.finish(), type)
}

function jsonSentence(path: readonly string[], type: Type, rows: readonly object[]) {
  const counter = new MisfitCounter({ path, type })
  for (const [i, row] of rows.entries()) counter.addRow(parseJsonTokens(JSON.stringify(row)), i + 1)
  return misfitsSentence(counter.finish(), type)
}

it.each<[Type, (string | null)[], string | null]>([
  ['int', ['1', '2', null], null],
  ['int', ['1', '12.5', null], '1 of 2 values does not fit int: “12.5” in line 3 is not a whole number such as 1204'],
  [
    'long',
    ['abc', '99999999999999999999', '7'],
    '2 of 3 values do not fit long: the first one, “abc” in line 2, is not a whole number such as 1204',
  ],
  [
    'long',
    ['99999999999999999999'],
    '1 of 1 value does not fit long: “99999999999999999999” in line 2 is beyond the range of long',
  ],
  ['decimal(18, 2)', ['1.234'], '1 of 1 value does not fit decimal(18, 2): “1.234” in line 2 has more than 2 decimals'],
  ['string', ['1', 'x'], null],
  [
    { type: 'list', elementId: 9, element: 'string', elementRequired: false },
    ['a'],
    '1 of 1 value does not fit list<string>: “a” in line 2 is nested, which CSV cannot hold',
  ],
])('Says how many values of CSV do not fit %j, as a load rejects them', (type, texts, sentence) => {
  expect(csvSentence(type, texts)).toBe(sentence)
})

it('Reads values as the options of CSV say', () => {
  const csv = { ...CSV_DEFAULTS, decimalSeparator: ',', groupSeparator: '.', dateFormat: '%d.%m.%Y' } as const
  expect(csvSentence('int', ['1.204', '12'], csv)).toBeNull()
  expect(csvSentence('date', ['31.05.2026', '2026-05-31'], csv)).toMatch(
    /^1 of 2 values does not fit date: “2026-05-31” in line 3 /,
  )
})

it.each<[string[], Type, object[], string | null]>([
  [['a'], 'long', [{ a: 1 }, { a: '2' }, { a: null }, {}], null],
  [['a'], 'string', [{ a: 'x' }, { a: 1 }], '1 of 2 values does not fit string: “1” in line 2 is a number, not string'],
  [['a'], 'long', [{ a: { b: 1 } }], '1 of 1 value does not fit long: “{…}” in line 1 is an object, not long'],
  [
    ['a', 'b'],
    'int',
    [{ a: { b: 1.5 } }, { a: 7 }],
    '1 of 1 value does not fit int: “1.5” in line 1 is not a whole number such as 1204',
  ],
  [
    ['a', 'element', 'b'],
    'date',
    [{ a: [{ b: '2026-01-01' }, { b: 'x' }] }, { a: [] }],
    '1 of 2 values does not fit date: “x” in line 1 is not a date such as 2001-02-03',
  ],
  [
    ['a'],
    { type: 'struct', fields: [] },
    [{ a: {} }, { a: [1] }],
    '1 of 2 values does not fit struct<>: “[…]” in line 2 is an array, not an object',
  ],
])('Says how many values of JSON at %j do not fit %j', (path, type, rows, sentence) => {
  expect(jsonSentence(path, type, rows)).toBe(sentence)
})

it('Does not know the line of a value from further on', () => {
  const counter = new MisfitCounter({ path: ['c'], type: 'int' })
  counter.addText('x', null)
  expect(misfitsSentence(counter.finish(), 'int')).toBe(
    '1 of 1 value does not fit int: “x” further on is not a whole number such as 1204',
  )
})
