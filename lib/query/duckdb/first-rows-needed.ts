import { isSymbol, tokenKeyword, type Token } from '../statement/tokenize'

const ROW_SELECTING_KEYWORDS = new Set(
  (
    'WHERE GROUP HAVING ORDER DISTINCT UNION INTERSECT EXCEPT WITH WINDOW OVER QUALIFY JOIN USING SAMPLE TABLESAMPLE ' +
    'PIVOT UNPIVOT FETCH FILTER'
  ).split(' '),
)

/**
 * How many first rows of its table a statement can need when at most `maxRows` rows of the result are read, judged by
 * its keywords: `select a from t limit 10 offset 5` needs 15, `from t` all that are read. Null if any other clause
 * decides which rows are needed. A function may still aggregate rows (`count(*)`), so the engine's plan decides in the
 * end (see `explain-plan`).
 */
export function firstRowsNeeded(tokens: readonly Token[], maxRows: number): number | null {
  return countRowsNeeded(tokens, maxRows, ROW_SELECTING_KEYWORDS)
}

/** The clauses that a plan shows as operators of their own, so that it says what the limit counts. */
const PLANNED_KEYWORDS = new Set(['WHERE', 'ORDER'])
const OTHER_KEYWORDS = new Set([...ROW_SELECTING_KEYWORDS].filter((keyword) => !PLANNED_KEYWORDS.has(keyword)))

/** As {@link firstRowsNeeded}, of the rows that the clauses WHERE and ORDER BY leave, in their order. */
export function orderedRowsNeeded(tokens: readonly Token[], maxRows: number): number | null {
  return countRowsNeeded(tokens, maxRows, OTHER_KEYWORDS)
}

function countRowsNeeded(
  tokens: readonly Token[],
  maxRows: number,
  refusedKeywords: ReadonlySet<string>,
): number | null {
  const first = tokenKeyword(tokens[0])
  if (first !== 'SELECT' && first !== 'FROM') return null
  let depth = 0
  let limit = maxRows
  let offset = 0
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'symbol' && '([{'.includes(token.text)) depth++
    if (token.kind === 'symbol' && ')]}'.includes(token.text)) depth--
    const word = isSymbol(tokens[i - 1], '.') ? null : tokenKeyword(token)
    if (word === null) continue
    if (refusedKeywords.has(word)) return null
    if (word !== 'LIMIT' && word !== 'OFFSET') continue
    const count = toInteger(tokens[i + 1])
    const next = tokens[i + 2]
    const isClauseEnd = next === undefined || tokenKeyword(next) === 'OFFSET' || tokenKeyword(next) === 'LIMIT'
    if (depth > 0 || count === null || !isClauseEnd) return null
    if (word === 'LIMIT') limit = Math.min(count, maxRows)
    else offset = count
  }
  return limit + offset
}

function toInteger(token: Token | undefined): number | null {
  return token?.kind === 'number' && /^\d{1,15}$/.test(token.text) ? Number(token.text) : null
}
