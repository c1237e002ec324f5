import { AppError } from '@/lib/errors'
import { JsonNumber } from './json-number'
import type { Json } from './json'

/**
 * JSON without rounding: an integer beyond 2^53 becomes a bigint, and a fraction that no double represents exactly a
 * JsonNumber. Both are written back digit by digit. Iceberg's snapshot ids are 64-bit integers, which `JSON.parse`
 * alone would corrupt.
 *
 * Needs a `JSON.parse` that passes the source text of numbers to its reviver (Node 22, Chrome 114, Firefox 135, Safari
 * 18.4). An older runtime gets an error instead of rounded numbers.
 */

export const MAX_JSON_CHARS = 256 * 1024 * 1024
// A schema takes three levels of JSON for each level of nesting, so this allows columns nested more than 150 deep.
export const MAX_JSON_DEPTH = 512
// A limit on characters alone does not bound memory or time: a value costs about 200 bytes and a microsecond, however
// short its text. Metadata of 10,000 snapshots has less than one million values.
export const MAX_JSON_VALUES = 8_000_000
const MAX_NUMBER_CHARS = 1000

type Limits = { maxChars?: number; maxDepth?: number; maxValues?: number }
type ReviverContext = { source?: string } | undefined

/**
 * @throws {AppError} file-damaged when the text is not JSON; too-large when it is longer than 256 Mi characters, is
 *   nested more than 512 deep, has more than 8 million values or a number of more than 1,000 characters; not-supported
 *   on an old runtime
 */
export function parseExactJson(
  text: string,
  { maxChars = MAX_JSON_CHARS, maxDepth = MAX_JSON_DEPTH, maxValues = MAX_JSON_VALUES }: Limits = {},
): Json {
  if (text.length > maxChars) {
    throw new AppError('too-large', `A JSON document of ${text.length} characters is longer than ${maxChars}`)
  }
  requireWithinLimits(text, maxDepth, maxValues)
  try {
    // A byte order mark is not JSON, but other readers skip it.
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text, reviveNumber) as Json
  } catch (cause) {
    if (cause instanceof AppError) throw cause
    throw new AppError('file-damaged', `Not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

/** `indent` is the number of spaces per level; with 0 the text has no white space. Object keys keep their order. */
export function stringifyExactJson(json: Json, { indent = 0 }: { indent?: number } = {}): string {
  return stringify(json, indent, '')
}

/**
 * A number that is written with a point or an exponent even if it is whole, for readers that distinguish 1.0 from 1.
 */
export function jsonDouble(value: number): Json {
  return new JsonNumber(Number.isSafeInteger(value) ? `${formatNumber(value)}.0` : formatNumber(value))
}

/** TypeScript's type of a reviver does not have the third argument yet. */
function reviveNumber(_key: string, value: unknown, context?: ReviverContext): unknown {
  if (typeof value !== 'number') return value
  const source = context?.source
  if (source === undefined) {
    throw new AppError('not-supported', 'This runtime cannot read numbers from JSON exactly')
  }
  // Most numbers are written as JavaScript writes them.
  if (source === String(value) && (Number.isSafeInteger(value) || !Number.isInteger(value))) return value
  if (source.length > MAX_NUMBER_CHARS) {
    throw new AppError('too-large', `A JSON number of ${source.length} characters is longer than ${MAX_NUMBER_CHARS}`)
  }
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  if (!Number.isFinite(value)) throw new AppError('file-damaged', `The JSON number ${source} is out of range`)
  return canonicalNumber(source) === canonicalNumber(formatNumber(value)) ? value : new JsonNumber(source)
}

/** Normalizes a decimal number, so that two texts of the same number give the same result. */
function canonicalNumber(text: string): string {
  const [, sign = '', integer = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = (integer + fraction).replace(/^0+/, '')
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 0x30) end -= 1
  const trimmed = digits.slice(0, end)
  if (trimmed === '') return `${sign}0`
  return `${sign}${trimmed}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - trimmed.length)}`
}

/**
 * Runs before parsing, because a reviver and every reader of nested types walk the parsed value recursively. Every value
 * is the document itself, the first item of a list or object, or follows a comma.
 *
 * @throws {AppError} too-large
 */
export function requireWithinLimits(text: string, maxDepth = MAX_JSON_DEPTH, maxValues = MAX_JSON_VALUES): void {
  let depth = 0
  let values = 1
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0x22) index = endOfString(text, index)
    else if (code === 0x2c) values += 1
    else if (code === 0x7b || code === 0x5b) {
      depth += 1
      values += 1
    } else if (code === 0x7d || code === 0x5d) depth -= 1
    if (depth > maxDepth || values > maxValues) requireWithin({ depth, values }, maxDepth, maxValues)
  }
}

/** @throws {AppError} too-large */
export function requireWithin(
  { depth, values }: { depth: number; values: number },
  maxDepth = MAX_JSON_DEPTH,
  maxValues = MAX_JSON_VALUES,
): void {
  if (depth > maxDepth) throw new AppError('too-large', `A JSON document is nested more than ${maxDepth} deep`)
  if (values > maxValues) throw new AppError('too-large', `A JSON document has more than ${maxValues} values`)
}

/** The number of values in a JSON text, counted as {@link parseExactJson} does before it parses. */
export function countJsonValues(text: string): number {
  let values = 1
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 0x22) index = endOfString(text, index)
    else if (code === 0x2c || code === 0x7b || code === 0x5b) values += 1
  }
  return values
}

/** Index of the quote that closes the string opened at `start`, or the end of an unfinished text. */
export function endOfString(text: string, start: number): number {
  let index = start + 1
  for (;;) {
    const quote = text.indexOf('"', index)
    if (quote < 0) return text.length
    let backslashes = 0
    while (text.charCodeAt(quote - 1 - backslashes) === 0x5c) backslashes += 1
    if (backslashes % 2 === 0) return quote
    index = quote + 1
  }
}

function stringify(json: Json, indent: number, margin: string): string {
  if (typeof json === 'bigint') return json.toString()
  if (typeof json === 'number') return formatNumber(json)
  if (json === null || typeof json !== 'object') return JSON.stringify(json)
  if (json instanceof JsonNumber) return json.text

  const inner = margin + ' '.repeat(indent)
  const colon = indent > 0 ? ': ' : ':'
  if (isList(json)) {
    return joinInBrackets(
      '[]',
      json.map((item) => stringify(item, indent, inner)),
      indent,
      margin,
    )
  }
  // Much faster, and properties of tables are many texts.
  if (indent === 0 && Object.values(json).every((value) => typeof value === 'string')) return JSON.stringify(json)
  const members = Object.entries(json).map(
    ([key, value]) => JSON.stringify(key) + colon + stringify(value, indent, inner),
  )
  return joinInBrackets('{}', members, indent, margin)
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json)
}

function joinInBrackets(brackets: '[]' | '{}', parts: readonly string[], indent: number, margin: string): string {
  if (parts.length === 0) return brackets
  if (indent === 0) return `${brackets[0]}${parts.join(',')}${brackets[1]}`
  const inner = `\n${margin}${' '.repeat(indent)}`
  return `${brackets[0]}${inner}${parts.join(`,${inner}`)}\n${margin}${brackets[1]}`
}

function formatNumber(value: number): string {
  if (Number.isSafeInteger(value)) return Object.is(value, -0) ? '-0' : String(value)
  if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`)
  // With an exponent, so that a whole double is not read back as an integer.
  return Number.isInteger(value) ? value.toExponential() : String(value)
}
