import { type SqlRange, sqlError } from './sql-error'
import { isSymbol, type Token, tokenKeyword, tokenName, tokenString } from './tokenize'

/** `SHOW TABLES FROM demo LIKE 'f%'`: a list of names. */
export type ShowStatement = {
  shows: 'tables' | 'views' | 'namespaces' | 'connections'
  /** The name after FROM or IN, part by part; null for all of the chosen connection. */
  within: { parts: readonly string[]; range: SqlRange } | null
  /** The pattern after LIKE. */
  pattern: string | null
}

const SHOWN: Readonly<Record<string, ShowStatement['shows']>> = {
  TABLES: 'tables',
  VIEWS: 'views',
  NAMESPACES: 'namespaces',
  SCHEMAS: 'namespaces',
  CATALOGS: 'connections',
  CONNECTIONS: 'connections',
  DATABASES: 'connections',
}
const FORMS =
  "Write SHOW TABLES, SHOW VIEWS, SHOW NAMESPACES or SHOW CONNECTIONS, with FROM namespace and LIKE 'a%' after it."

/**
 * The names that a statement shows; null for any statement but SHOW.
 *
 * @throws {AppError} query-failed for another form of SHOW
 */
export function parseShow(tokens: readonly Token[]): ShowStatement | null {
  const [show] = tokens
  if (show === undefined || tokenKeyword(show) !== 'SHOW') return null
  let at = tokenKeyword(tokens[1]) === 'ALL' && tokenKeyword(tokens[2]) === 'TABLES' ? 2 : 1
  const subject = tokens[at] ?? show
  const shows = SHOWN[tokenKeyword(subject) ?? '']
  if (shows === undefined)
    throw sqlError(
      subject === show
        ? 'SHOW needs TABLES, VIEWS, NAMESPACES or CONNECTIONS after it.'
        : `SHOW cannot list ${subject.text}, only tables, views, namespaces and connections.`,
      subject,
      tokenKeyword(subject) === 'COLUMNS' ? 'Write DESCRIBE and the name of the table.' : FORMS,
    )
  at++
  const statement: ShowStatement = { shows, within: null, pattern: null }
  if (shows !== 'connections' && ['FROM', 'IN'].includes(tokenKeyword(tokens[at]) ?? '')) {
    const first = tokens[at + 1] ?? tokens[at] ?? subject
    const parts: string[] = []
    do {
      at++
      const part = tokenName(tokens[at])
      if (part === null) throw sqlError('A name follows here.', tokens[at] ?? first, FORMS)
      parts.push(part)
      at++
    } while (isSymbol(tokens[at], '.'))
    statement.within = { parts, range: { start: first.start, end: tokens[at - 1]?.end ?? first.end } }
  }
  if (tokenKeyword(tokens[at]) === 'LIKE' && tokens[at + 1]?.kind === 'string') {
    statement.pattern = tokenString(tokens[at + 1])
    at += 2
  }
  const rest = tokens[at]
  if (rest !== undefined) throw sqlError(`SHOW cannot be followed by ${rest.text} here.`, rest, FORMS)
  return statement
}
