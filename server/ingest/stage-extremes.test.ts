import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { toHex } from '@/lib/iceberg/schema/byte-text'
import { applyTransform, canTransform, parseTransform } from '@/lib/iceberg/partitioning/transform'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { compareValues, formatValue } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { misfitReason } from '@/lib/ingest/text-value'
import { column, createTestStaging } from '@/testing/ingest/test-staging'
import { encodeColumns } from '@/testing/parquet/encode-columns'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { readWholeFile } from '@/testing/parquet/read-whole-file'
import { byCases } from '@/testing/property-cases'

/**
 * The first and the last values of each type, by each transform: a row is either loaded into the partition that exact
 * arithmetic finds, or rejected with a reason, and the other rows are loaded.
 */

const { stage, preview, rejects, rows } = createTestStaging()

const LAST_INT32 = 2 ** 31 - 1
const LAST_INT64 = 2n ** 63n - 1n
const INT64S = [-LAST_INT64 - 1n, -LAST_INT64, 1n - LAST_INT64, -1n, 0n, 1n, LAST_INT64 - 1n, LAST_INT64]
const FIRST_DAY_MICROS = -62_135_596_800_000_000n
const LAST_DAY_MICROS = 253_402_300_799_999_999n

function decimals(precision: number): Value[] {
  const last = 10n ** BigInt(precision) - 1n
  return [-last, 1n - last, -1n, 0n, 1n, last - 1n, last]
}

