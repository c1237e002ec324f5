import {
  type CST,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  Parser,
  parseDocument,
  visit,
} from 'yaml'
import { AppError } from '@/lib/errors'
import type { LineOf } from './declaration-text'
import { MAX_COLUMNS } from './table-declaration'

/** As many as a statement of SQL may have. */
export const MAX_YAML_CHARS = 1_000_000
/**
 * The tokens of the lexer: words, indicators, and the white space between them. Ten thousand columns of a few lines
 * have 300,000.
 */
export const MAX_YAML_TOKENS = 500_000
export const MAX_YAML_DEPTH = 200
/** The most members of one list or map. */
export const MAX_YAML_MEMBERS = MAX_COLUMNS
/** The bound on aliases stops files that expand without end. */
export const MAX_YAML_ALIASES = 100
/** After aliases are replaced by their values. */
export const MAX_YAML_VALUES = 500_000

const MAX_SHOWN_KEY_CHARS = 80

/** A value, and the lines of its parts. */
export type ParsedYaml = { value: unknown; lineOf: LineOf }

/**
 * The value of a YAML text. Integers that a double cannot hold stay exact.
 *
 * @throws {AppError} invalid-request with the position; too-large beyond one of the bounds
 */
export function parseDeclarationYaml(text: string): ParsedYaml {
  requireWithinBounds(text)
  const lineCounter = new LineCounter()
  try {
    const document = parseDocument(text, { intAsBigInt: true, lineCounter, uniqueKeys: false })
    const [error] = document.errors
    if (error !== undefined) throw error
    requireUniqueKeys(document, lineCounter)
    const value = toPlainIntegers(document.toJS({ maxAliasCount: MAX_YAML_ALIASES }), [], { values: 0 })
    return { value, lineOf: (path) => lineOfPath(document, lineCounter, path) }
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError(
      'invalid-request',
      `This is no YAML: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    )
  }
}

/**
 * Runs before the text is composed, which is recursive. The lexer and the parser of tokens are not.
 *
 * @throws {AppError} too-large
 */
function requireWithinBounds(text: string): void {
  if (text.length > MAX_YAML_CHARS) throw tooLargeError(`is longer than ${MAX_YAML_CHARS} characters`)
  const parser = new Parser()
  const documents: CST.Token[] = []
  let tokens = 0
  for (const lexeme of new Lexer().lex(text)) {
    tokens += 1
    if (tokens > MAX_YAML_TOKENS) throw tooLargeError(`has more than ${MAX_YAML_TOKENS} words and marks`)
    documents.push(...parser.next(lexeme))
    // The document, its collections and a value.
    if (parser.stack.length > MAX_YAML_DEPTH + 2) throw tooDeepError()
  }
  documents.push(...parser.end())
  let aliases = 0
  const left: { token: CST.Token; depth: number }[] = documents.map((token) => ({ token, depth: 0 }))
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { token, depth } = next
    if (depth > MAX_YAML_DEPTH) throw tooDeepError()
    if (token.type === 'alias') aliases += 1
    if (aliases > MAX_YAML_ALIASES) throw tooLargeError(`has more than ${MAX_YAML_ALIASES} aliases`)
    if (token.type === 'document' && token.value) left.push({ token: token.value, depth })
    if (!('items' in token)) continue
    if (token.items.length > MAX_YAML_MEMBERS)
      throw tooLargeError(`has a list or a map of more than ${MAX_YAML_MEMBERS} members`)
    for (const { key, value } of token.items)
      for (const part of [key, value]) if (part) left.push({ token: part, depth: depth + 1 })
  }
}

/**
 * The library compares each key of a map with all before it.
 *
 * @throws {AppError} invalid-request
 */
function requireUniqueKeys(document: Document, lineCounter: LineCounter): void {
  visit(document, {
    Map(_, { items }) {
      const known = new Set<unknown>()
      for (const { key } of items) {
        if (!isScalar(key)) continue
        const sizeBefore = known.size
        if (known.add(key.value).size > sizeBefore) continue
        const { line, col } = lineCounter.linePos(startOf(key) ?? 0)
        throw new AppError(
          'invalid-request',
          `This is no YAML: Map keys must be unique at line ${line}, column ${col}: ${shorten(String(key.value))}`,
        )
      }
    },
  })
}

function shorten(key: string): string {
  return key.length > MAX_SHOWN_KEY_CHARS ? `${key.slice(0, MAX_SHOWN_KEY_CHARS)}…` : key
}

function tooDeepError(): AppError {
  return tooLargeError(`is nested more than ${MAX_YAML_DEPTH} deep`)
}

function tooLargeError(reason: string): AppError {
  return new AppError('too-large', `The YAML ${reason}.`)
}

/** The line of the last step of a path that is in the text. */
function lineOfPath(document: Document, lineCounter: LineCounter, path: readonly PropertyKey[]): number | null {
  let node: unknown = document.contents
  let offset: number | null = null
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(step))
      if (pair === undefined) break
      offset = startOf(pair.key) ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number') {
      node = node.items[step]
      offset = startOf(node) ?? offset
    } else break
  }
  return offset === null ? null : lineCounter.linePos(offset).line
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null
}

/** @param around the values that contain it: an alias may lead back to one */
function toPlainIntegers(value: unknown, around: readonly unknown[], count: { values: number }): unknown {
  count.values += 1
  if (count.values > MAX_YAML_VALUES)
    throw tooLargeError(`has more than ${MAX_YAML_VALUES} values when its aliases are replaced`)
  if (typeof value === 'bigint') return BigInt.asIntN(53, value) === value ? Number(value) : value
  if (typeof value !== 'object' || value === null) return value
  if (around.includes(value))
    throw new AppError('invalid-request', 'An alias in the YAML leads to what it is in, so the text has no end.')
  if (around.length > MAX_YAML_DEPTH) throw tooDeepError()
  const within = [...around, value]
  if (Array.isArray(value)) return value.map((item) => toPlainIntegers(item, within, count))
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toPlainIntegers(member, within, count)]))
}
