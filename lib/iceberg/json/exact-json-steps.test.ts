import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { parseExactJson } from './exact-json'
import { exactJsonSteps } from './exact-json-steps'
import { decodeAtOnce } from '@/testing/iceberg/read-at-once'

const PIECE_CHARS = 10
const parse = (text: string) => decodeAtOnce(exactJsonSteps(text, PIECE_CHARS))

describe('JSON that is parsed in steps', () => {
  test('is the same as JSON that is parsed at once', () => {
    const item = fc.oneof(fc.jsonValue(), fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }))
    const document = fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.array(item)))
    fc.assert(
      fc.property(document, fc.boolean(), (json, isIndented) => {
        const text = toText(json, isIndented ? ' ' : '')
        expect(parse(text)).toEqual(parseExactJson(text))
      }),
      propertyRuns(),
    )
  })

  test('is refused with the same message when it is damaged', () => {
    const text = '{"id": 1, "snapshots": [{"a": [1, 2]}, {"b": "x,]"}, 3051729675574597004, 1.50], "log": [{}, [], {}]}'
    expect(parse(text)).toEqual(parseExactJson(text))
    fc.assert(
      fc.property(
        fc.nat(text.length),
        fc.nat(3),
        fc.constantFrom('', ',', '"', '[', ']', '{', '}', ':', '1'),
        (at, cut, put) => {
          const damaged = text.slice(0, at) + put + text.slice(at + cut)
          expect(outcomeOf(() => parse(damaged))).toEqual(outcomeOf(() => parseExactJson(damaged)))
        },
      ),
      propertyRuns(2_000),
    )
  })

  test.each([
    [
      'a name that two members have: the last one counts',
      '{"a": [1, 2, 3, 4, 5, 6, 7, 8], "a": [9, 8, 7, 6, 5, 4, 3]}',
    ],
    ['a name in two spellings', '{"a": [1, 2, 3, 4, 5, 6, 7, 8], "\\u0061": 5, "padding": "xxxxxxxxx"}'],
    ['the name of the prototype', '{"__proto__": [1, 2, 3, 4, 5, 6, 7, 8], "b": 1}'],
    ['a byte order mark', '\uFEFF{"a": [1, 2, 3, 4, 5, 6, 7, 8]}'],
    ['no object around it', '[[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4]]'],
  ])('may have %s', (_what, text) => {
    const [inSteps, atOnce] = [parse(text), parseExactJson(text)]
    expect(inSteps).toEqual(atOnce)
    expect(Object.getPrototypeOf(inSteps)).toBe(Object.getPrototypeOf(atOnce))
    expect(Object.keys(inSteps as object)).toEqual(Object.keys(atOnce as object))
  })

  test('is refused when it is nested too deeply, before anything is parsed', () => {
    const text = `{"a": [1, 2, 3, ${'['.repeat(600)}${']'.repeat(600)}]}`
    expect(catchAppError(() => parse(text))).toMatchObject({ code: 'too-large' })
  })

  test('takes a step for every piece of a list', () => {
    const text = `{"a": [${Array.from({ length: 1_000 }, (_, i) => i).join(',')}]}`
    const steps = [...exactJsonSteps(text, PIECE_CHARS)]
    expect(steps.length).toBeGreaterThan((1.5 * text.length) / (PIECE_CHARS + 5))
  })
})

function toText(json: unknown, space: string): string {
  if (typeof json === 'bigint') return String(json)
  if (Array.isArray(json)) return `[${space}${json.map((item) => toText(item, space)).join(`,${space}`)}]`
  if (typeof json !== 'object' || json === null) return JSON.stringify(json)
  const members = Object.entries(json).map(([key, value]) => `${JSON.stringify(key)}${space}:${toText(value, space)}`)
  return `{${members.join(`${space},`)}${space}}`
}

function outcomeOf(work: () => unknown): unknown {
  try {
    return { value: work() }
  } catch (error) {
    return { error: String(error) }
  }
}
