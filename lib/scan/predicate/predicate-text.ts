import { AppError } from '@/lib/errors'
import { JsonNumber } from '@/lib/iceberg/json/json-number'
import {
  type Comparison,
  type Literal,
  MAX_CONDITIONS,
  MAX_DEPTH,
  MAX_LITERALS,
  type Predicate,
  type TextTest,
} from './predicate'

/**
 * Predicates as people write them: `speed between 10 and 20 and city starts with "Be"`.
 *
 * A column is a dotted name, in back quotes if it has other characters than letters, digits and underscores. A value is
 * a number, `true`, `false`, or a text in double or single quotes, which are doubled inside; dates, timestamps, UUIDs
 * and (hexadecimal) bytes are texts too.
 */

const SYMBOLS: Readonly<Record<string, Comparison>> = {
  '=': 'eq',
  '==': 'eq',
  '!=': 'not-eq',
  '<>': 'not-eq',
  '<': 'lt',
  '<=': 'lt-eq',
  '>': 'gt',
  '>=': 'gt-eq',
}
const PRINTED = { eq: '=', 'not-eq': '!=', lt: '<', 'lt-eq': '<=', gt: '>', 'gt-eq': '>=' } as const
const PHRASES = {
  'is-null': 'is null',
  'not-null': 'is not null',
  'is-nan': 'is nan',
  'not-nan': 'is not nan',
  'starts-with': 'starts with',
  'not-starts-with': 'not starts with',
  contains: 'contains',
  'not-contains': 'not contains',
  'ends-with': 'ends with',
  'not-ends-with': 'not ends with',
  in: 'in',
  'not-in': 'not in',
} as const
/** These cannot be columns without back quotes. Of later words the parser knows by their position that they are none. */
const KEYWORDS = ['and', 'or', 'not', 'is', 'in', 'null', 'nan', 'true', 'false', 'starts', 'with']
const MAX_TEXT_CHARS = 1_000_000
/** A condition has some five, and a value of a list two. */
export const MAX_FILTER_TOKENS = 10 * MAX_CONDITIONS + 2 * MAX_LITERALS
const EXAMPLE = 'A filter is one or more conditions, such as delay > 60 and origin in ("ABQ", "SFO").'

export function predicateToText(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'true':
    case 'false':
      return predicate.kind
    case 'not':
      return `not (${predicateToText(predicate.part)})`
    case 'and':
    case 'or': {
      if (predicate.parts.length === 0) return predicate.kind === 'and' ? 'true' : 'false'
      const texts = predicate.parts.map((part) =>
        part.kind === 'and' || part.kind === 'or' ? `(${predicateToText(part)})` : predicateToText(part),
      )
      return texts.join(` ${predicate.kind} `)
    }
    default: {
      const column = columnText(predicate.column)
      switch (predicate.kind) {
        case 'is-null':
        case 'not-null':
        case 'is-nan':
        case 'not-nan':
          return `${column} ${PHRASES[predicate.kind]}`
        case 'in':
        case 'not-in':
          return `${column} ${PHRASES[predicate.kind]} (${predicate.values.map(literalText).join(', ')})`
        case 'starts-with':
        case 'not-starts-with':
        case 'contains':
        case 'not-contains':
        case 'ends-with':
        case 'not-ends-with':
          return `${column} ${PHRASES[predicate.kind]} ${literalText(predicate.value)}`
        case 'between':
          return `${column} between ${literalText(predicate.low)} and ${literalText(predicate.high)}`
        default:
          return `${column} ${PRINTED[predicate.kind]} ${literalText(predicate.value)}`
      }
    }
  }
}

/** @throws {AppError} invalid-request with the position of the error */
export function parsePredicateText(text: string): Predicate {
  if (text.length > MAX_TEXT_CHARS) throw new AppError('too-large', 'The filter is longer than a million characters.')
  return new TextParser(text, tokenize(text)).parse()
}

const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_]*(\.[\p{L}_][\p{L}\p{N}_]*)*$/u

