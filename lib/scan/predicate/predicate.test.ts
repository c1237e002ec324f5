import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { bindPredicate, unbindPredicate } from './bind-predicate'
import { columnsOf, MAX_CONDITIONS, MAX_DEPTH, MAX_LITERALS, type Predicate, toComparisons } from './predicate'
import { parsePredicateJson, predicateToJson } from './predicate-json'
import { parsePredicateText, predicateToText } from './predicate-text'

const fields: NestedField[] = [
  { id: 1, name: 'id', required: true, type: 'long' },
  { id: 2, name: 'speed', required: false, type: 'int' },
  { id: 3, name: 'city', required: false, type: 'string' },
  { id: 4, name: 'price', required: false, type: 'decimal(9, 2)' },
  { id: 5, name: 'ratio', required: false, type: 'float' },
  { id: 6, name: 'day', required: false, type: 'date' },
  { id: 7, name: 'at', required: false, type: 'timestamp' },
  { id: 8, name: 'seen', required: false, type: 'timestamptz' },
  { id: 9, name: 'exact', required: false, type: 'timestamp_ns' },
  { id: 10, name: 'clock', required: false, type: 'time' },
  { id: 11, name: 'key', required: false, type: 'uuid' },
  { id: 12, name: 'hash', required: false, type: 'fixed[2]' },
  { id: 13, name: 'blob', required: false, type: 'binary' },
  { id: 14, name: 'on', required: false, type: 'boolean' },
  {
    id: 15,
    name: 'geo',
    required: false,
    type: { type: 'struct', fields: [{ id: 16, name: 'lat', required: false, type: 'double' }] },
  },
  {
    id: 17,
    name: 'tags',
    required: false,
    type: { type: 'list', elementId: 18, element: 'string', elementRequired: false },
  },
  { id: 19, name: 'a b', required: false, type: 'int' },
  { id: 20, name: 'shape', required: false, type: 'geometry' },
]
const bindText = (text: string) => bindPredicate(parsePredicateText(text), { fields })
/** A filter after binding, as text. */
const bound = (text: string) => predicateToText(unbindPredicate(bindText(text)))

describe('A predicate as text', () => {
  it.each([
    ['speed > 10 and city starts with "Be"'],
    ['id = 9223372036854775807'],
    ['(speed < 3 or speed >= 10) and city is not null'],
    ['city in ("a", "b""c") or city not in ("")'],
    ['city not starts with "it\'s"'],
    ['geo.lat is nan or geo.lat is not nan'],
    ['`a b` != -5'],
    ['on = true'],
    ['price <= 14.20'],
    ['at = "2024-05-17T22:31:08.500000"'],
    ['seen >= "2024-05-17T22:31:08+00:00"'],
    ['exact < "1969-12-31T23:59:59.999999999"'],
    ['clock = "22:31:08"'],
    ['key = "f79c3e09-677c-4bbd-a479-3f349cb785e7"'],
    ['hash = "00ff" or blob = ""'],
    ['tags is null'],
    ['shape is not null'],
  ])('%s is bound and printed again', (text) => {
    // Decimals are texts in JSON, and so here.
    expect(bound(text)).toBe(text.replace('14.20', '"14.20"'))
    expect(bound(bound(text))).toBe(bound(text))
  })

  it('binds and before or, and not before both', () => {
    expect(parsePredicateText('not a = 1 and b = 2 or c = 3')).toEqual({
      kind: 'or',
      parts: [
        {
          kind: 'and',
          parts: [
            { kind: 'not', part: { kind: 'eq', column: 'a', value: 1 } },
            { kind: 'eq', column: 'b', value: 2 },
          ],
        },
        { kind: 'eq', column: 'c', value: 3 },
      ],
    })
  })

  it.each([
    ['bogus', 'The end of the filter, after “bogus”, is not a comparison'],
    ['  ', 'The filter is empty. A filter is one or more conditions'],
    ['speed >', 'The end of the filter, after “speed >”, is not a number'],
    ['speed ~ 3', '“~ 3” at character 7'],
    ['and', '“and” at character 1 of the filter is not a column'],
    ['speed = 1 city', '“city” at character 11'],
    ['city in ("a"', 'The end of the filter, after “city in ("a"”, is not )'],
    [`${'('.repeat(200)}speed = 1`, 'is nested deeper than 100'],
    [`${'not '.repeat(200)}speed = 1`, 'is nested deeper than 100'],
  ])('%s is refused with its position', (text, message) => {
    expect(catchAppError(() => parsePredicateText(text))).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(message),
    })
  })
})

