import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { type OddText, optionalColumns } from './odd-text'

const INTEGERS = ['0', '-0', '+1', '007', '1.0', '1.5', '1e2', '0x10', '1_000', '1,000', '٣', '- 1', '--1', '']
const FRACTIONS = ['0.1', '-0.0', '.5', '5.', '1e2', '1E-2', 'NaN', 'nan', 'Infinity', '-inf', '∞', '1/2', '0x1p3']
const DAYS = [
  '2024-02-29',
  '2023-02-29',
  '2024-04-31',
  '2024-1-1',
  '0000-12-31',
  '0000-01-01',
  '-0001-01-01',
  '0001-01-01',
  '9999-12-31',
  '10000-01-01',
  '+10000-01-01',
  '5881580-07-11',
  '2024-02-29 (BC)',
  '20240229',
  '2024/02/29',
  '2024-02-29 ',
  'infinity',
  'epoch',
  'today',
]
const CLOCKS = [
  '00:00:00',
  '12:30',
  '23:59:59.999999',
  '23:59:59.9999999',
  '23:59:60',
  '24:00:00',
  '24:00:01',
  '12:60:00',
  '1:02:03',
  '12:30:00.5',
  '12:30:00,5',
  '12:30:00 PM',
  '123000',
]
const ZONES = ['', 'Z', 'z', '+00:00', '-00:00', '+02', '+0200', '+14:00', '+15:00', '+25:00', ' UTC', ' Europe/Berlin']
const TIMES = [
  ...DAYS.flatMap((day) => [day, `${day}T12:00:00`]),
  ...CLOCKS.flatMap((clock) => [`2024-02-29T${clock}`, `2024-02-29 ${clock}Z`]),
  ...ZONES.map((zone) => `2024-02-29T12:00:00${zone}`),
  '2016-12-31T23:59:60Z',
  '0001-01-01T00:00:00+01:00',
  '9999-12-31T23:59:59.999999-01:00',
  '294247-01-10T04:00:54.775807Z',
  '2262-04-11T23:47:16.854775807',
  '2262-04-11T23:47:16.854775808Z',
  '1677-09-21T00:12:43.145224193Z',
  '2024-02-29t12:00:00',
  '1709208000',
]

/** By their types, texts of which some are values, and others almost. */
const TEXTS: readonly (readonly [PrimitiveType, readonly string[]])[] = [
  ['boolean', ['true', 'false', 'TRUE', 'False', 't', 'f', 'yes', 'no', 'y', 'on', '1', '0', 'wahr', ' true', 'null']],
  ['int', [...INTEGERS, '2147483647', '2147483648', '-2147483648', '-2147483649', '99999999999999999999']],
  ['long', [...INTEGERS, '9223372036854775807', '9223372036854775808', '-9223372036854775808', '-9223372036854775809']],
  ['decimal(5, 2)', [...INTEGERS, ...FRACTIONS, '999.99', '1000', '-999.990', '0.005', '1.10000', '99999999999.9']],
  ['decimal(38, 10)', ['9999999999999999999999999999.9999999999', '10000000000000000000000000000', '1e-10', '1e-11']],
  ['float', [...FRACTIONS, '16777217', '16777216', '3.4028235e38', '3.5e38', '1e-46', '0.30000001192092896']],
  ['double', [...FRACTIONS, '9007199254740992', '9007199254740993', '1e308', '1e309', '5e-324', '1e-325', '1e400']],
  ['date', DAYS],
  ['time', CLOCKS],
  ['timestamp', TIMES],
  ['timestamptz', TIMES],
  ['timestamp_ns', TIMES],
  ['timestamptz_ns', TIMES],
  ['string', ['', '\t', 'x', 'NULL', '\ufeff', '\ufffd', '\0', 'e\u0301', '\u202e', '😀', '\u2028', '"', '\\']],
  [
    'uuid',
    [
      '123e4567-e89b-12d3-a456-426614174000',
      '123E4567E89B12D3A456426614174000',
      '{123e4567-e89b-12d3-a456-426614174000}',
      '123e4567',
    ],
  ],
  ['binary', ['00ff', '00FF', '0x00ff', '0', 'zz', '', 'AP8=', '\\x00']],
]

/** Numbers, and the words of JSON, are values without quotes, too. */
const TOKEN = /^(-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?|true|false|null)$/

type OddValues = Pick<OddText, 'name' | 'format' | 'fields'> & {
  /** By the values of `id`. */
  texts: ReadonlyMap<number, string>
  /** The file with these texts in the column `v`. */
  toInput: (texts: ReadonlyMap<number, string>) => string
  /** Whether the ways of loading read each of these values in their own manner. */
  isBare: boolean
}

/** For each type a CSV file, JSON lines with texts, and JSON lines with bare values. */
export const ODD_VALUES: readonly OddValues[] = TEXTS.flatMap(([type, list]): OddValues[] => {
  const fields = optionalColumns({ id: 'int', v: type })
  const texts = new Map(list.entries())
  const tokens = new Map([...texts].filter(([, text]) => TOKEN.test(text)))
  const csv = { name: `${type} in CSV`, format: 'csv' as const, fields, texts, toInput: toCsv, isBare: false }
  const quoted = {
    name: `${type} in texts of JSON`,
    format: 'ndjson' as const,
    fields,
    texts,
    toInput: toQuoted,
    isBare: false,
  }
  const bare = {
    name: `${type} in JSON`,
    format: 'ndjson' as const,
    fields,
    texts: tokens,
    toInput: toBare,
    isBare: true,
  }
  return tokens.size === 0 ? [csv, quoted] : [csv, quoted, bare]
})

function toCsv(texts: ReadonlyMap<number, string>): string {
  return ['id,v', ...Array.from(texts, ([id, text]) => `${id},"${text.replaceAll('"', '""')}"`)].join('\n')
}

function toQuoted(texts: ReadonlyMap<number, string>): string {
  return Array.from(texts, ([id, text]) => `{"id":${id},"v":${JSON.stringify(text)}}`).join('\n')
}

function toBare(texts: ReadonlyMap<number, string>): string {
  return Array.from(texts, ([id, text]) => `{"id":${id},"v":${text}}`).join('\n')
}
