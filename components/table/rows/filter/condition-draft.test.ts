import { describe, expect, it } from 'vitest'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import type { NestedField, Type, Value } from '@/lib/iceberg/schema/types'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { toCell } from '../row-cell'
import {
  conditionText,
  type Operator,
  operatorsOf,
  predicateForValue,
  toDraft,
  toPredicate,
  valueExample,
} from './condition-draft'
import { addValueCondition } from './filter-by-value'
import { filterColumns } from './filter-columns'
import { readRowFilter, rowFilterText } from './row-filter'

const TYPES: readonly Type[] = [
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'decimal(38, 10)',
  'date',
  'time',
  'timestamp',
  'timestamp_ns',
  'timestamptz',
  'timestamptz_ns',
  'string',
  'uuid',
  'binary',
  'fixed[2]',
  'variant',
  { type: 'list', elementId: 90, elementRequired: false, element: 'int' },
]
const fields: NestedField[] = TYPES.map((type, i) => ({ id: i + 1, name: `c${i + 1}`, required: false, type }))
const columns = filterColumns(fields)
const BERLIN = 'Europe/Berlin'

function columnOf(type: string) {
  const column = columns.find((candidate) => candidate.type === type)
  if (!column) throw new Error(`no column of type ${type}`)
  return column
}

/** A typed value as the address and its chip write it. */
function write(type: string, text: string, operator: Operator = 'eq', timeZone = BERLIN) {
  const column = columnOf(type)
  const predicate = toPredicate({ fieldId: column.fieldId, operator, text }, column, { fields, timeZone })
  const address = rowFilterText([predicate]) ?? ''
  const [condition] = readRowFilter(address, fields).conditions
  if (!condition) throw new Error('the filter is empty')
  return { address, chip: conditionText(condition, columns, timeZone), draft: toDraft(condition, columns, timeZone) }
}

