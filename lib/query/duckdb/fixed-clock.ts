import type { Edit } from '@/lib/query/tables/rewrite-tables'
import { isSymbol, type Token, tokenKeyword } from '@/lib/query/statement/tokenize'

/** Functions of the clock, and whether they are the day or the instant. */
const CLOCK_FUNCTIONS: Readonly<Record<string, 'instant' | 'day'>> = {
  NOW: 'instant',
  GET_CURRENT_TIMESTAMP: 'instant',
  TRANSACTION_TIMESTAMP: 'instant',
  CURRENT_TIMESTAMP: 'instant',
  TODAY: 'day',
  CURRENT_DATE: 'day',
}
/** These are functions without parentheses, too. */
const BARE_FUNCTIONS = new Set(['CURRENT_TIMESTAMP', 'CURRENT_DATE'])

/**
 * Replaces functions of the clock by its value, so that the plan of a statement and its run mean the same time.
 *
 * @returns also the other tokens, which alone decide whether the statement has constant conditions
 */
export function fixClock(tokens: readonly Token[], nowMs: number): { edits: Edit[]; others: Token[] } {
  const edits: Edit[] = []
  const replaced = new Set<Token>()
  for (const [i, token] of tokens.entries()) {
    const word = tokenKeyword(token) ?? ''
    const kind = CLOCK_FUNCTIONS[word]
    if (kind === undefined || isSymbol(tokens[i - 1], '.') || isSymbol(tokens[i + 1], '.')) continue
    const [open, close] = [tokens[i + 1], tokens[i + 2]]
    const isCall = isSymbol(open, '(')
    if (isCall ? !isSymbol(close, ')') : !BARE_FUNCTIONS.has(word)) continue
    const end = isCall ? close?.end : token.end
    const instant = new Date(nowMs).toISOString().replace('T', ' ').replace('Z', '+00')
    const text = kind === 'day' ? `DATE '${instant.slice(0, 10)}'` : `TIMESTAMPTZ '${instant}'`
    edits.push({ start: token.start, end: end ?? token.end, text: `(${text})` })
    for (const part of isCall ? [token, open, close] : [token]) if (part) replaced.add(part)
  }
  return { edits, others: tokens.filter((token) => !replaced.has(token)) }
}
