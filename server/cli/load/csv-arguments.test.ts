import { describe, expect, it } from 'vitest'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { readArguments } from '../verb'
import { CSV_FLAGS, parseCsvFlags } from './csv-arguments'

const parse = (args: readonly string[], format: 'csv' | 'parquet' = 'csv') =>
  parseCsvFlags(readArguments(args, CSV_FLAGS).values, format)

describe('The options of CSV on the command line', () => {
  it.each<[string[], Partial<CsvOptions>]>([
    [['--delimiter', ';'], { delimiter: ';' }],
    [['--delimiter', '\\t'], { delimiter: '\t' }],
    [['--delimiter', '\t'], { delimiter: '\t' }],
    [['--quote', "'"], { quote: "'" }],
    [['--no-quote'], { quote: null }],
    [['--skip-lines', '2'], { skippedLines: 2 }],
    [['--no-header'], { hasHeader: false }],
    [['--encoding', 'Windows-1252'], { encoding: 'windows-1252' }],
    [['--null-text', 'NA'], { nullText: 'NA' }],
    [['--date-format', '%d.%m.%Y'], { dateFormat: '%d.%m.%Y' }],
    [['--timestamp-format', '%d.%m.%Y %H:%M'], { timestampFormat: '%d.%m.%Y %H:%M' }],
    [['--assume-utc'], { assumesUtc: true }],
    [['--decimal-separator', ',', '--group-separator', '.'], { decimalSeparator: ',', groupSeparator: '.' }],
    [['--group-separator', ' '], { groupSeparator: ' ' }],
  ])('%j', (args, options) => {
    expect(parse(args)).toEqual({ ...CSV_DEFAULTS, ...options })
  })

  it('are left out where none is given', () => {
    expect(parse([])).toBeNull()
    expect(parse([], 'parquet')).toBeNull()
  })

  it.each([
    [['--delimiter', ';;'], '--delimiter is one character'],
    [['--delimiter', ''], '--delimiter is one character'],
    [['--delimiter', '\n'], 'The delimiter has to be one character that ends no line.'],
    [['--quote', ''], '--quote is one character; for none, use --no-quote'],
    [['--quote', '"', '--no-quote'], '--quote and --no-quote contradict each other'],
    [['--quote', ';', '--delimiter', ';'], 'The delimiter and the quote are the same character.'],
    [['--group-separator', '.'], 'The separators of decimals and of thousands are the same character.'],
    [['--group-separator', '_'], '--group-separator is one of "," "." " " "\'"'],
    [['--decimal-separator', ';'], '--decimal-separator is one of "." ","'],
    [['--skip-lines', '-1'], 'is ambiguous'],
    [['--skip-lines', '1001'], '--skip-lines is a whole number from 0 to 1000'],
    [['--skip-lines', 'two'], '--skip-lines is a whole number from 0 to 1000'],
    [['--encoding', 'latin1'], '--encoding is one of utf-8, utf-16le'],
    [['--null-text', 'x'.repeat(101)], '--null-text has at most 100 characters'],
    [['--date-format', ''], '--date-format has 1 to 100 characters'],
    [['--date-format', '%d.%m.'], 'it has no year'],
    [['--timestamp-format', 'x'.repeat(101)], '--timestamp-format has 1 to 100 characters'],
  ])('are refused: %j', (args, message) => {
    expect(() => parse(args)).toThrow(
      expect.objectContaining({ name: 'UsageError', message: expect.stringContaining(message) }),
    )
  })

  it.each(Object.entries(CSV_FLAGS))('are refused for another format: --%s', (flag, { type }) => {
    expect(() => parse(type === 'string' ? [`--${flag}`, ','] : [`--${flag}`], 'parquet')).toThrow(
      `--${flag} is for CSV, and the files are read as parquet`,
    )
  })
})
