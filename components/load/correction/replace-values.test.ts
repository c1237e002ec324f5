import { expect, it } from 'vitest'
import type { LoadReject } from '@/lib/contract/jobs'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { listRemainingValues, replaceValues, withReplacements } from './replace-values'

/** Rejects of the values of a column in rows that have the value once. */
const reject = (line: number, text: string, column: string, value: string): LoadReject => ({
  file: null,
  line,
  column,
  value,
  reason: 'is not a number',
  text,
  part: { start: text.indexOf(value), end: text.indexOf(value) + value.length },
})
const CSV = { ...CSV_DEFAULTS, delimiter: ';' }
const TEXT = 'id;fare;day\n1;n/a;x\n"n/a";2;x\n3;"n/a";y\n'
const REJECTS = [
  reject(2, '1;n/a;x', 'fare', 'n/a'),
  reject(2, '1;n/a;x', 'day', 'x'),
  reject(3, '"n/a";2;x', 'day', 'x'),
  reject(4, '3;"n/a";y', 'fare', 'n/a'),
]
const FARE = { column: 'fare', value: 'n/a', by: '0' }
const DAY = { column: 'day', value: 'x', by: '2026-05-01' }

it('Replaces a value in its column alone, and keeps quotes', () => {
  expect(replaceValues(TEXT, REJECTS, FARE, CSV)).toEqual({
    text: 'id;fare;day\n1;0;x\n"n/a";2;x\n3;"0";y\n',
    count: 2,
  })
})

it('Finds the values of a row in which others were replaced, and a value that was replaced before', () => {
  const { text } = replaceValues(TEXT, REJECTS, { ...FARE, by: '12,5' }, CSV)
  const current = withReplacements(REJECTS, [{ ...FARE, by: '12,5' }], CSV)
  const both = replaceValues(text, current, DAY, CSV)
  expect(both).toEqual({ text: 'id;fare;day\n1;12,5;2026-05-01\n"n/a";2;2026-05-01\n3;"12,5";y\n', count: 2 })
  const later = withReplacements(REJECTS, [{ ...FARE, by: '12,5' }, DAY], CSV)
  expect(replaceValues(both.text, later, { ...FARE, by: '7' }, CSV).text).toBe(
    'id;fare;day\n1;7;2026-05-01\n"n/a";2;2026-05-01\n3;"7";y\n',
  )
})

it('Counts only values that the text still has', () => {
  const changed = TEXT.replace('1;n/a;x', '1;4;x')
  expect(replaceValues(changed, REJECTS, FARE, CSV)).toMatchObject({ count: 1 })
})

it('Lists the values that the text still has: not those that were replaced, or are in a changed row', () => {
  expect(listRemainingValues(TEXT, REJECTS, REJECTS)).toEqual([true, true, true, true])
  const { text } = replaceValues(TEXT, REJECTS, FARE, CSV)
  const current = withReplacements(REJECTS, [FARE], CSV)
  expect(listRemainingValues(text, REJECTS, current)).toEqual([false, true, true, false])
  expect(listRemainingValues(text.replace('"n/a";2;x', '2;2;x'), REJECTS, current)).toEqual([false, true, false, false])
})

it.each([
  ['a;b', '1;"a;b";x'],
  ['a "b"', '1;"a ""b""";x'],
  ['', '1;;x'],
])('Writes %j as a field of CSV', (by, line) => {
  expect(replaceValues(TEXT, REJECTS, { ...FARE, by }, CSV).text.split('\n')[1]).toBe(line)
})

it('Writes null without quotes, and nothing that needs quotes where there are none', () => {
  const nulls = replaceValues(TEXT, REJECTS, { ...FARE, by: '' }, { ...CSV, nullText: 'NULL' })
  expect(nulls.text).toBe('id;fare;day\n1;NULL;x\n"n/a";2;x\n3;NULL;y\n')
  expect(replaceValues(TEXT, REJECTS, { ...FARE, by: 'a;b' }, { ...CSV, quote: null })).toEqual({
    text: TEXT,
    count: 0,
  })
})

it.each([
  ['"n/a"', '7', '"7"'],
  ['"n/a"', '', 'null'],
  ['12', '13', '13'],
  ['12', 'a"b', '"a\\"b"'],
])('Replaces the JSON value %s by %j', (written, by, expected) => {
  const line = `{"id": 1, "fare": ${written}}`
  const rejects = [{ ...reject(1, line, 'fare', written), value: 'v' }]
  expect(replaceValues(`${line}\n`, rejects, { column: 'fare', value: 'v', by }, 'json').text).toBe(
    `{"id": 1, "fare": ${expected}}\n`,
  )
})
