import type { CsvOptions } from '../csv-options'

/** The kinds of values whose readings a question distinguishes. */
export const READING_KINDS = ['numbers', 'dates', 'times'] as const
export type ReadingKind = (typeof READING_KINDS)[number]

/** The options of CSV that say how values of a kind are written. */
export type ReadingOptions = Partial<
  Pick<CsvOptions, 'decimalSeparator' | 'groupSeparator' | 'dateFormat' | 'timestampFormat'>
>

/** The kinds of values whose form the options say. */
export function kindsOf(options: ReadingOptions): ReadingKind[] {
  const has = (option: keyof ReadingOptions) => options[option] !== undefined
  return [
    ...(has('decimalSeparator') || has('groupSeparator') ? (['numbers'] as const) : []),
    ...(has('dateFormat') ? (['dates'] as const) : []),
    ...(has('timestampFormat') ? (['times'] as const) : []),
  ]
}

/** How a CSV file is read, and the kinds of values whose form its user has chosen. */
export type CsvReading = { csv: CsvOptions; answered: readonly ReadingKind[] }

/** A value of a file, and its possible readings. */
export type CsvQuestion = {
  kind: ReadingKind
  column: string
  text: string
  line: number
  /** At least two, each with options of CSV. A value is null where the text stays a text. */
  readings: readonly { options: ReadingOptions; value: string | null }[]
}
