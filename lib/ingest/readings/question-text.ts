import type { CsvQuestion, ReadingOptions } from './csv-question'
import { formatCount } from '@/lib/format/count'

/** The sentences that ask how a file is to be read. */

const KIND_NOUNS = { numbers: 'Numbers', dates: 'Dates', times: 'Times' } as const

/** `“3.472” in quantity (line 2) is 3.472 if numbers are written as 1234.56, and 3472 if they are written as 1.234,56.` */
export function questionSentence({ kind, column, text, line, readings }: CsvQuestion): string {
  const noun = KIND_NOUNS[kind].toLowerCase()
  const [first, ...others] = readings.map(({ options, value }, i) => {
    const form = `${i === 0 ? noun : 'they'} are written as ${formLabel(options)}`
    return `${value ?? 'text'} if ${form}`
  })
  return `“${text}” in ${column} (line ${formatCount(line)}) is ${[first, ...others].join(', or ')}.`
}

/** `Numbers are written as`, above the possible forms. */
export function questionLabel({ kind }: Pick<CsvQuestion, 'kind'>): string {
  return `${KIND_NOUNS[kind]} are written as`
}

/** `1.234,56: “3.472” is 3472`, for a choice. */
export function readingLabel({ text }: Pick<CsvQuestion, 'text'>, reading: CsvQuestion['readings'][number]): string {
  const { options, value } = reading
  return `${formLabel(options)}: “${text}” is ${value ?? 'text'}`
}

function formLabel({ decimalSeparator, groupSeparator, dateFormat, timestampFormat }: ReadingOptions): string {
  if (decimalSeparator !== undefined) return `1${groupSeparator ?? ''}234${decimalSeparator}56`
  const format = dateFormat === undefined ? timestampFormat : dateFormat
  if (format == null) return dateFormat === undefined ? 'year-month-day hour:minute' : 'year-month-day'
  return spellFormat(format)
}

const PARTS: Readonly<Record<string, string>> = {
  '%d': 'day',
  '%-d': 'day',
  '%m': 'month',
  '%-m': 'month',
  '%Y': 'year',
  '%y': 'year',
  '%H': 'hour',
  '%-H': 'hour',
  '%I': 'hour',
  '%M': 'minute',
  '%S': 'second',
  '%f': 'decimals',
  '%p': 'AM',
}

/** `day/month/year hour:minute`. */
function spellFormat(format: string): string {
  return format.replaceAll(/%-?[a-zA-Z]/g, (part) => PARTS[part] ?? part)
}