describe('A filter that is far too large', () => {
  const DEEP: Record<string, (depth: number) => string> = {
    parentheses: (depth) => `${'('.repeat(depth)}a = 1${')'.repeat(depth)}`,
    'parentheses that are not closed': (depth) => '('.repeat(depth),
    negations: (depth) => `${'not '.repeat(depth)}a = 1`,
    'conditions in parentheses': (depth) => `${'(a = 1 and '.repeat(depth)}a = 1${')'.repeat(depth)}`,
  }
  const WIDE: Record<string, (count: number) => string> = {
    conditions: (count) => `a = 1${' or a = 1'.repeat(count)}`,
    values: (count) => `a in (1${',1'.repeat(count)})`,
    lists: (count) => `a in (1)${' or a in (1)'.repeat(count)}`,
  }
  const ENDLESS: Record<string, (length: number) => string> = {
    'a text in quotes': (length) => `a = "${'""'.repeat(length)}`,
    'a text that is closed': (length) => `a = "${'x'.repeat(length)}"x`,
    'a name in back quotes': (length) => '`'.repeat(2 * length + 1),
    'parts of a name': (length) => `a${'.a'.repeat(length)}`,
    'a number': (length) => `a = ${'1'.repeat(length)}x`,
  }

  it.each([10, 1000])('is refused %i times beyond the bounds', (factor) => {
    const refused = (text: string) => catchAppError(() => parsePredicateText(text)).code
    for (const [name, build] of Object.entries(DEEP))
      expect(['invalid-request', 'too-large'], name).toContain(refused(build(factor * MAX_DEPTH)))
    for (const [name, build] of Object.entries(WIDE))
      expect(['invalid-request', 'too-large'], name).toContain(refused(build(factor * MAX_LITERALS)))
    for (const [name, build] of Object.entries(ENDLESS))
      expect(['invalid-request', 'too-large'], name).toContain(refused(build(factor * 400)))
  })

  it('says which bound was reached', () => {
    expect(() => parsePredicateText(WIDE['conditions']?.(MAX_CONDITIONS) ?? '')).toThrow(
      'is in one of more than 1000 conditions',
    )
    expect(() => parsePredicateText(WIDE['values']?.(MAX_LITERALS) ?? '')).toThrow('is one of more than 10000 values')
    expect(() => parsePredicateText(WIDE['values']?.(MAX_LITERALS - 1) ?? '')).not.toThrow()
    expect(() => parsePredicateText(WIDE['conditions']?.(MAX_CONDITIONS - 1) ?? '')).not.toThrow()
  })
})

