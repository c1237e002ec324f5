import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyText } from '@/testing/any-text'
import { propertyRuns } from '@/testing/property-cases'
import { countJsonValues, parseExactJson, stringifyExactJson } from './exact-json'
import { JsonFields } from './json-fields'
import { JsonNumber } from './json-number'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import type { Json, JsonObject } from './json'

describe('integers', () => {
  it.each([
    ['3051729675574597004', 3051729675574597004n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9007199254740993', 9007199254740993n],
    ['9007199254740991', 9007199254740991],
    ['0', 0],
    ['-1', -1],
    ['1515100955770', 1515100955770],
  ])('%s keeps every digit', (text, value) => {
    expect(parseExactJson(text)).toBe(value)
    expect(stringifyExactJson(value)).toBe(text)
  })
  it('inside unknown fields are exact too', () => {
    const text = '{"a":[{"b":[9158179788527662767,1.5,-0]}]}'
    expect(stringifyExactJson(parseExactJson(text))).toBe(text)
  })
  it('are not created from whole doubles', () => {
    const written = stringifyExactJson(1e21)
    expect(written).toBe('1e+21')
    expect(parseExactJson(written)).toBe(1e21)
    expect(parseExactJson(stringifyExactJson(parseExactJson('9007199254740994.0')))).toBe(9007199254740994)
  })
})

describe('fractions', () => {
  it.each([
    '0.10000000000000000001',
    '123456789012345678.90',
    '5.0000000000000000001',
    '9007199254740993.0',
    '-1e-400',
    '3.14159265358979323846e+2',
  ])('%s, which no double represents, keeps every digit', (text) => {
    const value = parseExactJson(text)
    expect(value).toBeInstanceOf(JsonNumber)
    expect(stringifyExactJson({ a: [value] })).toBe(`{"a":[${text}]}`)
  })
  it.each([
    ['0.1', 0.1],
    ['0.10', 0.1],
    ['1.0', 1],
    ['2.50e1', 25],
    ['1E+3', 1000],
    ['0.0', 0],
    ['-0.0', -0],
    ['1.7976931348623157e308', Number.MAX_VALUE],
    ['5e-324', Number.MIN_VALUE],
  ])('%s, which a double represents, is a number', (text, value) => {
    expect(parseExactJson(text)).toBe(value)
  })
  it('are refused when out of range or too long', () => {
    expect(catchAppError(() => parseExactJson('1e999')).code).toBe('file-damaged')
    expect(catchAppError(() => parseExactJson(`0.${'1'.repeat(2000)}`)).code).toBe('too-large')
  })
  it('are not objects', () => {
    const fields = new JsonFields(parseExactJson('{"summary":0.10000000000000000001}'), '')
    expect(catchAppError(() => fields.members('summary')).message).toBe(
      'Field summary should be an object but is 0.10000000000000000001',
    )
  })
})

describe('round trips', () => {
  const json: fc.Arbitrary<Json> = fc.letrec<{ any: Json }>((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }),
      fc.bigInt({ min: -(2n ** 64n), max: -(2n ** 53n) }),
      anyText(),
      fc.array(tie('any')),
      fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('any')),
    ),
  })).any

  it('return what was written', () => {
    fc.assert(
      fc.property(json, fc.constantFrom(0, 2), (value, indent) => {
        expect(parseExactJson(stringifyExactJson(value, { indent }))).toEqual(value)
      }),
      propertyRuns(),
    )
  })
  it('write objects of texts alone as those with other values', () => {
    const texts = Object.fromEntries([
      ['toJSON', 'a "text"'],
      ['__proto__', '\u2028\ud800'],
      ['10', ''],
      ['2', 'é'],
    ])
    const withNumber = stringifyExactJson({ ...texts, n: 1 })
    expect(stringifyExactJson(texts)).toBe(withNumber.replace(',"n":1', ''))
    expect(stringifyExactJson({ inner: texts })).toBe(`{"inner":${stringifyExactJson(texts)}}`)
  })

  it('agree with JSON.stringify when it is exact', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.constantFrom(0, 2, 4), (value, indent) => {
        const exact = value as Json
        fc.pre(!hasUnusualNumber(exact))
        expect(stringifyExactJson(exact, { indent })).toBe(JSON.stringify(value, null, indent))
      }),
      propertyRuns(),
    )
  })
})