const VALUES = [
  ['boolean', [false, true]],
  ['int', [-LAST_INT32 - 1, -LAST_INT32, -1, 0, 1, LAST_INT32 - 1, LAST_INT32]],
  ['long', INT64S],
  ['float', [-Infinity, -3.4028234663852886e38, -1.401298464324817e-45, -0, 0, 3.4028234663852886e38, Infinity, NaN]],
  ['double', [-Infinity, -Number.MAX_VALUE, -Number.MIN_VALUE, -0, 0, Number.MAX_VALUE, Infinity, NaN]],
  ['decimal(1, 0)', decimals(1)],
  ['decimal(9, 2)', decimals(9)],
  ['decimal(18, 18)', decimals(18)],
  ['decimal(38, 0)', decimals(38)],
  ['decimal(38, 37)', decimals(38)],
  ['date', [-LAST_INT32 - 1, -LAST_INT32, -719_162, -1, 0, 2_932_896, LAST_INT32 - 1, LAST_INT32]],
  ['time', [0n, 1n, 86_399_999_999n]],
  ['timestamp', [...INT64S, FIRST_DAY_MICROS, LAST_DAY_MICROS]],
  ['timestamptz', [...INT64S, FIRST_DAY_MICROS, LAST_DAY_MICROS]],
  ['timestamp_ns', INT64S],
  ['timestamptz_ns', INT64S],
  ['string', ['', '\u{10FFFF}\u{1F6A3}', '\uFFFF'.repeat(100)]],
  ['uuid', ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff']],
  ['binary', [new Uint8Array(), new Uint8Array(100).fill(255)]],
] as const satisfies readonly (readonly [PrimitiveType, readonly Value[]])[]

const TRANSFORMS = ['identity', 'bucket[16]', 'year', 'month', 'day', 'hour']
const WIDTHS = ['truncate[1]', 'truncate[10]', 'truncate[2147483647]']
const FORMATS = ['parquet', 'csv', 'ndjson'] as const
type Format = (typeof FORMATS)[number]

const CASES = VALUES.flatMap(([type, values], i) =>
  [...TRANSFORMS, ...byCases(WIDTHS.slice(1, 2), ['void', ...WIDTHS])]
    .filter((transform) => canTransform(parseTransform(transform), type))
    .flatMap((transform) =>
      // The text of a value does not depend on the transform.
      byCases<readonly Format[]>(
        transform === 'identity' ? ['parquet', i % 2 === 0 ? 'csv' : 'ndjson'] : ['parquet'],
        FORMATS,
      ).map((format) => [format, type, transform, values] as const),
    ),
)

function textOf(type: PrimitiveType, value: Value): string {
  if (value instanceof Uint8Array) return toHex(value)
  return formatValue(type, value)
}

/** Each value in a row, after its index. */
function encode(format: Format, type: PrimitiveType, values: readonly Value[]): Uint8Array | string {
  if (format === 'parquet') {
    return encodeColumns([
      { field: column(1, 'id', 'int'), values: values.map((_value, i) => i) },
      { field: column(2, 'x', type), values },
    ])
  }
  const texts = values.map((value) => textOf(type, value))
  if (format === 'csv') return `id,x\n${texts.map((text, i) => `${i},"${text}"\n`).join('')}`
  const tokens = texts.map((text) => (type === 'boolean' ? text : JSON.stringify(text)))
  return tokens.map((token, i) => `{"id": ${i}, "x": ${token}}\n`).join('')
}

/** Why a row is rejected; null if it is loaded. */
function expectedReason(format: string, type: PrimitiveType, transform: string, value: Value): string | null {
  const misfit = format === 'parquet' ? null : misfitReason(type, textOf(type, value))
  if (misfit !== null) return misfit
  const partition = applyTransform(parseTransform(transform), type, value)
  const primitive = parsePrimitive(type)
  if (transform === 'hour')
    return Math.abs(Number(partition)) > LAST_INT32 ? 'has no partition: hour(x) is beyond the range of int' : null
  const beyond = `has no partition: ${transform}(x) is beyond the range of ${type}`
  // Below the lowest multiple, the transform of the specification wraps around.
  if ((primitive.kind === 'int' || primitive.kind === 'long') && transform.startsWith('truncate'))
    return partition !== null && partition > value ? beyond : null
  if (primitive.kind !== 'decimal' || typeof partition !== 'bigint') return null
  const limit = 10n ** BigInt(primitive.precision)
  return partition <= -limit || partition >= limit ? beyond : null
}

describe('The first and last values, in a file of', () => {
  it.each(CASES)('%s, of %s are loaded by %s or rejected with a reason', async (format, type, transform, values) => {
    const spec = { specId: 1, fields: [{ sourceId: 2, fieldId: 1000, name: 'p', transform }] }
    const fields = [column(1, 'id', 'int'), column(2, 'x', type)]
    const options = { spec, maxRejectedRows: values.length }
    const { files, rowsRejected } = await stage(format, encode(format, type, values), fields, options)
    const reasons = values.map((value) => expectedReason(format, type, transform, value))
    const loaded = new Map<number, { value: Value; partition: readonly (Value | null)[] }>()
    for (const { stagedPath, partition } of files) {
      const columns = await readWholeFile(stagedPath, readFileSync(stagedPath), pageCodecs)
      const stored = (name: string) => columns.find(({ field }) => field.name === name)?.values ?? []
      for (const [row, id] of stored('id').entries())
        loaded.set(Number(id), { value: stored('x')[row] as Value, partition })
    }
    const expected = values.flatMap((value, i) =>
      reasons[i] === null
        ? [[i, { value, partition: [applyTransform(parseTransform(transform), type, value)] }] as const]
        : [],
    )
    expect(loaded).toEqual(new Map(expected))
    expect(rowsRejected).toBe(values.length - expected.length)
    const found = rowsRejected === 0 ? [] : rejects().map(({ line, column: name, reason }) => [line, name, reason])
    const firstLine = format === 'csv' ? 2 : 1
    expect(found).toEqual(reasons.flatMap((reason, i) => (reason === null ? [] : [[i + firstLine, 'x', reason]])))
  })
})

describe('A row without a partition', () => {
  const price = column(1, 'price', 'decimal(4, 2)')
  const spec = { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'p', transform: 'truncate[50]' }] }
  const csv = 'price\n-99.99\n1.00\n-99.98\n-99.97\n-99.96\n'
  const reason = 'has no partition: truncate[50](price) is beyond the range of decimal(4, 2)'

  it('fails a load that permits no rejects, which names the first ones', async () => {
    await expect(stage('csv', csv, [price], { spec })).rejects.toMatchObject({
      code: 'rows-rejected',
      message:
        '4 of 5 rows do not fit the table. The run lists them; the first: price in line 2, price in line 4, price in line 5.',
    })
    expect(rejects()[0]).toEqual({ line: 2, column: 'price', value: '-99.99', reason })
  })

  it('is rejected in a preview, too', async () => {
    const { rejects: shown, rows } = await preview('csv', csv, [price], { spec })
    expect(shown[0]).toMatchObject({ line: 2, column: 'price', value: '-99.99', reason })
    expect(rows).toEqual([{ line: 3, values: ['1.00'] }])
  })

  it('is rejected if the source of the partition is inside a struct', async () => {
    const at = column(3, 'at', 'timestamp')
    const fields = [column(1, 'n', 'int'), column(2, 's', { type: 'struct', fields: [at] })]
    const hours = { specId: 1, fields: [{ sourceId: 3, fieldId: 1000, name: 'h', transform: 'hour' }] }
    const input = encodeColumns([
      { field: column(1, 'n', 'int'), values: [1, 2, 3] },
      { field: column(2, 's', { type: 'struct', fields: [at] }), values: [[LAST_INT64], [0n], null] },
    ])
    const { files } = await stage('parquet', input, fields, { spec: hours, maxRejectedRows: 1 })
    expect(rejects()).toMatchObject([
      { line: 1, column: 's', reason: 'has no partition: hour(s.at) is beyond the range of int' },
    ])
    expect(files.map(({ partition }) => partition)).toEqual([[0], [null]])
  })
})

