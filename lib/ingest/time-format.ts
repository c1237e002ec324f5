import { AppError } from '@/lib/errors'
import { FormatMisfit, type TextReader } from './text-reader'

/**
 * Dates and times in a format of `strptime`, such as `%d.%m.%Y %H:%M`. A text matches exactly or not at all: nothing is
 * trimmed, guessed or shifted. What it names becomes our canonical text (ISO 8601), which `text-value` judges.
 *
 * | in the format | in the text |
 * |---|---|
 * | `%d` `%m` `%H` `%I` `%M` `%S` | two digits: day, month, hour of 24, hour of 12, minute, second |
 * | `%-d` `%-m` `%-H` `%-I` | the same with one or two digits, if no digit can follow |
 * | `%Y` `%y` | four digits, and two: 69 to 99 are 19yy, 00 to 68 are 20yy, as in POSIX |
 * | `%j` | three digits: the day of the year |
 * | `%f` | one to nine decimals of a second |
 * | `%b` `%B` | an English month, in three letters and whole, in any case |
 * | `%p` | AM or PM, in any case |
 * | `%z` | `Z`, `+02`, `+0200` or `+02:00` |
 * | `%%` | a percent sign |
 */

const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const TWO_DIGITS = '([0-9]{2})'
const SHORT_DIGITS = '([0-9]{1,2})'

/** The parts of a time; two directives of one part would contradict each other. */
type Part =
  | 'year'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'hour'
  | 'hour12'
  | 'minute'
  | 'second'
  | 'fraction'
  | 'half'
  | 'zone'

const DIRECTIVES: Readonly<Record<string, { part: Part; pattern: string; endsInDigits?: boolean }>> = {
  '%d': { part: 'day', pattern: TWO_DIGITS },
  '%m': { part: 'month', pattern: TWO_DIGITS },
  '%Y': { part: 'year', pattern: '([0-9]{4})' },
  '%y': { part: 'year', pattern: TWO_DIGITS },
  '%H': { part: 'hour', pattern: TWO_DIGITS },
  '%I': { part: 'hour12', pattern: TWO_DIGITS },
  '%M': { part: 'minute', pattern: TWO_DIGITS },
  '%S': { part: 'second', pattern: TWO_DIGITS },
  '%-d': { part: 'day', pattern: SHORT_DIGITS, endsInDigits: true },
  '%-m': { part: 'month', pattern: SHORT_DIGITS, endsInDigits: true },
  '%-H': { part: 'hour', pattern: SHORT_DIGITS, endsInDigits: true },
  '%-I': { part: 'hour12', pattern: SHORT_DIGITS, endsInDigits: true },
  '%f': { part: 'fraction', pattern: '([0-9]{1,9})', endsInDigits: true },
  '%j': { part: 'dayOfYear', pattern: '([0-9]{3})' },
  '%b': { part: 'month', pattern: `(${MONTHS.map((name) => anyCase(name.slice(0, 3))).join('|')})` },
  '%B': { part: 'month', pattern: `(${MONTHS.map(anyCase).join('|')})` },
  '%p': { part: 'half', pattern: '([AaPp][Mm])' },
  '%z': { part: 'zone', pattern: '(Z|[+-][0-9]{2}(?::?[0-9]{2})?)' },
}

const NEEDED_BEFORE: readonly (readonly [Part, readonly Part[], string])[] = [
  ['minute', ['hour', 'hour12'], '%M needs %H or %I'],
  ['second', ['minute'], '%S needs %M'],
  ['fraction', ['second'], '%f needs %S'],
  ['hour12', ['half'], '%I needs %p, because half of the day is not known without it'],
  ['half', ['hour12'], '%p belongs to %I'],
]

/**
 * @returns a reader of texts in the format, whose results are ISO 8601
 * @throws {AppError} invalid-request for a format that is not understood, or that does not determine a day
 */
export function createTimeReader(format: string, kind: 'date' | 'timestamp'): TextReader {
  const { pattern, parts } = parseFormat(format)
  checkParts(format, kind, parts)
  const expression = new RegExp(`^${pattern}$`)
  const indexOf = (part: Part) => parts.indexOf(part) + 1
  const indexes = {
    year: indexOf('year'),
    month: indexOf('month'),
    day: indexOf('day'),
    dayOfYear: indexOf('dayOfYear'),
    hour: indexOf('hour'),
    hour12: indexOf('hour12'),
    minute: indexOf('minute'),
    second: indexOf('second'),
    fraction: indexOf('fraction'),
    half: indexOf('half'),
    zone: indexOf('zone'),
  }
  const noMatch = new FormatMisfit(`does not match the format ${format}`)
  return (text) => {
    const found = expression.exec(text)
    if (!found) return noMatch
    const year = toYear(found[indexes.year] ?? '')
    const day = indexes.dayOfYear > 0 ? toDayOfYear(year, Number(found[indexes.dayOfYear])) : toDay(found, indexes)
    if (day === null) return new FormatMisfit(`is not a day of the calendar, in the format ${format}`)
    if (kind === 'date') return `${year}-${day}`
    const hour = toHour(found, indexes)
    if (hour === null) return new FormatMisfit(`is not a time of day, in the format ${format}`)
    const minute = indexes.minute > 0 ? (found[indexes.minute] ?? '') : '00'
    const second = indexes.second > 0 ? (found[indexes.second] ?? '') : '00'
    if (Number(minute) > 59 || Number(second) > 59)
      return new FormatMisfit(`is not a time of day, in the format ${format}`)
    const fraction = indexes.fraction > 0 ? `.${found[indexes.fraction]}` : ''
    const zone = indexes.zone > 0 ? (found[indexes.zone] ?? '') : ''
    return `${year}-${day} ${hour}:${minute}:${second}${fraction}${zone}`
  }
}

