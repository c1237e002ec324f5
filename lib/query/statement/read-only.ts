import { closestWord } from './closest-word'
import { sqlError } from './sql-error'
import { isSymbol, tokenKeyword, type Token } from './tokenize'

const READ_KEYWORDS = new Set([
  'SELECT',
  'WITH',
  'FROM',
  'VALUES',
  'PIVOT',
  'UNPIVOT',
  'DESCRIBE',
  'DESC',
  'SUMMARIZE',
  'EXPLAIN',
])
const WRITE_KEYWORDS = new Set([
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'TRUNCATE',
  'COPY',
  'CREATE',
  'DROP',
  'ALTER',
  'REPLACE',
])
const ALLOWED_STATEMENTS =
  'Start with SELECT, WITH, FROM, VALUES, PIVOT, UNPIVOT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN.'

/**
 * Refuses every statement that does more than read, before an engine sees it. SHOW never reaches an engine: see
 * `show-statement`.
 *
 * @throws {AppError} query-failed at the refused keyword
 */
export function checkReadOnly(tokens: readonly Token[]): void {
  let at = 0
  while (isSymbol(tokens[at], '(')) at++
  if (tokenKeyword(tokens[at]) === 'EXPLAIN') {
    at++
    if (tokenKeyword(tokens[at]) === 'ANALYZE') at++
    if (isSymbol(tokens[at], '(') && !READ_KEYWORDS.has(tokenKeyword(tokens[at + 1]) ?? '')) at = skipGroup(tokens, at)
    while (isSymbol(tokens[at], '(')) at++
  }
  checkStatementStart(tokens[at])
  if (tokenKeyword(tokens[at]) === 'WITH') checkStatementStart(tokens[skipCommonTables(tokens, at)])
}

/** The statement after EXPLAIN, and whether EXPLAIN runs it (`ANALYZE`); null for another statement. */
export function parseExplain(tokens: readonly Token[]): { executes: boolean; tokens: readonly Token[] } | null {
  if (tokenKeyword(tokens[0]) !== 'EXPLAIN') return null
  const executes = tokenKeyword(tokens[1]) === 'ANALYZE'
  const at = executes ? 2 : 1
  if (isSymbol(tokens[at], '(') && !READ_KEYWORDS.has(tokenKeyword(tokens[at + 1]) ?? '')) {
    const end = skipGroup(tokens, at)
    const isAnalyze = tokens.slice(at, end).some((token) => tokenKeyword(token) === 'ANALYZE')
    return { executes: executes || isAnalyze, tokens: tokens.slice(end) }
  }
  return { executes, tokens: tokens.slice(at) }
}

function checkStatementStart(token: Token | undefined) {
  if (token === undefined || isSymbol(token, '(')) return
  const word = tokenKeyword(token)
  if (word !== null && READ_KEYWORDS.has(word)) return
  if (word === null) throw sqlError(`A statement cannot begin with ${token.text}. ${ALLOWED_STATEMENTS}`, token)
  if (WRITE_KEYWORDS.has(word))
    throw sqlError(`${word} is not allowed: Query is read-only. ${ALLOWED_STATEMENTS}`, token)
  if (word === 'SHOW') throw sqlError('SHOW is a statement of its own and cannot be part of another.', token)
  const meant = closestWord(word, [...READ_KEYWORDS, 'SHOW'])
  throw sqlError(
    `${word} is not a supported statement. ${ALLOWED_STATEMENTS}`,
    token,
    meant === null ? undefined : `Did you mean ${meant}?`,
  )
}

/** Index of the token after the list of common table expressions that begins at `at`. */
function skipCommonTables(tokens: readonly Token[], at: number): number {
  let i = at + 1
  while (i < tokens.length) {
    if (isSymbol(tokens[i], '(')) {
      const bodyKeyword = tokenKeyword(tokens[i - 1])
      i = skipGroup(tokens, i)
      // The list ends after a body without a comma; parentheses after a name list its columns.
      if ((bodyKeyword === 'AS' || bodyKeyword === 'MATERIALIZED') && !isSymbol(tokens[i], ',')) return i
    } else i++
  }
  return i
}

function skipGroup(tokens: readonly Token[], at: number): number {
  let depth = 0
  for (let i = at; i < tokens.length; i++) {
    if (isSymbol(tokens[i], '(')) depth++
    else if (isSymbol(tokens[i], ')') && --depth === 0) return i + 1
  }
  return tokens.length
}
