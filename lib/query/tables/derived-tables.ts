import { findTableReferences, type TableReference } from './table-references'
import type { QueryClock } from './time-travel'
import { isSymbol, tokenKeyword, tokenName, type Token } from '../statement/tokenize'

/**
 * A query that a statement uses like a table, a common table expression or a subquery in FROM, with its columns as far
 * as the text tells them.
 */
export type DerivedTable = {
  /** How the statement refers to it. */
  name: string
  columns: readonly string[]
  /** The tables whose columns it has, too, because of a `*`. */
  tablesOfStar: readonly TableReference[]
}

type Columns = Pick<DerivedTable, 'columns' | 'tablesOfStar'>
type CommonTable = Columns & { name: string }

/** Deeper subqueries are left out. */
const MAX_DEPTH = 20
/** So are queries beyond this many tokens together: a query is read again for the queries around it. */
const MAX_TOKENS_READ = 200_000

/** How tables are read, and how many tokens still are. */
type Reading = { clock: QueryClock; tokensLeft: number }
/** Words after which a table is named. */
const TABLE_KEYWORDS = new Set(['FROM', 'JOIN'])
/** Words that end a SELECT list or a FROM at the level of their query. */
const CLAUSE_KEYWORDS = new Set(
  'FROM WHERE GROUP HAVING ORDER LIMIT OFFSET WINDOW QUALIFY UNION INTERSECT EXCEPT SELECT USING SAMPLE'.split(' '),
)
const JOIN_KEYWORDS = new Set('JOIN LEFT RIGHT FULL INNER OUTER CROSS NATURAL ANTI SEMI ASOF POSITIONAL ON'.split(' '))

/** The names of a statement's common table expressions, for its FROM, and the derived tables that it reads. */
export function findDerivedTables(
  tokens: readonly Token[],
  clock: QueryClock,
): { commonTableNames: readonly string[]; derived: readonly DerivedTable[] } {
  const reading: Reading = { clock, tokensLeft: MAX_TOKENS_READ }
  const commonTables = readCommonTables(tokens, reading, 0)
  return {
    commonTableNames: [...commonTables.values()].map(({ name }) => name),
    derived: findUses(tokens, commonTables, reading, 0),
  }
}

/**
 * All `name [(columns)] AS [[NOT] MATERIALIZED] (query)` of a statement, by their name in lower case.
 *
 * @param levels given to read the common tables of the outermost query only
 */
function readCommonTables(
  tokens: readonly Token[],
  reading: Reading,
  depth: number,
  levels?: readonly number[],
): Map<string, CommonTable> {
  const known = new Map<string, CommonTable>()
  if (depth > MAX_DEPTH || !tokens.some((token) => tokenKeyword(token) === 'WITH')) return known
  for (let at = 0; at < tokens.length; at++) {
    if (tokenKeyword(tokens[at]) !== 'AS' || (levels?.[at] ?? 0) > 0) continue
    let body = at + 1
    while (['NOT', 'MATERIALIZED'].includes(tokenKeyword(tokens[body]) ?? '')) body++
    if (reading.tokensLeft <= 0) break
    if (!isSymbol(tokens[body], '(') || !isQueryStart(tokens[body + 1])) continue
    const names = isSymbol(tokens[at - 1], ')') ? columnList(tokens, at - 1) : null
    const nameToken = names === null ? tokens[at - 1] : tokens[names.start - 1]
    const name = tokenName(nameToken)
    if (name === null) continue
    const columns = queryColumns(readBody(tokens, body, reading).tokens, known, reading, depth + 1)
    known.set(name.toLowerCase(), { name, ...(names === null ? columns : { columns: names.names, tablesOfStar: [] }) })
  }
  return known
}

/**
 * The common tables and subqueries in FROM that a statement reads, under the names that it gives them.
 *
 * @param levels given to read the ones of the outermost query only
 */