describe('A predicate bound to a schema', () => {
  it.each([
    // Negations are part of the conditions; NaN is in neither half of an order.
    ['not (speed = 1 and city is null)', 'speed != 1 or city is not null'],
    ['not (speed < 1 or city in ("a"))', 'speed >= 1 and city not in ("a")'],
    ['not not speed < 1', 'speed < 1'],
    ['not ratio < 1', 'ratio >= 1 or ratio is nan'],
    ['not ratio = 1', 'ratio != 1'],
    ['not true', 'false'],
    ['not city starts with "a"', 'city not starts with "a"'],
    ['not city contains "a" and city not ends with "b"', 'city not contains "a" and city not ends with "b"'],
    ['speed between 10 and 20.5', 'speed >= 10 and speed <= 20'],
    ['not speed between 10 and 20', 'speed < 10 or speed > 20'],
    ['ratio not between 1 and 2', 'ratio < 1 or ratio is nan or ratio > 2 or ratio is nan'],
    // Literals between two values of the column, and beyond all.
    ['speed > 10.5', 'speed > 10'],
    ['speed >= 10.5', 'speed > 10'],
    ['speed < 10.5', 'speed <= 10'],
    ['speed < -10.5', 'speed <= -11'],
    ['speed = 10.5', 'false'],
    ['speed != 10.5', 'speed is not null'],
    ['speed = 1e1', 'speed = 10'],
    ['speed < 3000000000', 'speed is not null'],
    ['speed > 3000000000', 'false'],
    ['speed > -3000000000', 'speed is not null'],
    ['not speed > 3000000000', 'speed is not null'],
    ['speed in (1, 3000000000, 2.5)', 'speed in (1)'],
    ['speed not in (3000000000)', 'speed is not null'],
    ['city in ()', 'false'],
    ['city not in ()', 'true'],
    ['id > 9223372036854775808', 'false'],
    ['price = 1.005', 'false'],
    ['price < 1.005', 'price <= "1.00"'],
    ['price = 12e-1', 'price = "1.20"'],
    ['ratio = 0.1', 'ratio = 0.1'],
    ['seen = "2023-05-15T16:30:45+02"', 'seen = "2023-05-15T14:30:45+00:00"'],
    // A time without an offset is in UTC, as in SQL.
    ['seen = "2023-05-15 16:30:45"', 'seen = "2023-05-15T16:30:45+00:00"'],
    ['seen < "2023-05-15"', 'seen < "2023-05-15T00:00:00+00:00"'],
    ['at = "2023-05-15"', 'at = "2023-05-15T00:00:00"'],
    ['at < "2023-05-15 00:00:00.0000005"', 'at <= "2023-05-15T00:00:00"'],
    ['key = "F79C3E09-677C-4BBD-A479-3F349CB785E7"', 'key = "f79c3e09-677c-4bbd-a479-3f349cb785e7"'],
    ['#2 = 1 and true', 'speed = 1'],
    ['speed = 1 or true', 'true'],
  ])('%s becomes %s', (text, expected) => {
    expect(bound(text)).toBe(expected)
  })

  it.each([
    ['nope = 1', 'The table has no column nope'],
    ['#99 = 1', 'no column with the field id 99'],
    ['tags.element = "a"', 'inside a list or map'],
    ['tags = "a"', 'values of a list cannot be compared'],
    ['shape = "a"', 'values of type geometry cannot be compared'],
    ['speed = "fast"', '"fast" is not a number'],
    ['speed is nan', 'only a float or double can be NaN'],
    ['speed starts with "1"', 'only a string can start'],
    ['speed contains "1"', 'only a string can contain'],
    ['speed not ends with "1"', 'only a string can end'],
    ['speed between 1 and "x"', '"x" is not a number'],
    ['city = 5', '5 is not a text'],
    ['on = 1', '1 is not true or false'],
    ['day = "2023-02-30"', 'is not a date'],
    ['at = "2023-05-15T16:30:45Z"', 'has an offset'],
    ['clock = "25:00"', 'is not a time'],
    ['hash = "00"', 'is not 2 hexadecimal bytes'],
    ['blob = "xyz"', 'is not hexadecimal bytes'],
    ['key = "1"', 'is not a UUID'],
    ['ratio = "NaN"', 'is not a finite number (for NaN, write: is nan'],
    ['ratio = "-inf"', 'infinite numbers cannot be written'],
    ['price = 1e999', 'is not a shorter number'],
  ])('%s is refused, naming the column', (text, message) => {
    expect(catchAppError(() => bindText(text))).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(message),
    })
  })

  it('finds nested columns with the path to them', () => {
    const [column] = columnsOf(bindText('geo.lat > 1 and geo.lat < 2'))
    expect(column).toMatchObject({ fieldId: 16, name: 'geo.lat', depth: 1, field: fields[14] })
  })

  it('refuses a name that two columns have', () => {
    const twins: NestedField[] = [
      { id: 1, name: 'a.b', required: false, type: 'int' },
      {
        id: 2,
        name: 'a',
        required: false,
        type: { type: 'struct', fields: [{ id: 3, name: 'b', required: false, type: 'int' }] },
      },
    ]
    const bind = () => bindPredicate({ kind: 'eq', column: 'a.b', value: 1 }, { fields: twins })
    expect(catchAppError(bind).message).toContain('2 columns named a.b')
  })

  it('is refused when it is too large', () => {
    const one: Predicate = { kind: 'eq', column: 'speed', value: 1 }
    const bind = (predicate: Predicate) => catchAppError(() => bindPredicate(predicate, { fields })).message
    expect(bind({ kind: 'and', parts: Array.from({ length: 1001 }, () => one) })).toContain('more than 1000 conditions')
    expect(bind({ kind: 'in', column: 'speed', values: Array.from({ length: 10_001 }, () => 1) })).toContain(
      '10000 values',
    )
    let deep: Predicate = one
    for (let i = 0; i < 200; i++) deep = { kind: 'not', part: deep }
    expect(bind(deep)).toContain('nested deeper than 100')
  })
})