describe('A rule', () => {
  it.each([
    [{ min: '1677-09-21T00:12:43.145224193Z', max: '2262-04-11T23:47:16.854775806Z' }, [1, INT64S.length]],
    [{ min: '1677-09-21T00:12:43.145224192Z', max: '2262-04-11T23:47:16.854775807Z' }, []],
    [{ values: ['1677-09-21T00:12:43.145224192Z', '2262-04-11T23:47:16.854775807Z'] }, [2, 3, 4, 5, 6, 7]],
  ])('may have the first and last nanoseconds: %o', async (rule, lines) => {
    const at = column(1, 'at', 'timestamptz_ns')
    const input = encodeColumns([{ field: at, values: INT64S }])
    const rules = { ends: { column: 'at', ...rule } }
    const { rowsRejected } = await stage('parquet', input, [at], { rules, maxRejectedRows: INT64S.length })
    expect(rowsRejected === 0 ? [] : rejects().map(({ line }) => line)).toEqual(lines)
  })
})

describe('A sort order', () => {
  it.each([
    ['decimal(4, 2)', 'truncate[50]', [9_999n, -9_999n, 0n, -9_901n]],
    ['timestamp', 'hour', [LAST_INT64, -LAST_INT64 - 1n, 0n]],
  ] as const)('of %s by %s takes values whose transform is beyond its type', async (type, transform, values) => {
    const sortField = { sourceId: 1, transform, direction: 'asc', nullOrder: 'nulls-first' } as const
    const input = encodeColumns([{ field: column(1, 'x', type), values }])
    const staged = await stage('parquet', input, [column(1, 'x', type)], {
      sortOrder: { orderId: 1, fields: [sortField] },
    })
    const path = staged.files[0]?.stagedPath ?? ''
    const [stored] = await readWholeFile(path, readFileSync(path), pageCodecs)
    expect(stored?.values).toEqual(values.toSorted((a, b) => compareValues(type, a, b)))
  })
})