describe('hostile documents', () => {
  it('cannot set the prototype through a key', () => {
    const parsed = parseExactJson('{"__proto__":{"admin":true},"constructor":1}') as JsonObject
    expect((parsed as { admin?: unknown }).admin).toBeUndefined()
    expect(Object.keys(parsed)).toEqual(['__proto__', 'constructor'])
    expect(stringifyExactJson(parsed)).toBe('{"__proto__":{"admin":true},"constructor":1}')
  })
  it('are refused when nested too deeply', () => {
    expect(catchAppError(() => parseExactJson('['.repeat(600) + ']'.repeat(600))).code).toBe('too-large')
    expect(catchAppError(() => parseExactJson('['.repeat(1_000_000))).code).toBe('too-large')
    expect(parseExactJson('[[["[[[[ \\" [[[["]]]', { maxDepth: 3 })).toEqual([[['[[[[ " [[[[']]])
  })
  it('are refused when too long', () => {
    expect(catchAppError(() => parseExactJson('[1,2,3]', { maxChars: 6 })).code).toBe('too-large')
    expect(catchAppError(() => parseExactJson('1'.repeat(2000))).code).toBe('too-large')
  })
  it('are refused when they contain too many values, however short', () => {
    const three = '[{"a,[{":[]},",,,["]'
    expect(catchAppError(() => parseExactJson(three, { maxValues: 4 })).code).toBe('too-large')
    expect(parseExactJson(three, { maxValues: 5 })).toEqual([{ 'a,[{': [] }, ',,,['])
    expect(catchAppError(() => parseExactJson(`[${'1,'.repeat(8_000_000)}1]`)).code).toBe('too-large')
  })
  it.each(['', '{', '{"a":}', '[1,]', '"', '"\\', '1e400', 'NaN', '{"a":01}'])(
    'are refused when they are not JSON: %s',
    (text) => {
      expect(catchAppError(() => parseExactJson(text)).code).toBe('file-damaged')
    },
  )
  it('may begin with a byte order mark', () => {
    expect(parseExactJson('\uFEFF{}')).toEqual({})
  })
})

it('refuses numbers when the runtime does not provide their source text', () => {
  const parse = JSON.parse
  JSON.parse = (text: string, reviver?: (key: string, value: unknown) => unknown) =>
    parse(text, (key, value: unknown) => reviver?.(key, value)) as unknown
  try {
    expect(catchAppError(() => parseExactJson('3051729675574597004')).code).toBe('not-supported')
    // Whole numbers too: the source may have been 7.00000000000000000001.
    expect(catchAppError(() => parseExactJson('7')).code).toBe('not-supported')
  } finally {
    JSON.parse = parse
  }
})

it('refuses to write a number that JSON cannot represent', () => {
  expect(() => stringifyExactJson(Number.NaN)).toThrow(TypeError)
})

it.each(['1', '[]', '[1,2]', '{"a":[1,{"b":"x,[{"}],"c":null}', '{"quote":"\\\\\\",[","d":[[],[]]}'])(
  'counts the values of %s as the parser does',
  (text) => {
    const values = countJsonValues(text)
    expect(() => parseExactJson(text, { maxValues: values })).not.toThrow()
    expect(catchAppError(() => parseExactJson(`[${text}]`, { maxValues: values })).message).toContain(
      `more than ${values}`,
    )
  },
)

function hasUnusualNumber(json: Json): boolean {
  if (typeof json === 'number') return Object.is(json, -0) || (Number.isInteger(json) && !Number.isSafeInteger(json))
  if (json === null || typeof json !== 'object') return false
  return Object.values(json).some((inner: Json) => hasUnusualNumber(inner))
}
