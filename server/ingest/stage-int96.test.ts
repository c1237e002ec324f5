import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { column, createTestStaging } from '@/testing/ingest/test-staging'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { dataPage, pagedFile, plainLongs } from '@/testing/parquet/paged-file'
import { readWholeFile } from '@/testing/parquet/read-whole-file'

/** Timestamps of INT96, as Spark writes them by default: nanoseconds of a day, and a Julian day. */

const { stage, preview, rejects, rows } = createTestStaging()

const INT64 = 2
const INT96 = 3
/** The Julian day of 1970-01-01. */
const EPOCH_DAY = 2_440_588

type Int96 = { day: number; nanos: bigint }

function timesFile(times: readonly Int96[]): Uint8Array {
  const values = Buffer.alloc(12 * times.length)
  for (const [i, { day, nanos }] of times.entries()) {
    values.writeBigInt64LE(nanos, 12 * i)
    values.writeInt32LE(day, 12 * i + 8)
  }
  const ids = plainLongs(times.map((_time, i) => BigInt(i + 1)))
  return pagedFile(
    [
      { name: 'id', fieldId: null, physicalType: INT64, pages: dataPage(ids, times.length) },
      { name: 'at', fieldId: null, physicalType: INT96, pages: dataPage(values, times.length) },
    ],
    times.length,
  )
}

const fieldsOf = (type: 'timestamp' | 'timestamptz' | 'timestamp_ns' | 'timestamptz_ns') => [
  column(1, 'id', 'long'),
  column(2, 'at', type),
]

const HOUR = 3_600_000_000_000n
const MICROS: readonly Int96[] = [
  { day: EPOCH_DAY, nanos: 0n },
  { day: EPOCH_DAY - 1, nanos: 24n * HOUR - 1_000n },
  { day: EPOCH_DAY + 20_000, nanos: 12n * HOUR + 345_678_000n },
]
const TEXTS = ['1970-01-01 00:00:00', '1969-12-31 23:59:59.999999', '2024-10-04 12:00:00.345678']

describe('INT96', () => {
  it.each(['timestamptz', 'timestamptz_ns'] as const)('fills a %s as an instant in UTC', async (type) => {
    const staged = await stage('parquet', timesFile(MICROS), fieldsOf(type))
    const micros = await rows(staged, 'id, epoch_us("at")')
    expect(micros).toEqual([
      ['1', '0'],
      ['2', '-1'],
      ['3', '1728043200345678'],
    ])
    const shown = await preview('parquet', timesFile(MICROS), fieldsOf(type))
    expect(shown).toMatchObject({ rowsRejected: 0, columnProblems: [] })
    expect(shown.rows.map(({ values }) => values[1]?.slice(0, 10))).toEqual(TEXTS.map((text) => text.slice(0, 10)))
  })

  it('fills a timestamp, too', async () => {
    const staged = await stage('parquet', timesFile(MICROS), fieldsOf('timestamp'))
    expect(await rows(staged, '"at"')).toEqual(TEXTS.map((text) => [text]))
  })

  const NANOS: readonly Int96[] = [...MICROS, { day: EPOCH_DAY, nanos: 1_001n }]

  it.each([
    ['timestamp', '1970-01-01 00:00:00.000001001'],
    ['timestamptz', '1970-01-01 00:00:00.000001001+00'],
  ] as const)('is rejected for %s if it is more precise', async (type, value) => {
    const staged = await stage('parquet', timesFile(NANOS), fieldsOf(type), { maxRejectedRows: 1 })
    expect(await rows(staged, 'id')).toEqual([['1'], ['2'], ['3']])
    expect(rejects()).toEqual([{ line: 4, column: 'at', value, reason: 'is more precise than microseconds' }])
  })

  it.each(['timestamp_ns', 'timestamptz_ns'] as const)('keeps each nanosecond in a %s', async (type) => {
    const { files } = await stage('parquet', timesFile(NANOS), fieldsOf(type))
    // DuckDB reads instants in microseconds only.
    const written = await readWholeFile('staged', readFileSync(files[0]?.stagedPath ?? ''), pageCodecs, ['at'])
    expect(written).toMatchObject([{ field: { type }, values: [0n, -1000n, 1728043200345678000n, 1001n] }])
  })

  it('is taken by an expression if it has whole microseconds', async () => {
    const mapping = { columns: { at: { sql: `"at" AT TIME ZONE 'Europe/Berlin'` } } }
    const staged = await stage('parquet', timesFile(MICROS.slice(2)), fieldsOf('timestamptz'), { mapping })
    expect(await rows(staged, 'epoch_us("at")')).toEqual([['1728036000345678']])
    await expect(stage('parquet', timesFile(NANOS), fieldsOf('timestamptz'), { mapping })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('which an expression and the rest of the fields would truncate'),
    })
  })

  it.each(['timestamp', 'timestamptz'] as const)(
    'is exact or rejected for %s at the ends of its range',
    async (type) => {
      const last = { day: EPOCH_DAY + 106_751_991, nanos: 14_454_775_807_000n }
      const times = [
        last,
        { ...last, nanos: last.nanos - 1_000n },
        { ...last, nanos: last.nanos + 1_000n },
        { day: 2_147_483_647, nanos: 0n },
        { day: -2_147_483_648, nanos: 0n },
      ]
      const staged = await stage('parquet', timesFile(times), fieldsOf(type), { maxRejectedRows: 3 })
      const written = await readWholeFile('staged', readFileSync(staged.files[0]?.stagedPath ?? ''), pageCodecs, ['at'])
      expect(written).toMatchObject([{ values: [2n ** 63n - 1n, 2n ** 63n - 2n] }])
      const reason = 'is beyond what the column can hold exactly'
      expect(rejects()).toMatchObject([
        { line: 3, column: 'at', reason },
        { line: 4, column: 'at', reason },
        { line: 5, column: 'at', reason },
      ])
    },
  )
})
