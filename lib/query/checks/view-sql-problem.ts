import { AppError } from '@/lib/errors'
import type { TableIdentifier } from '@/lib/names/identifiers'
import type { SqlDraft } from '@/lib/changes/view-edits/view-draft'
import { translateSparkQuotes } from '../duckdb/view-sql'
import { requireClosed, type Statement, splitStatements } from '@/lib/query/statement/statements'
import { isSymbol, type Token, tokenKeyword } from '@/lib/query/statement/tokenize'
import { findViewReferences, toIdentifierInView, type ViewDefaults } from '../tables/view-references'

const QUERY_KEYWORDS: ReadonlySet<string> = new Set(['SELECT', 'WITH', 'VALUES', 'FROM', 'TABLE'])
/** The dialects whose quotes and comments are known. */
const READABLE_DIALECTS: ReadonlySet<string> = new Set(['duckdb', 'spark', 'trino'])

/** The SQL as a view has it: without a semicolon at its end, which would end the statement around it. */
export function normalizeViewSql(sql: string): string {
  return sql.replace(/[\s;]+$/, '')
}

/** Why a text cannot be the SQL of a view, as far as this is known without an engine; null if no reason is known. */
export function viewSqlProblem(draft: SqlDraft): string | null {
  if (normalizeViewSql(draft.sql).trim() === '') return 'Write the query of the view.'
  const read = readStatement(draft)
  if (typeof read === 'string' || read === null) return read
  const first = read.tokens.find((token) => !isSymbol(token, '('))
  const word = first === undefined ? null : (tokenKeyword(first) ?? first.text)
  if (word === null || !QUERY_KEYWORDS.has(word))
    return `A view is a query that begins with SELECT, WITH, VALUES or FROM${word === null ? '' : `, not with ${word}`}.`
  const parameter = findParameter(read.tokens)
  return parameter === null ? null : `A view has no parameters, and this names ${parameter}.`
}

/** As written: `$name`, `$1`, `?`, and `:name` where no value can end before it, as in a slice or a struct. */
function findParameter(tokens: readonly Token[]): string | null {
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'parameter') return token.text
    const [before, after] = [tokens[i - 1], tokens[i + 1]]
    const isName = after?.kind === 'word' && after.start === token.end
    if (isName && isSymbol(token, ':') && BEFORE_VALUES.has(tokenKeyword(before) ?? before?.text ?? ''))
      return `:${after.text}`
  }
  return null
}

/**
 * Tokens that come before a value, and never before a colon of a slice (`a[1:n]`), of a struct (`{a:n}`) or of an alias
 * (`a:n`).
 */
const BEFORE_VALUES: ReadonlySet<string> = new Set(
  'SELECT WHERE AND OR NOT ON HAVING LIMIT OFFSET IN LIKE BETWEEN WHEN THEN ELSE = <> != < > <= >= + - * / % || ( ,'.split(
    ' ',
  ),
)

/**
 * The tables and views that the SQL names, as far as it can be read here.
 *
 * @param connections the names that may stand before a namespace
 */
export function findNamesInView(
  draft: SqlDraft,
  view: TableIdentifier,
  defaults: ViewDefaults,
  connections: readonly string[],
): TableIdentifier[] {
  return resolveNamesInView(draft, view, defaults, connections) ?? []
}

/** As {@link findNamesInView}; null if the SQL cannot be read here. */
export function resolveNamesInView(
  draft: SqlDraft,
  view: TableIdentifier,
  defaults: ViewDefaults,
  connections: readonly string[],
): TableIdentifier[] | null {
  const statement = readStatement(draft)
  if (typeof statement === 'string' || statement === null) return null
  const references = findViewReferences(statement)
  if (typeof references === 'string') return null
  return references.flatMap(({ parts }) => {
    if (parts.length === 1 && defaults.defaultNamespace.length === 0) return []
    return [toIdentifierInView(parts, view, defaults, connections)]
  })
}

/** The one statement of the text, or its error; null when the dialect cannot be judged here. */
function readStatement({ dialect, sql }: SqlDraft): Statement | string | null {
  const name = dialect.toLowerCase()
  if (!READABLE_DIALECTS.has(name)) return null
  try {
    const translated = name === 'spark' ? translateSparkQuotes(sql).sql : sql
    if (translated === null) return null
    const [statement, another] = splitStatements(translated)
    if (!statement) return 'Write the query of the view.'
    if (another) return 'A view is one query, and this has several statements.'
    requireClosed(translated, statement)
    return statement
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}
