import type { TextPart } from './text-reader'

/**
 * JSON without interpreting its numbers: a value stays the text that it was written in, so that no digit is lost before
 * its column's type has checked it.
 *
 * Spec: RFC 8259. An object with a duplicate key is refused, because it is ambiguous.
 */

export type JsonToken =
  | { kind: 'null' | 'true' | 'false' }
  /** `isDouble`: the number was stored in 64 bits, so a float may not be able to hold it. Numbers of texts are never marked. */
  | { kind: 'number'; text: string; isDouble?: true }
  | { kind: 'string'; text: string }
  | { kind: 'array'; items: readonly JsonToken[] }
  | { kind: 'object'; members: ReadonlyMap<string, JsonToken> }

export class JsonSyntax extends Error {
  override readonly name = 'JsonSyntax'
}

const MAX_DEPTH = 200
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:[.][0-9]+)?(?:[eE][+-]?[0-9]+)?/y
// Every character from the space on except quote and backslash: those need no unescaping.
const PLAIN_STRING = /"([ !#-[\]-\uffff]*)"/y
const SPACE = /[ \t\r\n]*/y

/** @throws {JsonSyntax} with the problem, without the text */
export function parseJsonTokens(text: string): JsonToken {
  const reader = new Reader(text)
  const value = reader.value(0)
  reader.skipSpace()
  if (reader.at < text.length)
    throw new JsonSyntax(`has more after the end of the JSON value, at character ${reader.at + 1}`)
  return value
}

/**
 * Where the members of an object, or the items of an array, stand in a text; none of other values. A text that is cut has
 * those before its end.
 */
export function locateJsonParts(text: string): (TextPart & { key: string | number })[] {
  const found: (TextPart & { key: string | number })[] = []
  try {
    for (const part of new Reader(text).parts()) found.push(part)
  } catch (error) {
    if (!(error instanceof JsonSyntax)) throw error
  }
  return found
}

class Reader {
  readonly #text: string
  at = 0

  constructor(text: string) {
    this.#text = text
  }