describe('A condition as text', () => {
  it.each([
    ['boolean', 'false', 'c1 = false', 'c1 = false'],
    ['int', ' 45 ', 'c2 = 45', 'c2 = 45'],
    ['int', '−13', 'c2 = -13', 'c2 = -13'],
    ['long', '9223372036854775807', 'c3 = 9223372036854775807', 'c3 = 9223372036854775807'],
    ['double', '1e40', 'c5 = 1e40', 'c5 = 1e40'],
    [
      'decimal(38, 10)',
      '1234567890123456789012345678.0000000001',
      'c6 = 1234567890123456789012345678.0000000001',
      'c6 = 1234567890123456789012345678.0000000001',
    ],
    ['date', '2024-05-17', 'c7 = "2024-05-17"', 'c7 = 2024-05-17'],
    ['time', '22:31:08.5', 'c8 = "22:31:08.5"', 'c8 = 22:31:08.5'],
    ['timestamp', '2024-05-17 22:31', 'c9 = "2024-05-17 22:31"', 'c9 = 2024-05-17 22:31'],
    // A bare date is midnight, and says so.
    ['timestamp', '2024-05-17', 'c9 = "2024-05-17 00:00:00"', 'c9 = 2024-05-17 00:00:00'],
    ['timestamp_ns', '2024-05-17', 'c10 = "2024-05-17 00:00:00"', 'c10 = 2024-05-17 00:00:00'],
    [
      'timestamp_ns',
      '2024-05-17T22:31:08.123456789',
      'c10 = "2024-05-17T22:31:08.123456789"',
      'c10 = 2024-05-17T22:31:08.123456789',
    ],
    // A time without an offset is in UTC, as in Query, and gets the offset with which the grid shows it.
    ['timestamptz', '2024-05-17 22:31', 'c11 = "2024-05-18 00:31:00+02:00"', 'c11 = 2024-05-18 00:31:00+02:00'],
    ['timestamptz', '2024-01-17', 'c11 = "2024-01-17 01:00:00+01:00"', 'c11 = 2024-01-17 01:00:00+01:00'],
    ['timestamptz', '2024-03-31 01:30', 'c11 = "2024-03-31 03:30:00+02:00"', 'c11 = 2024-03-31 03:30:00+02:00'],
    ['timestamptz', '2024-05-17T20:31Z', 'c11 = "2024-05-17T20:31Z"', 'c11 = 2024-05-17 22:31:00+02:00'],
    [
      'timestamptz_ns',
      '2024-05-17T20:31:08.123456789Z',
      'c12 = "2024-05-17T20:31:08.123456789Z"',
      'c12 = 2024-05-17 22:31:08.123456789+02:00',
    ],
    ['string', ` O'Hare "x" `, `c13 = " O'Hare ""x"" "`, `c13 = ' O''Hare "x" '`],
    [
      'uuid',
      'F79C3E09-677C-4BBD-A479-3F349CB785E7',
      'c14 = "F79C3E09-677C-4BBD-A479-3F349CB785E7"',
      'c14 = F79C3E09-677C-4BBD-A479-3F349CB785E7',
    ],
    ['binary', '0x0a 1b', 'c15 = "0a1b"', 'c15 = 0a1b'],
    ['fixed[2]', '0A1B', 'c16 = "0A1B"', 'c16 = 0A1B'],
  ])('of %s %j keeps the value exactly', (type, text, address, chip) => {
    expect(write(type, text)).toMatchObject({ address, chip })
  })

  it('can be edited again and stays the same', () => {
    for (const [type, text] of [
      ['long', '-9223372036854775808'],
      ['timestamptz', '1969-12-31 23:59:59.999999'],
      ['string', 'a\tb'],
    ] as const) {
      const first = write(type, text)
      expect(first.draft).not.toBeNull()
      expect(write(type, first.draft?.text ?? '').chip).toBe(first.chip)
    }
  })

  it.each([1_704_092_400_000_000n, -3_786_825_600_000_000n, -62_200_000_000_000_001n])(
    'finds the instant %s when its text is copied from a cell',
    (micros) => {
      const column = columnOf('timestamptz')
      for (const timeZone of [BERLIN, 'America/New_York', 'UTC']) {
        const { text } = toCell('timestamptz', micros, timeZone)
        const draft = { fieldId: column.fieldId, operator: 'eq', text } as const
        const predicate = toPredicate(draft, column, { fields, timeZone })
        expect(bindPredicate(predicate, { fields })).toMatchObject({ value: micros })
      }
    },
  )

  it('lists the first values of a list', () => {
    // A draft that is applied unchanged is the same condition.
    for (const values of [
      ['', 'NULL', ' ', ' lead and trail '],
      ['日本\n行', 'a\r', '"x"', '"', '"a', 'a, b', ',', 'a "b", c'],
    ]) {
      const column = columnOf('string')
      for (const kind of ['in', 'not-in'] as const) {
        const address = rowFilterText([{ kind, column: column.reference, values }]) ?? ''
        const [condition] = readRowFilter(address, fields).conditions
        const draft = condition && toDraft(condition, columns, BERLIN)
        expect(draft && toPredicate(draft, column, { fields, timeZone: BERLIN })).toMatchObject({ kind, values })
      }
      for (const value of values) {
        const address = rowFilterText([{ kind: 'eq', column: column.reference, value }]) ?? ''
        const [condition] = readRowFilter(address, fields).conditions
        const draft = condition && toDraft(condition, columns, BERLIN)
        expect(draft?.text).not.toMatch(/[\r\n]/)
        expect(draft && toPredicate(draft, column, { fields, timeZone: BERLIN })).toMatchObject({ value })
      }
    }
    const list = write('string', 'SFO\nOAK\n\nSJC\nLAX\nABQ', 'in')
    expect(list.chip).toBe("c13 in ('SFO', 'OAK', 'SJC', 2 more)")
    expect(list.draft?.text.split('\n')).toEqual(['SFO', 'OAK', 'SJC', 'LAX', 'ABQ'])
    expect(write('int', '', 'is-null').chip).toBe('c2 is null')
  })

  it.each([
    ['int', 'fast', '"fast" is not a number'],
    ['int', '', 'Enter a value.'],
    ['boolean', 'yes', 'not true or false'],
    ['date', '17.5.2024', 'not a date'],
    ['timestamptz', 'today', 'not a timestamp'],
    ['uuid', '12', 'not a UUID'],
    ['binary', '0a1', 'not hexadecimal bytes'],
    ['fixed[2]', '0a1b2c', '2 hexadecimal bytes'],
  ])('of %s refuses %j', (type, text, message) => {
    expect(() => write(type, text)).toThrow(message)
  })

  it('has two values in one condition and one chip, and keeps them', () => {
    const column = columnOf('timestamptz')
    const draft = {
      fieldId: column.fieldId,
      operator: 'between',
      text: '2024-05-17',
      endText: '2024-05-17T23:59:59+02:00',
    } as const
    const predicate = toPredicate(draft, column, { fields, timeZone: BERLIN })
    const address = rowFilterText([predicate]) ?? ''
    expect(address).toBe('c11 between "2024-05-17 02:00:00+02:00" and "2024-05-17T23:59:59+02:00"')
    const { conditions } = readRowFilter(`${address} and c2 = 1`, fields)
    expect(conditions.map((condition) => conditionText(condition, columns, BERLIN))).toEqual([
      'c11 between 2024-05-17 02:00:00+02:00 and 2024-05-17 23:59:59+02:00',
      'c2 = 1',
    ])
    expect(conditions.map((condition) => toDraft(condition, columns, BERLIN))).toMatchObject([
      { operator: 'between', text: '2024-05-17 02:00:00+02:00', endText: '2024-05-17 23:59:59+02:00' },
      { operator: 'eq', text: '1' },
    ])
    expect(() => toPredicate({ ...draft, endText: '' }, column, { fields, timeZone: BERLIN })).toThrow('Enter a value.')
    const swapped = { ...draft, text: draft.endText, endText: draft.text }
    expect(() => toPredicate(swapped, column, { fields, timeZone: BERLIN })).toThrow('above the second')
  })

  it('of several columns shows the instants of its times in the chip', () => {
    const { conditions } = readRowFilter('c11 < "2024-05-17 22:31" or not (c11 in ("2024-05-17"))', fields)
    expect(conditions.map((condition) => conditionText(condition, columns, BERLIN))).toEqual([
      'c11 < "2024-05-18 00:31:00+02:00" or not (c11 in ("2024-05-17 02:00:00+02:00"))',
    ])
  })

  it('separates values by commas or lines, except in quotes', () => {
    expect(write('string', 'SFO, LAX ,"Paris, TX"\n ,\r\n"a\\"b",O"Hare, x,"open', 'in').address).toBe(
      `c13 in ("SFO", "LAX", "Paris, TX", "a""b", "O""Hare", "x", """open")`,
    )
    expect(write('int', '1, 2,3', 'not-in').address).toBe('c2 not in (1, 2, 3)')
    expect(write('string', '""', 'in').address).toBe('c13 in ("")')
    expect(() => write('int', ' ,\n', 'in')).toThrow('at least one value')
  })

  it('needs a value in a list, and has only so many that it fits into a link', () => {
    expect(() => write('int', ' \n', 'in')).toThrow('at least one value')
    const many = Array.from({ length: 2000 }, (_, i) => String(i)).join('\n')
    expect(() => write('int', many, 'in')).toThrow('a link has room')
  })
})

