import { quoteIdentifier } from '../../sql/quote-identifier'
import { type Statement, readableStatements, statementAt } from '../statement/statements'
import { isSymbol, tokenKeyword, tokenName, type Token } from '../statement/tokenize'

/** A query whose first rows can be shown while it is written. */
export type PreviewTarget = {
  /** A text in which the query is the statement at `cursor`. */
  sql: string
  cursor: number
  /** The common table expression that it is; null for a whole statement. */
  commonTable: string | null
}

const QUERY_KEYWORDS = new Set(['SELECT', 'WITH', 'FROM', 'VALUES', 'PIVOT', 'UNPIVOT'])

/**
 * The SQL of a preview at a cursor: the common table expression around it, together with the ones before it, otherwise
 * the statement. Null without a statement, and for a statement that describes or explains.
 */
export function previewTarget(sql: string, cursor: number): PreviewTarget | null {
  const statement = statementAt(readableStatements(sql) ?? [], cursor)
  const first = statement?.tokens.find((token) => !isSymbol(token, '('))
  if (statement === undefined || !QUERY_KEYWORDS.has(tokenKeyword(first) ?? '')) return null
  const commonTable = commonTableAt(statement, cursor)
  if (commonTable === null) return { sql, cursor: statement.end, commonTable: null }
  const text = `${sql.slice(0, commonTable.end)}\nselect * from ${quoteIdentifier(commonTable.name)}`
  return { sql: text, cursor: text.length, commonTable: commonTable.name }
}

/** The outermost common table expression around a cursor, from its name to the end of its body. */
function commonTableAt({ tokens }: Statement, cursor: number): { name: string; end: number } | null {
  if (tokenKeyword(tokens[0]) !== 'WITH') return null
  let at = tokenKeyword(tokens[1]) === 'RECURSIVE' ? 2 : 1
  for (;;) {
    const nameToken = tokens[at]
    const name = tokenName(nameToken)
    if (nameToken === undefined || name === null || cursor < nameToken.start) return null
    const body = bodyStart(tokens, at + 1)
    const close = body === null ? null : closingIndex(tokens, body)
    const closing = close === null ? undefined : tokens[close]
    if (close === null || closing === undefined) return null
    if (cursor <= closing.end) return { name, end: closing.end }
    if (!isSymbol(tokens[close + 1], ',')) return null
    at = close + 2
  }
}

/** The parenthesis after `AS`, behind a list of columns or of keys. */
function bodyStart(tokens: readonly Token[], from: number): number | null {
  for (let at = from; at < tokens.length; at++) {
    if (isSymbol(tokens[at], '(')) {
      const close = closingIndex(tokens, at)
      if (close === null) return null
      at = close
    } else if (tokenKeyword(tokens[at]) === 'AS') {
      at++
      while (['NOT', 'MATERIALIZED'].includes(tokenKeyword(tokens[at]) ?? '')) at++
      return isSymbol(tokens[at], '(') ? at : null
    }
  }
  return null
}

function closingIndex(tokens: readonly Token[], open: number): number | null {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (isSymbol(tokens[at], '(')) depth++
    else if (isSymbol(tokens[at], ')') && --depth === 0) return at
  }
  return null
}
