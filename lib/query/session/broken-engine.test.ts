import { expect, test } from 'vitest'
import { AppError } from '@/lib/errors'
import { endEngineIfBroken } from './broken-engine'

const duckdb = (type: string, message: string) =>
  new Error(JSON.stringify({ exception_type: type, exception_message: message }))

/** Whether the engine ends after a failure. */
function endsAfter(cause: unknown): boolean {
  let hasEnded = false
  const problem = new AppError('query-failed', 'It failed.')
  expect(endEngineIfBroken({ end: () => (hasEnded = true) }, problem, cause)).toBe(problem)
  return hasEnded
}

test.each([
  ['a trap of WebAssembly', new Error('RuntimeError: unreachable')],
  ['an internal error, after which DuckDB refuses every statement', duckdb('INTERNAL', 'Failed to cast ArrowTypeInfo')],
  ['such a refusal', duckdb('FATAL', 'Failed: database has been invalidated because of a previous fatal error.')],
  ['an error that has one as its cause', new AppError('query-failed', 'x', { cause: duckdb('INTERNAL', 'y') })],
])('The engine is started again after %s', (_what, error) => {
  expect(endsAfter(error)).toBe(true)
})

test.each([
  ['a mistake in the statement', duckdb('Binder', 'Referenced column "x" not found')],
  ['a damaged file', new AppError('file-damaged', 'The file ends early.')],
  ['a refusal of the network', new TypeError('fetch failed')],
])('The engine goes on after %s', (_what, error) => {
  expect(endsAfter(error)).toBe(false)
})
