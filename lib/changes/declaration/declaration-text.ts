import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '../../iceberg/json/exact-json'
import type { Json } from '../../iceberg/json/json'
import { toPlainNumbers } from '../../iceberg/json/plain-numbers'
import { readRequest } from '../../iceberg/json/read-request'
import { declarationProblem } from './declaration-problem'
import { type TableDeclaration, tableDeclaration } from './table-declaration'

/** Declarations as JSON text, in which numbers stay exact: HTTP requests and drafts have them like this. */

export function declarationToText(declaration: TableDeclaration): string {
  return stringifyExactJson(declaration as unknown as Json)
}

/** @throws {AppError} invalid-request naming the part that is wrong */
export function declarationFromText(text: string): TableDeclaration {
  return requireDeclaration(toPlainNumbers(readRequest(() => parseExactJson(text))), 'The declaration')
}

/** The line of a value in the text that it was read from, by its path; null when it is not known. */
export type LineOf = (path: readonly PropertyKey[]) => number | null

/**
 * @param source of the value, for the message
 * @throws {AppError} invalid-request naming the part that is wrong, and its line when `lineOf` knows it
 */
export function requireDeclaration(value: unknown, source: string, lineOf?: LineOf): TableDeclaration {
  const result = tableDeclaration.safeParse(value)
  if (result.success) return result.data
  if (value === null || value === undefined) throw new AppError('invalid-request', `${source} is empty.`)
  const [issue] = result.error.issues
  if (issue === undefined) throw new AppError('invalid-request', `${source} is not valid.`)
  const { path, text } = declarationProblem(value, issue)
  const line = lineOf?.(path) ?? null
  throw new AppError('invalid-request', `${source}${line === null ? '' : `, line ${line}`}: ${text}.`)
}
