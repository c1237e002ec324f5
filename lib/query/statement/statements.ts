import { AppError } from '@/lib/errors'
import { selectedSql } from './selected-sql'
import { type SqlRange, sqlError } from './sql-error'
import { findUnclosed, isSymbol, type Token, tokenize } from './tokenize'

/** One statement of a text: its range without the semicolon, and its tokens with positions in the whole text. */
export type Statement = SqlRange & { tokens: readonly Token[] }

/**
 * The statements of a text in order, without empty ones (`;;`, comments only).
 *
 * @throws {AppError} query-failed for a text with too many tokens
 */
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

/** Like {@link splitStatements}, for editors: null for a text that is too long to be read. Running it gives the error. */
export function readableStatements(sql: string): Statement[] | null {
  try {
    return splitStatements(sql)
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}

/** The statement at or just before the cursor, otherwise the next, otherwise the last. */
export function statementAt(statements: readonly Statement[], cursor: number): Statement | undefined {
  return statements.find((statement) => cursor <= statement.end + 1) ?? statements.at(-1)
}

/** Why a text has no statement to run. */
export function noStatementError(sql: string): AppError {
  return (
    unclosedError(sql, tokenize(sql).at(-1)) ??
    new AppError('query-failed', 'There is nothing to run yet. Write a query first.')
  )
}

/**
 * Checks that a statement and a comment after it are closed. DuckDB gets the statement without that comment.
 *
 * @throws {AppError} query-failed where the comment, the text or the name begins
 */
export function requireClosed(sql: string, statement: Statement): void {
  const after = tokenize(sql.slice(statement.end)).at(-1)
  if (after !== undefined && !isSymbol(after, ';')) return
  const last = after ? { ...after, start: after.start + statement.end, end: after.end + statement.end } : undefined
  const error = unclosedError(sql, last ?? statement.tokens.at(-1))
  if (error) throw error
}

function unclosedError(sql: string, last: Token | undefined): AppError | null {
  const unclosed = findUnclosed(sql, last)
  if (unclosed === null) return null
  const { name, end, start } = unclosed
  return sqlError(`The ${name} that begins here is not closed.`, { start, end: sql.length }, `Write ${end} at its end.`)
}

/** The most statements of one run. */
const MAX_RUN_STATEMENTS = 100

/** A statement of a text with several, or of a selection. */
export type StatementPosition = {
  /** Among the statements of the text or of the selection, from 1. */
  number: number
  count: number
  /** Where it begins in the text, from 1. */
  line: number
  /** The statement alone. */
  text: string
}

/** A statement that an engine finds in `sql` at `cursor`. Positions in `sql` are positions in the whole text. */
export type RunnableStatement = { sql: string; cursor: number; position: StatementPosition }

/**
 * The part of a text to run: the statement at the cursor, or all statements. With a selection, only that part of the
 * text.
 */
export type RunScope = { isAll: boolean; selection: SqlRange | null }

/**
 * The statements to run, in order. A selection is run as a whole, unless it has no statement: then it counts as none.
 *
 * @throws {AppError} query-failed for a text without statements, and for too many
 */
export function findRunnable(sql: string, cursor: number, { isAll, selection }: RunScope): RunnableStatement[] {
  const selectedText = selection === null ? '' : selectedSql(sql, selection)
  const selected = splitStatements(selectedText)
  const [runSql, statements] = selected.length > 0 ? [selectedText, selected] : [sql, splitStatements(sql)]
  const atCursor = statementAt(statements, cursor)
  if (!atCursor) throw noStatementError(sql)
  const chosen = isAll || selected.length > 0 ? statements : [atCursor]
  if (chosen.length > MAX_RUN_STATEMENTS)
    throw new AppError(
      'query-failed',
      `A run can have at most ${MAX_RUN_STATEMENTS} statements, and this one has ${chosen.length}.`,
      { facts: { hint: 'Select some of them' } },
    )
  return chosen.map((statement) => ({
    sql: runSql,
    // Its end is in no other statement; its beginning may be just after the one before.
    cursor: statement.end,
    position: {
      number: statements.indexOf(statement) + 1,
      count: statements.length,
      line: sql.slice(0, statement.start).split('\n').length,
      text: sql.slice(statement.start, statement.end),
    },
  }))
}