function columnText(column: string | number): string {
  if (typeof column === 'number') return `#${column}`
  const isPlain = PLAIN_NAME.test(column) && !KEYWORDS.includes(column.toLowerCase())
  return isPlain ? column : `\`${column.replaceAll('`', '``')}\``
}

function literalText(literal: Literal): string {
  return typeof literal === 'string' ? `"${literal.replaceAll('"', '""')}"` : String(literal)
}

type Token = { at: number } & (
  | { kind: 'word' | 'symbol'; text: string }
  | { kind: 'column'; column: string | number }
  | { kind: 'literal'; literal: Literal }
  | { kind: 'end' }
)

const TOKEN =
  /\s*(?:(?<word>[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*)|(?<id>#\d{1,10})|(?<name>`(?:[^`]|``)*`)|(?<text>"(?:[^"]|"")*"|'(?:[^']|'')*')|(?<number>[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<symbol><=|>=|<>|!=|==|[=<>(),]))/uy

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  const end = text.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match?.groups) throw textError(text, start, 'is not understood')
    if (tokens.length === MAX_FILTER_TOKENS)
      throw new AppError('too-large', `The filter has more than ${MAX_FILTER_TOKENS} words and symbols.`)
    tokens.push(toToken(match.groups, TOKEN.lastIndex - match[0].trimStart().length))
  }
  return [...tokens, { kind: 'end', at: end }]
}

function toToken({ word, id, name, text, number, symbol }: Partial<Record<string, string>>, at: number): Token {
  if (id !== undefined) return { kind: 'column', column: Number(id.slice(1)), at }
  if (name !== undefined) return { kind: 'column', column: name.slice(1, -1).replaceAll('``', '`'), at }
  if (number !== undefined) return { kind: 'literal', literal: toNumber(number), at }
  if (text !== undefined) {
    const quote = text.slice(0, 1)
    return { kind: 'literal', literal: text.slice(1, -1).replaceAll(quote + quote, quote), at }
  }
  if (symbol !== undefined) return { kind: 'symbol', text: symbol, at }
  return { kind: 'word', text: word ?? '', at }
}

/** A number is copied digit by digit if JavaScript would change it. */
function toNumber(text: string): Literal {
  return String(Number(text)) === text ? Number(text) : new JsonNumber(text)
}