describe('Operators', () => {
  it('fit the type of the column', () => {
    expect(operatorsOf('boolean')).toEqual(['eq', 'not-eq', 'is-null', 'not-null'])
    expect(operatorsOf('string')).toContain('starts-with')
    expect(operatorsOf('double')).toContain('is-nan')
    expect(operatorsOf('date')).toContain('between')
    expect(operatorsOf('boolean')).not.toContain('between')
    expect(operatorsOf('binary')).not.toContain('contains')
    expect(operatorsOf('long')).not.toContain('is-nan')
    expect(operatorsOf('long')).not.toContain('starts-with')
    for (const type of ['variant', 'geometry', fields[17]?.type ?? 'unknown'] as const)
      expect(operatorsOf(type)).toEqual(['is-null', 'not-null'])
  })

  it('can all be bound with a value like the example', () => {
    const samples: Partial<Record<string, string>> = {
      boolean: 'true',
      string: 'x',
      'fixed[2]': '0a1b',
      binary: '0a1b',
      timestamptz: '2024-05-17 22:31:08',
      timestamptz_ns: '2024-05-17 22:31:08',
    }
    for (const column of columns) {
      const label = typeof column.type === 'string' ? column.type : column.type.type
      const text = samples[label] ?? (valueExample(column.type, 'UTC') || '1')
      for (const operator of operatorsOf(column.type)) {
        const draft = { fieldId: column.fieldId, operator, text, endText: text }
        expect(toPredicate(draft, column, { fields, timeZone: 'UTC' })).toMatchObject({ kind: operator })
      }
    }
  })
})