describe('A value that DuckDB cannot read from a Parquet file', () => {
  /** The same file with other bytes in one place. */
  function replaceBytes(bytes: Uint8Array, from: Uint8Array, to: Uint8Array): Uint8Array {
    const at = Buffer.from(bytes).indexOf(from)
    if (at < 0) throw new Error('the file does not have the bytes')
    const changed = bytes.slice()
    changed.set(to, at)
    return changed
  }
  const id = { field: column(1, 'id', 'int'), values: Array.from({ length: 100 }, (_, i) => i) }

  const texts = { field: column(2, 's', 'string'), values: id.values.map((i) => `text ${i}`) }
  const others = { field: column(3, 'o', 'string'), values: id.values.map((i) => (i % 2 === 0 ? null : `other ${i}`)) }
  const twoBad = replaceBytes(
    replaceBytes(encodeColumns([id, texts, others]), Buffer.from('text 57'), Buffer.from([0xff])),
    Buffer.from('other 61'),
    Buffer.from([0xc3, 0x28]),
  )
  const fields = [id.field, texts.field, others.field]

  it.each([
    ['', {}],
    [
      ' of partitions',
      { spec: { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'p', transform: 'bucket[2]' }] } },
    ],
  ])(
    'of a text that is not UTF-8 rejects its row%s, and the other rows are loaded in their order',
    async (_of, options) => {
      const staged = await stage('parquet', twoBad, fields, { maxRejectedRows: 2, ...options })
      expect(staged).toMatchObject({ rowsRead: 100, rowsRejected: 2 })
      expect(rejects()).toEqual([
        { line: 58, column: 's', value: '\ufffdext 57', reason: 'is not UTF-8' },
        { line: 62, column: 'o', value: '\ufffd(her 61', reason: 'is not UTF-8' },
      ])
      const read = await rows(staged)
      // The files of partitions follow one another.
      const inOrder = staged.files.length === 1 ? read : read.toSorted(([a], [b]) => Number(a) - Number(b))
      const expected = id.values
        .filter((i) => i !== 57 && i !== 61)
        .map((i) => [i, `text ${i}`, i % 2 === 0 ? null : `other ${i}`])
      expect(inOrder).toEqual(expected)
    },
  )

  it('of a text that is not UTF-8 is shown by a preview, and stops a load that allows no rejects', async () => {
    const previewed = await preview('parquet', twoBad, fields, { maxRows: 60 })
    expect(previewed).toMatchObject({
      rowsRead: 60,
      rejects: [{ line: 58, column: 's', reason: 'is not UTF-8' }],
      fields: [
        { name: 'id', samples: ['0', '1', '2'] },
        { name: 's', samples: [] },
        { name: 'o', samples: [] },
      ],
    })
    expect(previewed.rows).toHaveLength(59)
    await expect(stage('parquet', twoBad, fields)).rejects.toMatchObject({ code: 'rows-rejected' })
    // The other columns are loaded without it.
    expect((await stage('parquet', twoBad, [id.field], { ignoreExtra: true })).rowsRead).toBe(100)
  })

  it('is named with its column and row where an expression reads the column', async () => {
    const mapping = { columns: { s: { sql: 'upper(s)' } }, ignoredFields: ['o'] }
    const staged = stage('parquet', twoBad, [id.field, texts.field], { maxRejectedRows: 9, mapping })
    await expect(staged).rejects.toMatchObject({
      code: 'invalid-request',
      message: 'Column s cannot be read in row 58: a text is not UTF-8. Nothing was loaded.',
      facts: { column: 's', row: 58 },
    })
  })

  it('of milliseconds beyond microseconds rejects its row', async () => {
    // TimestampType { isAdjustedToUTC: false, unit: MICROS } of the compact protocol, and then MILLIS.
    const [micros, millis] = [0x2c, 0x1c].map((unit) => Uint8Array.of(0x12, 0x1c, unit, 0, 0))
    const load = (odd: bigint) => {
      const values = id.values.map((i) => (i === 57 ? odd : BigInt(i) * 1_001n))
      const times = { field: column(2, 'at', 'timestamp'), values }
      const bytes = replaceBytes(encodeColumns([id, times]), micros ?? new Uint8Array(), millis ?? new Uint8Array())
      return stage('parquet', bytes, [id.field, times.field], { maxRejectedRows: 9 })
    }
    const staged = await load(LAST_INT64 - 1n)
    expect(staged).toMatchObject({ rowsRejected: 1 })
    const reason = 'is beyond the years 0001 to 9999'
    expect(rejects()).toEqual([{ line: 58, column: 'at', value: `${LAST_INT64 - 1n} millis`, reason }])
    expect((await rows(staged, '"at"::VARCHAR')).at(57)).toEqual(['1970-01-01 00:00:58.058'])
    // DuckDB takes the last of them for infinity, and would make it the last microsecond.
    expect(await load(LAST_INT64)).toMatchObject({ rowsRejected: 1 })
    expect(rejects()).toMatchObject([{ line: 58, column: 'at', value: 'infinity' }])
  })
})

it('A damaged file is refused with advice about the file, not about a table', async () => {
  await expect(stage('parquet', Buffer.from('no'), [column(1, 'id', 'int')])).rejects.toMatchObject({
    code: 'file-damaged',
    message: expect.stringMatching(/^(?!.*lakeshore-stage-).*input-\d+\.parquet/),
    facts: { hint: 'Correct or replace the file, and load it again.' },
  })
})