class TextParser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #next = 0
  #conditions = 0

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text
    this.#tokens = tokens
  }

  parse(): Predicate {
    const predicate = this.#parseJoined('or', 0)
    if (this.#token.kind !== 'end') throw this.#unexpectedError('and, or, or the end')
    return predicate
  }

  get #token(): Token {
    return this.#tokens[this.#next] ?? { kind: 'end', at: this.#text.length }
  }

  #accepts(word: string): boolean {
    const token = this.#token
    const isNext = (token.kind === 'word' || token.kind === 'symbol') && token.text.toLowerCase() === word
    if (isNext) this.#next += 1
    return isNext
  }

  #expect(word: string): void {
    if (!this.#accepts(word)) throw this.#unexpectedError(word)
  }

  #parseJoined(kind: 'and' | 'or', depth: number): Predicate {
    if (depth > MAX_DEPTH) throw textError(this.#text, this.#token.at, `is nested deeper than ${MAX_DEPTH}`)
    const parsePart = () => (kind === 'or' ? this.#parseJoined('and', depth) : this.#parsePart(depth))
    const first = parsePart()
    const parts = [first]
    while (this.#accepts(kind)) parts.push(parsePart())
    return parts.length === 1 ? first : { kind, parts }
  }

  #parsePart(depth: number): Predicate {
    if (this.#accepts('not')) {
      if (depth > MAX_DEPTH) throw textError(this.#text, this.#token.at, `is nested deeper than ${MAX_DEPTH}`)
      return { kind: 'not', part: this.#parsePart(depth + 1) }
    }
    if (this.#accepts('(')) {
      const inner = this.#parseJoined('or', depth + 1)
      this.#expect(')')
      return inner
    }
    if (this.#accepts('true')) return { kind: 'true' }
    if (this.#accepts('false')) return { kind: 'false' }
    return this.#parseCondition(this.#parseColumn())
  }

  #parseColumn(): string | number {
    const token = this.#token
    this.#next += 1
    if (token.kind === 'column') return token.column
    if (token.kind === 'word' && !KEYWORDS.includes(token.text.toLowerCase())) return token.text
    this.#next -= 1
    throw this.#unexpectedError('a column')
  }

  #parseCondition(column: string | number): Predicate {
    const token = this.#token
    this.#conditions += 1
    if (this.#conditions > MAX_CONDITIONS)
      throw textError(this.#text, token.at, `is in one of more than ${MAX_CONDITIONS} conditions`)
    const comparison = token.kind === 'symbol' ? SYMBOLS[token.text] : undefined
    if (comparison) {
      this.#next += 1
      return { kind: comparison, column, value: this.#parseLiteral() }
    }
    if (this.#accepts('is')) {
      const isNot = this.#accepts('not')
      if (this.#accepts('null')) return { kind: isNot ? 'not-null' : 'is-null', column }
      this.#expect('nan')
      return { kind: isNot ? 'not-nan' : 'is-nan', column }
    }
    const isNot = this.#accepts('not')
    if (this.#accepts('in')) return { kind: isNot ? 'not-in' : 'in', column, values: this.#parseList() }
    if (this.#accepts('between')) {
      const low = this.#parseLiteral()
      this.#expect('and')
      const between: Predicate = { kind: 'between', column, low, high: this.#parseLiteral() }
      return isNot ? { kind: 'not', part: between } : between
    }
    return { kind: this.#parseTextTest(isNot), column, value: this.#parseLiteral() }
  }

  #parseTextTest(isNot: boolean): TextTest {
    if (this.#accepts('contains')) return isNot ? 'not-contains' : 'contains'
    const isStart = this.#accepts('starts')
    if (!isStart && !this.#accepts('ends'))
      throw this.#unexpectedError('a comparison such as =, in, is null or starts with')
    this.#expect('with')
    if (isStart) return isNot ? 'not-starts-with' : 'starts-with'
    return isNot ? 'not-ends-with' : 'ends-with'
  }

  #parseList(): Literal[] {
    this.#expect('(')
    const values: Literal[] = []
    if (this.#accepts(')')) return values
    do {
      if (values.length === MAX_LITERALS)
        throw textError(this.#text, this.#token.at, `is one of more than ${MAX_LITERALS} values`)
      values.push(this.#parseLiteral())
    } while (this.#accepts(','))
    this.#expect(')')
    return values
  }

  #parseLiteral(): Literal {
    const token = this.#token
    if (token.kind === 'literal') {
      this.#next += 1
      return token.literal
    }
    if (this.#accepts('true')) return true
    if (this.#accepts('false')) return false
    throw this.#unexpectedError('a number, true, false, or a text in quotes')
  }

  #unexpectedError(expected: string): AppError {
    const { at } = this.#token
    return this.#token.kind === 'end' ? endError(this.#text, expected) : textError(this.#text, at, `is not ${expected}`)
  }
}

function textError(text: string, at: number, problem: string): AppError {
  const start = at + (/^\s*/.exec(text.slice(at, at + 100))?.[0].length ?? 0)
  const part = text.slice(start, start + 20)
  const subject = part === '' ? 'The end of the filter' : `“${part}” at character ${start + 1} of the filter`
  return new AppError('invalid-request', `${subject} ${problem}. ${EXAMPLE}`, { facts: { at: start } })
}

function endError(text: string, expected: string): AppError {
  const written = text.trimEnd()
  const shown = written.slice(-20)
  const where = shown === '' ? 'The filter is empty' : `The end of the filter, after “${shown}”, is not ${expected}`
  return new AppError('invalid-request', `${where}. ${EXAMPLE}`, { facts: { at: written.length } })
}
