import { describe, expect, it } from 'vitest'
import { AppError } from '@/lib/errors'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { CSV_DEFAULTS, type CsvOptions } from './csv-options'
import { checkCsvOptions, createFieldReader } from './field-reader'
import { FormatMisfit } from './text-reader'
import { misfitReason } from './text-value'
import { createTimeReader } from './time-format'

/** The canonical text, or the reason why there is none, from the format or from the type. */
function read(type: PrimitiveType, options: Partial<CsvOptions>, text: string): string {
  const reader = createFieldReader(type, { ...CSV_DEFAULTS, ...options })
  const canonical = reader === null ? text : reader(text)
  if (canonical instanceof FormatMisfit) return `rejected: ${canonical.reason}`
  const reason = misfitReason(type, canonical)
  return reason === null ? canonical : `rejected: ${reason}`
}

const GERMAN = { decimalSeparator: ',', groupSeparator: '.' } as const
const SWISS = { decimalSeparator: '.', groupSeparator: "'" } as const
const ENGLISH = { decimalSeparator: '.', groupSeparator: ',' } as const
const FRENCH = { decimalSeparator: ',', groupSeparator: ' ' } as const

describe('Numbers in a format', () => {
  it.each<[PrimitiveType, Partial<CsvOptions>, string, string]>([
    ['decimal(9, 2)', GERMAN, '1.234,56', '1234.56'],
    ['decimal(9, 2)', GERMAN, '1234,56', '1234.56'],
    ['decimal(9, 2)', GERMAN, '-1.234.567,5', '-1234567.5'],
    ['decimal(9, 2)', GERMAN, ',5', '.5'],
    ['decimal(9, 2)', GERMAN, '5,', '5.'],
    ['long', GERMAN, '1.234', '1234'],
    ['long', GERMAN, '+12', '+12'],
    ['double', GERMAN, '1,5e3', '1.5e3'],
    ['double', GERMAN, 'NaN', 'NaN'],
    ['double', GERMAN, '-inf', '-inf'],
    ['int', SWISS, "1'234", '1234'],
    ['int', ENGLISH, '12,345', '12345'],
    ['decimal(9, 2)', FRENCH, '1 234,5', '1234.5'],
    ['decimal(9, 2)', FRENCH, '1\u00a0234,5', '1234.5'],
    ['decimal(9, 2)', FRENCH, '1\u202f234,5', '1234.5'],
    ['decimal(9, 2)', { decimalSeparator: ',' }, '1234,5', '1234.5'],
  ])('%s %o reads %s as %s', (type, options, text, canonical) => {
    expect(read(type, options, text)).toBe(canonical)
  })

  it.each<[PrimitiveType, Partial<CsvOptions>, string]>([
    ['decimal(9, 2)', GERMAN, '1.23,4'],
    ['decimal(9, 2)', GERMAN, '1.2345,6'],
    ['decimal(9, 2)', GERMAN, '1234.567,8'],
    ['decimal(9, 2)', GERMAN, '1234.56'],
    ['decimal(9, 2)', GERMAN, '0.123'],
    ['decimal(9, 2)', GERMAN, '1.234,567.8'],
    ['decimal(9, 2)', GERMAN, '1,234,567'],
    ['decimal(9, 2)', GERMAN, '1.234567'],
    ['decimal(9, 2)', GERMAN, ' 1,5'],
    ['decimal(9, 2)', GERMAN, '1,5 €'],
    ['decimal(9, 2)', GERMAN, ','],
    ['decimal(9, 2)', GERMAN, '.234'],
    ['decimal(9, 2)', GERMAN, ''],
    ['decimal(9, 2)', { decimalSeparator: ',' }, '1.5'],
    ['decimal(9, 2)', { decimalSeparator: ',' }, '1.234,5'],
    ['decimal(9, 2)', {}, '1,234'],
    ['int', ENGLISH, '1,23'],
    ['int', ENGLISH, ',123'],
    ['int', ENGLISH, '1,234.5'],
    ['int', ENGLISH, '1e3'],
    ['decimal(9, 2)', FRENCH, '1 234\u00a0567,5'],
    ['decimal(4, 2)', GERMAN, '1,234'],
  ])('%s %o rejects %s', (type, options, text) => {
    expect(read(type, options, text)).toMatch(/^rejected: /)
  })

  it('are rejected with an example of their format', () => {
    expect(read('decimal(9, 2)', GERMAN, '1.5')).toBe('rejected: is not a number such as 1.234,56')
  })
})

