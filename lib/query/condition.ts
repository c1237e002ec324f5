import { AppError } from '@/lib/errors'
import { noStatementError } from './statement/statements'
import { findUnclosed, isSymbol, tokenize } from './statement/tokenize'

/**
 * Checks that a text can be put into a statement as one condition.
 *
 * @throws {AppError} query-failed for an empty text, several statements, or a comment, text or name that is not closed
 */
export function requireCondition(text: string): void {
  const tokens = tokenize(text)
  const isEmpty = tokens.every((token) => isSymbol(token, ';'))
  if (isEmpty || findUnclosed(text, tokens.at(-1)) !== null) throw noStatementError(text)
  if (tokens.some((token) => isSymbol(token, ';')))
    throw new AppError('query-failed', 'The condition is one expression, so it has no semicolon.')
}
