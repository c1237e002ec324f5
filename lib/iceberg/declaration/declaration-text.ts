import type { z } from 'zod'
import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import type { Json } from '../json/json'
import { toPlainNumbers } from '../json/plain-numbers'
import { readRequest } from '../json/read-request'
import { type TableDeclaration, tableDeclaration } from './table-declaration'

/** Declarations as JSON text, in which numbers stay exact: HTTP requests and drafts have them like this. */

export function declarationToText(declaration: TableDeclaration): string {
  return stringifyExactJson(declaration as unknown as Json)
}

/** @throws {AppError} invalid-request naming the part that is wrong */
export function declarationFromText(text: string): TableDeclaration {
  return requireDeclaration(toPlainNumbers(readRequest(() => parseExactJson(text))), 'The declaration')
}

/**
 * @param source of the value, for the message
 * @throws {AppError} invalid-request naming the part that is wrong
 */
export function requireDeclaration(value: unknown, source: string): TableDeclaration {
  const result = tableDeclaration.safeParse(value)
  if (result.success) return result.data
  if (value === null || value === undefined) throw new AppError('invalid-request', `${source} is empty.`)
  const [issue] = result.error.issues
  const { path, message } = issue === undefined ? { path: [], message: 'not valid' } : deepestIssue(value, issue)
  const place = path.length === 0 ? '' : `${placeOf(value, path)}: `
  const hint = path.includes('type') ? ` ${TYPE_HINT}` : ''
  throw new AppError('invalid-request', `${source}: ${place}${message}.${hint}`)
}

const TYPE_HINT =
  'A type is the name of a primitive type, {struct: [columns]}, {list: type} or {map: {key: type, value: type}}.'

/** Of the forms that a value may have, the one that it has most of says best what is wrong. */
function deepestIssue(value: unknown, issue: z.core.$ZodIssue): { path: readonly PropertyKey[]; message: string } {
  if (issue.code !== 'invalid_union') return issue
  const [, at] = follow(value, issue.path)
  const inner = issue.errors
    .flat()
    .map((one) => deepestIssue(at, one))
    // The other forms lack what the value does not have.
    .filter(({ path }) => path.length > 0 && follow(at, path)[1] !== undefined)
  const [deepest] = inner.toSorted((a, b) => b.path.length - a.path.length)
  return deepest === undefined ? issue : { path: [...issue.path, ...deepest.path], message: deepest.message }
}

/** A path in which each column has its name: `columns.2 (s).type.list`. */
function placeOf(value: unknown, path: readonly PropertyKey[]): string {
  return follow(value, path)[0].join('.')
}

/** The steps of a path in words, and what is at its end; undefined when nothing is there. */
function follow(value: unknown, path: readonly PropertyKey[]): [steps: string[], end: unknown] {
  let at = value
  const steps = path.map((key) => {
    at = memberOf(at, key)
    const name = typeof key === 'number' ? memberOf(at, 'name') : undefined
    return typeof name === 'string' ? `${String(key)} (${name})` : String(key)
  })
  return [steps, at]
}

function memberOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
