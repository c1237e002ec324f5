import { readFileSync } from 'node:fs'
import {
  DateDay,
  makeVector,
  Table,
  tableToIPC,
  Timestamp,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampSecond,
} from 'apache-arrow'
import { describe, expect, it } from 'vitest'
import { compareValues } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { valueText } from '@/lib/scan/value-text'
import { findFixture } from '@/testing/find-fixture'
import { column, createTestStaging, type StagingOptions } from '@/testing/ingest/test-staging'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'

/** DuckDB, which reads the input and finds its partitions, takes the last of each type and its negative for infinity. */

const { stage, preview, rejects } = createTestStaging()

const LAST_INT64 = 2n ** 63n - 1n
const TIMES = [-LAST_INT64 - 1n, -LAST_INT64, 1n - LAST_INT64, -1n, 0n, LAST_INT64 - 1n, LAST_INT64]
const LAST_INT32 = 2 ** 31 - 1
const DAYS = [-LAST_INT32 - 1, -LAST_INT32, 1 - LAST_INT32, -1, 0, LAST_INT32 - 1, LAST_INT32]
const TYPES = [
  ['date', DAYS],
  ['timestamp', TIMES],
  ['timestamptz', TIMES],
  ['timestamp_ns', TIMES],
] as const satisfies readonly (readonly [PrimitiveType, readonly Value[]])[]
function stageValues(
  inputType: PrimitiveType,
  values: readonly Value[],
  type: PrimitiveType,
  options: StagingOptions = {},
) {
  const bytes = encodeColumns([{ field: column(1, 'x', inputType), values }])
  return stage('parquet', bytes, [column(1, 'x', type)], options)
}

async function storedValues(stagedPath: string) {
  const [stored] = await readWholeFile(stagedPath, readFileSync(stagedPath), pageCodecs)
  return stored?.values ?? []
}

describe('The greatest and least values of a type', () => {
  it.each(TYPES)('of %s are previewed as they are', async (type, values) => {
    const bytes = encodeColumns([{ field: column(1, 'x', type), values }])
    const { rows } = await preview('parquet', bytes, [column(1, 'x', type)])
    expect(rows.map((row) => row.values)).toEqual(values.map((value) => [valueText(type, value, 'UTC')]))
  })

  it.each([
    ['timestamp_ns', 'timestamp', '2262-04-11 23:47:16.854775807', 'is more precise than microseconds'],
    ['timestamp', 'timestamp_ns', '294247-01-10 04:00:54.775807', 'is not a timestamp_ns such as 2001-02-03T04:05:06'],
  ] as const)('of %s are rejected by a column of %s', async (inputType, type, value, reason) => {
    const staged = await stageValues(inputType, [LAST_INT64, 0n], type, { maxRejectedRows: 1 })
    expect(rejects()).toEqual([{ line: 1, column: 'x', value, reason }])
    expect(await storedValues(staged.files[0]?.stagedPath ?? '')).toEqual([0n])
  })

  it.each([
    ['timestamp_ns', 'timestamp'],
    // DuckDB's cast of these raises an error.
    ['timestamp', 'timestamp_ns'],
  ] as const)('of %s are rejected in a nested column of %s', async (inputType, type) => {
    const struct = (at: PrimitiveType) =>
      column(1, 's', { type: 'struct', fields: [column(2, 'at', at), column(3, 'n', 'int')] })
    const values = [
      [LAST_INT64 - 1n, 1],
      [0n, 2],
    ]
    const bytes = encodeColumns([{ field: struct(inputType), values }])
    const staged = await stage('parquet', bytes, [struct(type)], { maxRejectedRows: 1 })
    expect(rejects()).toMatchObject([{ line: 1, column: 's', reason: 'does not fit its nested type exactly' }])
    expect(await storedValues(staged.files[0]?.stagedPath ?? '')).toEqual([[0n, 2]])
  })
})

const SECONDS_TO_10000 = 253_402_300_800n
const unitsOf = (perSecond: bigint) => {
  const micros = 1_000_000n / perSecond
  const [first, last] = [-(2n ** 63n) / micros, LAST_INT64 / micros]
  return {
    values: [first, first + 1n, -62_167_219_200n * perSecond, SECONDS_TO_10000 * perSecond, last - 1n, last],
    beyond: last + 1n,
    micros,
  }
}

