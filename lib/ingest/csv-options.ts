/** The encodings of text files, by their names in the WHATWG encoding standard. */
export const TEXT_ENCODINGS = ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'windows-1250', 'iso-8859-2'] as const
export const DECIMAL_SEPARATORS = ['.', ','] as const
export const GROUP_SEPARATORS = [',', '.', ' ', "'"] as const

/** How a CSV file is read: what RFC 4180 and ISO 8601 leave open. */
export type CsvOptions = {
  /** One character; null: the one with which the header matches the columns, otherwise the one with the most fields. */
  delimiter: string | null
  /** One character, doubled within quotes; null: quotes are part of the value. */
  quote: string | null
  /** Lines before the header, or before the first row without one. */
  skippedLines: number
  /** Without a header the fields are called `column1`, `column2` … */
  hasHeader: boolean
  encoding: (typeof TEXT_ENCODINGS)[number]
  /** An unquoted field with this text is null, as an empty one is. */
  nullText: string
  /** The form of dates, such as `%d.%m.%Y`; null: ISO 8601. */
  dateFormat: string | null
  /** The form of timestamps, such as `%d.%m.%Y %H:%M`; null: ISO 8601. */
  timestampFormat: string | null
  /** Whether a time without an offset is read as UTC where its column needs one; otherwise its row is rejected. */
  assumesUtc: boolean
  decimalSeparator: (typeof DECIMAL_SEPARATORS)[number]
  /** Between thousands; null: numbers have none. */
  groupSeparator: (typeof GROUP_SEPARATORS)[number] | null
}

/** RFC 4180 and ISO 8601, with the delimiter that fits the header. */
export const CSV_DEFAULTS: CsvOptions = {
  delimiter: null,
  quote: '"',
  skippedLines: 0,
  hasHeader: true,
  encoding: 'utf-8',
  nullText: '',
  dateFormat: null,
  timestampFormat: null,
  assumesUtc: false,
  decimalSeparator: '.',
  groupSeparator: null,
}
