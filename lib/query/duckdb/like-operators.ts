import { MAX_SQL_TOKENS, type Token, tokenize } from '../statement/tokenize'

/** DuckDB's names of operators that SQL writes as words. */
const WORDS: Readonly<Record<string, string>> = {
  '~~': 'LIKE',
  '!~~': 'NOT LIKE',
  '~~*': 'ILIKE',
  '!~~*': 'NOT ILIKE',
  '~~~': 'GLOB',
}

/** An expression of a plan with `LIKE` in place of `~~`, and so on; texts in quotes are as they are. */
export function writeLikeOperators(expression: string): string {
  // The tokens of a longer one would be too many.
  if (!expression.includes('~~') || expression.length > MAX_SQL_TOKENS) return expression
  const tokens = tokenize(expression)
  let written = ''
  let end = 0
  for (let at = 0; at < tokens.length; at++) {
    const first = tokens[at]
    if (first === undefined || !isOperatorPart(first)) continue
    let last = first
    for (let next = tokens[at + 1]; next && isOperatorPart(next) && next.start === last.end; next = tokens[at + 1]) {
      last = next
      at += 1
    }
    const word = WORDS[expression.slice(first.start, last.end)]
    if (word === undefined) continue
    written += expression.slice(end, first.start) + word
    end = last.end
  }
  return written + expression.slice(end)
}

function isOperatorPart({ kind, text }: Token): boolean {
  return kind === 'symbol' && /^[!~*]$/.test(text)
}
