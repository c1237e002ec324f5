import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { Json } from '@/lib/iceberg/json/json'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import { parsePrimitiveDefault } from '@/lib/iceberg/schema/default-value'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { arbitraryExpression } from '@/testing/iceberg/arbitrary-expression'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { LITERAL_FORMS, toCurrentExpression } from '@/testing/iceberg/current-expression'
import { propertyRuns } from '@/testing/property-cases'
import { bindPredicate, unbindPredicate } from './bind-predicate'
import { MAX_DEPTH, MAX_LITERALS } from './predicate'
import { parsePredicateJson } from './predicate-json'
import { predicateToText } from './predicate-text'

const TYPES = {
  id: 'long',
  speed: 'int',
  city: 'string',
  price: 'decimal(9, 2)',
  ratio: 'float',
  part: 'double',
  day: 'date',
  clock: 'time',
  at: 'timestamp',
  seen: 'timestamptz',
  exact: 'timestamp_ns',
  moment: 'timestamptz_ns',
  key: 'uuid',
  hash: 'fixed[2]',
  blob: 'binary',
  on: 'boolean',
} as const satisfies Record<string, PrimitiveType>
const fields = Object.entries(TYPES).map(
  ([name, type], index): NestedField => ({ id: index + 1, name, required: false, type }),
)

const parse = (json: Json, isInclusive = false) =>
  parsePredicateJson(parseExactJson(stringifyExactJson(json)), { isInclusive })
const reference = (name: string) => ({ type: 'reference', name })

