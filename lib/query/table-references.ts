import type { AsOf } from '@/lib/iceberg/as-of'
import { type SqlRange, sqlProblem } from './sql-problem'
import { readTimeTravel } from './time-travel'
import { isSymbol, keywordOf, nameOf, type Token } from './tokenize'

/** A table named where SQL expects one: after FROM and JOIN, behind their commas, after DESCRIBE and SUMMARIZE. */
export type TableReference = {
  /** The name as written, part by part, quotes removed. */
  parts: readonly string[]
  name: SqlRange
  /** The name and its time travel clause: what a local name replaces. */
  whole: SqlRange
  asOf: AsOf
  alias: string | null
  /** `DESCRIBE t` and `SUMMARIZE t` take a bare name, where an alias cannot stand. */
  isBare: boolean
}

const QUERY_START = new Set([
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
const ENDS_FROM = new Set(
  'WHERE GROUP HAVING ORDER LIMIT OFFSET FETCH WINDOW QUALIFY SELECT UNION INTERSECT EXCEPT VALUES RETURNING'.split(
    ' ',
  ),
)
/** Words behind a table that are not its alias. */
const NO_ALIAS = new Set(
  [...ENDS_FROM].concat(
    (
      'JOIN LEFT RIGHT FULL INNER OUTER CROSS NATURAL ANTI SEMI ASOF POSITIONAL LATERAL ON USING FROM WITH FOR ' +
      'TABLESAMPLE PIVOT PIVOT_WIDER UNPIVOT PIVOT_LONGER AS'
    ).split(' '),
  ),
)

/**
 * The tables a statement reads, in order of their place. Names that a common table expression in scope answers are
 * left out, and so are table functions (`range(10)`) and lone words, which DuckDB resolves itself.
 *
 * @throws {AppError} query-failed for a file in the place of a table, or a time travel clause not understood
 */
export function tableReferences(tokens: readonly Token[]): TableReference[] {
  const found: TableReference[] = []
  let at = 0
  const keyword = (offset = 0) => keywordOf(tokens[at + offset])
  const is = (symbol: string, offset = 0) => isSymbol(tokens[at + offset], symbol)

  /** From the first word of a query up to the parenthesis that closes it, or the end. */
  function readQuery(outer: ReadonlySet<string>) {
    let scope = outer
    if (keyword() === 'EXPLAIN') {
      at++
      if (keyword() === 'ANALYZE') at++
      if (is('(') && !QUERY_START.has(keyword(1) ?? '')) skipGroup()
    }
    if (keyword() === 'WITH') scope = readCommonTables(outer)
    const first = keyword()
    if (first === 'DESCRIBE' || first === 'DESC' || first === 'SUMMARIZE' || first === 'SHOW') {
      at++
      if (QUERY_START.has(keyword() ?? '') || is('(')) readQuery(scope)
      else readTable(scope, true)
      return
    }
    const takesTable = first === 'PIVOT' || first === 'UNPIVOT'
    if (takesTable) at++
    readClauses(scope, takesTable ? 'table' : 'other')
  }

  /** `WITH [RECURSIVE] a [(columns)] AS [[NOT] MATERIALIZED] (query), …`; the names are in scope behind their body. */
  function readCommonTables(outer: ReadonlySet<string>): ReadonlySet<string> {
    const scope = new Set(outer)
    at++
    const isRecursive = keyword() === 'RECURSIVE'
    if (isRecursive) at++
    while (at < tokens.length) {
      const name = nameOf(tokens[at])?.toLowerCase()
      at++
      while (at < tokens.length && keyword() !== 'AS') {
        if (is('(')) skipGroup()
        else at++
      }
      at++
      while (keyword() === 'NOT' || keyword() === 'MATERIALIZED') at++
      if (is('(')) {
        at++
        readQuery(isRecursive && name !== undefined ? new Set([...scope, name]) : scope)
        if (is(')')) at++
      }
      if (name !== undefined) scope.add(name)
      if (!is(',')) break
      at++
    }
    return scope
  }

  /**
   * The clauses of a query. `table`: a table is expected; `tables`: inside FROM, behind a table, where a comma means
   * another one; `other`: anything else.
   */
  function readClauses(scope: ReadonlySet<string>, begin: 'table' | 'tables' | 'other') {
    let place: 'table' | 'tables' | 'other' = begin
    while (at < tokens.length && !is(')')) {
      if (place === 'table') {
        if (keyword() === 'LATERAL') at++
        else {
          readTable(scope, false)
          place = 'tables'
        }
        continue
      }
      const word = isLabel(at) ? null : keyword()
      if (is('(') || is('[') || is('{')) {
        readGroup(scope)
        continue
      }
      if (word === 'FROM' && !isDistinctFrom()) place = 'table'
      else if (word === 'JOIN' || (is(',') && place === 'tables')) place = 'table'
      else if (word !== null && ENDS_FROM.has(word)) place = 'other'
      at++
    }
  }

  /** One table of a FROM: a name, a table function, a subquery, a join in parentheses, VALUES. */
  function readTable(scope: ReadonlySet<string>, isBare: boolean) {
    if (isName(at) && is(':', 1)) at += 2
    if (is('(')) {
      at++
      if (QUERY_START.has(keyword() ?? '')) readQuery(scope)
      else readClauses(scope, 'table')
      if (is(')')) at++
      return
    }
    if (keyword() === 'VALUES') {
      at++
      while (is('(')) {
        readGroup(scope)
        if (is(',') && is('(', 1)) at++
      }
      return
    }
    const token = tokens[at]
    if (token?.kind === 'string')
      throw sqlProblem(
        'A file or an address cannot be read here: only tables of the lake.',
        token,
        "A table's name is written as namespace.table",
      )
    if (!isName(at) || token === undefined) {
      // Not a table, so the statement is wrong here, and DuckDB says how.
      if (at < tokens.length && !is(')')) at++
      return
    }
    const first = at
    at++
    while (is('.') && isName(at + 1)) at += 2
    const names = tokens.slice(first, at).filter((part) => !isSymbol(part, '.'))
    const name = { start: token.start, end: tokens[at - 1]?.end ?? token.end }
    if (is('(')) {
      readGroup(scope)
      return
    }
    const parts = names.map((part) => nameOf(part) ?? '')
    const travel = readTimeTravel(tokens, at)
    if (travel) at = travel.next
    if (isCommonTable(parts, scope)) {
      if (travel) throw sqlProblem('A common table expression has no versions.', name)
      return
    }
    found.push({
      parts,
      name,
      whole: { start: name.start, end: tokens[at - 1]?.end ?? name.end },
      asOf: travel?.asOf ?? {},
      alias: aliasHere(),
      isBare,
    })
  }

  function aliasHere(): string | null {
    if (keyword() === 'AS') return nameOf(tokens[at + 1])
    return NO_ALIAS.has(keyword() ?? '') ? null : nameOf(tokens[at])
  }

  /** Parentheses, brackets or braces: a subquery, or an expression whose FROM (`extract(year FROM d)`) names no table. */
  function readGroup(scope: ReadonlySet<string>) {
    const isTrim = /^(TRIM|LTRIM|RTRIM)$/.test(keywordOf(tokens[at - 1]) ?? '')
    at++
    if (QUERY_START.has(keyword() ?? '') && !(isTrim && keyword() === 'FROM') && !isLabel(at)) readQuery(scope)
    while (at < tokens.length && !is(')') && !is(']') && !is('}')) {
      const word = isLabel(at) ? null : keyword()
      if (is('(') || is('[') || is('{')) readGroup(scope)
      // `((select …) union select … from t)`: the group was a query after all.
      else if (word === 'SELECT' || word === 'UNION' || word === 'INTERSECT' || word === 'EXCEPT')
        readClauses(scope, 'other')
      else at++
    }
    at++
  }

  function skipGroup() {
    let depth = 0
    do {
      if (is('(')) depth++
      else if (is(')')) depth--
      at++
    } while (depth > 0 && at < tokens.length)
  }

  const isName = (index: number) => tokens[index]?.kind === 'word' || tokens[index]?.kind === 'quoted'
  /** Behind `.` or `AS` any word is a name: `t.from`, `1 as from`. */
  const isLabel = (index: number) => isSymbol(tokens[index - 1], '.') || keywordOf(tokens[index - 1]) === 'AS'
  const isDistinctFrom = () => keyword(-1) === 'DISTINCT' && (keyword(-2) === 'IS' || keyword(-2) === 'NOT')

  while (at < tokens.length) {
    readQuery(new Set())
    // A parenthesis too many: DuckDB refuses the statement; what follows is still read, for completion.
    if (at < tokens.length) at++
  }
  return found
}

/** Whether a name is that of a common table expression; `recurring.x` is the whole of a recursive one (USING KEY). */
function isCommonTable(parts: readonly string[], scope: ReadonlySet<string>): boolean {
  const [first = '', second = ''] = parts.map((part) => part.toLowerCase())
  return (parts.length === 1 && scope.has(first)) || (parts.length === 2 && first === 'recurring' && scope.has(second))
}