describe('Times in a format', () => {
  it.each<[PrimitiveType, string, string, string]>([
    ['date', '%d.%m.%Y', '29.02.2024', '2024-02-29'],
    ['date', '%d.%m.%Y', '31.12.0001', '0001-12-31'],
    ['date', '%-d.%-m.%Y', '1.2.2024', '2024-02-01'],
    ['date', '%-d.%-m.%Y', '01.12.2024', '2024-12-01'],
    ['date', '%m/%d/%y', '12/31/68', '2068-12-31'],
    ['date', '%m/%d/%y', '12/31/69', '1969-12-31'],
    ['date', '%m/%d/%y', '12/31/00', '2000-12-31'],
    ['date', '%Y%m%d', '20240229', '2024-02-29'],
    ['date', '%Y-%j', '2024-366', '2024-12-31'],
    ['date', '%Y-%j', '2023-060', '2023-03-01'],
    ['date', '%d %b %Y', '03 may 2024', '2024-05-03'],
    ['date', '%B %d, %Y', 'September 30, 1999', '1999-09-30'],
    ['date', '%d%%%m%%%Y', '01%02%2003', '2003-02-01'],
    ['date', '(%d) [%m] %Y', '(01) [02] 2003', '2003-02-01'],
    ['timestamp', '%d.%m.%Y %H:%M', '01.02.2003 23:59', '2003-02-01 23:59:00'],
    ['timestamp', '%d.%m.%Y', '01.02.2003', '2003-02-01 00:00:00'],
    ['timestamp', '%Y-%m-%dT%H:%M:%S.%f', '2003-02-01T04:05:06.5', '2003-02-01 04:05:06.5'],
    ['timestamp', '%m/%d/%Y %I:%M %p', '02/01/2003 12:00 AM', '2003-02-01 00:00:00'],
    ['timestamp', '%m/%d/%Y %I:%M %p', '02/01/2003 12:00 pm', '2003-02-01 12:00:00'],
    ['timestamp', '%m/%d/%Y %-I:%M %p', '02/01/2003 1:09 PM', '2003-02-01 13:09:00'],
    ['timestamp_ns', '%Y%m%d %H%M%S.%f', '20030201 040506.123456789', '2003-02-01 04:05:06.123456789'],
    ['timestamptz', '%d.%m.%Y %H:%M%z', '01.02.2003 04:05+0530', '2003-02-01 04:05:00+0530'],
    ['timestamptz', '%d.%m.%Y %H:%M:%S %z', '01.02.2003 04:05:06 Z', '2003-02-01 04:05:06Z'],
  ])('%s %s reads %s as %s', (type, format, text, canonical) => {
    expect(read(type, { dateFormat: format, timestampFormat: format }, text)).toBe(canonical)
  })

  it.each<[PrimitiveType, string, string, RegExp]>([
    ['date', '%d.%m.%Y', '31.04.2024', /not a day/],
    ['date', '%d.%m.%Y', '29.02.2023', /not a day/],
    ['date', '%d.%m.%Y', '29.02.1900', /not a day/],
    ['date', '%d.%m.%Y', '00.01.2024', /not a day/],
    ['date', '%d.%m.%Y', '01.13.2024', /not a day/],
    ['date', '%d.%m.%Y', '1.2.2024', /format %d[.]%m[.]%Y/],
    ['date', '%d.%m.%Y', '01.02.24', /format %d[.]%m[.]%Y/],
    ['date', '%d.%m.%Y', '01.02.2024 ', /format/],
    ['date', '%d.%m.%Y', '2024-02-01', /format/],
    ['date', '%d.%m.%Y', '01x02x2024', /format/],
    ['date', '%d.%m.%Y', '01.02.0000', /not a day/],
    ['date', '%Y-%j', '2023-366', /not a day/],
    ['date', '%Y-%j', '2023-000', /not a day/],
    ['date', '%d %b %Y', '03 Mai 2024', /format/],
    ['date', '%d %b %Y', '03 March 2024', /format/],
    ['timestamp', '%d.%m.%Y %H:%M', '01.02.2003 24:00', /not a time/],
    ['timestamp', '%d.%m.%Y %H:%M', '01.02.2003 12:60', /not a time/],
    ['timestamp', '%d.%m.%Y %H:%M:%S', '01.02.2003 12:00:60', /not a time/],
    ['timestamp', '%m/%d/%Y %I:%M %p', '02/01/2003 13:00 PM', /not a time/],
    ['timestamp', '%m/%d/%Y %I:%M %p', '02/01/2003 00:00 AM', /not a time/],
    ['timestamp', '%Y-%m-%dT%H:%M', '2003-02-01t04:05', /format/],
    ['timestamp', '%Y-%m-%d %H:%M:%S.%f', '2003-02-01 04:05:06.1234567', /more precise/],
    ['timestamp', '%d.%m.%Y %H:%M%z', '01.02.2003 04:05+0530', /has a zone/],
    ['timestamptz', '%d.%m.%Y %H:%M', '01.02.2003 04:05', /has no zone/],
    ['timestamptz', '%d.%m.%Y %H:%M%z', '01.02.2003 04:05+2500', /is not a/],
  ])('%s %s rejects %s', (type, format, text, reason) => {
    expect(read(type, { dateFormat: format, timestampFormat: format }, text)).toMatch(reason)
  })

  it('without an offset are UTC only if the options say so', () => {
    const utc = { assumesUtc: true }
    expect(read('timestamptz', utc, '2001-02-03 04:05')).toBe('2001-02-03 04:05:00Z')
    expect(read('timestamptz', utc, '2001-02-03T04:05:06.5')).toBe('2001-02-03T04:05:06.5Z')
    expect(read('timestamptz', utc, '2001-02-03T04:05:06+02:00')).toBe('2001-02-03T04:05:06+02:00')
    expect(read('timestamptz', { ...utc, timestampFormat: '%d.%m.%Y' }, '03.02.2001')).toBe('2001-02-03 00:00:00Z')
    expect(read('timestamptz', utc, '2001-02-30 04:05:06')).toMatch(/not a day/)
    expect(read('timestamptz', {}, '2001-02-03 04:05:06')).toMatch(/has no zone/)
    expect(read('timestamp', utc, '2001-02-03 04:05:06')).toBe('2001-02-03 04:05:06')
  })

  it.each([
    '%d.%m',
    '%d.%Y',
    '%m.%Y',
    '%d.%m.%Y %d',
    '%d.%m.%Y %H:%I',
    '%d.%m.%Y %I:%M',
    '%d.%m.%Y %H %p',
    '%d.%m.%Y %M',
    '%d.%m.%Y %H:%S',
    '%d.%m.%Y %H:%M.%f',
    '%d.%m.%Y %z',
    '%j.%m.%Y',
    '%-d%m%Y',
    '%-d0%m.%Y',
    '%d.%m.%Y %A',
    '%d.%m.%Y %s',
    '%d.%m.%Y %',
    '%d.%m.%Y %-',
    '%Y-%m-%d %H:%M:%S.%f%j',
    '',
  ])('are refused for the format %s', (format) => {
    expect(() => createTimeReader(format, 'timestamp')).toThrow(AppError)
  })

  it('are refused for a format of dates with an hour', () => {
    expect(() => createTimeReader('%d.%m.%Y %H', 'date')).toThrow('a date has no time of day')
  })
})