  skipSpace(): void {
    const code = this.#text.charCodeAt(this.at)
    if (code > 0x20) return
    SPACE.lastIndex = this.at
    SPACE.test(this.#text)
    this.at = SPACE.lastIndex
  }

  value(depth: number): JsonToken {
    if (depth > MAX_DEPTH) throw new JsonSyntax(`is nested more than ${MAX_DEPTH} deep`)
    this.skipSpace()
    switch (this.#text[this.at]) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"':
        return { kind: 'string', text: this.#string() }
      case 't':
        return this.#word('true')
      case 'f':
        return this.#word('false')
      case 'n':
        return this.#word('null')
      default:
        return this.#number()
    }
  }

  /** The members of an object, or the items of an array, with their keys or indexes and where they stand. */
  *parts(): Generator<TextPart & { key: string | number }> {
    this.skipSpace()
    const isObject = this.#take('{')
    const close = isObject ? '}' : ']'
    if (!isObject && !this.#take('[')) return
    this.skipSpace()
    if (this.#take(close)) return
    for (let index = 0; ; index += 1) {
      this.skipSpace()
      const key = isObject ? this.#string() : index
      this.skipSpace()
      if (isObject && !this.#take(':')) throw this.#syntaxError()
      this.skipSpace()
      const start = this.at
      this.value(1)
      yield { key, start, end: this.at }
      this.skipSpace()
      if (this.#take(close)) return
      if (!this.#take(',')) throw this.#syntaxError()
    }
  }

  #object(depth: number): JsonToken {
    const members = new Map<string, JsonToken>()
    this.at += 1
    this.skipSpace()
    if (this.#take('}')) return { kind: 'object', members }
    for (;;) {
      this.skipSpace()
      if (this.#text[this.at] !== '"') throw this.#syntaxError()
      const key = this.#string()
      this.skipSpace()
      if (!this.#take(':')) throw this.#syntaxError()
      if (members.has(key)) throw new JsonSyntax(`names the key ${JSON.stringify(key.slice(0, 100))} twice`)
      members.set(key, this.value(depth + 1))
      this.skipSpace()
      if (this.#take('}')) return { kind: 'object', members }
      if (!this.#take(',')) throw this.#syntaxError()
    }
  }

  #array(depth: number): JsonToken {
    const items: JsonToken[] = []
    this.at += 1
    this.skipSpace()
    if (this.#take(']')) return { kind: 'array', items }
    for (;;) {
      items.push(this.value(depth + 1))
      this.skipSpace()
      if (this.#take(']')) return { kind: 'array', items }
      if (!this.#take(',')) throw this.#syntaxError()
    }
  }

  #string(): string {
    PLAIN_STRING.lastIndex = this.at
    const plain = PLAIN_STRING.exec(this.#text)
    if (plain) {
      this.at = PLAIN_STRING.lastIndex
      return plain[1] ?? ''
    }
    const close = this.#closingQuote()
    const source = this.#text.slice(this.at, close + 1)
    this.at = close + 1
    try {
      return JSON.parse(source) as string
    } catch {
      throw new JsonSyntax(`has a string that is not JSON, before character ${this.at + 1}`)
    }
  }

  #closingQuote(): number {
    for (let at = this.at + 1; at < this.#text.length; at += 1) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x5c) at += 1
      else if (code === 0x22) return at
    }
    throw new JsonSyntax('ends inside a string')
  }

  #number(): JsonToken {
    NUMBER.lastIndex = this.at
    const [text] = NUMBER.exec(this.#text) ?? []
    if (text === undefined) throw this.#syntaxError()
    this.at = NUMBER.lastIndex
    return { kind: 'number', text }
  }

  #word(word: 'true' | 'false' | 'null'): JsonToken {
    if (!this.#text.startsWith(word, this.at)) throw this.#syntaxError()
    this.at += word.length
    return { kind: word }
  }

  #take(character: string): boolean {
    if (this.#text[this.at] !== character) return false
    this.at += 1
    return true
  }

  #syntaxError(): JsonSyntax {
    if (this.at >= this.#text.length) return new JsonSyntax('ends before the JSON value does')
    return new JsonSyntax(`is not JSON at character ${this.at + 1}`)
  }
}

/** The value as JSON, with its numbers as they were written. */
export function jsonTokenText(token: JsonToken): string {
  switch (token.kind) {
    case 'null':
    case 'true':
    case 'false':
      return token.kind
    case 'number':
      return token.text
    case 'string':
      return JSON.stringify(token.text)
    case 'array':
      return `[${token.items.map(jsonTokenText).join(',')}]`
    case 'object':
      return `{${Array.from(token.members, ([key, value]) => `${JSON.stringify(key)}:${jsonTokenText(value)}`).join(',')}}`
  }
}

/**
 * A JSON number in plain digits with the same value: `1.50e2` → `150`, `1204.0` → `1204`, `1e-3` → `0.001`. Null when
 * it would take more than 400 digits, which no type here holds.
 */
export function toPlainDigits(number: string): string | null {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)([0-9]+)(?:[.]([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(number) ?? []
  if (!/[.eE]/.test(number)) return number
  const digits = whole + fraction
  if (/^0*$/.test(digits)) return `${sign}0`
  const point = whole.length + Number(exponent)
  if (!Number.isSafeInteger(point) || Math.abs(point) > 400 || digits.length > 400) return null
  const left = point <= 0 ? '0' : digits.slice(0, point).padEnd(point, '0')
  const right = (point <= 0 ? '0'.repeat(-point) + digits : digits.slice(point)).replace(/0+$/, '')
  return `${sign}${left.replace(/^0+(?=.)/, '')}${right === '' ? '' : `.${right}`}`
}
