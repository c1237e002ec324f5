import { type DerivedTable, findDerivedTables } from './tables/derived-tables'
import { readableStatements, statementAt } from './statement/statements'
import { type TableReference, findTableReferences } from './tables/table-references'
import type { QueryClock } from './tables/time-travel'
import { isSymbol, tokenName, type Token } from './statement/tokenize'

/** The name that is being written at a cursor. */
export type NameAtCursor = {
  /** Parts before the last dot: `a.b.c|` has `['a', 'b']`. */
  qualifier: readonly string[]
  /** Where the last part begins. */
  from: number
  /** The name or keyword right before it, without quotes; null after anything else. */
  precedingWord: string | null
  /** Whether a value ends right before it: a number, a text, a parameter or a closing bracket. */
  isAfterValue: boolean
  /** Tables of the statement, as far as it can be parsed. */
  references: readonly TableReference[]
  /** Common tables and subqueries that the statement reads. */
  derived: readonly DerivedTable[]
  commonTableNames: readonly string[]
}

const NO_NAME = {
  qualifier: [],
  precedingWord: null,
  isAfterValue: false,
  references: [],
  derived: [],
  commonTableNames: [],
} as const satisfies Omit<NameAtCursor, 'from'>

/** The name at a cursor, for completion; null inside strings and numbers, and in a text that is too long to be read. */
export function nameAtCursor(sql: string, cursor: number, clock: QueryClock): NameAtCursor | null {
  const statements = readableStatements(sql)
  if (statements === null) return null
  const statement = statementAt(statements, cursor)
  if (!statement || statement.start > cursor) return { ...NO_NAME, from: cursor }
  const { tokens } = statement
  let at = tokens.findLastIndex(({ start }) => start < cursor)
  const tokenAtCursor = tokens[at]
  let from = cursor
  if (tokenAtCursor && tokenAtCursor.end >= cursor && tokenAtCursor.kind !== 'symbol') {
    if (tokenName(tokenAtCursor) === null) return null
    from = tokenAtCursor.start
    at--
  }
  const qualifier: string[] = []
  let chainStart = from
  while (isSymbol(tokens[at], '.') && tokens[at]?.end === chainStart) {
    const name = tokens[at - 1]
    const part = tokenName(name)
    if (part === null || name === undefined || name.end !== tokens[at]?.start) break
    qualifier.unshift(part)
    chainStart = name.start
    at -= 2
  }
  // Without the name at the cursor: after its dot the next keyword would be read as a column.
  const otherTokens = tokens.filter(({ start, end }) => end <= chainStart || start >= cursor)
  return {
    qualifier,
    from,
    precedingWord: tokenName(tokens[at]),
    isAfterValue: isEndOfValue(tokens[at]),
    references: tryFindReferences(otherTokens, clock),
    ...findDerivedTables(otherTokens, clock),
  }
}

function isEndOfValue(token: Token | undefined): boolean {
  if (token?.kind === 'symbol') return token.text === ')' || token.text === ']'
  return token?.kind === 'number' || token?.kind === 'string' || token?.kind === 'parameter'
}

function tryFindReferences(tokens: readonly Token[], clock: QueryClock): readonly TableReference[] {
  try {
    return findTableReferences(tokens, clock).filter(({ file }) => file === undefined)
  } catch {
    // The statement is incomplete: there are no completions, and it is too early to report an error.
    return []
  }
}
