import { describe, expect, it } from 'vitest'
import { propertyProblem } from './new-property-problem'
import { isSecretProperty } from './secret-property'
import { MAX_RULE_VALUES, parseRule, ruleProblem, ruleProperty, tableRules } from './value-rules'

const parse = (rule: unknown) => parseRule('x', JSON.stringify(rule))
const problem = (rule: unknown) => ruleProblem('x', typeof rule === 'string' ? rule : JSON.stringify(rule))

it('finds the rules of a table among its properties, in the order of their names', () => {
  const properties = { owner: 'ada', [ruleProperty('b')]: '2', 'lakeshore.rules': 'other', [ruleProperty('a')]: '1' }
  const found = [
    { name: 'a', json: '1' },
    { name: 'b', json: '2' },
  ]
  expect(tableRules(properties)).toEqual(found)
  expect(tableRules(new Map(Object.entries(properties)))).toEqual(found)
})

it('reads each kind of rule', () => {
  expect(parse({ column: 'fare', notNull: true })).toEqual({ kind: 'not-null', column: 'fare' })
  expect(parse({ column: 'fare', min: '0' })).toEqual({ kind: 'range', column: 'fare', min: '0', max: null })
  expect(parse({ column: 'fare', max: '9' })).toEqual({ kind: 'range', column: 'fare', min: null, max: '9' })
  expect(parse({ column: 'code', pattern: '^[A-Z]{3}$' })).toMatchObject({ kind: 'pattern', pattern: '^[A-Z]{3}$' })
  expect(parse({ column: 'code', values: ['A'] })).toEqual({ kind: 'values', column: 'code', values: ['A'] })
  expect(parse({ columns: ['a', 'b'], unique: true })).toEqual({ kind: 'unique', columns: ['a', 'b'] })
})

describe('refuses', () => {
  it.each([
    ['{', 'no JSON object'],
    ['[]', 'no JSON object'],
    ['null', 'no JSON object'],
    [{}, 'none of notNull, min, max, pattern, values, unique'],
    [{ column: 'a' }, 'none of notNull'],
    [{ column: 'a', notNull: false }, 'notNull should be true'],
    [{ column: 'a', unique: true }, 'it has column, which the rule does not know'],
    [{ column: '', notNull: true }, 'column should be the name of a column'],
    [{ notNull: true }, 'column should be the name of a column'],
    [{ column: 'a', min: 0 }, 'min should be a text, such as "0"'],
    [{ column: 'a', min: '0', notNull: true }, 'it has min, which the rule does not know'],
    [{ column: 'a', notNull: true, note: '' }, 'it has note, which the rule does not know'],
    [{ column: 'a', values: [] }, 'values should not be empty'],
    [{ column: 'a', values: [1] }, 'values should be a list of texts'],
    [{ column: 'a', values: 'A' }, 'values should be a list of texts'],
    [{ column: 'a', values: Array(MAX_RULE_VALUES + 1).fill('') }, 'values should have at most 1000 texts'],
    [{ columns: [], unique: true }, 'columns should not be empty'],
    [{ columns: ['a', 'a'], unique: true }, 'columns should name each column once'],
    [{ columns: Array.from({ length: 17 }, String), unique: true }, 'columns should have at most 16 texts'],
    [{ unique: true }, 'columns should be a list of texts'],
    [{ column: 'a', pattern: 'x'.repeat(1001) }, 'pattern should have at most 1000 characters'],
    [{ column: 'a', pattern: '' }, 'pattern should be a text that is not empty'],
    [{ column: 'a', pattern: '\u0000' }, 'pattern should have whole characters'],
    [{ column: 'a', pattern: '[a' }, 'pattern is not a regular expression'],
    [{ column: 'a', pattern: '(a' }, 'pattern is not a regular expression'],
    [{ column: 'a', pattern: '(?!a)b' }, 'pattern has (?!…), and lookarounds are not supported'],
    [{ column: 'a', pattern: '(?<=a)b' }, 'pattern has (?<=…), and lookarounds are not supported'],
    [{ column: 'a', pattern: '(a)\\1' }, 'pattern has \\1, and back references are not supported'],
    [{ column: 'a', pattern: '(?<year>a)' }, 'pattern has a group with a name, which is written (?P<name>…)'],
    [`{"column": "a", "pattern": "${'x'.repeat(10_000)}"}`, 'should have at most 10000 characters'],
  ])('%j', (rule, detail) => {
    expect(problem(rule)).toContain(detail)
  })

  it('names that cannot be shown', () => {
    const json = '{"column": "a", "notNull": true}'
    expect(ruleProblem('every fare', json)).toBeNull()
    for (const name of ['', ' ', ' a', 'a ', 'a\nb', 'x'.repeat(101)]) expect(ruleProblem(name, json)).toContain('name')
  })
})

it.each([
  '^[A-Z]{3}$',
  '(?i)abc',
  '(?i:a)b',
  '(?P<x>a)',
  '\\Q(\\E',
  '[[:alpha:]]+',
  '[(?=)]',
  '\\pL\\z',
  '[]a]',
  '\\\\1',
])('takes the pattern %s, which RE2 knows', (pattern) => {
  expect(problem({ column: 'a', pattern })).toBeNull()
})

it('The property of a rule is described, checked, and no secret', () => {
  const key = ruleProperty('no-token')
  expect(isSecretProperty(key)).toBe(false)
  expect(propertyProblem(key, '{"column": "a", "notNull": true}')).toBeNull()
  expect(propertyProblem(key, '{"column": "a", "min": 1}')).toBe(
    'lakeshore.rule.no-token should be a rule such as {"column": "fare", "min": "0", "max": "500"}: min should be a text, such as "0".',
  )
})
