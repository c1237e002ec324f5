import { sqlProblem } from './sql-problem'
import { isSymbol, keywordOf, type Token } from './tokenize'

const RUNS = new Set(['SELECT', 'WITH', 'FROM', 'VALUES', 'DESCRIBE', 'DESC', 'SUMMARIZE', 'EXPLAIN'])
const WRITES = new Set([
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
const WHAT_RUNS = 'Statements that run here begin with SELECT, WITH, FROM, VALUES, DESCRIBE, SUMMARIZE or EXPLAIN.'

/**
 * Refuses every statement that is more than a question, before any engine sees it.
 *
 * @throws {AppError} query-failed at the word that was refused
 */
export function checkReadOnly(tokens: readonly Token[]): void {
  let at = 0
  while (isSymbol(tokens[at], '(')) at++
  if (keywordOf(tokens[at]) === 'EXPLAIN') {
    at++
    if (keywordOf(tokens[at]) === 'ANALYZE') at++
    if (isSymbol(tokens[at], '(') && !RUNS.has(keywordOf(tokens[at + 1]) ?? '')) at = afterGroup(tokens, at)
    while (isSymbol(tokens[at], '(')) at++
  }
  refuseUnlessRuns(tokens[at])
  if (keywordOf(tokens[at]) === 'WITH') refuseUnlessRuns(tokens[afterCommonTables(tokens, at)])
}

/** What EXPLAIN is asked about, and whether it runs it (`ANALYZE`); null for another statement. */
export function explained(tokens: readonly Token[]): { runs: boolean; tokens: readonly Token[] } | null {
  if (keywordOf(tokens[0]) !== 'EXPLAIN') return null
  const runs = keywordOf(tokens[1]) === 'ANALYZE'
  const at = runs ? 2 : 1
  if (isSymbol(tokens[at], '(') && !RUNS.has(keywordOf(tokens[at + 1]) ?? '')) {
    const end = afterGroup(tokens, at)
    const isAnalyze = tokens.slice(at, end).some((token) => keywordOf(token) === 'ANALYZE')
    return { runs: runs || isAnalyze, tokens: tokens.slice(end) }
  }
  return { runs, tokens: tokens.slice(at) }
}

function refuseUnlessRuns(token: Token | undefined) {
  if (token === undefined || isSymbol(token, '(')) return
  const word = keywordOf(token)
  if (word !== null && RUNS.has(word)) return
  if (word === null) throw sqlProblem(`A statement cannot begin with ${token.text}. ${WHAT_RUNS}`, token)
  if (WRITES.has(word)) throw sqlProblem(`${word} changes data, and Query only reads. ${WHAT_RUNS}`, token)
  throw sqlProblem(`${word} does not run here. ${WHAT_RUNS}`, token)
}

/** Index of the word behind the list of common table expressions that begins at `at`. */
function afterCommonTables(tokens: readonly Token[], at: number): number {
  let i = at + 1
  while (i < tokens.length) {
    if (isSymbol(tokens[i], '(')) {
      const body = keywordOf(tokens[i - 1])
      i = afterGroup(tokens, i)
      // The list ends behind a body that no comma follows; the group behind a name lists its columns.
      if ((body === 'AS' || body === 'MATERIALIZED') && !isSymbol(tokens[i], ',')) return i
    } else i++
  }
  return i
}

function afterGroup(tokens: readonly Token[], at: number): number {
  let depth = 0
  for (let i = at; i < tokens.length; i++) {
    if (isSymbol(tokens[i], '(')) depth++
    else if (isSymbol(tokens[i], ')') && --depth === 0) return i + 1
  }
  return tokens.length
}
