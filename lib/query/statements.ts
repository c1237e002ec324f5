import type { SqlRange } from './sql-error'
import { isSymbol, type Token, tokenize } from './tokenize'

/** One statement of a text: its range without the semicolon, and its tokens with positions in the whole text. */
export type Statement = SqlRange & { tokens: readonly Token[] }

/** The statements of a text in order, without empty ones (`;;`, comments only). */
export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = []
  let tokens: Token[] = []
  const endStatement = () => {
    const first = tokens[0]
    const last = tokens.at(-1)
    if (first && last) statements.push({ start: first.start, end: last.end, tokens })
    tokens = []
  }
  for (const token of tokenize(sql)) {
    if (isSymbol(token, ';')) endStatement()
    else tokens.push(token)
  }
  endStatement()
  return statements
}

/**
 * The one statement to run: the one at or just before the cursor, otherwise the next, otherwise the last. A run is
 * always one statement, so that the shown result belongs to it.
 */
export function statementAt(statements: readonly Statement[], cursor: number): Statement | undefined {
  return statements.find((statement) => cursor <= statement.end + 1) ?? statements.at(-1)
}