describe('A predicate that PyIceberg wrote as JSON', () => {
  // The output of `model_dump_json()` of PyIceberg 0.12.
  it.each([
    ['{"term":"a.b","type":"eq","value":34}', 'a.b = 34'],
    ['{"term":"a","type":"lt-eq","value":9223372036854775807}', 'a <= 9223372036854775807'],
    ['{"term":"a","type":"is-null"}', 'a is null'],
    ['{"term":"a","type":"not-nan"}', 'a is not nan'],
    ['{"term":"a","type":"not-in","values":["x","y"]}', 'a not in ("x", "y")'],
    ['{"term":"b","type":"starts-with","value":"p"}', 'b starts with "p"'],
    ['{"term":"b","type":"not-starts-with","value":"p"}', 'b not starts with "p"'],
    [
      '{"type":"and","left":{"type":"not","child":{"term":"a","type":"is-nan"}},"right":{"type":"or","left":{"term":"b","type":"gt","value":1},"right":{"term":"c","type":"not-eq","value":"x"}}}',
      'not (a is nan) and (b > 1 or c != "x")',
    ],
    ['true', 'true'],
    ['false', 'false'],
  ])('%s is read', (text, expected) => {
    const predicate = parsePredicateJson(parseExactJson(text))
    expect(predicateToText(predicate)).toBe(expected)
    expect(parsePredicateJson(predicateToJson(predicate))).toEqual(predicate)
  })
})

