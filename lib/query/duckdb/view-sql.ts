import { readableStatements } from '../statement/statements'
import { isSymbol, tokenKeyword, type Token } from '../statement/tokenize'

/** A view's SQL in one dialect. */
export type ViewSql = { dialect: string; sql: string }

/** SQL that DuckDB can be given, or why there is none in this dialect. */
export type DuckdbSql = { dialect: string } & ({ sql: string; reason: null } | { sql: null; reason: string })

/** The dialects that can run here, the surest first. */
const RUNNABLE_DIALECTS = ['duckdb', 'spark', 'trino']

/** Functions that give the same value in Spark, Trino and DuckDB. Others may exist everywhere and still differ. */
const COMMON_FUNCTIONS = new Set(
  (
    'abs avg bool_and bool_or ceil ceiling coalesce corr count count_if day dense_rank exp first_value floor if lag ' +
    'last_value lead length ln lower max min month nullif quarter rank replace round row_number sqrt ' +
    'stddev stddev_pop stddev_samp sum upper var_pop var_samp variance year'
  ).split(' '),
)

/** Words that may stand before a parenthesis without calling a function. */
const WORDS_BEFORE_GROUP = new Set(
  (
    'ALL AND ANTI ANY AS BETWEEN BY CASE CROSS CUBE DISTINCT ELSE EXCEPT EXISTS FILTER FROM FULL GROUP HAVING IN INNER ' +
    'INTERSECT IS JOIN LATERAL LEFT LIKE LIMIT NATURAL NOT OFFSET ON OR ORDER OUTER OVER RIGHT ROLLUP SELECT SEMI SETS ' +
    'SOME THEN UNION USING VALUES WHEN WHERE WITH'
  ).split(' '),
)

/** Operators and brackets that mean something else in DuckDB. */
const DIFFERENT_SYMBOLS: Readonly<Record<string, string>> = {
  '/': 'a division, whose result differs between engines',
  '^': 'the operator ^, which is a power in DuckDB',
  '[': 'an index, which does not start at the same number in every engine',
  '::': 'a cast, whose result differs between engines',
}

/**
 * The SQL of a view for DuckDB, one for each dialect, in the order in which to try them. `duckdb` is taken as written.
 * SQL of Spark and Trino is only taken without constructs that DuckDB could accept with another meaning: the result
 * would be wrong without a sign of it.
 */
export function toDuckdbSqls(representations: readonly ViewSql[]): DuckdbSql[] {
  const known = representations.filter(({ dialect }) => RUNNABLE_DIALECTS.includes(dialect.toLowerCase()))
  const others = representations.filter((representation) => !known.includes(representation))
  const rank = ({ dialect }: ViewSql) => RUNNABLE_DIALECTS.indexOf(dialect.toLowerCase())
  return [
    ...known.toSorted((a, b) => rank(a) - rank(b)).map(toDuckdbSql),
    ...others.map(({ dialect }) => ({ dialect, sql: null, reason: 'Query does not know this dialect' })),
  ]
}

function toDuckdbSql({ dialect, sql }: ViewSql): DuckdbSql {
  const translated = dialect.toLowerCase() === 'spark' ? translateSparkQuotes(sql) : { sql, reason: null }
  if (translated.sql === null) return { dialect, ...translated }
  const statements = readableStatements(translated.sql)
  if (statements === null) return { dialect, sql: null, reason: 'it is too long' }
  const [statement, ...more] = statements
  if (!statement || more.length > 0) return { dialect, sql: null, reason: 'it is not one statement' }
  const reason = dialect.toLowerCase() === 'duckdb' ? null : findDifference(statement.tokens, dialect.toLowerCase())
  if (reason !== null) return { dialect, sql: null, reason: `it uses ${reason}` }
  return { dialect, sql: translated.sql.slice(statement.start, statement.end), reason: null }
}

/** The first thing in the SQL that DuckDB may understand differently; null if there is none. */
function findDifference(tokens: readonly Token[], dialect: string): string | null {
  for (const [i, token] of tokens.entries()) {
    if (token.kind === 'symbol' && Object.hasOwn(DIFFERENT_SYMBOLS, token.text))
      return DIFFERENT_SYMBOLS[token.text] ?? null
    const word = tokenKeyword(token)
    if (word === null || isSymbol(tokens[i - 1], '.')) continue
    // The time of a snapshot is read here, and refused without a zone.
    const isTimeTravel = tokenKeyword(tokens[i - 1]) === 'OF' && tokenKeyword(tokens[i - 2]) === 'AS'
    if ((word === 'TIMESTAMP' || word === 'TIME') && tokens[i + 1]?.kind === 'string' && !isTimeTravel)
      return 'a time literal, whose zone depends on the engine'
    if (/^(CURRENT_DATE|CURRENT_TIME|CURRENT_TIMESTAMP|LOCALTIME|LOCALTIMESTAMP)$/.test(word))
      return `${word.toLowerCase()}, which depends on the zone of the engine`
    if (!isSymbol(tokens[i + 1], '(') || WORDS_BEFORE_GROUP.has(word)) continue
    if (!COMMON_FUNCTIONS.has(word.toLowerCase())) return `${word.toLowerCase()}(), which may differ in DuckDB`
  }
  return dialect === 'spark' && dependsOnNullOrder(tokens) ? 'an order of rows in which Spark puts nulls first' : null
}

/** Whether an ORDER BY that does not say where nulls are decides which rows or numbers there are. */
function dependsOnNullOrder(tokens: readonly Token[]): boolean {
  const words = tokens.map(tokenKeyword)
  return words.includes('ORDER') && (words.includes('LIMIT') || words.includes('OVER')) && !words.includes('NULLS')
}

/**
 * Spark quotes names in backticks and text in either quotes, with backslash escapes.
 *
 * @returns `reason`: why it cannot be written with the quotes of DuckDB
 */
export function translateSparkQuotes(sql: string): { sql: string; reason: null } | { sql: null; reason: string } {
  let reason: string | null = null
  // An unclosed part reaches to the end of the text, so that it is searched once.
  const parts =
    /--[^\n]*|\/\*(?:[\s\S]*?\*\/|[\s\S]*)|'(?:[^'\\]+|\\[\s\S]?|'')*'?|"(?:[^"\\]+|\\[\s\S]?)*"?|`(?:[^`]+|``)*`?/g
  const translated = sql.replace(parts, (part) => {
    if (part.startsWith('"')) reason = 'it has text in double quotes, which are names in DuckDB'
    if (part.startsWith("'") && part.includes('\\'))
      reason = 'it has text with a backslash, which DuckDB takes literally'
    // An unclosed name has an odd number of them, because one inside is doubled.
    const isName = part.startsWith('`') && part.split('`').length % 2 === 1
    if (!isName) return part
    return `"${part.slice(1, -1).replaceAll('``', '`').replaceAll('"', '""')}"`
  })
  const tokens = (readableStatements(translated) ?? []).flatMap((statement) => statement.tokens)
  if (reason === null && tokens.some((token) => isSymbol(token, '`'))) reason = 'its quotes do not match'
  return reason === null ? { sql: translated, reason: null } : { sql: null, reason }
}