describe('A condition for the value of a cell', () => {
  it.each<[string, Value | null, unknown]>([
    ['long', 2n ** 63n - 1n, { kind: 'eq', column: 'c3', value: 2n ** 63n - 1n }],
    ['date', 0, { kind: 'eq', column: 'c7', value: '1970-01-01' }],
    ['decimal(38, 10)', 12_345_678_901n, { kind: 'eq', column: 'c6', value: '1.2345678901' }],
    ['double', Number.NaN, { kind: 'is-nan', column: 'c5' }],
    ['double', -0, { kind: 'eq', column: 'c5', value: new JsonNumber('-0.0') }],
    ['string', null, { kind: 'is-null', column: 'c13' }],
    ['variant', null, { kind: 'is-null', column: 'c17' }],
    ['binary', Uint8Array.of(255, 0), { kind: 'eq', column: 'c15', value: 'ff00' }],
  ])('of %s %s is exact', (type, value, expected) => {
    expect(predicateForValue(columnOf(type), value)).toEqual(expected)
  })

  it('joins the conditions before it', () => {
    const { conditions } = readRowFilter('c2 > 1', fields)
    expect(addValueCondition(conditions, fields, { fieldId: 13, value: 'SFO' })).toBe('c2 > 1 and c13 = "SFO"')
    expect(addValueCondition([], fields, { fieldId: 2, value: null })).toBe('c2 is null')
    expect(addValueCondition([], fields, { fieldId: 17, value: '{}' })).toBeNull()
  })

  it('excludes the value, a null, or NaN', () => {
    const exclude = (fieldId: number, value: Value | null) =>
      addValueCondition([], fields, { fieldId, value, isExcluded: true })
    expect(exclude(13, 'SFO')).toBe('c13 != "SFO"')
    expect(exclude(2, null)).toBe('c2 is not null')
    expect(exclude(5, Number.NaN)).toBe('c5 is not nan')
  })

  it('is missing where nothing can be compared', () => {
    expect(predicateForValue(columnOf('variant'), '{}')).toBeNull()
    expect(predicateForValue(columnOf('double'), Number.POSITIVE_INFINITY)).toBeNull()
    expect(predicateForValue(columnOf('string'), Uint8Array.of(255))).toBeNull()
  })
})

describe('The filter of an address', () => {
  it('is one condition for each part that has to hold, and refers to columns by id for the server', () => {
    const filter = readRowFilter('c2 >= 45 and (c13 = "SFO" or c13 = "OAK") and c1 = true', fields)
    expect(filter.conditions.map((condition) => conditionText(condition, columns, 'UTC'))).toEqual([
      'c2 ≥ 45',
      'c13 = "SFO" or c13 = "OAK"',
      'c1 = true',
    ])
    expect(filter.conditions.map((condition) => toDraft(condition, columns, 'UTC') !== null)).toEqual([
      true,
      false,
      true,
    ])
    expect(filter.where).toContain('{"type":"reference","id":2}')
    expect(rowFilterText(filter.conditions.map(({ predicate }) => predicate))).toBe(
      'c2 >= 45 and (c13 = "SFO" or c13 = "OAK") and c1 = true',
    )
    expect(rowFilterText([])).toBeNull()
  })

  it.each([
    ['c2 >=', 'The end of the filter'],
    ['speed = 1', 'no column speed'],
    ['c2 = "fast"', 'Column c2'],
    ['x'.repeat(5000), 'a link has room'],
  ])('%j is a problem that can be read', (text, message) => {
    expect(() => readRowFilter(text, fields)).toThrow(message)
  })

  it('refers to columns with the same name by their ids', () => {
    const inner: NestedField = { id: 3, name: 'b', required: false, type: 'int' }
    const doubled = filterColumns([
      { id: 1, name: 'a.b', required: false, type: 'int' },
      { id: 2, name: 'a', required: false, type: { type: 'struct', fields: [inner] } },
    ])
    expect(doubled.map(({ reference, name }) => [reference, name])).toEqual([
      [1, 'a.b'],
      ['a', 'a'],
      [3, 'a.b'],
    ])
  })
})