function findUses(
  tokens: readonly Token[],
  commonTables: ReadonlyMap<string, CommonTable>,
  reading: Reading,
  depth: number,
  levels?: readonly number[],
): DerivedTable[] {
  return tokens.flatMap((token, at): DerivedTable[] => {
    if ((levels?.[at] ?? 0) > 0) return []
    const before = tokens[at - 1]
    if (!TABLE_KEYWORDS.has(tokenKeyword(before) ?? '') && !isSymbol(before, ',')) return []
    if (isSymbol(token, '(') && isQueryStart(tokens[at + 1])) {
      if (reading.tokensLeft <= 0) return []
      const body = readBody(tokens, at, reading)
      const name = aliasAt(tokens, body.end + 1)
      if (name === null) return []
      return [{ name, ...queryColumns(body.tokens, commonTables, reading, depth + 1) }]
    }
    const used = commonTables.get(tokenName(token)?.toLowerCase() ?? '')
    if (used === undefined || isSymbol(tokens[at + 1], '.') || isSymbol(tokens[at + 1], '(')) return []
    // The definition of the next common table.
    if (tokenKeyword(tokens[at + 1]) === 'AS' && !isName(tokens[at + 2])) return []
    return [{ ...used, name: aliasAt(tokens, at + 1) ?? used.name }]
  })
}

/** The columns that a query returns; for several that are combined, the columns of the first. */
function queryColumns(
  tokens: readonly Token[],
  outer: ReadonlyMap<string, CommonTable>,
  reading: Reading,
  depth: number,
): Columns {
  if (depth > MAX_DEPTH) return { columns: [], tablesOfStar: [] }
  const levels = tokenLevels(tokens)
  const commonTables = new Map([...outer, ...readCommonTables(tokens, reading, depth, levels)])
  const select = tokens.findIndex((token, at) => levels[at] === 0 && tokenKeyword(token) === 'SELECT')
  const items = select < 0 ? [] : selectItems(tokens, levels, select + 1)
  // `FROM t` without a SELECT returns all columns.
  const stars =
    select < 0 && tokenKeyword(tokens[0]) === 'FROM' ? [null] : items.flatMap((item) => starQualifier(item) ?? [])
  const columns = items.flatMap((item) => (starQualifier(item) === null ? (itemName(item) ?? []) : []))
  const isOf = (star: string | null, name: string | undefined) => star === null || star === name?.toLowerCase()
  const ownTables = findTables(tokens, reading.clock).filter(
    ({ parts, nameRange }) =>
      !(parts.length === 1 && commonTables.has(parts[0]?.toLowerCase() ?? '')) &&
      levels[tokens.findIndex(({ start }) => start === nameRange.start)] === 0,
  )
  const ownDerived = findUses(tokens, commonTables, reading, depth, levels)
  const starDerived = ownDerived.filter(({ name }) => stars.some((star) => isOf(star, name)))
  const starTables = ownTables.filter(({ alias, parts }) => stars.some((star) => isOf(star, alias ?? parts.at(-1))))
  return {
    columns: [...new Set([...columns, ...starDerived.flatMap((table) => table.columns)])],
    tablesOfStar: [...starTables, ...starDerived.flatMap((table) => table.tablesOfStar)],
  }
}

/** The items of a SELECT list, from its first token. */
function selectItems(tokens: readonly Token[], levels: readonly number[], start: number): Token[][] {
  const items: Token[][] = [[]]
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined) break
    const keyword = levels[at] === 0 && !isLabel(tokens, at) ? tokenKeyword(token) : null
    if (keyword !== null && CLAUSE_KEYWORDS.has(keyword)) break
    if (levels[at] === 0 && isSymbol(token, ',')) items.push([])
    else items.at(-1)?.push(token)
  }
  const [first = []] = items
  if (['DISTINCT', 'ALL'].includes(tokenKeyword(first[0]) ?? '')) items[0] = first.slice(1)
  return items
}