describe('A predicate as JSON', () => {
  it.each([
    ['true', { kind: 'true' }],
    ['{"type":"false"}', { kind: 'false' }],
    ['{"type":"literal","value":true}', { kind: 'true' }],
    ['{"type":"is-null","term":"a"}', { kind: 'is-null', column: 'a' }],
    [
      '{"type":"lt-eq","term":{"type":"reference","term":"a.b"},"value":34}',
      { kind: 'lt-eq', column: 'a.b', value: 34 },
    ],
    [
      '{"type":"eq","term":{"type":"reference","id":7},"value":9223372036854775807}',
      { kind: 'eq', column: 7, value: 9223372036854775807n },
    ],
    ['{"type":"not-in","term":"a","values":["x","y"]}', { kind: 'not-in', column: 'a', values: ['x', 'y'] }],
    [
      '{"type":"and","left":{"type":"not","child":{"type":"is-nan","term":"a"}},"right":{"type":"and","left":true,"right":{"type":"starts-with","term":"b","value":"p"}}}',
      {
        kind: 'and',
        parts: [
          { kind: 'not', part: { kind: 'is-nan', column: 'a' } },
          { kind: 'true' },
          { kind: 'starts-with', column: 'b', value: 'p' },
        ],
      },
    ],
  ] as const)('%s is read', (text, expected) => {
    expect(parsePredicateJson(parseExactJson(text))).toEqual(expected)
  })

  it.each([
    ['5', 'The filter is not an expression'],
    ['{"type":"and","left":true}', 'The part right of the filter is not an expression'],
    ['{"type":"like","term":"a","value":"x"}', 'The part type of the filter is not an operation'],
    ['{"type":"not","child":{"type":"eq","term":"a","value":null}}', 'The part child.value of the filter is null'],
    ['{"type":"eq","term":"a","value":[]}', 'The part value of the filter is not a value'],
    ['{"type":"in","term":"a","values":[1,{}]}', 'The part values[1] of the filter is not a value'],
    ['{"type":"in","term":"a"}', 'The part values of the filter is not a list'],
    [
      '{"type":"eq","term":{"type":"transform","transform":"bucket[4]","term":"a"},"value":1}',
      'The part term of the filter is a transform',
    ],
    ['{"type":"eq","value":1}', 'The part term of the filter is not a column'],
    [`${'{"type":"not","child":'.repeat(120)}true${'}'.repeat(120)}`, 'is nested deeper than 100'],
    [`{"type":"in","term":"a","values":[${'1,'.repeat(10_000)}1]}`, 'has more than 10000 values'],
  ])('%s is refused, naming the part', (text, message) => {
    expect(catchAppError(() => parsePredicateJson(parseExactJson(text)))).toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining(message),
    })
  })

  it('may have as many values as are allowed', () => {
    const text = `{"type":"in","term":"a","values":[${'1,'.repeat(9_999)}1]}`
    expect(parsePredicateJson(parseExactJson(text))).toMatchObject({ kind: 'in', values: { length: 10_000 } })
  })

  it('and text keep every predicate', () => {
    const name = fc.constantFrom('id', 'a b', 'geo.lat', 'x`y', 'not', 'ü')
    const literal = fc.oneof(
      fc.integer(),
      fc.boolean(),
      fc.string(),
      fc.constant(2n ** 80n),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    )
    const { predicate } = fc.letrec<{ predicate: Predicate }>((tie) => ({
      predicate: fc.oneof(
        { depthSize: 'small' },
        fc.record({
          kind: fc.constantFrom('eq', 'lt', 'gt-eq', 'not-starts-with', 'contains', 'not-ends-with'),
          column: name,
          value: literal,
        }),
        fc.record({ kind: fc.constantFrom('in', 'not-in'), column: name, values: fc.array(literal, { maxLength: 3 }) }),
        fc.record({ kind: fc.constant('between'), column: name, low: literal, high: literal }),
        fc.record({ kind: fc.constantFrom('is-null', 'not-nan'), column: name }),
        fc.constantFrom<Predicate>({ kind: 'true' }, { kind: 'false' }),
        fc.record({ kind: fc.constant('not'), part: tie('predicate') }),
        fc.record({
          kind: fc.constantFrom('and', 'or'),
          parts: fc.array(tie('predicate'), { minLength: 2, maxLength: 4 }),
        }),
      ),
    }))
    fc.assert(
      fc.property(predicate, (original) => {
        const fromJson = parsePredicateJson(parseExactJson(stringifyExactJson(predicateToJson(original))))
        expect(predicateToText(fromJson)).toBe(predicateToText(flatten(original)))
        const fromText = parsePredicateText(predicateToText(original))
        expect(predicateToText(fromText)).toBe(predicateToText(original))
      }),
      propertyRuns(),
    )
  })

  it('joins many conditions without nesting them deep', () => {
    const parts = Array.from({ length: 1000 }, (_, value): Predicate => ({ kind: 'eq', column: 'speed', value }))
    const text = stringifyExactJson(predicateToJson({ kind: 'or', parts }))
    expect(parsePredicateJson(parseExactJson(text))).toEqual({ kind: 'or', parts })
  })
})

/** JSON joins two, so a join within one of its kind is the same. It has no `between`. */
function flatten(predicate: Predicate): Predicate {
  if (predicate.kind === 'between') return toComparisons(predicate)
  if (predicate.kind === 'not') return { kind: 'not', part: flatten(predicate.part) }
  if (predicate.kind !== 'and' && predicate.kind !== 'or') return predicate
  const parts = predicate.parts.map(flatten)
  return { kind: predicate.kind, parts: parts.flatMap((part) => (part.kind === predicate.kind ? part.parts : [part])) }
}
