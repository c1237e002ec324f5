import type { ReadingKind, ReadingOptions } from './csv-question'
import { CSV_DEFAULTS, type CsvOptions } from '../csv-options'
import { createNumberReader } from '../number-format'
import { misfitReason } from '../text-value'
import { createTimeReader } from '../time-format'

/** The ways in which numbers, dates and times are written that a guess tells apart. */

/** A way to read the texts of one kind in a file. */
export type ValueReading = {
  options: ReadingOptions
  /** The value in one form for all readings; null: no value of the kind. */
  read: (text: string) => string | null
}

const NUMBER = /^[+-]?(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:[eE][+-]?[0-9]+)?$/
/** Texts of digits with leading zeros are ids, as in a guess. */
const LEADING_ZERO = /^[+-]?0[0-9]/
const MIGHT_BE_NUMBER = /^[+-]?[0-9.,](?:[0-9.,' \u00a0\u202f]*[0-9])?[.,]?(?:[eE][+-]?[0-9]+)?$/
const MIGHT_BE_DATE = /^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}$/
const MIGHT_BE_TIME = /^[0-9]{1,4}[./-][0-9]{1,2}[./-][0-9]{1,4}[ T][0-9]/

/** With groups before without: a file whose sample has no groups may have them later. */
const SEPARATORS: readonly Pick<CsvOptions, 'decimalSeparator' | 'groupSeparator'>[] = [
  { decimalSeparator: '.', groupSeparator: ',' },
  { decimalSeparator: '.', groupSeparator: "'" },
  { decimalSeparator: '.', groupSeparator: ' ' },
  { decimalSeparator: ',', groupSeparator: '.' },
  { decimalSeparator: ',', groupSeparator: ' ' },
  { decimalSeparator: ',', groupSeparator: "'" },
  { decimalSeparator: ',', groupSeparator: null },
]

/** With two digits before one or two, which accepts both. */
const DATES = ['/', '.', '-'].flatMap((by) =>
  ['%d{}%m{}%Y', '%m{}%d{}%Y', '%-d{}%-m{}%Y', '%-m{}%-d{}%Y', '%Y{}%m{}%d', '%d{}%m{}%y', '%m{}%d{}%y', '%y{}%m{}%d']
    .map((format) => format.replaceAll('{}', by))
    .filter((format) => format !== '%Y-%m-%d'),
)
const TIMES = [' %H:%M', ' %H:%M:%S', ' %H:%M:%S.%f', 'T%H:%M', 'T%H:%M:%S', ' %-H:%M', ' %I:%M %p', ' %I:%M:%S %p']

/** The texts that may be of a kind, and its readings: that of a load without options comes first. */
export const VALUE_READINGS: Readonly<
  Record<ReadingKind, { mightBe: RegExp; readings: readonly [ValueReading, ...ValueReading[]] }>
> = {
  numbers: {
    mightBe: MIGHT_BE_NUMBER,
    readings: [
      toNumberReading({ decimalSeparator: '.', groupSeparator: null }),
      ...SEPARATORS.map((separators) => toNumberReading(separators)),
    ],
  },
  dates: {
    mightBe: MIGHT_BE_DATE,
    readings: [
      { options: { dateFormat: null }, read: (text) => (misfitReason('date', text) === null ? text : null) },
      ...DATES.map((format) => toTimeReading(format, 'date')),
    ],
  },
  times: {
    mightBe: MIGHT_BE_TIME,
    readings: [
      { options: { timestampFormat: null }, read: (text) => (isCanonicalTime(text) ? text : null) },
      ...DATES.flatMap((date) => TIMES.map((time) => toTimeReading(`${date}${time}`, 'timestamp'))),
    ],
  },
}

/** The readings of a number with different values: that of a load without options comes first. */
export function findNumberReadings(text: string): { options: ReadingOptions; value: string }[] {
  const byValue = new Map<string, { options: ReadingOptions; value: string }>()
  for (const { options, read } of VALUE_READINGS.numbers.readings) {
    const value = read(text)
    if (value !== null && !byValue.has(value)) byValue.set(value, { options, value })
  }
  return [...byValue.values()]
}

function toNumberReading(separators: Pick<CsvOptions, 'decimalSeparator' | 'groupSeparator'>): ValueReading {
  const toCanonical = createNumberReader({ ...CSV_DEFAULTS, ...separators })
  return {
    options: separators,
    read: (text) => {
      if (LEADING_ZERO.test(text)) return null
      const canonical = toCanonical === null ? text : toCanonical(text)
      return typeof canonical === 'string' && NUMBER.test(canonical) ? canonical : null
    },
  }
}

function toTimeReading(format: string, kind: 'date' | 'timestamp'): ValueReading {
  const toCanonical = createTimeReader(format, kind)
  return {
    options: kind === 'date' ? { dateFormat: format } : { timestampFormat: format },
    read: (text) => {
      const canonical = toCanonical(text)
      return typeof canonical === 'string' && misfitReason(kind, canonical) === null ? canonical : null
    },
  }
}

function isCanonicalTime(text: string): boolean {
  return misfitReason('timestamp', text) === null || misfitReason('timestamptz', text) === null
}
