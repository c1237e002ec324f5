import type { CsvOptions } from './csv-options'
import { FormatMisfit, type TextReader } from './text-reader'

type Separators = Pick<CsvOptions, 'decimalSeparator' | 'groupSeparator'>

const NOT_FINITE = /^[+-]?(inf|infinity|nan)$/i
/** The spaces that separate thousands in French and other languages: no-break, and narrow no-break. */
const SPACES = '[ \\u00a0\\u202f]'

/** Whether numbers are written as a load without options reads them. */
export function hasUsualNumbers({ decimalSeparator, groupSeparator }: Separators): boolean {
  return decimalSeparator === '.' && groupSeparator === null
}

/**
 * Numbers such as `1.234,56`. Groups have three digits each, the first one to three and no leading zero, and either all
 * thousands are separated or none. A number without an exponent may leave out the digits on one side of the separator.
 *
 * @returns null if numbers are written as our canonical text already
 */
export function createNumberReader(separators: Separators): TextReader | null {
  if (hasUsualNumbers(separators)) return null
  const { decimalSeparator, groupSeparator } = separators
  const decimal = escapeRegExp(decimalSeparator)
  const group = groupSeparator === ' ' ? SPACES : groupSeparator === null ? null : escapeRegExp(groupSeparator)
  const grouped = group === null ? '' : `[1-9][0-9]{0,2}(${group})[0-9]{3}(?:\\1[0-9]{3})*|`
  // Group 1 is the separator of groups, if there is one.
  const number = new RegExp(`^[+-]?(?:(?:${grouped}[0-9]+)(?:${decimal}[0-9]*)?|${decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?$`)
  const groups = group === null ? null : new RegExp(group, 'g')
  const example = `1${groupSeparator ?? ''}234${decimalSeparator}56`
  const noMatch = new FormatMisfit(`is not a number such as ${example}`)
  return (text) => {
    if (!number.test(text)) return NOT_FINITE.test(text) ? text : noMatch
    const digits = groups === null ? text : text.replaceAll(groups, '')
    return decimalSeparator === '.' ? digits : digits.replace(decimalSeparator, '.')
  }
}

function escapeRegExp(text: string): string {
  return text === '.' ? '[.]' : text
}
