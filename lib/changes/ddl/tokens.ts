import { DdlError, positionAt } from './ddl-error'

/** `name`: a quoted identifier, which is never a keyword. `end`: after the last token. */
export type Token = {
  kind: 'word' | 'name' | 'text' | 'number' | 'symbol' | 'end'
  /** A name or a text is without its quotes. */
  text: string
  offset: number
}

export type Dialect = 'spark' | 'trino'

/** A longer statement does not describe one table. */
export const MAX_DDL_CHARS = 1_000_000
export const MAX_DDL_TOKENS = 200_000

const WORD = /[\p{L}_][\p{L}\p{N}_$]*/uy
const NUMBER = /\d+/y
const SYMBOLS = '(),.;:<>=[]-'

/** The tokens of a statement. Comments are left out. */
export function readTokens(text: string, dialect: Dialect): Token[] {
  if (text.length > MAX_DDL_CHARS)
    throw new DdlError(`The text is longer than ${MAX_DDL_CHARS} characters.`, positionAt(text, MAX_DDL_CHARS))
  const tokens: Token[] = []
  let at = 0
  const fail = (message: string, offset = at): never => {
    throw new DdlError(message, positionAt(text, offset))
  }
  while (at < text.length) {
    const char = text.charAt(at)
    if (/\s/.test(char)) at += 1
    else if (text.startsWith('--', at)) at = endOf(text, '\n', at)
    else if (text.startsWith('/*', at)) {
      const end = text.indexOf('*/', at + 2)
      if (end < 0) fail('The comment has no end.')
      at = end + 2
    } else {
      const token = readToken(text, at, dialect, fail)
      tokens.push(token.token)
      if (tokens.length > MAX_DDL_TOKENS) fail(`The statement has more than ${MAX_DDL_TOKENS} words.`)
      at = token.end
    }
  }
  return [...tokens, { kind: 'end', text: '', offset: text.length }]
}

type Read = { token: Token; end: number }

function readToken(text: string, offset: number, dialect: Dialect, fail: (message: string) => never): Read {
  const char = text.charAt(offset)
  const isText = char === "'" || (char === '"' && dialect === 'spark')
  if (isText) return readText(text, offset, dialect, fail)
  if (char === '"' || char === '`') {
    if ((char === '`') !== (dialect === 'spark'))
      fail(dialect === 'spark' ? 'Spark quotes names with `.' : 'Trino quotes names with ".')
    return readName(text, offset, char, fail)
  }
  return /\d/.test(char)
    ? readPattern(text, offset, 'number', NUMBER, fail)
    : readPattern(text, offset, 'word', WORD, fail)
}

function readPattern(
  text: string,
  offset: number,
  kind: Token['kind'],
  pattern: RegExp,
  fail: (message: string) => never,
): Read {
  pattern.lastIndex = offset
  const [found] = pattern.exec(text) ?? []
  if (found !== undefined) return { token: { kind, text: found, offset }, end: offset + found.length }
  const char = String.fromCodePoint(text.codePointAt(offset) ?? 0)
  if (SYMBOLS.includes(char)) return { token: { kind: 'symbol', text: char, offset }, end: offset + 1 }
  return fail(`${char} is not expected here.`)
}

/** A quote within is doubled. */
function readName(text: string, offset: number, quote: string, fail: (message: string) => never): Read {
  let name = ''
  for (let at = offset + 1; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (char !== quote) name += char
    else if (text.charAt(at + 1) === quote) {
      name += quote
      at += 1
    } else {
      if (name === '') fail('The name is empty.')
      return { token: { kind: 'name', text: name, offset }, end: at + 1 }
    }
  }
  return fail('The name has no closing quote.')
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', '0': '\0', Z: '\x1A' }

/** Spark reads escapes with a backslash, Trino a doubled quote alone. */
function readText(text: string, offset: number, dialect: Dialect, fail: (message: string) => never): Read {
  const quote = text.charAt(offset)
  let value = ''
  for (let at = offset + 1; at < text.length; at += 1) {
    const char = text.charAt(at)
    if (dialect === 'spark' && char === '\\') {
      const code = /^u([0-9a-fA-F]{4})/.exec(text.slice(at + 1, at + 6))?.[1]
      if (code !== undefined) {
        value += String.fromCharCode(Number.parseInt(code, 16))
        at += 5
        continue
      }
      const next = text.charAt(at + 1)
      value += next === '%' || next === '_' ? `\\${next}` : (ESCAPES[next] ?? next)
      at += 1
    } else if (char !== quote) value += char
    else if (text.charAt(at + 1) === quote) {
      value += quote
      at += 1
    } else return { token: { kind: 'text', text: value, offset }, end: at + 1 }
  }
  return fail('The text has no closing quote.')
}

function endOf(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from)
  return end < 0 ? text.length : end + mark.length
}
