import { describe, expect, test } from 'vitest'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { METADATA_FIELDS } from '@/lib/scan/read/metadata-columns'
import { pushedPredicates } from './pushed-filters'

const field = (id: number, name: string, type: Type): NestedField => ({ id, name, type, required: false })

const FIELDS = [
  field(1, 'i', 'int'),
  field(2, 's', 'string'),
  field(3, 'd', 'date'),
  field(4, 'g', 'double'),
  field(5, 'b', 'boolean'),
  field(6, 'a b', 'long'),
  field(7, 'ts', 'timestamptz'),
  field(8, 'u', 'uuid'),
  field(9, 'st', { type: 'struct', fields: [field(10, 'gate', 'int')] }),
  field(11, 'n', 'decimal(9, 2)'),
]

const number = (text: string) => new JsonNumber(text)

/** A plan as DuckDB writes it, with a scan for each list of filters. */
function planOf(...scans: unknown[]): string {
  const children = scans.map((Filters) => ({ name: 'SEQ_SCAN ', extra_info: { Table: 't', Filters }, children: [] }))
  return JSON.stringify([{ name: 'PROJECTION', extra_info: {}, children }])
}

const predicateOf = (scans: unknown[], fields: readonly NestedField[] = FIELDS) =>
  pushedPredicates(planOf(...scans), new Map([['t', fields]])).get('t')

describe('the filters of a scan', () => {
  test.each([
    ['i=5', { kind: 'eq', column: 1, value: number('5') }],
    ['i!=-5', { kind: 'not-eq', column: 1, value: number('-5') }],
    ['a b>=9223372036854775807', { kind: 'gt-eq', column: 6, value: number('9223372036854775807') }],
    ["s='it''s'", { kind: 'eq', column: 2, value: "it's" }],
    ["s=' AND i=5'", { kind: 'eq', column: 2, value: ' AND i=5' }],
    ["d='2023-01-01'::DATE", { kind: 'eq', column: 3, value: '2023-01-01' }],
    [
      "ts<'2023-05-15 14:30:45.5+00'::TIMESTAMP WITH TIME ZONE",
      { kind: 'lt', column: 7, value: '2023-05-15T14:30:45.5+00' },
    ],
    ['n<1.50', { kind: 'lt', column: 11, value: '1.50' }],
    ['(s IS NULL)', { kind: 'is-null', column: 2 }],
    ['s IS NOT NULL', { kind: 'not-null', column: 2 }],
    ['b', { kind: 'eq', column: 5, value: true }],
    ['(NOT b)', { kind: 'eq', column: 5, value: false }],
    ['b=false', { kind: 'eq', column: 5, value: false }],
    ["optional: s IN ('a', 'b')", { kind: 'in', column: 2, values: ['a', 'b'] }],
    ['(CAST(i AS BIGINT) = 99999999999)', { kind: 'eq', column: 1, value: number('99999999999') }],
    ['(CAST("a b" AS DECIMAL(20,1)) > 5.5)', { kind: 'gt', column: 6, value: number('5.5') }],
    ["(CAST(d AS TIMESTAMP) < '2023-01-02 00:00:00'::TIMESTAMP)", { kind: 'lt', column: 3, value: '2023-01-02' }],
    ["(CAST(d AS TIMESTAMP) < '2023-01-02 00:00:01'::TIMESTAMP)", { kind: 'lt-eq', column: 3, value: '2023-01-02' }],
    ["(CAST(d AS TIMESTAMP) >= '2023-01-02 10:00:00'::TIMESTAMP)", { kind: 'gt', column: 3, value: '2023-01-02' }],
  ])('%s', (line, expected) => {
    expect(predicateOf([line])).toEqual(expected)
  })

  test('are joined: by AND of one or several columns, by OR where one of them holds', () => {
    const above = { kind: 'gt', column: 1, value: number('3') }
    const below = { kind: 'lt', column: 1, value: number('9') }
    const text = { kind: 'eq', column: 2, value: 'x' }
    expect(predicateOf([['i>3 AND i<9', "s='x'"]])).toEqual({
      kind: 'and',
      parts: [{ kind: 'and', parts: [above, below] }, text],
    })
    expect(predicateOf(['optional: i>3 OR i<9'])).toEqual({ kind: 'or', parts: [above, below] })
    // DuckDB writes no parentheses: at least one of the three holds, however they are grouped.
    expect(predicateOf(['optional: i>3 AND i<9 OR i<9'])).toEqual({ kind: 'or', parts: [above, below, below] })
  })

  test('of every scan of a table decide, so one without filters needs all rows', () => {
    expect(predicateOf(['i=1', 'i=2'])).toEqual({
      kind: 'or',
      parts: [
        { kind: 'eq', column: 1, value: number('1') },
        { kind: 'eq', column: 1, value: number('2') },
      ],
    })
    expect(predicateOf(['i=1', undefined])).toBeUndefined()
  })

  test('let NaN pass where DuckDB does, which takes it for the greatest number', () => {
    expect(predicateOf(['g>1.5'])).toEqual({
      kind: 'or',
      parts: [
        { kind: 'gt', column: 4, value: number('1.5') },
        { kind: 'is-nan', column: 4 },
      ],
    })
    expect(predicateOf(['g<1.5'])).toEqual({ kind: 'lt', column: 4, value: number('1.5') })
  })

  test.each([
    ["g='nan'::DOUBLE"],
    ['g<1e1000'],
    ["d<'-infinity'::DATE"],
    ["d>'0044-01-01 (BC)'::DATE"],
    ["u<'00112233-4455-6677-8899-aabbccddeeff'::UUID"],
    ["(CAST(d AS TIMESTAMP) = '2023-01-02 10:00:00'::TIMESTAMP)"],
    ['(CAST(a b AS DOUBLE) = 1.0)'],
    ['(lower(s) = 5)'],
    ['optional: Dynamic Filter (i)'],
    // A text with a line break is cut, and what follows could be anything.
    [["s='a", "b'", 'i=5']],
    ['st.gate=4'],
    ['x=4'],
    ['i=5 XOR i=6'],
  ])('that a predicate cannot have need all rows: %j', (filters) => {
    expect(predicateOf([filters])).toBeUndefined()
  })

  test('of the other columns apply when one is not understood', () => {
    expect(predicateOf([['(lower(s) = 5)', 'i=5']])).toEqual({ kind: 'eq', column: 1, value: number('5') })
  })

  test('need all rows when names of columns could be confused with conditions', () => {
    for (const name of ['i=5 AND x', 'x OR y', 'NOT b', 'optional: i', "a'", '(i'])
      expect(predicateOf(['i=5'], [...FIELDS, field(20, name, 'int')]), name).toBeUndefined()
  })

  test('need all rows when they are on metadata columns', () => {
    expect(predicateOf(['_pos<5'], METADATA_FIELDS)).toBeUndefined()
    expect(predicateOf(['_row_id IS NULL'], METADATA_FIELDS)).toBeUndefined()
  })

  test('need all rows for long lists', () => {
    const list = Array.from({ length: 201 }, (_, i) => i).join(', ')
    expect(predicateOf([`optional: i IN (${list})`])).toBeUndefined()
  })
})

test('A plan that scans an unknown table is refused', () => {
  expect(() => pushedPredicates(planOf('i=5'), new Map([['other', FIELDS]]))).toThrow(
    'which the statement does not name',
  )
})
