import { AppError } from '@/lib/errors'
import { MAX_PARAMETER_CHARS, type ParameterType, type QueryParameter } from './parameter-types'
import { sqlError } from './statement/sql-error'
import { readableStatements } from './statement/statements'
import { isSymbol, type Token, tokenKeyword } from './statement/tokenize'

/** The most values of a list. */
const MAX_LIST_VALUES = 1000
/** Digits of the widest number that SQL keeps exactly. */
const MAX_DIGITS = 38

/**
 * A value whose text was checked. Numbers are normalized, without leading zeros: `digits` before and `scale` after the
 * point; a number with an exponent is not exact and has neither.
 */
export type ParameterValue =
  | { type: 'text' | 'date' | 'boolean'; text: string }
  | { type: 'number'; text: string; digits: number | null; scale: number }
  | { type: 'timestamp' | 'timestamptz'; text: string; fractionDigits: number }

/** The names of parameters in a text in an editor; none while the text is too long to be read. */
export function parameterNamesIn(sql: string): string[] {
  return findParameterNames((readableStatements(sql) ?? []).flatMap(({ tokens }) => tokens))
}

/** The names of parameters in tokens, without case, in the order in which they first appear and as written there. */
export function findParameterNames(tokens: readonly Token[]): string[] {
  const names = new Map<string, string>()
  for (const token of tokens) {
    const name = parameterName(token)
    if (name !== null && !names.has(name.toLowerCase())) names.set(name.toLowerCase(), name)
  }
  return [...names.values()]
}

/** The name of a parameter; null for any other token, `?` and `$1` included. */
export function parameterName(token: Token): string | null {
  return token.kind === 'parameter' && /^\$\D/.test(token.text) ? token.text.slice(1) : null
}

/** @throws {AppError} query-failed for a parameter without a name, and for one in place of a table */
export function checkParameters(tokens: readonly Token[]): void {
  for (const [i, token] of tokens.entries()) {
    if (token.kind !== 'parameter') continue
    if (parameterName(token) === null)
      throw sqlError(`Query has no parameters by position (${token.text}).`, token, 'Name it, as in $month')
    if (isTablePosition(tokens, i))
      throw sqlError(`The parameter ${token.text} is a value and cannot name a table.`, token, 'Write the name itself')
  }
}

/** After the FROM of a query, which is not that of `IS DISTINCT FROM` or of a function such as `extract(year FROM …)`. */
function isTablePosition(tokens: readonly Token[], at: number): boolean {
  const word = tokenKeyword(tokens[at - 1])
  if (word === 'JOIN') return true
  if (word !== 'FROM' || tokenKeyword(tokens[at - 2]) === 'DISTINCT') return false
  let depth = 0
  for (let i = at - 1; i >= 0; i--) {
    if (isSymbol(tokens[i], ')')) depth++
    if (isSymbol(tokens[i], '(') && depth-- === 0) return !CALLS_WITH_FROM.has(tokenKeyword(tokens[i - 1]) ?? '')
  }
  return true
}

const CALLS_WITH_FROM = new Set(['EXTRACT', 'TRIM', 'SUBSTRING', 'OVERLAY'])

/** The problem with the value of a parameter; null if it can be used. */
export function parameterProblem(parameter: QueryParameter): string | null {
  try {
    parameterValues(parameter)
    return null
  } catch (error) {
    if (error instanceof AppError) return error.message
    throw error
  }
}

/** The values of a list, or the one value; none for null. @throws {AppError} query-failed, naming the parameter */
export function parameterValues({ name, type, isList, text }: QueryParameter): ParameterValue[] {
  const fail = (problem: string): never => {
    throw new AppError('query-failed', `The parameter $${name} ${problem}`, {
      facts: { hint: 'Correct its value above.' },
    })
  }
  if (type === 'null') return []
  if (text.length > MAX_PARAMETER_CHARS) fail(`is longer than ${MAX_PARAMETER_CHARS} characters.`)
  const lines = isList ? listLines(text, type) : [text]
  if (lines.length > MAX_LIST_VALUES) fail(`has more than ${MAX_LIST_VALUES} values.`)
  return lines.map((line) => {
    const value = readValue(type, line)
    return typeof value === 'string' ? fail(value) : value
  })
}

function listLines(text: string, type: ParameterType): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  // In a list of texts an empty line is an empty text; the last line break ends the last value.
  if (type !== 'text') return lines.filter((line) => line.trim() !== '')
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}

/** The value, or the rest of a sentence about its problem. */
function readValue(type: Exclude<ParameterType, 'null'>, text: string): ParameterValue | string {
  const trimmed = text.trim()
  switch (type) {
    case 'text':
      return { type, text }
    case 'number':
      return readNumber(trimmed)
    case 'boolean':
      return /^(true|false)$/i.test(trimmed)
        ? { type, text: trimmed.toLowerCase() }
        : 'is a boolean: write true or false.'
    case 'date':
      return isDate(trimmed) ? { type, text: trimmed } : 'is a date: write it as 2026-11-22.'
    case 'timestamp':
    case 'timestamptz':
      return readTimestamp(type, trimmed)
  }
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?([eE][+-]?\d{1,3})?$/

function readNumber(text: string): ParameterValue | string {
  const [, sign = '', whole = '', fraction = '', exponent = ''] = NUMBER.exec(text.replace('−', '-')) ?? []
  if (whole === '' && fraction === '') return 'is a number: write it as −1234.56.'
  const digits = whole.replace(/^0+/, '')
  const shown = `${sign === '-' ? '-' : ''}${digits === '' ? '0' : digits}${fraction === '' ? '' : `.${fraction}`}`
  if (exponent !== '') return { type: 'number', text: shown + exponent, digits: null, scale: 0 }
  if (digits.length + fraction.length > MAX_DIGITS) return `has more than ${MAX_DIGITS} digits.`
  return { type: 'number', text: shown, digits: digits.length, scale: fraction.length }
}

const TIMESTAMP =
  /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?$/i

function readTimestamp(type: 'timestamp' | 'timestamptz', text: string): ParameterValue | string {
  const [, day = '', hour = '00', minute = '00', second = '00', fraction = '', offset = ''] = TIMESTAMP.exec(text) ?? []
  const isTime = Number(hour) < 24 && Number(minute) < 60 && Number(second) < 60
  if (!isDate(day) || !isTime)
    return type === 'timestamp'
      ? 'is a timestamp: write it as 2026-11-22 14:30:00.'
      : 'is a timestamp with time zone: write it as 2026-11-22 14:30:00+01:00.'
  if (type === 'timestamp' && offset !== '') return 'is a timestamp without time zone, and its value has an offset.'
  if (type === 'timestamptz' && fraction.length > 6)
    return 'is a timestamp with time zone, which has at most six digits after the second.'
  // As in SQL, a time without an offset is in UTC.
  const zone = type === 'timestamp' ? '' : toOffset(offset)
  const time = `${day} ${hour}:${minute}:${second}${fraction === '' ? '' : `.${fraction}`}${zone}`
  return zone === null ? 'has an offset that no time zone has.' : { type, text: time, fractionDigits: fraction.length }
}

/** `+02:00`; null for an offset of more than 15:59. */
function toOffset(written: string): string | null {
  if (written === '' || /^z$/i.test(written)) return '+00:00'
  const [sign, hours, minutes] = [written.slice(0, 1), written.slice(1, 3), written.slice(3).replace(':', '') || '00']
  return Number(hours) < 16 && Number(minutes) < 60 ? `${sign}${hours}:${minutes}` : null
}

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  return Number(year) > 0 && date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day)
}
