import { MAX_COLUMNS } from '../declaration/table-declaration'
import { DdlError, positionAt } from './ddl-error'
import { type Dialect, readTokens, type Token } from './tokens'

/** Reads the tokens of a statement one after the other, and says where something else was expected. */
export class TokenReader {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #index = 0
  readonly #notes = new Set<string>()

  constructor(text: string, dialect: Dialect) {
    this.#text = text
    this.#tokens = readTokens(text, dialect)
  }

  /** The next token, or one after it. */
  peek(ahead = 0): Token {
    const last = this.#tokens.length - 1
    return this.#tokens[Math.min(this.#index + ahead, last)] as Token
  }

  next(): Token {
    const token = this.peek()
    if (token.kind !== 'end') this.#index += 1
    return token
  }

  /** Whether these keywords come next. Does not advance. */
  isAt(...words: readonly string[]): boolean {
    return words.every((word, i) => isWord(this.peek(i), word))
  }

  /** Reads the keywords if they come next. */
  take(...words: readonly string[]): boolean {
    if (!this.isAt(...words)) return false
    this.#index += words.length
    return true
  }

  takeSymbol(symbol: string): boolean {
    const { kind, text } = this.peek()
    if (kind !== 'symbol' || text !== symbol) return false
    this.#index += 1
    return true
  }

  require(...words: readonly string[]): void {
    for (const word of words) if (!this.take(word)) this.fail(`${word} was expected`)
  }

  requireSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) this.fail(`“${symbol}” was expected`)
  }

  /** @param what the subject of the name, for the message */
  name(what: string): string {
    const token = this.peek()
    if (token.kind !== 'name' && token.kind !== 'word') this.fail(`the name of ${what} was expected`)
    return this.next().text
  }

  text(what: string): string {
    if (this.peek().kind !== 'text') this.fail(`${what} was expected, as text in quotes`)
    return this.next().text
  }

  integer(what: string, max = 2_147_483_647): number {
    const token = this.peek()
    const value = Number(token.text)
    if (token.kind !== 'number') this.fail(`${what} was expected`)
    if (value < 0 || value > max) this.fail(`${what} is at most ${max}`)
    this.#index += 1
    return value
  }

  /** Items between brackets, with commas in between; at least one, and at most {@link MAX_COLUMNS}. */
  list<Item>(read: () => Item, [open, close]: readonly [string, string] = ['(', ')']): Item[] {
    this.requireSymbol(open)
    const items = this.items(read)
    if (!this.takeSymbol(close)) this.fail(`“,” or “${close}” was expected`)
    return items
  }

  /** Items with a symbol in between; at least one, and at most `max`. */
  items<Item>(read: () => Item, separator = ',', max = MAX_COLUMNS): Item[] {
    const items = [read()]
    while (this.takeSymbol(separator)) {
      if (items.length === max) this.refuse(`There are more than ${max} of them.`)
      items.push(read())
    }
    return items
  }

  /** @param expectation such as `a type was expected` */
  fail(expectation: string, at: Token = this.peek()): never {
    const found =
      at.kind === 'end' ? 'the end' : at.kind === 'text' ? 'a text' : at.kind === 'number' ? at.text : `“${at.text}”`
    throw new DdlError(`${expectation}, not ${found}.`, positionAt(this.#text, at.offset))
  }

  /** Notes a clause that is understood but dropped. */
  note(sentence: string): void {
    this.#notes.add(sentence)
  }

  get notes(): readonly string[] {
    return [...this.#notes]
  }

  /** Refuses a clause that is understood but not supported. */
  refuse(reason: string, at: Token = this.peek()): never {
    throw new DdlError(reason, positionAt(this.#text, at.offset))
  }
}

function isWord({ kind, text }: Token, word: string): boolean {
  return kind === 'word' && text.toUpperCase() === word
}
