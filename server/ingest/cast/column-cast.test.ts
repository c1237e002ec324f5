import { DuckDBInstance, LIST, SQLNULL } from '@duckdb/node-api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrimitiveType } from '@/lib/iceberg/schema/types'
import { textColumn } from './column-cast'
import { typedColumn } from './typed-column'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'
import { misfitReason } from '@/lib/ingest/text-value'

const TYPES: readonly PrimitiveType[] = [
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'decimal(9, 3)',
  'decimal(18, 18)',
  'decimal(38, 0)',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'timestamp_ns',
  'timestamptz_ns',
  'uuid',
  'binary',
  'unknown',
]

/** Texts similar to those that types accept: their characters in random order, and valid texts with something added. */
const texts = fc.oneof(
  fc.stringMatching(/^[-+]?[0-9]{0,12}[.]?[0-9]{0,6}([eE][-+]?[0-9]{1,3})?$/),
  fc.stringMatching(
    /^[0-9]{4}-[0-3][0-9]-[0-3][0-9]([T ][0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.][0-9]{1,9})?)?(Z|[+-][0-2][0-9](:?[0-9]{2})?)?)?$/,
  ),
  // The ends of the range of nanoseconds.
  fc.stringMatching(
    /^(1677-09-2[0-5]|2262-04-(09|1[0-3]))[T ][0-2][0-9]:[0-5][0-9]:[0-5][0-9]([.][0-9]{1,12})?(Z|z|[+-]1[0-5](:?[0-9]{2})?)?$/,
  ),
  fc.stringMatching(/^(1677-09-21[T ]00:12:43[.]14522[0-9]{1,5}|2262-04-11[T ]23:47:16[.]85477[0-9]{1,5})Z?$/),
  fc.stringMatching(/^[0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.][0-9]{0,8})?)?$/),
  fc.string({ unit: fc.constantFrom(...'0123456789-+:.eETZ _xinfa'.split('')), maxLength: 24 }),
  fc.constantFrom(
    'nan',
    'NaN',
    '-inf',
    'Infinity',
    'true',
    'TRUE',
    'f',
    'epoch',
    'infinity',
    '-infinity',
    '',
    ' ',
    '\t1',
    '1\n',
    '٣',
    '1٫5',
    '½',
  ),
)

const OUTSIDE = 'is outside 1677-09-21T00:12:43.145224192 to 2262-04-11T23:47:16.854775807, the range of nanoseconds'