describe('Both forms of an expression', () => {
  it.each<[string, keyof typeof TYPES, Json]>([
    ['the greatest long', 'id', 9_223_372_036_854_775_807n],
    ['the least int', 'speed', -2_147_483_648],
    ['a text', 'city', 'Be"rü'],
    ['a decimal', 'price', '14.20'],
    ['a float', 'ratio', 1.5],
    ['a double of 17 digits', 'part', 0.100_000_000_000_000_02],
    ['a date', 'day', '2024-05-17'],
    ['a time', 'clock', '22:31:08.123456'],
    ['a timestamp', 'at', '2024-05-17T22:31:08.123456'],
    ['a timestamp with a zone', 'seen', '2024-05-17T22:31:08.123456+00:00'],
    ['nanoseconds', 'exact', '2024-05-17T22:31:08.123456789'],
    ['nanoseconds with a zone', 'moment', '2024-05-17T22:31:08.123456789+00:00'],
    ['a UUID', 'key', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
    ['fixed bytes', 'hash', '0AFF'],
    ['bytes', 'blob', '0AFF00'],
    ['a boolean', 'on', true],
  ])('are the same predicate, exactly, for %s', (_, term, value) => {
    const expressions: Json[] = [
      ...['eq', 'not-eq', 'lt', 'lt-eq', 'gt', 'gt-eq'].map((type) => ({ type, term, value })),
      { type: 'in', term, values: [value] },
      { type: 'not-in', term, values: [value, value] },
      { type: 'is-null', term },
      { type: 'not-null', term },
      ...(term === 'city' ? ['starts-with', 'not-starts-with'] : []).map((type) => ({ type, term, value })),
      ...(term === 'ratio' || term === 'part' ? ['is-nan', 'not-nan'] : []).map((type) => ({ type, term })),
    ]
    for (const expression of expressions) {
      const deprecated = parse(expression)
      const bound = bindPredicate(deprecated, { fields })
      for (const form of LITERAL_FORMS) {
        for (const isMirrored of [false, true]) {
          const current = parse(toCurrentExpression(expression, form, TYPES, isMirrored))
          expect(current).toEqual(deprecated)
          expect(bindPredicate(current, { fields })).toEqual(bound)
        }
      }
    }
    expect(bindPredicate(parse({ type: 'eq', term, value }), { fields })).toMatchObject({
      value: parsePrimitiveDefault(TYPES[term], value),
    })
  })

  it('are the same predicate, however they are joined', () => {
    const literals = {
      id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      price: fc.integer({ min: -99_999_999, max: 99_999_999 }).map((cents) => (cents / 100).toFixed(2)),
      city: fc.string({ unit: 'grapheme' }),
      on: fc.boolean(),
    }
    fc.assert(
      fc.property(
        arbitraryExpression(literals),
        fc.constantFrom(...LITERAL_FORMS),
        fc.boolean(),
        (deprecated, form, isMirrored) => {
          expect(parse(toCurrentExpression(deprecated, form, TYPES, isMirrored))).toEqual(parse(deprecated))
        },
      ),
      propertyRuns(1000),
    )
  })

  it('name columns by ids, too', () => {
    expect(parse({ type: 'is-null', child: { type: 'reference', id: 7 } })).toEqual({ kind: 'is-null', column: 7 })
  })

  it('have functions, whose conditions skip nothing where the client filters, however they are negated', () => {
    const apply = { type: 'apply', function: 'f', arguments: [reference('id')] }
    const speed = { type: 'gt', left: reference('speed'), right: 1 }
    const unknown = { type: 'eq', left: apply, right: 5 }
    expect(parse({ type: 'and', left: unknown, right: speed }, true)).toEqual({
      kind: 'and',
      parts: [{ kind: 'true' }, { kind: 'gt', column: 'speed', value: 1 }],
    })
    const negated = parse({ type: 'not', child: { type: 'and', left: unknown, right: speed } }, true)
    expect(bindPredicate(negated, { fields })).toEqual({ kind: 'true' })
    const twice = parse(
      { type: 'not', child: { type: 'not', child: { type: 'or', left: unknown, right: speed } } },
      true,
    )
    expect(bindPredicate(twice, { fields })).toEqual({ kind: 'true' })
  })
})

const UNKNOWN: [string, Json, string][] = [
  ['a call of a function', { type: 'is-null', child: call('f', [reference('id')]) }, 'child'],
  ['a function of a namespace', { type: 'is-null', child: call(['ns', 'f'], []) }, 'child'],
  [
    'a function of a catalog',
    {
      type: 'eq',
      left: reference('id'),
      right: call({ catalog: 'iceberg_functions', identifier: ['bucket'] }, [16, reference('id')]),
    },
    'right',
  ],
  ['a function without a catalog', { type: 'is-nan', child: call({ catalog: null, identifier: ['f'] }, []) }, 'child'],
  [
    'functions of functions, conditions and nulls',
    {
      type: 'in',
      child: call('if_else', [
        { type: 'gt', left: reference('id'), right: call('g', [null, 'x', true]) },
        { type: 'literal', value: '1', 'data-type': 'decimal(3, 0)' },
        call('h', []),
      ]),
      values: [1],
    },
    // The function that is read first.
    'child.arguments[0].right',
  ],
  [
    'a function of null and nested values',
    {
      type: 'is-null',
      child: call('f', [
        { type: 'literal', value: null, 'data-type': 'int' },
        { type: 'literal', value: [1], 'data-type': { type: 'list' } },
        { type: 'literal', value: { 1: 'a' }, 'data-type': { type: 'struct' } },
        [1, 2],
      ]),
    },
    'child',
  ],
  ['a transform', { type: 'eq', term: { type: 'transform', transform: 'bucket[4]', term: 'id' }, value: 1 }, 'term'],
  [
    'a transform of a transform',
    {
      type: 'eq',
      term: { type: 'transform', transform: 'x', term: { type: 'transform', transform: 'day', term: 'at' } },
      value: 1,
    },
    'term',
  ],
  ['two columns', { type: 'lt', left: reference('id'), right: reference('speed') }, ''],
  ['a value that starts with a column', { type: 'starts-with', left: 'Berlin', right: reference('city') }, ''],
  [
    'a value of an unknown type',
    { type: 'eq', left: reference('id'), right: { type: 'literal', value: 1, 'data-type': 'int128' } },
    'right',
  ],
  [
    'a value of a nested type',
    {
      type: 'eq',
      left: reference('id'),
      right: { type: 'literal', value: 'x', 'data-type': { type: 'struct', fields: [] } },
    },
    'right',
  ],
  [
    'values of an unknown type',
    { type: 'in', child: reference('id'), values: { type: 'literals', values: [1], 'data-type': 'int128' } },
    'values',
  ],
]

describe('A valid condition that Lakeshore cannot evaluate', () => {
  it.each(UNKNOWN)('such as %s skips nothing where the client filters', (_, json) => {
    expect(parse(json, true)).toEqual({ kind: 'true' })
    expect(parse({ type: 'not', child: json }, true)).toEqual({ kind: 'not', part: { kind: 'false' } })
  })

  it.each(UNKNOWN)('such as %s is refused where Lakeshore filters', (_, json, path) => {
    expect(catchAppError(() => parse(json))).toMatchObject({ code: 'invalid-request', facts: { part: path } })
  })
})

describe('A malformed expression', () => {
  const eq = (right: Json) => ({ type: 'eq', left: reference('id'), right })
  const typed = (value: Json, dataType: Json) => eq({ type: 'literal', value, 'data-type': dataType })
  it.each<[string, Json, string]>([
    ['without an operand', { type: 'is-null' }, 'child'],
    ['that compares a text with a value', { type: 'eq', left: 'city', right: 'Berlin' }, 'left'],
    ['that compares two numbers', { type: 'lt', left: 1, right: 2 }, 'left'],
    ['that tests a text', { type: 'starts-with', left: 'city', right: { type: 'literal', value: 'B' } }, 'left'],
    ['that tests whether a text is null', { type: 'is-null', child: 'city' }, 'child'],
    ['that looks for a text in a list', { type: 'in', child: 'city', values: ['Berlin'] }, 'child'],
    ['without a right side', { type: 'eq', left: reference('id') }, 'right'],
    ['of both forms', { type: 'is-null', child: reference('id'), term: 'id' }, 'child'],
    ['of both forms of a comparison', { type: 'eq', left: reference('id'), value: 1 }, 'left'],
    ['with a member of another operation', { type: 'is-null', child: reference('id'), value: 1 }, 'value'],
    ['with a value next to values', { type: 'in', child: reference('id'), values: [], right: 1 }, 'right'],
    ['with a list as an operand', eq([1]), 'right'],
    ['that compares with null', eq(null), 'right'],
    ['that compares with a null literal', eq({ type: 'literal', value: null }), 'right.value'],
    ['with a literal of no value', eq({ type: 'literal' }), 'right.value'],
    ['with a type that is none', typed(1, 7), 'right.data-type'],
    ['with a text as a long', typed('one', 'long'), 'right.value'],
    ['with a fraction as a long', typed(new JsonNumber('1.5'), 'long'), 'right.value'],
    ['with a long beyond 64 bits', typed(2n ** 63n, 'long'), 'right.value'],
    ['with a long as an int', typed(2_147_483_648, 'int'), 'right.value'],
    ['with a decimal of another scale', typed('1.5', 'decimal(9, 2)'), 'right.value'],
    ['with a decimal that is a number', typed(1.5, 'decimal(9, 1)'), 'right.value'],
    ['with half a byte', typed('0', 'binary'), 'right.value'],
    ['with base64', typed('Cv8=', 'binary'), 'right.value'],
    ['with a day that does not exist', typed('2023-02-29', 'date'), 'right.value'],
    ['with a local time with a zone', typed('2024-05-17T00:00:00', 'timestamptz'), 'right.value'],
    ['with NaN', typed('NaN', 'double'), 'right.value'],
    ['with an operand of an unknown kind', eq({ type: 'subquery' }), 'right'],
    ['with a transform in the current form', eq({ type: 'transform', transform: 'day', term: 'at' }), 'right'],
    ['with a column of no name', eq({ type: 'reference' }), 'right'],
    ['with a column of two names', eq({ type: 'reference', name: 'a', id: 1 }), 'right.id'],
    ['with a fraction as an id', eq({ type: 'reference', id: 1.5 }), 'right.id'],
    ['with a number as a name', eq({ type: 'reference', name: 5 }), 'right.name'],
    ['with a function of no name', eq(call('', [])), 'right.function'],
    ['with a function of an empty list', eq(call([], [])), 'right.function'],
    ['with a function of a number', eq(call({ catalog: 1, identifier: ['f'] }, [])), 'right.function'],
    ['with a function whose identifier is a text', eq(call({ identifier: 'f' }, [])), 'right.function'],
    ['with arguments that are not a list', eq(call('f', {})), 'right.arguments'],
    ['with a malformed argument', eq(call('f', [1, { type: 'literal' }])), 'right.arguments[1].value'],
    ['with a malformed condition as an argument', eq(call('f', [{ type: 'not' }])), 'right.arguments[0].child'],
    ['with an unnamed transform', { type: 'eq', term: { type: 'transform', term: 'a' }, value: 1 }, 'term.transform'],
    [
      'with a transform of a number',
      { type: 'is-null', term: { type: 'transform', transform: 'day', term: 1 } },
      'term.term',
    ],
    ['with a function as a term', { type: 'is-null', term: call('f', []) }, 'term'],
    ['with values that are not a list', { type: 'in', child: reference('id'), values: 1 }, 'values'],
    [
      'with typed values that are not a list',
      { type: 'in', child: reference('id'), values: { type: 'literals', values: 1 } },
      'values.values',
    ],
    [
      'with untyped values',
      { type: 'in', child: reference('id'), values: { type: 'literals', values: [1] } },
      'values.data-type',
    ],
    [
      'with one wrong value',
      { type: 'in', child: reference('id'), values: { type: 'literals', values: [1, 'x'], 'data-type': 'int' } },
      'values.values[1]',
    ],
    ['with null among values', { type: 'in', child: reference('id'), values: [1, null] }, 'values[1]'],
  ])('%s is refused, naming the part', (_, json, path) => {
    for (const isInclusive of [false, true]) {
      expect(catchAppError(() => parse(json, isInclusive))).toMatchObject({
        code: 'invalid-request',
        facts: { part: path },
      })
    }
    const error = catchAppError(() => parse({ type: 'not', child: json }, true))
    expect(error.facts).toEqual({ part: path === '' ? 'child' : `child.${path}` })
  })

  it('far too large is refused, in functions, too', () => {
    const nested = (depth: number): Json => (depth === 0 ? 1 : call('f', [nested(depth - 1)]))
    const wide = call(
      'f',
      Array.from({ length: MAX_LITERALS + 1 }, () => 1),
    )
    const pairs = call(
      'f',
      Array.from({ length: 3_000 }, () => call('g', [])),
    )
    const values = Array.from({ length: MAX_LITERALS + 1 }, () => 1)
    const hostile: [Json, string][] = [
      [eq(nested(MAX_DEPTH + 1)), `is nested deeper than ${MAX_DEPTH}`],
      [eq(wide), `has more than ${MAX_LITERALS} values`],
      [eq(pairs), 'is one of more than 2000'],
      [
        { type: 'in', child: reference('id'), values: { type: 'literals', values, 'data-type': 'int' } },
        `has more than ${MAX_LITERALS} values`,
      ],
    ]
    for (const [json, message] of hostile) expect(catchAppError(() => parse(json, true)).message).toContain(message)
    expect(parse(eq(nested(MAX_DEPTH - 1)), true)).toEqual({ kind: 'true' })
  })
})

describe('An expression that Java wrote', () => {
  // The output of `ExpressionParser.toJson` of Iceberg 1.10.1, which is of the deprecated form.
  it.each([
    ['true', 'true'],
    ['false', 'false'],
    ['{"type":"eq","term":"id","value":9223372036854775807}', 'id = 9223372036854775807'],
    ['{"type":"lt","term":"price","value":"14.20"}', 'price < "14.20"'],
    ['{"type":"gt-eq","term":"ratio","value":1.5}', 'ratio >= 1.5'],
    [
      '{"type":"not-eq","term":"key","value":"f79c3e09-677c-4bbd-a479-3f349cb785e7"}',
      'key != "f79c3e09-677c-4bbd-a479-3f349cb785e7"',
    ],
    ['{"type":"eq","term":"blob","value":"0AFF"}', 'blob = "0AFF"'],
    ['{"type":"in","term":"city","values":["a","b"]}', 'city in ("a", "b")'],
    ['{"type":"not-in","term":"id","values":[1,2]}', 'id not in (1, 2)'],
    ['{"type":"starts-with","term":"city","value":"Be"}', 'city starts with "Be"'],
    ['{"type":"not-starts-with","term":"city","value":"Be"}', 'city not starts with "Be"'],
    ['{"type":"is-null","term":"city"}', 'city is null'],
    ['{"type":"not-null","term":"city"}', 'city is not null'],
    ['{"type":"is-nan","term":"ratio"}', 'ratio is nan'],
    ['{"type":"not-nan","term":"ratio"}', 'ratio is not nan'],
    [
      '{"type":"not","child":{"type":"or","left":{"type":"lt-eq","term":"speed","value":5},"right":{"type":"gt","term":"speed","value":-3}}}',
      'not (speed <= 5 or speed > -3)',
    ],
    ['{"type":"eq","term":"day","value":"2024-05-17"}', 'day = "2024-05-17"'],
    [
      '{"type":"gt","term":"seen","value":"2024-05-17T22:31:08.123456+00:00"}',
      'seen > "2024-05-17T22:31:08.123456+00:00"',
    ],
  ])('%s is read, and in the current form as well', (text, expected) => {
    const json = parseExactJson(text)
    expect(predicateToText(parsePredicateJson(json))).toBe(expected)
    for (const form of LITERAL_FORMS)
      expect(predicateToText(parse(toCurrentExpression(json, form, TYPES)))).toBe(expected)
  })

  it('with a transform of a column skips by its other conditions', () => {
    const json = parseExactJson(
      '{"type":"and","left":{"type":"eq","term":{"type":"transform","transform":"bucket[16]","term":"id"},"value":3},"right":{"type":"eq","term":"on","value":true}}',
    )
    expect(predicateToText(parsePredicateJson(json, { isInclusive: true }))).toBe('true and on = true')
  })
})

describe('A predicate in which comparisons with null are false', () => {
  it.each([
    [{ type: 'not-eq', term: 'speed', value: 1 }, 'speed != 1 or speed is null'],
    // No int equals it.
    [{ type: 'not-eq', term: 'speed', value: 3_000_000_000 }, 'speed is not null or speed is null'],
    [{ type: 'not-in', term: 'city', values: ['a'] }, 'city not in ("a") or city is null'],
    [{ type: 'not-starts-with', term: 'city', value: 'a' }, 'city not starts with "a" or city is null'],
    [{ type: 'not', child: { type: 'lt', term: 'speed', value: 1 } }, 'speed >= 1 or speed is null'],
    [{ type: 'not', child: { type: 'gt', term: 'ratio', value: 1 } }, 'ratio <= 1 or ratio is nan or ratio is null'],
    [{ type: 'not', child: { type: 'not-eq', term: 'speed', value: 1 } }, 'speed = 1'],
    [{ type: 'not', child: { type: 'not-in', term: 'city', values: ['a'] } }, 'city in ("a")'],
    [{ type: 'gt', term: 'speed', value: 1 }, 'speed > 1'],
    [{ type: 'not', child: { type: 'is-null', term: 'speed' } }, 'speed is not null'],
  ])('%j is bound', (json, expected) => {
    const bound = bindPredicate(parse(json), { fields }, { isTwoValued: true })
    expect(predicateToText(unbindPredicate(bound))).toBe(expected)
  })
})

describe('A literal that is not a value of its column', () => {
  const tenth = Math.fround(0.1)
  const typed = (dataType: string, value: Json) => ({ type: 'literal', value, 'data-type': dataType })
  const compare = (type: string, name: string, right: Json) => ({ type, left: reference(name), right })
  const bind = (json: Json, isInclusive = true) => bindPredicate(parse(json), { fields }, { isInclusive })

  it('is the float that its type says, also for a column of doubles', () => {
    expect(bind(compare('eq', 'part', typed('float', 0.1)))).toMatchObject({ kind: 'eq', value: tenth })
    const values = { type: 'literals', values: [0.1, 1.5], 'data-type': 'float' }
    expect(bind({ type: 'in', child: reference('part'), values })).toMatchObject({ values: [tenth, 1.5] })
    expect(bind(compare('eq', 'part', typed('double', 0.1)))).toMatchObject({ kind: 'eq', value: 0.1 })
  })

  it.each<[string, string, string]>([
    ['eq', 'eq', 'not-null'],
    ['not-eq', 'not-null', 'eq'],
    ['lt', 'lt-eq', 'gt-eq'],
    ['lt-eq', 'lt-eq', 'gt-eq'],
    ['gt', 'gt-eq', 'lt-eq'],
    ['gt-eq', 'gt-eq', 'lt-eq'],
  ])(
    'passes by %s what it passes rounded or as it is, if the client filters: %s, and negated %s',
    (type, kind, negated) => {
      const literals: [string, Json, unknown][] = [
        ['ratio', typed('double', 0.1), tenth],
        ['ratio', 0.1, tenth],
        ['at', '2024-05-17T22:31:08.123456789', parsePrimitiveDefault('timestamp', '2024-05-17T22:31:08.123456')],
      ]
      for (const [name, literal, value] of literals) {
        const json = compare(type, name, literal)
        expect(bind(json)).toMatchObject(kind === 'not-null' ? { kind } : { kind, value })
        const opposite = bind({ type: 'not', child: json })
        const found = opposite.kind === 'or' ? opposite.parts[0] : opposite
        expect(found).toMatchObject(negated === 'not-null' ? { kind: negated } : { kind: negated, value })
      }
    },
  )

  it('is the day of a timestamp or the time itself, for a column of dates whose client filters', () => {
    const noon = ['2024-05-17T12:00:00', 'timestamp'] as const
    const forms = (value: string, dataType: string): Json[] => [
      compare('gt', 'day', typed(dataType, value)),
      { type: 'gt', term: 'day', value: typed(dataType, value) },
      { type: 'gt', term: 'day', value },
    ]
    const day = parsePrimitiveDefault('date', '2024-05-17')
    for (const json of forms(...noon)) {
      expect(bind(json)).toMatchObject({ kind: 'gt-eq', value: day })
      expect(bind({ type: 'not', child: json })).toMatchObject({ kind: 'lt-eq', value: day })
      expect(catchAppError(() => bind(json, false)).facts).toEqual({ column: 'day' })
    }
    for (const [value, dataType] of [
      ['2024-05-17T00:00:00', 'timestamp'],
      ['2024-05-17T00:00:00+00:00', 'timestamptz'],
      ['2024-05-17T00:00:00.000000000', 'timestamp_ns'],
    ] as const)
      for (const json of forms(value, dataType)) expect(bind(json)).toMatchObject({ kind: 'gt', value: day })
    const before = typed('timestamp', '1969-12-31T23:59:59.999999')
    expect(bind({ type: 'in', child: reference('day'), values: [before] })).toMatchObject({ values: [-1] })
    expect(bind(compare('lt', 'day', typed('timestamptz_ns', '1969-12-31T23:59:59.999999999Z')))).toMatchObject({
      kind: 'lt-eq',
      value: -1,
    })
  })

  it('is in a list as it may be rounded, and not in one only if it is a value', () => {
    const json = { type: 'in', child: reference('ratio'), values: [0.1, 0.5] }
    expect(bind(json)).toMatchObject({ kind: 'in', values: [tenth, 0.5] })
    expect(bind({ type: 'not', child: json })).toMatchObject({ kind: 'not-in', values: [0.5] })
    expect(bind({ ...json, type: 'not-in', values: [0.1] })).toMatchObject({ kind: 'not-null' })
  })

  it('is rounded to a float, and compared as it is with other columns, where Lakeshore filters', () => {
    expect(bind(compare('gt', 'ratio', 0.1), false)).toMatchObject({ kind: 'gt', value: tenth })
    expect(bind(compare('eq', 'speed', new JsonNumber('1.5')), false)).toEqual({ kind: 'false' })
  })
})

function call(name: Json, values: Json): Json {
  return { type: 'apply', function: name, arguments: values }
}
