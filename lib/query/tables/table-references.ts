import type { AsOf } from '@/lib/iceberg/as-of'
import { checkEngineFunctions } from '../statement/engine-functions'
import { checkTableFunction, type FileReference, isFileFunction, readFileCall } from './file-reference'
import { type SqlRange, sqlError } from '../statement/sql-error'
import { type QueryClock, readTimeTravel } from './time-travel'
import { isSymbol, tokenKeyword, tokenName, type Token } from '../statement/tokenize'

/** A table named where SQL expects one: after FROM and JOIN, after their commas, after DESCRIBE and SUMMARIZE. */
export type TableReference = {
  /** The name as written, part by part, quotes removed. */
  parts: readonly string[]
  nameRange: SqlRange
  /** The name and its time travel clause, which a local name replaces. */
  fullRange: SqlRange
  asOf: AsOf
  alias: string | null
  /** `DESCRIBE t` and `SUMMARIZE t` take a bare name, where no alias is allowed. */
  isBare: boolean
  /** The Parquet file that is read instead of a table; `parts` is the name of the function then. */
  file?: FileReference
}

const QUERY_START_KEYWORDS = new Set([
  'SELECT',
  'WITH',
  'FROM',
  'VALUES',
  'DESCRIBE',
  'DESC',
  'SUMMARIZE',
  'SHOW',
  'PIVOT',
  'UNPIVOT',
])
/** Words that end the list of tables of a FROM. */
const FROM_END_KEYWORDS = new Set(
  'WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH WINDOW QUALIFY SELECT UNION INTERSECT EXCEPT VALUES RETURNING'.split(
    ' ',
  ),
)
/** Words after a table that are not its alias. */
const NON_ALIAS_KEYWORDS = new Set(
  [...FROM_END_KEYWORDS].concat(
    (
      'JOIN LEFT RIGHT FULL INNER OUTER CROSS NATURAL ANTI SEMI ASOF POSITIONAL LATERAL ON USING FROM WITH FOR ' +
      'TABLESAMPLE PIVOT PIVOT_WIDER UNPIVOT PIVOT_LONGER AS'
    ).split(' '),
  ),
)

/** The most queries and brackets within each other. DuckDB itself refuses SQL that is about twice as deep. */
export const MAX_SQL_DEPTH = 500

/**
 * The tables that a statement reads, in order of position. Leaves out names of common table expressions in scope, table
 * functions (`range(10)`) and single words, which DuckDB resolves itself.
 *
 * @throws {AppError} query-failed for a file in place of a table, an invalid time travel clause, a function that is not
 *   about data, or a statement that is nested more than {@link MAX_SQL_DEPTH} deep
 */
