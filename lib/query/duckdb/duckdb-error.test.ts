import { expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { toQueryError } from './duckdb-error'
import { tokenize } from '../statement/tokenize'

const sql = 'select delai from demo.flights'
const problem = (message: string) => toQueryError(new Error(message), (byte) => byte, tokenize(sql))

test('the underlined word is the one in DuckDB’s error, and its candidates are a hint', () => {
  const duckdbError = {
    exception_type: 'Binder',
    exception_message: 'Referenced column "delai" not found in FROM clause!\nCandidate bindings: "delay"',
    position: '7',
    candidates: 'delay',
  }
  const error = problem(JSON.stringify(duckdbError))
  expect(error).toMatchObject({
    code: 'query-failed',
    message: 'Binder error: Referenced column "delai" not found in FROM clause!',
    facts: { start: 7, end: 12, hint: 'Did you mean delay?' },
  })
})

test('a parser error has its JSON after a prefix', () => {
  const error = problem(
    'Parser Error: {"exception_type":"Parser","exception_message":"syntax error at or near \\"selec\\"","position":"0"}',
  )
  expect(error).toMatchObject({ message: 'Parser error: syntax error at or near "selec"', facts: { start: 0, end: 6 } })
})

test('an error without a position keeps its message', () => {
  expect(problem('{"exception_type":"Conversion","exception_message":"Could not convert"}')).toMatchObject({
    message: 'Conversion error: Could not convert',
    facts: {},
  })
  expect(problem('Something else\nat wasm')).toMatchObject({ code: 'query-failed', message: 'Something else' })
})

test('JSON of another form is shown as it is', () => {
  const [exception_type, exception_message] = ['Binder', 'No such column']
  for (const json of [
    null,
    { exception_type },
    { exception_message },
    { exception_type, exception_message, position: 'here' },
    { exception_type, exception_message, position: 7 },
    { exception_type, exception_message, candidates: ['delay'] },
  ]) {
    const text = `Binder: {"json":${JSON.stringify(json)}}`
    expect(problem(text).message).toBe(text)
    expect(problem(JSON.stringify(json)).message).toBe(JSON.stringify(json))
  }
})

test('running out of memory is reported as too-large, not as an error of the query', () => {
  expect(problem('RuntimeError: memory access out of bounds').code).toBe('too-large')
  expect(problem('{"exception_type":"Out of Memory","exception_message":"failed to allocate"}').code).toBe('too-large')
})

test('a cast that DuckDB lacks is refused with another way to write it', () => {
  const message = 'Unimplemented type for cast (TIMESTAMP WITH TIME ZONE -> TIME)'
  expect(problem(JSON.stringify({ exception_type: 'Conversion', exception_message: message }))).toMatchObject({
    message: 'Query does not support this cast of a timestamptz to TIME.',
    facts: { hint: expect.stringContaining("(column AT TIME ZONE 'UTC')::time.") },
  })
})

test('a sum that overflows has a way out', () => {
  const overflow = (type: string, message: string) =>
    problem(JSON.stringify({ exception_type: type, exception_message: message }))
  const error = overflow('Out of Range', 'Overflow in HUGEINT addition: 9999 + 9998')
  expect(error).toMatchObject({
    message: 'Out of Range error: Overflow in HUGEINT addition: 9999 + 9998',
    facts: { hint: expect.stringMatching(/^Cast the column to double, .*SUMMARIZE SELECT column::double/) },
  })
  expect(overflow('Out of Range', 'Date out of range').facts).toEqual({})
})

test('an AppError is passed on unchanged', () => {
  const ownError = new AppError('file-missing', 'gone')
  expect(toQueryError(ownError, (byte) => byte, [])).toBe(ownError)
})

test.each([
  ['Type with name "json" is not in the catalog, but it exists in the json extension.', 'no JSON', 'regexp_extract'],
  [
    'Scalar Function with name "to_json" is not in the catalog, but it exists in the json extension.',
    '(to_json)',
    'regexp_extract',
  ],
  [
    'Scalar Function with name "st_area" is not in the catalog, but it exists in the spatial extension.',
    'scalar function st_area',
    'completion',
  ],
  ['Macro date_trunc() has multiple overloads that match the supplied arguments.', 'type of a value', 'subquery'],
])('%s is said in the words of the product', (message, detail, hint) => {
  const error = problem(JSON.stringify({ exception_type: 'Catalog', exception_message: message, position: '7' }))
  expect(error.message).toContain(detail)
  expect(error.facts.hint).toContain(hint)
  expect(error.message).not.toMatch(/Catalog error|in the catalog/)
})