/** `[t]` in lower case for `t.*`, `[null]` for `*`; null for an item that is not a star. */
function starQualifier(item: readonly Token[]): [string | null] | null {
  if (isSymbol(item[0], '*')) return [null]
  const dot = item.findIndex((token, at) => isSymbol(token, '.') && isSymbol(item[at + 1], '*'))
  return dot < 1 ? null : [tokenName(item[dot - 1])?.toLowerCase() ?? null]
}

/** The name of a column of a result: its alias, or the last part of its name; null if the engine makes one up. */
function itemName(item: readonly Token[]): string | null {
  const last = item.at(-1)
  const before = item.at(-2)
  const name = tokenName(last)
  if (name === null || before === undefined) return name
  if (isSymbol(before, '.') || tokenKeyword(before) === 'AS') return name
  // An alias without AS stands after a value; a keyword such as END ends one.
  const endsValue = before.kind !== 'symbol' || isSymbol(before, ')') || isSymbol(before, ']')
  return endsValue && tokenKeyword(last) !== 'END' ? name : null
}

/** The alias after a table, or null. */
function aliasAt(tokens: readonly Token[], at: number): string | null {
  const keyword = tokenKeyword(tokens[at])
  if (keyword === 'AS') return tokenName(tokens[at + 1])
  return keyword !== null && (CLAUSE_KEYWORDS.has(keyword) || JOIN_KEYWORDS.has(keyword)) ? null : tokenName(tokens[at])
}

/** The names in `(a, b)`, which closes at `close`, and the index of its opening. */
function columnList(tokens: readonly Token[], close: number): { start: number; names: string[] } | null {
  let start = close - 1
  while (start >= 0 && !isSymbol(tokens[start], '(')) start--
  const inside = tokens.slice(start + 1, close).filter((token) => !isSymbol(token, ','))
  const names = inside.flatMap((token) => tokenName(token) ?? [])
  return start < 1 || names.length !== inside.length ? null : { start, names }
}

/** How many brackets each token is in; a bracket itself counts as outside. */
function tokenLevels(tokens: readonly Token[]): number[] {
  let level = 0
  return tokens.map((token) => {
    if (isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}')) level--
    const own = level
    if (isSymbol(token, '(') || isSymbol(token, '[') || isSymbol(token, '{')) level++
    return own
  })
}

/** The tokens within the bracket at `open`, and the index of the bracket that closes it. */
function readBody(tokens: readonly Token[], open: number, reading: Reading): { tokens: readonly Token[]; end: number } {
  const end = closingIndex(tokens, open)
  reading.tokensLeft -= end - open
  return { tokens: tokens.slice(open + 1, end), end }
}

/** Index of the bracket that closes the one at `open`, or the end. */
function closingIndex(tokens: readonly Token[], open: number): number {
  let level = 0
  for (let at = open; at < tokens.length; at++) {
    const token = tokens[at]
    if (isSymbol(token, '(') || isSymbol(token, '[') || isSymbol(token, '{')) level++
    if ((isSymbol(token, ')') || isSymbol(token, ']') || isSymbol(token, '}')) && --level <= 0) return at
  }
  return tokens.length
}

/** After `.` or `AS` any word is a name. */
function isLabel(tokens: readonly Token[], at: number): boolean {
  return isSymbol(tokens[at - 1], '.') || tokenKeyword(tokens[at - 1]) === 'AS'
}

/** Whether a token is a name, and not the keyword before the body of a common table. */
function isName(token: Token | undefined): boolean {
  return tokenName(token) !== null && !['NOT', 'MATERIALIZED'].includes(tokenKeyword(token) ?? '')
}

function isQueryStart(token: Token | undefined): boolean {
  return ['SELECT', 'FROM', 'WITH', 'VALUES'].includes(tokenKeyword(token) ?? '')
}

/** The tables of a query, none while it cannot be parsed. */
function findTables(tokens: readonly Token[], clock: QueryClock): readonly TableReference[] {
  try {
    return findTableReferences(tokens, clock)
  } catch {
    // Too early to report an error: the statement is being written.
    return []
  }
}