export function findTableReferences(tokens: readonly Token[], clock: QueryClock): TableReference[] {
  checkEngineFunctions(tokens)
  const references: TableReference[] = []
  let at = 0
  let depth = 0
  /** Reads a nested construct. */
  const nest = (read: () => void) => {
    const start = tokens[at] ?? { start: 0, end: 0 }
    if (depth === MAX_SQL_DEPTH)
      throw sqlError(
        `The SQL is nested more than ${MAX_SQL_DEPTH} deep here.`,
        start,
        'Leave parentheses out that it does not need, or name its subqueries in a WITH.',
      )
    depth++
    read()
    depth--
  }
  const keywordAt = (offset = 0) => tokenKeyword(tokens[at + offset])
  const isAtSymbol = (symbol: string, offset = 0) => isSymbol(tokens[at + offset], symbol)

  /** From the first word of a query up to the parenthesis that closes it, or the end. */
  function readQuery(outer: Scope) {
    let scope = outer
    if (keywordAt() === 'EXPLAIN') {
      at++
      if (keywordAt() === 'ANALYZE') at++
      if (isAtSymbol('(') && !QUERY_START_KEYWORDS.has(keywordAt(1) ?? '')) skipGroup()
    }
    if (keywordAt() === 'WITH') scope = readCommonTables(outer)
    const first = keywordAt()
    if (first === 'DESCRIBE' || first === 'DESC' || first === 'SUMMARIZE' || first === 'SHOW') {
      at++
      if (QUERY_START_KEYWORDS.has(keywordAt() ?? '') || isAtSymbol('(')) nest(() => readQuery(scope))
      else readTable(scope, true)
      return
    }
    if (first === 'PIVOT' || first === 'UNPIVOT') {
      at++
      // One table: a comma after ON is between columns.
      readTable(scope, false)
    }
    readClauses(scope, 'other')
  }

  /** `WITH [RECURSIVE] a [(columns)] AS [[NOT] MATERIALIZED] (query), …`; a name is in scope after its body. */
  function readCommonTables(outer: Scope): Scope {
    const scope = { names: new Set<string>(), outer }
    at++
    const isRecursive = keywordAt() === 'RECURSIVE'
    if (isRecursive) at++
    while (at < tokens.length) {
      const name = tokenName(tokens[at])?.toLowerCase()
      at++
      while (at < tokens.length && keywordAt() !== 'AS') {
        if (isAtSymbol('(')) skipGroup()
        else at++
      }
      at++
      while (keywordAt() === 'NOT' || keywordAt() === 'MATERIALIZED') at++
      if (isAtSymbol('(')) {
        at++
        if (isRecursive && name !== undefined) scope.names.add(name)
        nest(() => readQuery(scope))
        if (isAtSymbol(')')) at++
      }
      if (name !== undefined) scope.names.add(name)
      if (!isAtSymbol(',')) break
      at++
    }
    return scope
  }

  /**
   * The clauses of a query. `table`: a table is expected; `tables`: inside FROM, after a table, where a comma
   * introduces another one; `other`: anything else.
   */
  function readClauses(scope: Scope, initialState: 'table' | 'tables' | 'other') {
    let state: 'table' | 'tables' | 'other' = initialState
    while (at < tokens.length && !isAtSymbol(')')) {
      if (state === 'table') {
        if (keywordAt() === 'LATERAL') at++
        else {
          readTable(scope, false)
          state = 'tables'
        }
        continue
      }
      const word = isLabel(at) ? null : keywordAt()
      if (isAtSymbol('(') || isAtSymbol('[') || isAtSymbol('{')) {
        readGroup(scope)
        continue
      }
      if (word === 'FROM' && !isDistinctFrom()) state = 'table'
      else if (word === 'JOIN' || (isAtSymbol(',') && state === 'tables')) state = 'table'
      else if (word !== null && FROM_END_KEYWORDS.has(word)) state = 'other'
      at++
    }
  }

  /** One table of a FROM: a name, a table function, a subquery, a join in parentheses, VALUES. */
  function readTable(scope: Scope, isBare: boolean) {
    if (isName(at) && isAtSymbol(':', 1)) at += 2
    if (isAtSymbol('(')) {
      at++
      nest(() => (QUERY_START_KEYWORDS.has(keywordAt() ?? '') ? readQuery(scope) : readClauses(scope, 'table')))
      if (isAtSymbol(')')) at++
      return
    }
    if (keywordAt() === 'VALUES') {
      at++
      while (isAtSymbol('(')) {
        readGroup(scope)
        if (isAtSymbol(',') && isAtSymbol('(', 1)) at++
      }
      return
    }
    const token = tokens[at]
    if (token?.kind === 'string')
      throw sqlError(
        'Query only reads tables of the lake, not files or URLs.',
        token,
        "Write the table's name as namespace.table, or read_parquet('…', table = 'namespace.table').",
      )
    if (!isName(at) || token === undefined) {
      // Not a table, so the statement is invalid here, and DuckDB's error says how.
      if (at < tokens.length && !isAtSymbol(')')) at++
      return
    }
    if (isFileFunction(tokens, at)) {
      const { file, next } = readFileCall(tokens, at)
      at = next
      const range = { start: token.start, end: tokens[at - 1]?.end ?? token.end }
      references.push({
        parts: ['read_parquet'],
        nameRange: range,
        fullRange: range,
        asOf: file.snapshotId === null ? {} : { snapshotId: file.snapshotId },
        alias: readAlias(),
        isBare,
        file,
      })
      return
    }
    const first = at
    at++
    while (isAtSymbol('.') && isName(at + 1)) at += 2
    const names = tokens.slice(first, at).filter((part) => !isSymbol(part, '.'))
    const nameRange = { start: token.start, end: tokens[at - 1]?.end ?? token.end }
    if (isAtSymbol('(')) {
      const functionName = names.at(-1)
      if (functionName) checkTableFunction(functionName)
      readGroup(scope)
      return
    }
    const parts = names.map((part) => tokenName(part) ?? '')
    const timeTravel = readTimeTravel(tokens, at, clock)
    if (timeTravel) at = timeTravel.next
    if (isCommonTable(parts, scope)) {
      if (timeTravel) throw sqlError('A common table expression has no versions.', nameRange)
      return
    }
    references.push({
      parts,
      nameRange,
      fullRange: { start: nameRange.start, end: tokens[at - 1]?.end ?? nameRange.end },
      asOf: timeTravel?.asOf ?? {},
      alias: readAlias(),
      isBare,
    })
  }

  function readAlias(): string | null {
    if (keywordAt() === 'AS') return tokenName(tokens[at + 1])
    return NON_ALIAS_KEYWORDS.has(keywordAt() ?? '') ? null : tokenName(tokens[at])
  }

  /** Parentheses, brackets or braces: a subquery, or an expression whose FROM (`extract(year FROM d)`) names no table. */
  function readGroup(scope: Scope) {
    const isTrim = /^(TRIM|LTRIM|RTRIM)$/.test(tokenKeyword(tokens[at - 1]) ?? '')
    at++
    nest(() => readInGroup(scope, isTrim))
    at++
  }

  function readInGroup(scope: Scope, isTrim: boolean) {
    if (QUERY_START_KEYWORDS.has(keywordAt() ?? '') && !(isTrim && keywordAt() === 'FROM') && !isLabel(at))
      readQuery(scope)
    while (at < tokens.length && !isAtSymbol(')') && !isAtSymbol(']') && !isAtSymbol('}')) {
      const word = isLabel(at) ? null : keywordAt()
      if (isAtSymbol('(') || isAtSymbol('[') || isAtSymbol('{')) readGroup(scope)
      // `((select …) union select … from t)`: the group turned out to be a query.
      else if (word === 'SELECT' || word === 'UNION' || word === 'INTERSECT' || word === 'EXCEPT')
        readClauses(scope, 'other')
      else at++
    }
  }

  function skipGroup() {
    let depth = 0
    do {
      if (isAtSymbol('(')) depth++
      else if (isAtSymbol(')')) depth--
      at++
    } while (depth > 0 && at < tokens.length)
  }

  const isName = (index: number) => tokens[index]?.kind === 'word' || tokens[index]?.kind === 'quoted'
  /** After `.` or `AS` any word is a name: `t.from`, `1 as from`. */
  const isLabel = (index: number) => isSymbol(tokens[index - 1], '.') || tokenKeyword(tokens[index - 1]) === 'AS'
  const isDistinctFrom = () => keywordAt(-1) === 'DISTINCT' && (keywordAt(-2) === 'IS' || keywordAt(-2) === 'NOT')

  while (at < tokens.length) {
    readQuery(null)
    // An extra parenthesis: DuckDB refuses the statement; the rest is still parsed, for completion.
    if (at < tokens.length) at++
  }
  return references
}

/** The common table expressions that a query may name: its own, and those of the queries around it. */
type Scope = { names: ReadonlySet<string>; outer: Scope } | null

/** Whether a name is that of a common table expression; `recurring.x` is all rows of a recursive one (USING KEY). */
function isCommonTable(parts: readonly string[], scope: Scope): boolean {
  if (parts.length > 2) return false
  const [first = '', second = ''] = parts.map((part) => part.toLowerCase())
  if (parts.length === 2 && first !== 'recurring') return false
  const name = parts.length === 1 ? first : second
  for (let within = scope; within !== null; within = within.outer) if (within.names.has(name)) return true
  return false
}