function parseFormat(format: string): { pattern: string; parts: Part[] } {
  const parts: Part[] = []
  let pattern = ''
  let endsInDigits = false
  for (let at = 0; at < format.length; ) {
    const [directive = ''] = /^%-?./su.exec(format.slice(at)) ?? []
    const known = DIRECTIVES[directive]
    if (directive !== '%%' && directive !== '' && known === undefined)
      throw formatError(format, `${directive} is not known`)
    if (format[at] === '%' && directive === '') throw formatError(format, 'it ends in %')
    const literal = directive === '%%' ? '%' : (format[at] ?? '')
    const startsWithDigit = known === undefined ? /[0-9]/.test(literal) : known.pattern.startsWith('([0-9]')
    if (endsInDigits && startsWithDigit)
      throw formatError(format, 'a part with a varying number of digits cannot be followed by digits')
    if (known === undefined) pattern += escapeRegExp(literal)
    else {
      if (parts.includes(known.part)) throw formatError(format, `${directive} repeats a part`)
      parts.push(known.part)
      pattern += known.pattern
    }
    endsInDigits = known?.endsInDigits === true
    at += known === undefined && directive !== '%%' ? 1 : directive.length
  }
  return { pattern, parts }
}

function checkParts(format: string, kind: 'date' | 'timestamp', parts: readonly Part[]): void {
  const has = (part: Part) => parts.includes(part)
  if (!has('year')) throw formatError(format, 'it has no year (%Y or %y)')
  if (has('dayOfYear') ? has('month') || has('day') : !has('month') || !has('day'))
    throw formatError(format, 'a day is a month (%m, %b or %B) with a day (%d), or a day of the year (%j)')
  if (has('hour') && has('hour12')) throw formatError(format, '%H and %I are the same hour')
  if (has('zone') && !has('hour') && !has('hour12')) throw formatError(format, '%z needs a time of day')
  for (const [part, needed, reason] of NEEDED_BEFORE) {
    if (has(part) && !needed.some(has)) throw formatError(format, reason)
  }
  if (kind === 'date' && (has('hour') || has('hour12'))) throw formatError(format, 'a date has no time of day')
}

/** POSIX, `strptime`: years below 69 are in the 21st century. */
const FIRST_YEAR_OF_20TH_CENTURY = 69

function toYear(text: string): string {
  if (text.length !== 2) return text
  return `${Number(text) < FIRST_YEAR_OF_20TH_CENTURY ? 20 : 19}${text}`
}

type PartIndexes = Readonly<Record<Part, number>>

/** `02-29`; null if the month does not exist. Whether the day exists is judged with the year, by `text-value`. */
function toDay(found: RegExpExecArray, indexes: PartIndexes): string | null {
  const name = found[indexes.month] ?? ''
  const month = /^[0-9]/.test(name) ? Number(name) : monthOf(name)
  const day = Number(found[indexes.day])
  const year = Number(toYear(found[indexes.year] ?? ''))
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null
  return `${pad(month)}-${pad(day)}`
}

function monthOf(name: string): number {
  return MONTHS.findIndex((month) => month.slice(0, 3).toLowerCase() === name.slice(0, 3).toLowerCase()) + 1
}

function toDayOfYear(year: string, dayOfYear: number): string | null {
  let day = dayOfYear
  for (let month = 1; month <= 12; month += 1) {
    const days = daysInMonth(Number(year), month)
    if (day >= 1 && day <= days) return `${pad(month)}-${pad(day)}`
    day -= days
  }
  return null
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

function toHour(found: RegExpExecArray, indexes: PartIndexes): string | null {
  if (indexes.hour > 0) {
    const hour = Number(found[indexes.hour])
    return hour <= 23 ? pad(hour) : null
  }
  if (indexes.hour12 === 0) return '00'
  const hour = Number(found[indexes.hour12])
  if (hour < 1 || hour > 12) return null
  return pad((hour % 12) + (found[indexes.half]?.toUpperCase() === 'PM' ? 12 : 0))
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}

function anyCase(name: string): string {
  return name.replaceAll(/./g, (letter) => `[${letter.toUpperCase()}${letter.toLowerCase()}]`)
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}

function formatError(format: string, reason: string): AppError {
  return new AppError('invalid-request', `The format "${format}" cannot be used: ${reason}.`, { facts: { format } })
}
