import { describe, expect, it } from 'vitest'
import { ruleProperty } from '@/lib/iceberg/properties/value-rules'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { columnRules, toColumnRule } from './column-rules'

const schemaOf = (...types: readonly Type[]) => ({
  fields: types.map((type, i): NestedField => ({ id: i + 1, name: `c${i}`, required: false, type })),
})
const fit = (type: Type, rule: object) => toColumnRule('x', JSON.stringify(rule), schemaOf(type))
const problem = (type: Type, rule: object) => {
  try {
    fit(type, rule)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : ''
  }
}

it.each([
  ['int', '7', 7],
  ['long', '-9223372036854775808', -(2n ** 63n)],
  ['decimal(4, 2)', '99.99', 9999n],
  ['decimal(4, 2)', '99', 9900n],
  ['double', '0.1', 0.1],
  ['float', '0.1', Math.fround(0.1)],
  ['date', '1970-01-02', 1],
  ['time', '00:00:01.000001', 1_000_001n],
  ['timestamp', '1970-01-01T00:00:01', 1_000_000n],
  ['timestamptz', '1970-01-01T01:00:01+01:00', 1_000_000n],
  ['timestamp_ns', '1970-01-01T00:00:00.000000001', 1n],
  ['timestamptz_ns', '1970-01-01T00:00:00.000000001Z', 1n],
] as const)('A bound of a column of type %s is its exact value: %s', (type, text, value) => {
  expect(fit(type, { column: 'c0', min: text })).toEqual({
    name: 'x',
    kind: 'range',
    columnIndex: 0,
    min: { text, value },
    max: null,
  })
})

it.each([
  ['boolean', 'true', true],
  ['string', 'ä', 'ä'],
  ['uuid', 'F47AC10B-58CC-4372-A567-0E02B2C3D479', 'f47ac10b-58cc-4372-a567-0e02b2c3d479'],
  ['binary', '00ff', Uint8Array.of(0, 255)],
] as const)('A value of a column of type %s is its exact value: %s', (type, text, value) => {
  expect(fit(type, { column: 'c0', values: [text] })).toMatchObject({ values: [{ text, value }] })
})

describe('refuses', () => {
  it.each([
    ['int', { column: 'C0', notNull: true }, 'lakeshore.rule.x names the column C0, which the table does not have'],
    ['int', { column: 'c0', min: 'x' }, 'does not fit the column c0 of type int: "x" is not a number.'],
    ['int', { column: 'c0', min: '0.5' }, 'has "0.5" for the column c0, whose type int cannot hold it exactly.'],
    ['int', { column: 'c0', max: '2147483648' }, 'cannot hold it exactly'],
    ['long', { column: 'c0', max: '9223372036854775808' }, 'cannot hold it exactly'],
    ['decimal(4, 2)', { column: 'c0', max: '0.001' }, 'cannot hold it exactly'],
    ['decimal(4, 2)', { column: 'c0', max: '100' }, 'cannot hold it exactly'],
    ['timestamp', { column: 'c0', max: '1970-01-01T00:00:00.0000001' }, 'cannot hold it exactly'],
    ['timestamp', { column: 'c0', max: '1970-01-01T00:00:00Z' }, 'has an offset'],
    ['timestamp_ns', { column: 'c0', max: '2262-04-11T23:47:16.854775808' }, 'cannot hold it exactly'],
    ['date', { column: 'c0', max: '10000-01-01' }, 'date'],
    ['date', { column: 'c0', max: '2023-02-29' }, 'is not a date such as'],
    ['double', { column: 'c0', max: 'NaN' }, 'is not a finite number'],
    ['int', { column: 'c0', min: '2', max: '1' }, 'has the min 2, which is more than its max 1.'],
    ['decimal(38, 2)', { column: 'c0', min: '9007199254740993.01', max: '9007199254740993.00' }, 'is more than'],
    ['string', { column: 'c0', min: 'a' }, 'cannot check the column c0 of type string for min and max.'],
    ['string', { column: 'c0', values: ['\u0000'] }, 'cannot hold it exactly'],
    ['boolean', { column: 'c0', values: ['yes'] }, 'is not true or false'],
    ['int', { column: 'c0', pattern: 'a' }, 'cannot check the column c0 of type int for pattern.'],
    ['double', { columns: ['c0'], unique: true }, 'cannot check the column c0 of type double for unique.'],
    ['unknown', { column: 'c0', notNull: true }, 'for notNull, because it holds no values.'],
    [{ type: 'list', elementId: 2, element: 'int', elementRequired: false }, { column: 'c0', values: ['1'] }, 'list'],
  ] as const)('in a column of type %j: %j', (type, rule, detail) => {
    expect(problem(type, rule)).toContain(detail)
  })

  it('more than 100 rules', () => {
    const rules = (count: number) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, i) => [ruleProperty(String(i)), '{"column":"c0","notNull":true}']),
      )
    expect(columnRules(rules(100), schemaOf('int'))).toHaveLength(100)
    expect(() => columnRules(rules(101), schemaOf('int'))).toThrow('at most 100 rules')
  })
})

it('A column of any type may require a value', () => {
  const list = { type: 'list', elementId: 2, element: 'int', elementRequired: false } as const
  expect(fit(list, { column: 'c0', notNull: true })).toEqual({ name: 'x', kind: 'not-null', columnIndex: 0 })
})
