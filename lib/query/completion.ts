import { splitStatements, statementAt } from './statements'
import { type TableReference, tableReferences } from './table-references'
import { isSymbol, nameOf, type Token } from './tokenize'

/** What is being written at a cursor. */
export type NameAtCursor = {
  /** Parts before the last dot: `a.b.c|` has `['a', 'b']`. */
  qualifier: readonly string[]
  /** Where the part being written begins. */
  from: number
  /** Tables of the statement, as far as it can be read. */
  references: readonly TableReference[]
}

/** The name at a cursor, for completion; null inside strings and numbers. */
export function nameAtCursor(sql: string, cursor: number): NameAtCursor | null {
  const statement = statementAt(splitStatements(sql), cursor)
  if (!statement || statement.start > cursor) return { qualifier: [], from: cursor, references: [] }
  const { tokens } = statement
  let at = tokens.findLastIndex(({ start }) => start < cursor)
  const touching = tokens[at]
  let from = cursor
  if (touching && touching.end >= cursor && touching.kind !== 'symbol') {
    if (nameOf(touching) === null) return null
    from = touching.start
    at--
  }
  const qualifier: string[] = []
  let edge = from
  while (isSymbol(tokens[at], '.') && tokens[at]?.end === edge) {
    const name = tokens[at - 1]
    const part = nameOf(name)
    if (part === null || name === undefined || name.end !== tokens[at]?.start) break
    qualifier.unshift(part)
    edge = name.start
    at -= 2
  }
  // Without the name being written: behind its dot the next keyword would be taken for a column.
  const others = tokens.filter(({ start, end }) => end <= edge || start >= cursor)
  return { qualifier, from, references: referencesOf(others) }
}

function referencesOf(tokens: readonly Token[]): readonly TableReference[] {
  try {
    return tableReferences(tokens)
  } catch {
    // Half written: there is nothing to complete from, and nothing to complain of yet.
    return []
  }
}
