import { isSymbol, keywordOf, type Token } from './tokenize'

const NOT_PLAIN = new Set(
  (
    'WHERE GROUP HAVING ORDER DISTINCT UNION INTERSECT EXCEPT WITH WINDOW OVER QUALIFY JOIN USING SAMPLE TABLESAMPLE ' +
    'PIVOT UNPIVOT FETCH FILTER'
  ).split(' '),
)

/**
 * How many rows from the front of its table a statement can need whose answer is read up to `mostRows`, read off its
 * words: `select a from t limit 10 offset 5` needs 15, `from t` all that are read. Null where any other clause decides
 * which rows those are. A function may still gather rows (`count(*)`): the engine's plan has the last word (see
 * `explain-plan`).
 */
export function plainLimit(tokens: readonly Token[], mostRows: number): number | null {
  const first = keywordOf(tokens[0])
  if (first !== 'SELECT' && first !== 'FROM') return null
  let depth = 0
  let limit = mostRows
  let offset = 0
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'symbol' && '([{'.includes(token.text)) depth++
    if (token.kind === 'symbol' && ')]}'.includes(token.text)) depth--
    const word = isSymbol(tokens[i - 1], '.') ? null : keywordOf(token)
    if (word === null) continue
    if (NOT_PLAIN.has(word)) return null
    if (word !== 'LIMIT' && word !== 'OFFSET') continue
    const count = wholeNumber(tokens[i + 1])
    const next = tokens[i + 2]
    const isClosed = next === undefined || keywordOf(next) === 'OFFSET' || keywordOf(next) === 'LIMIT'
    if (depth > 0 || count === null || !isClosed) return null
    if (word === 'LIMIT') limit = Math.min(count, mostRows)
    else offset = count
  }
  return limit + offset
}

function wholeNumber(token: Token | undefined): number | null {
  return token?.kind === 'number' && /^\d{1,15}$/.test(token.text) ? Number(token.text) : null
}