describe('Options of CSV', () => {
  it.each<Partial<CsvOptions>>([
    { delimiter: '"' },
    { delimiter: '\n' },
    { delimiter: '\r' },
    { delimiter: '' },
    { delimiter: ';;' },
    { delimiter: '\ud83d' },
    { delimiter: "'", quote: "'" },
    { delimiter: '"', quote: null },
    { quote: '\n' },
    { quote: '«' },
    { decimalSeparator: ',', groupSeparator: ',' },
    { dateFormat: '%d' },
    { timestampFormat: '%Q' },
  ])('are refused if they contradict themselves: %o', (options) => {
    expect(() => checkCsvOptions({ ...CSV_DEFAULTS, ...options })).toThrow(AppError)
  })

  it.each<Partial<CsvOptions>>([
    {},
    { delimiter: '§' },
    { delimiter: '\t' },
    { delimiter: ' ' },
    { quote: "'" },
    { quote: null },
  ])('are accepted: %o', (options) => {
    expect(() => checkCsvOptions({ ...CSV_DEFAULTS, ...options })).not.toThrow()
  })
})

describe('Any value', () => {
  it('that is written in a format is read as the same value', () => {
    const random = createRandom(7)
    for (let i = 0; i < 3_000; i += 1) {
      const day = new Date(
        Date.UTC(1000 + random(8000), random(12), 1 + random(31), random(24), random(60), random(60)),
      )
      const iso = day.toISOString()
      const [year = '', month = '', date = ''] = iso.slice(0, 10).split('-')
      expect(read('date', { dateFormat: '%d/%m/%Y' }, `${date}/${month}/${year}`)).toBe(iso.slice(0, 10))
      const ofYear = Math.floor((Date.parse(iso.slice(0, 10)) - Date.parse(`${year}-01-01`)) / 86_400_000) + 1
      expect(read('date', { dateFormat: '%Y.%j' }, `${year}.${String(ofYear).padStart(3, '0')}`)).toBe(iso.slice(0, 10))
      const hour = day.getUTCHours()
      const micros = String(random(1_000_000)).padStart(6, '0')
      const written = `${MONTHS[day.getUTCMonth()]} ${date}, ${year} ${String(hour % 12 || 12).padStart(2, '0')}${iso.slice(13, 19)}.${micros} ${hour < 12 ? 'am' : 'PM'}`
      expect(read('timestamp', { timestampFormat: '%b %d, %Y %I:%M:%S.%f %p' }, written)).toBe(
        `${iso.slice(0, 19).replace('T', ' ')}.${micros}`,
      )
      // A group that begins with a zero could be a typing error.
      const number = `${random(2) === 0 ? '-' : ''}${1 + random(10 ** (1 + random(9)))}${'0'.repeat(3 * random(3))}`
      const fraction = String(random(1000)).padStart(3, '0')
      const grouped = number.replaceAll(/\B(?=(\d{3})+(?!\d))/g, '.')
      expect(read('decimal(20, 3)', GERMAN, `${grouped},${fraction}`)).toBe(`${number}.${fraction}`)
      expect(read('long', GERMAN, grouped)).toBe(number)
    }
  })
})

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

function createRandom(seed: number) {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
