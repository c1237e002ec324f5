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
  const [issue] = result.error.issues
  const path = issue?.path.join('.') ?? ''
  throw new AppError('invalid-request', `${source}: ${path === '' ? '' : `${path}: `}${issue?.message}`)
}
