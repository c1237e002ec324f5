import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import type { ParameterType, QueryParameter } from './parameter-types'
import { checkParameters, findParameterNames, parameterProblem, parameterValues } from './parameters'
import { tokenize } from './statement/tokenize'

const of = (type: ParameterType, text: string, isList = false): QueryParameter => ({ name: 'p', type, isList, text })
const problem = (type: ParameterType, text: string, isList = false) => parameterProblem(of(type, text, isList))
const texts = (type: ParameterType, text: string, isList = false) =>
  parameterValues(of(type, text, isList)).map((value) => value.text)

describe('the parameters of a text', () => {
  test('are found once each, whatever their case, and not in strings, comments, names and dollar quotes', () => {
    const sql =
      'select $Month, $month + $late, \'$a\', "$b", a$c, $$ $d $$, $t$ $e $t$ -- $f\n/* $g */ from t$snapshots'
    expect(findParameterNames(tokenize(sql))).toEqual(['Month', 'late'])
  })

  test.each([
    ['select ?', 'Query has no parameters by position (?).'],
    ['select $1', 'Query has no parameters by position ($1).'],
    ['select * from $t', 'The parameter $t is a value and cannot name a table.'],
    ['select * from (select * from $t)', 'The parameter $t is a value and cannot name a table.'],
    ['select 1 from a join $t on true', 'The parameter $t is a value and cannot name a table.'],
  ])('are refused in %s', (sql, message) => {
    expect(() => checkParameters(tokenize(sql))).toThrow(message)
  })

  test('can follow a FROM that names no table', () => {
    const sql = "select extract(year from $d), trim('x' from $t), a is distinct from $b from t"
    expect(() => checkParameters(tokenize(sql))).not.toThrow()
  })
})

describe('the value of a parameter', () => {
  test.each<[ParameterType, string, string]>([
    ['text', " it's; drop ", " it's; drop "],
    ['number', ' 0042 ', '42'],
    ['number', '−1.50', '-1.50'],
    ['number', '.5', '0.5'],
    ['number', '9223372036854775807', '9223372036854775807'],
    ['number', '1e-3', '1e-3'],
    ['date', '2024-02-29', '2024-02-29'],
    ['timestamp', '2024-02-29T14:30', '2024-02-29 14:30:00'],
    ['timestamp', '2024-02-29', '2024-02-29 00:00:00'],
    ['timestamp', '2024-02-29 14:30:00.123456789', '2024-02-29 14:30:00.123456789'],
    ['timestamptz', '2024-02-29 14:30:00+0530', '2024-02-29 14:30:00+05:30'],
    ['timestamptz', '2024-02-29 14:30:00Z', '2024-02-29 14:30:00+00:00'],
    ['boolean', 'TRUE', 'true'],
  ])('of type %s is read from %s', (type, written, text) => {
    expect(texts(type, written)).toEqual([text])
  })

  test('of a timestamp with time zone and no offset is in UTC, as in SQL', () => {
    expect(texts('timestamptz', '2024-02-29 14:30')).toEqual(['2024-02-29 14:30:00+00:00'])
  })

  test.each<[ParameterType, string]>([
    ['number', ''],
    ['number', '.'],
    ['number', '1,000'],
    ['number', '0x10'],
    ['number', '1); drop table t'],
    ['number', '1'.repeat(39)],
    ['date', '2023-02-29'],
    ['date', '0000-01-01'],
    ['date', 'today'],
    ['timestamp', '2024-01-01 24:00'],
    ['timestamp', '2024-01-01 12:00:00+02'],
    ['timestamptz', '2024-01-01 12:00:00 Europe/Berlin'],
    ['timestamptz', '2024-01-01 12:00:00+16:00'],
    ['timestamptz', '2024-01-01 12:00:00.1234567Z'],
    ['boolean', 'yes'],
    ['text', 'x'.repeat(100_001)],
  ])('of type %s cannot be %s', (type, text) => {
    expect(problem(type, text)).toMatch(/^The parameter \$p .+\.$/)
  })

  test('of a list is one value per line, and an empty line is an empty text', () => {
    expect(texts('number', '1\n\n 2 \n', true)).toEqual(['1', '2'])
    expect(texts('text', 'a\n\n b\n', true)).toEqual(['a', '', ' b'])
    expect(texts('text', '', true)).toEqual([])
    expect(problem('number', '1\nx', true)).toBe('The parameter $p is a number: write it as −1234.56.')
    expect(problem('number', '1\n'.repeat(1001), true)).toBe('The parameter $p has more than 1000 values.')
  })

  test('is the same integer for every integer of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        expect(texts('number', String(value))).toEqual([String(value)])
      }),
      propertyRuns(),
    )
  })

  test('is exactly the calendar day for every day', () => {
    const days = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(days, (date) => {
        const day = date.toISOString().slice(0, 10)
        expect(texts('date', day)).toEqual([day])
      }),
      propertyRuns(),
    )
  })
})
