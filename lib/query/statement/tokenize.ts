import { sqlError } from './sql-error'

/**
 * SQL text to tokens, as in DuckDB's lexer: nested block comments, dollar quotes, `E''` strings, quoted identifiers.
 * Comments and white space are left out. An unclosed token runs to the end of the text; DuckDB reports it.
 */
export type Token = {
  kind: 'word' | 'quoted' | 'string' | 'number' | 'parameter' | 'symbol'
  /** As written, quotes included. */
  text: string
  /** In UTF-16 units; `end` is exclusive. */
  start: number
  end: number
}

const SPACE = /[\s\u00a0\u1680\u180e\u2000-\u200b\u202f\u205f\u3000\ufeff]/
const WORD_START = /[A-Za-z_\u0080-\uffff]/
const WORD = /(?:(?![\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff])[A-Za-z0-9_$\u0080-\uffff])*/y
const NUMBER = /(?:0[xX][0-9A-Fa-f_]+|0[bB][01_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/y
const DOLLAR_TAG = /\$(?:[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)?\$/y
/** `$name`, `$1` or `?`. */
const PARAMETER = /\?|\$(?:\d+|[A-Za-z_\u0080-\uffff][A-Za-z0-9_\u0080-\uffff]*)/y
const SYMBOLS = ['->>', '::', ':=', '->', '=>', '<=', '>=', '<>', '!=', '||', '==']

/** The most words, names, values and symbols of one text: as many as a text of the longest saved query can have. */
export const MAX_SQL_TOKENS = 100_000

/** @throws {AppError} query-failed for a text of more than {@link MAX_SQL_TOKENS} tokens, before the rest is read */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < sql.length) {
    const start = at
    const char = sql[at] ?? ''
    const add = (kind: Token['kind'], end: number) => {
      if (tokens.length === MAX_SQL_TOKENS)
        throw sqlError(
          `The SQL has more than ${MAX_SQL_TOKENS} words and symbols.`,
          { start, end },
          'Keep long lists of values in a table, and join it.',
        )
      tokens.push({ kind, text: sql.slice(start, end), start, end })
      at = end
    }
    if (SPACE.test(char)) at++
    else if (sql.startsWith('--', at)) at = endOfLine(sql, at)
    else if (sql.startsWith('/*', at)) at = endOfBlockComment(sql, at)
    else if (char === "'") add('string', endOfQuoted(sql, at, "'"))
    else if (char === '"') add('quoted', endOfQuoted(sql, at, '"'))
    else if (/[eE]/.test(char) && sql[at + 1] === "'") add('string', endOfEscaped(sql, at + 1))
    else if (char === '$' && match(DOLLAR_TAG, sql, at)) add('string', endOfDollarQuoted(sql, at))
    else if (match(PARAMETER, sql, at)) add('parameter', at + (match(PARAMETER, sql, at)?.length ?? 1))
    else if (WORD_START.test(char)) add('word', at + (match(WORD, sql, at)?.length ?? 1))
    else if (/\d/.test(char) || (char === '.' && /\d/.test(sql[at + 1] ?? '') && !touchesName(tokens.at(-1), at)))
      add('number', at + (match(NUMBER, sql, at)?.length ?? 1))
    else add('symbol', at + (SYMBOLS.find((symbol) => sql.startsWith(symbol, at))?.length ?? 1))
  }
  return tokens
}

/**
 * The construct that is not closed at the end of a text, and where it begins; null when all are closed.
 *
 * @param last the last token of the text
 */
export function findUnclosed(
  sql: string,
  last: Token | undefined,
): { name: string; end: string; start: number } | null {
  // A comment is not a token.
  const commentAt = findOpenComment(sql, last?.end ?? 0)
  if (commentAt !== null) return { name: 'comment', end: '*/', start: commentAt }
  if (last === undefined || last.end < sql.length) return null
  const { text, start } = last
  if (last.kind === 'quoted')
    return endOfQuoted(`${text} `, 0, '"') <= text.length ? null : { name: 'name', end: '"', start }
  if (last.kind !== 'string') return null
  if (text.startsWith('$')) {
    const tag = match(DOLLAR_TAG, text, 0) ?? '$$'
    const isClosed = text.endsWith(tag) && text.length >= 2 * tag.length
    return isClosed ? null : { name: 'text', end: tag, start }
  }
  // With a space after it, the end of an unclosed text is beyond its own.
  const end = /^[eE]/.test(text) ? endOfEscaped(`${text} `, 1) : endOfQuoted(`${text} `, 0, "'")
  return end <= text.length ? null : { name: 'text', end: "'", start }
}

/** Where a block comment begins that has no end, at or after a position outside of tokens. */
function findOpenComment(sql: string, from: number): number | null {
  for (let at = from; at < sql.length; ) {
    if (sql.startsWith('--', at)) at = endOfLine(sql, at)
    else if (!sql.startsWith('/*', at)) at++
    else {
      const end = endOfBlockComment(sql, at)
      if (end > sql.length - 1 && endOfBlockComment(`${sql} `, at) > sql.length) return at
      at = end
    }
  }
  return null
}

/** A word in upper case, to compare with keywords, or null for any other token. */
export function tokenKeyword(token: Token | undefined): string | null {
  return token?.kind === 'word' ? token.text.toUpperCase() : null
}

export function isSymbol(token: Token | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text
}

/** The name that a word or a quoted identifier stands for, or null for another token. */
export function tokenName(token: Token | undefined): string | null {
  if (token?.kind === 'word') return token.text
  if (token?.kind !== 'quoted') return null
  const isClosed = token.text.length > 1 && token.text.endsWith('"')
  return token.text.slice(1, isClosed ? -1 : undefined).replaceAll('""', '"')
}

/** The value of a string, with the escapes of DuckDB's plain, `E''` and dollar-quoted strings resolved. */
export function tokenString(token: Token | undefined): string | null {
  if (token?.kind !== 'string') return null
  const { text } = token
  if (text.startsWith('$')) {
    const tag = match(DOLLAR_TAG, text, 0) ?? '$$'
    return text.slice(tag.length, text.endsWith(tag) && text.length >= 2 * tag.length ? -tag.length : undefined)
  }
  const isEscaped = /^[eE]/.test(text)
  const body = text.slice(isEscaped ? 2 : 1, -1).replaceAll("''", "'")
  return isEscaped ? body.replace(/\\(.)/gs, (_, char: string) => ({ n: '\n', t: '\t', r: '\r' })[char] ?? char) : body
}

function match(pattern: RegExp, sql: string, at: number): string | null {
  pattern.lastIndex = at
  return pattern.exec(sql)?.[0] ?? null
}

/** Whether a dot belongs to `a.1`: a dot that touches a name is not a decimal point. */
function touchesName(token: Token | undefined, at: number): boolean {
  return token !== undefined && token.end === at && (token.kind === 'word' || token.kind === 'quoted')
}

function endOfLine(sql: string, at: number): number {
  const end = sql.indexOf('\n', at)
  return end < 0 ? sql.length : end + 1
}

/** Block comments can be nested. */
export function endOfBlockComment(sql: string, at: number): number {
  let depth = 0
  for (let i = at; i < sql.length; i++) {
    if (sql.startsWith('/*', i)) {
      depth++
      i++
    } else if (sql.startsWith('*/', i)) {
      depth--
      i++
      if (depth === 0) return i + 1
    }
  }
  return sql.length
}

function endOfQuoted(sql: string, at: number, quote: string): number {
  for (let i = at + 1; i < sql.length; i++) {
    if (sql[i] !== quote) continue
    if (sql[i + 1] !== quote) return i + 1
    i++
  }
  return sql.length
}

function endOfEscaped(sql: string, at: number): number {
  for (let i = at + 1; i < sql.length; i++) {
    if (sql[i] === '\\') i++
    else if (sql[i] === "'") {
      if (sql[i + 1] !== "'") return i + 1
      i++
    }
  }
  return sql.length
}

function endOfDollarQuoted(sql: string, at: number): number {
  const tag = match(DOLLAR_TAG, sql, at) ?? '$$'
  const end = sql.indexOf(tag, at + tag.length)
  return end < 0 ? sql.length : end + tag.length
}