describe('Times of Arrow in all years', () => {
  it.each([
    ['seconds', new TimestampSecond(), 1n],
    ['milliseconds', new TimestampMillisecond(), 1_000n],
    ['microseconds', new TimestampMicrosecond(), 1_000_000n],
  ] as const)('are loaded from %s as they are, from the first to the last', async (_unit, unit, perSecond) => {
    const { values, beyond, micros } = unitsOf(perSecond)
    const read = micros === 1n ? values : [...values, beyond]
    const times = (zone: string | null) =>
      makeVector({ type: new Timestamp(unit.unit, zone), data: BigInt64Array.from(read) })
    const bytes = tableToIPC(new Table({ at: times(null), tz: times('UTC') }), 'file')
    const fields = [column(1, 'at', 'timestamp'), column(2, 'tz', 'timestamptz')]
    const staged = await stage('arrow', bytes, fields, { maxRejectedRows: 1 })
    const stored = await readWholeFile('x', readFileSync(staged.files[0]?.stagedPath ?? ''), pageCodecs)
    const expected = values.map((value) => value * micros)
    expect(stored.map((one) => one.values)).toEqual([expected, expected])
    const found = staged.rowsRejected === 0 ? [] : rejects().map(({ reason }) => reason)
    const reasons = ['timestamp', 'timestamptz'].map((type) => `is beyond the range of ${type}`)
    expect(found).toEqual(micros === 1n ? [] : reasons)
  })

  it('are loaded as days, and inside other values', async () => {
    const days = makeVector({ type: new DateDay(), data: Int32Array.from([...DAYS, 2_932_897]) })
    const staged = await stage('arrow', tableToIPC(new Table({ x: days }), 'file'), [column(1, 'x', 'date')])
    expect(await storedValues(staged.files[0]?.stagedPath ?? '')).toEqual([...DAYS, 2_932_897])
    const struct = { type: 'struct', fields: [column(2, 'at', 'timestamptz')] } as const
    const nested = await stage('ndjson', '{"x": {"at": "+10000-01-01T00:00:00Z"}}\n', [column(1, 'x', struct)])
    expect(await storedValues(nested.files[0]?.stagedPath ?? '')).toEqual([[SECONDS_TO_10000 * 1_000_000n]])
  })
})

describe('An expression', () => {
  const [n, seen] = [column(1, 'n', 'int'), column(2, 'seen', 'timestamp')]
  const input = encodeColumns([
    { field: n, values: [1, 2] },
    { field: seen, values: [LAST_INT64, 0n] },
  ])

  it('rejects the row of a time that DuckDB would take for infinity', async () => {
    const options: StagingOptions = { maxRejectedRows: 1, mapping: { columns: { x: { sql: 'year(seen)' } } } }
    const staged = await stage('parquet', input, [column(1, 'x', 'int')], { ...options, ignoreExtra: true })
    const reason = 'cannot be computed: a field has a time that DuckDB takes for infinity'
    expect(rejects()).toEqual([{ line: 1, column: 'x', value: '294247-01-10 04:00:54.775807', reason }])
    expect(await storedValues(staged.files[0]?.stagedPath ?? '')).toEqual([1970])
  })

  it('is not needed for the text of such a time in the rest of the fields', async () => {
    const staged = await stage('parquet', input, [column(1, 'x', 'string')], {
      mapping: { columns: { x: { rest: true } } },
    })
    expect(await storedValues(staged.files[0]?.stagedPath ?? '')).toEqual([
      '{"n":"1","seen":"294247-01-10 04:00:54.775807"}',
      '{"n":"2","seen":"1970-01-01 00:00:00"}',
    ])
  })
})

it.each([
  ['timestamp', "'infinity'::timestamp"],
  ['date', "'-infinity'::date"],
] as const)('An expression whose result is an infinite %s rejects the row', async (type, sql) => {
  const options: StagingOptions = { maxRejectedRows: 1, mapping: { columns: { x: { sql } } } }
  const staged = await stage('csv', 'n\n1\n', [column(1, 'n', 'int'), column(2, 'x', type)], options)
  expect([staged.files, rejects()]).toMatchObject([[], [{ line: 2, column: 'x' }]])
})

const fixture = findFixture('reports/greatest-timestamps.parquet')

describe.skipIf(fixture === null)('A file of another program (skipped without ../shared/fixtures)', () => {
  it('is loaded with the values that it has', async () => {
    const bytes = readFileSync(fixture ?? '')
    const fields = [
      column(1, 'ts', 'timestamp'),
      column(2, 'tz', 'timestamptz'),
      column(3, 'd', 'date'),
      column(4, 'ns', 'timestamp_ns'),
    ]
    const spec = { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'y', transform: 'year' }] }
    const names = fields.map(({ name }) => name)
    const staged = await stage('parquet', bytes, fields, { spec, ignoreExtra: true })
    const loaded = await Promise.all(
      staged.files.map(({ stagedPath }) => readWholeFile(stagedPath, readFileSync(stagedPath), pageCodecs)),
    )
    const expected = await readWholeFile('greatest-timestamps.parquet', bytes, pageCodecs, names)
    for (const { field, values } of expected) {
      const type = field.type as PrimitiveType
      const sorted = (all: readonly unknown[]) => (all as Value[]).toSorted((a, b) => compareValues(type, a, b))
      const found = loaded.flatMap((file) => file.find((one) => one.field.name === field.name)?.values ?? [])
      expect(sorted(found), field.name).toEqual(sorted(values))
    }
  })
})
