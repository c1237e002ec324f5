import { quoteIdentifier } from '../../sql/quote-identifier'
import type { SqlRange } from '../statement/sql-error'
import type { TableReference } from './table-references'
import { isSymbol, tokenKeyword, tokenName, type Token } from '../statement/tokenize'

/** A table of a statement and its columns that `*` leaves out. */
export type HiddenColumns = {
  reference: Pick<TableReference, 'nameRange' | 'parts' | 'alias'>
  /** The name of the table in the engine's SQL. */
  alias: string
  columns: readonly string[]
}

const QUERY_STARTS = new Set(['SELECT', 'WITH', 'FROM', 'VALUES'])
const SET_OPERATIONS = new Set(['UNION', 'INTERSECT', 'EXCEPT'])
/** Words with a meaning of their own for all columns, which hidden ones would change. */
const COLUMN_WISE_KEYWORDS = new Set(['NATURAL', 'PIVOT', 'PIVOT_WIDER', 'UNPIVOT', 'PIVOT_LONGER'])

/** Whether tables of a statement can have hidden columns without changing the result of the statement. */
export function canHideColumns(tokens: readonly Token[]): boolean {
  return tokens.every((token) => !COLUMN_WISE_KEYWORDS.has(tokenKeyword(token) ?? ''))
}

/**
 * Edits that make the stars of a statement leave out hidden columns: `*` becomes `* EXCLUDE (t._row_id)`. A star
 * belongs to the query whose FROM names the table, so a star around a subquery that selects the column keeps it. A query
 * that begins with FROM and has no SELECT gets one.
 */
export function hideColumns(
  tokens: readonly Token[],
  tables: readonly HiddenColumns[],
): (SqlRange & { text: string })[] {
  const hiding = tables.filter(({ columns }) => columns.length > 0)
  if (hiding.length === 0) return []
  const contexts = findQueries(tokens)
  const edits: (SqlRange & { text: string })[] = []
  const insert = (at: number, text: string) => edits.push({ start: at, end: at, text })
  const tablesOf = (query: number) =>
    hiding.filter(({ reference }) => contexts[indexAt(tokens, reference.nameRange.start)]?.query === query)
  for (const [i, token] of tokens.entries()) {
    const context = contexts[i]
    if (!isSymbol(token, '*') || !context?.isTopLevel) continue
    const excluded = excludedBy(tokens, i, tablesOf(context.query))
    if (excluded.length > 0) excludeColumns(tokens, i, excluded.join(', '), insert)
  }
  for (const query of new Set(contexts.map((context) => context.query))) {
    const inQuery = tokens.filter((_, i) => contexts[i]?.query === query && contexts[i]?.isTopLevel)
    const from = inQuery.find((token) => tokenKeyword(token) === 'FROM')
    const excluded = tablesOf(query).flatMap(qualifiedColumns)
    if (!from || excluded.length === 0 || inQuery.some((token) => tokenKeyword(token) === 'SELECT')) continue
    insert(from.start, `SELECT * EXCLUDE (${excluded.join(', ')}) `)
  }
  return edits
}

type TokenContext = { query: number /** Not inside an expression in parentheses. */; isTopLevel: boolean }

/** For each token, the query that it belongs to. Operands of UNION and the like are queries of their own. */
function findQueries(tokens: readonly Token[]): TokenContext[] {
  const stack: TokenContext[] = [{ query: 0, isTopLevel: true }]
  let queryCount = 1
  return tokens.map((token, i) => {
    const current = stack.at(-1) ?? { query: 0, isTopLevel: true }
    if (isSymbol(token, '(')) {
      const isQuery = QUERY_STARTS.has(tokenKeyword(tokens[i + 1]) ?? '')
      stack.push(isQuery ? { query: queryCount++, isTopLevel: true } : { query: current.query, isTopLevel: false })
    } else if (isSymbol(token, ')') && stack.length > 1) stack.pop()
    else if (current.isTopLevel && SET_OPERATIONS.has(tokenKeyword(token) ?? '')) {
      stack[stack.length - 1] = { query: queryCount++, isTopLevel: true }
    }
    return current
  })
}

function indexAt(tokens: readonly Token[], start: number): number {
  return tokens.findIndex((token) => token.start === start)
}

/** The columns to exclude from a star; none if it is not one: a product, or the star of another table. */
function excludedBy(tokens: readonly Token[], star: number, tables: readonly HiddenColumns[]): readonly string[] {
  const before = tokens[star - 1]
  if (isSymbol(before, '.')) {
    const name = tokenName(tokens[star - 2])?.toLowerCase()
    const table = tables.find(({ reference: { alias, parts } }) => (alias ?? parts.at(-1))?.toLowerCase() === name)
    return table?.columns.map(quoteIdentifier) ?? []
  }
  const isFirst = ['SELECT', 'DISTINCT', 'ALL'].includes(tokenKeyword(before) ?? '')
  // `DISTINCT ON (a) *`, which is not a product.
  const isAfterGroup =
    isSymbol(before, ')') && (tokenKeyword(tokens[star + 1]) === 'FROM' || isSymbol(tokens[star + 1], ','))
  return isFirst || isSymbol(before, ',') || isAfterGroup ? tables.flatMap(qualifiedColumns) : []
}

function qualifiedColumns({ alias, columns }: HiddenColumns): string[] {
  return columns.map((column) => `${quoteIdentifier(alias)}.${quoteIdentifier(column)}`)
}

function excludeColumns(
  tokens: readonly Token[],
  star: number,
  columns: string,
  insert: (at: number, text: string) => void,
): void {
  const [word, first] = [tokens[star + 1], tokens[star + 2]]
  if (tokenKeyword(word) !== 'EXCLUDE' || !first) {
    insert(tokens[star]?.end ?? 0, ` EXCLUDE (${columns})`)
    return
  }
  if (isSymbol(first, '(')) {
    insert(first.end, `${columns}, `)
    return
  }
  let last = star + 2
  while (isSymbol(tokens[last + 1], '.')) last += 2
  insert(first.start, `(${columns}, `)
  insert(tokens[last]?.end ?? first.end, ')')
}
