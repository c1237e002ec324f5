import 'server-only'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { csvOptions } from '@/lib/contract/shapes/load-options'
import { AppError } from '@/lib/errors'
import {
  CSV_DEFAULTS,
  type CsvOptions,
  DECIMAL_SEPARATORS,
  GROUP_SEPARATORS,
  TEXT_ENCODINGS,
} from '@/lib/ingest/csv-options'
import { checkCsvOptions } from '@/lib/ingest/field-reader'
import { UsageError } from '../verb'

export const CSV_FLAGS = {
  delimiter: { type: 'string' },
  quote: { type: 'string' },
  'no-quote': { type: 'boolean' },
  'skip-lines': { type: 'string' },
  'no-header': { type: 'boolean' },
  encoding: { type: 'string' },
  'null-text': { type: 'string' },
  'date-format': { type: 'string' },
  'timestamp-format': { type: 'string' },
  'assume-utc': { type: 'boolean' },
  'decimal-separator': { type: 'string' },
  'group-separator': { type: 'string' },
} as const

export type CsvFlag = keyof typeof CSV_FLAGS
export type CsvValues = {
  [Flag in CsvFlag]?: ((typeof CSV_FLAGS)[Flag]['type'] extends 'string' ? string : boolean) | undefined
}

/** The flag of each option, and its values. */
const RULES: Readonly<Record<keyof CsvOptions, string>> = {
  delimiter: '--delimiter is one character, or \\t for a tab',
  quote: '--quote is one character; for none, use --no-quote',
  skippedLines: '--skip-lines is a whole number from 0 to 1000',
  hasHeader: '--no-header has no value',
  encoding: `--encoding is one of ${TEXT_ENCODINGS.join(', ')}`,
  nullText: '--null-text has at most 100 characters',
  dateFormat: '--date-format has 1 to 100 characters, such as %d.%m.%Y',
  timestampFormat: "--timestamp-format has 1 to 100 characters, such as '%d.%m.%Y %H:%M'",
  assumesUtc: '--assume-utc has no value',
  decimalSeparator: `--decimal-separator is one of ${quoteAll(DECIMAL_SEPARATORS)}`,
  groupSeparator: `--group-separator is one of ${quoteAll(GROUP_SEPARATORS)}`,
}

/**
 * @returns null if no option of CSV is given
 * @throws {UsageError} for values that an option cannot have, options that contradict each other, and another format
 */
export function parseCsvFlags(values: CsvValues, format: InputFormat): CsvOptions | null {
  const given = listCsvFlags(values)
  const [first] = given
  if (first === undefined) return null
  if (format !== 'csv') throw new UsageError(`${first} is for CSV, and the files are read as ${format}`)
  if (values.quote !== undefined && values['no-quote'])
    throw new UsageError('--quote and --no-quote contradict each other')
  const options = toOptions(values)
  const checked = csvOptions.safeParse(options)
  if (!checked.success) throw new UsageError(ruleOf(checked.error.issues[0]?.path[0]))
  try {
    checkCsvOptions(checked.data)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new UsageError(error.message, { cause: error })
  }
  return checked.data
}

/** The given flags of CSV, in the order of the help. */
export function listCsvFlags(values: CsvValues): string[] {
  return (Object.keys(CSV_FLAGS) as CsvFlag[]).filter((flag) => values[flag] !== undefined).map((flag) => `--${flag}`)
}

/** As in the contract, and not checked yet. */
function toOptions(values: CsvValues): Record<keyof CsvOptions, unknown> {
  return {
    delimiter: values.delimiter === '\\t' ? '\t' : (values.delimiter ?? CSV_DEFAULTS.delimiter),
    quote: values['no-quote'] ? null : (values.quote ?? CSV_DEFAULTS.quote),
    skippedLines: parseCount(values['skip-lines']) ?? CSV_DEFAULTS.skippedLines,
    hasHeader: !values['no-header'],
    encoding: values.encoding?.toLowerCase() ?? CSV_DEFAULTS.encoding,
    nullText: values['null-text'] ?? CSV_DEFAULTS.nullText,
    dateFormat: values['date-format'] ?? CSV_DEFAULTS.dateFormat,
    timestampFormat: values['timestamp-format'] ?? CSV_DEFAULTS.timestampFormat,
    assumesUtc: values['assume-utc'] ?? CSV_DEFAULTS.assumesUtc,
    decimalSeparator: values['decimal-separator'] ?? CSV_DEFAULTS.decimalSeparator,
    groupSeparator: values['group-separator'] ?? CSV_DEFAULTS.groupSeparator,
  }
}

/** NaN for a text that is not a count. */
function parseCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  return /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
}

function ruleOf(option: PropertyKey | undefined): string {
  return RULES[option as keyof CsvOptions]
}

function quoteAll(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(' ')
}
