import { parseExplain } from './read-only'
import { readableStatements, statementAt } from './statements'

/**
 * The text with EXPLAIN before its statement at the cursor.
 *
 * @param isAnalyze the statement runs, and its plan has times
 */
export function explainStatement(
  sql: string,
  cursor: number,
  { isAnalyze }: { isAnalyze: boolean },
): { sql: string; cursor: number } {
  const statement = statementAt(readableStatements(sql) ?? [], cursor)
  if (statement === undefined) return { sql, cursor }
  const { start, end, tokens } = statement
  // In place of an EXPLAIN that is there already.
  const from = parseExplain(tokens)?.tokens[0]?.start ?? start
  const explain = isAnalyze ? 'explain analyze ' : 'explain '
  return {
    sql: sql.slice(0, start) + explain + sql.slice(from),
    // The end of a statement is in no other.
    cursor: end + explain.length - (from - start),
  }
}