describe('Whether a text fits', () => {
  it('is decided in the same way in SQL and in the reasons', async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const connection = await instance.connect()
    await connection.run("SET TimeZone = 'UTC'")
    const sample = fc.sample(texts, { numRuns: 4_000, seed: 7 })
    await connection.run(`CREATE TABLE t AS SELECT unnest([${[...new Set(sample)].map(quoteLiteral).join(', ')}]) AS r`)
    const acceptedCounts = new Map<string, number>()
    const sureCounts = new Map<string, number>()
    for (const type of TYPES) {
      const cast = textColumn({ id: 1, name: 'x', type, required: false }, type, 'r')
      const sure = cast.isSurelyExact?.('r', 'v') ?? 'false'
      const checked = await connection.runAndReadAll(
        `SELECT r, ${cast.isBad('r', 'v')} AS bad, ${sure} AS sure FROM (SELECT r, ${cast.value('r')} AS v FROM t)`,
      )
      const rows = checked.getRowObjectsJS() as { r: string; bad: boolean; sure: boolean | null }[]
      expect(rows.filter(({ bad, sure: isSure }) => bad && isSure === true).slice(0, 5), type).toEqual([])
      const differing = rows.filter(({ r, bad }) => (misfitReason(type, r) === null) === bad)
      expect(differing.slice(0, 5), type).toEqual([])
      acceptedCounts.set(type, rows.filter(({ bad }) => !bad).length)
      sureCounts.set(type, rows.filter(({ sure: isSure }) => isSure === true).length)
    }
    connection.closeSync()
    instance.closeSync()
    // Both results occurred often enough for texts that chance can hit.
    for (const type of [
      'int',
      'double',
      'date',
      'time',
      'timestamp',
      'timestamptz',
      'timestamp_ns',
      'timestamptz_ns',
    ]) {
      expect(acceptedCounts.get(type), type).toBeGreaterThan(5)
    }
    for (const type of ['int', 'long', 'double', 'decimal(9, 3)', 'date', 'timestamp'])
      expect(sureCounts.get(type), `surely exact: ${type}`).toBeGreaterThan(2)
  })

  it.each([
    ['int', '2147483648', 'is beyond the range of int'],
    ['decimal(4, 1)', '1.25', 'has more than 1 decimal'],
    ['decimal(4, 2)', '123', 'has more than 2 digits before the point'],
    ['timestamp', '2001-01-01T00:00:00Z', 'has a zone, which a timestamp cannot store'],
    ['timestamptz', '2001-01-01T00:00:00', 'has no zone (such as Z or +02:00)'],
    ['timestamptz', '2001-01-01T00:00:00z', 'is not a timestamptz such as 2001-02-03T04:05:06Z'],
    ['timestamp', '2001-01-01T00:00:00.1234567', 'is more precise than microseconds'],
    ['time', '00:00:00.1234567', 'is more precise than microseconds'],
    ['timestamp_ns', '2001-01-01T00:00:00.123456789000', null],
    ['timestamp_ns', '2001-01-01T00:00:00.1234567891', 'is not a timestamp_ns such as 2001-02-03T04:05:06'],
    ['timestamp_ns', '2001-01-01T00:00:00+02', 'has a zone, which a timestamp cannot store'],
    ['timestamptz_ns', '2001-01-01T00:00:00.1', 'has no zone (such as Z or +02:00)'],
    ['timestamp_ns', '1677-09-21T00:12:43.145224192', null],
    ['timestamp_ns', '1677-09-21T00:12:43.145224191', OUTSIDE],
    ['timestamptz_ns', '2262-04-12T01:47:16.854775807+02:00', null],
    ['timestamptz_ns', '2262-04-11T22:47:16.854775808-0100', OUTSIDE],
    ['timestamptz_ns', '1600-01-01T00:00:00Z', OUTSIDE],
    ['unknown', '', 'is a value, but a column of type unknown holds none'],
    ['date', '2001-02-29', 'is not a day of the calendar'],
    ['date', '+5881580-07-11', null],
    ['date', '+5881580-07-12', 'is beyond the range of date'],
    ['date', '+0000-12-31', null],
    ['date', '0000-12-31', 'is not a day of the calendar'],
    ['timestamp', '+294247-01-10T04:00:54.775807', null],
    ['timestamp', '+294247-01-10T04:00:54.775808', 'is beyond the range of timestamp'],
    ['timestamptz', '+294247-01-10T06:00:54.775807+02:00', null],
    ['timestamptz', '-292277022656-01-27T08:29:52Z', 'is beyond the range of timestamptz'],
    ['string', 'a\uD800', 'holds half a character (an unpaired surrogate)'],
    ['fixed[2]', '00ff', 'is of type fixed[2], which cannot be written yet'],
  ] as const)('is explained: %s %s', (type, text, reason) => {
    expect(misfitReason(type, text)).toBe(reason)
  })
})

it.each([
  ['int', SQLNULL, "'5'"],
  ['string', SQLNULL, "'5'"],
  ['long', LIST(SQLNULL), "[NULL, '5']"],
] as const)('A value in a column of nulls does not fit %s', async (type, from, sql) => {
  const isList = from.typeId !== SQLNULL.typeId
  const fieldType = isList ? ({ type: 'list', elementId: 2, element: type, elementRequired: false } as const) : type
  const field = { id: 1, name: 'x', type: fieldType, required: false }
  const cast = typedColumn(field, 'r', from, { ignoreExtra: false })
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const nulls = isList ? '[NULL]::VARCHAR[]' : 'NULL::VARCHAR'
  const checked = await connection.runAndReadAll(
    `SELECT ${cast.isBad('r', 'v')} AS bad FROM (SELECT r, ${cast.value('r')} AS v FROM (VALUES (${sql}), (${nulls})) AS t(r))`,
  )
  expect(checked.getRowsJS()).toEqual([[true], [false]])
  connection.closeSync()
  instance.closeSync()
})
