import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { ListType, NestedField, Type } from '@/lib/iceberg/schema/types'
import type { StageResult } from '@/server/ingest/stage-request'
import { installPyarrow } from '@/testing/peers/install-pyarrow'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const python = installPyarrow()
const { stage, rejects, file } = createTestStaging()

const FLAT: readonly NestedField[] = [
  column(1, 'id', 'long'),
  column(2, 'small', 'int'),
  column(3, 'flag', 'boolean'),
  column(4, 'd', 'double'),
  column(5, 'f', 'float'),
  column(6, 'amount', 'decimal(38, 9)'),
  column(7, 'price', 'decimal(9, 2)'),
  column(8, 'day', 'date'),
  column(9, 'clock', 'time'),
  column(10, 'at', 'timestamptz'),
  column(11, 'local', 'timestamp'),
  column(12, 'note', 'string'),
]
const NESTED: readonly NestedField[] = [
  column(13, 'bytes', 'binary'),
  column(14, 'list', list(20, 'long')),
  column(15, 'map', { type: 'map', keyId: 21, key: 'string', valueId: 22, value: 'double', valueRequired: false }),
  column(16, 'point', { type: 'struct', fields: [column(23, 'x', 'int'), column(24, 'name', 'string')] }),
  column(
    17,
    'items',
    list(30, {
      type: 'struct',
      fields: [
        column(31, 'code', 'string'),
        column(32, 'amount', 'decimal(20, 4)'),
        column(33, 'at', 'timestamptz'),
        column(34, 'tags', list(35, 'string')),
      ],
    }),
  ),
  column(18, 'record', {
    type: 'struct',
    fields: [
      column(40, 'local', 'timestamp'),
      column(41, 'inner', {
        type: 'struct',
        fields: [column(42, 'day', 'date'), column(43, 'ratios', list(44, 'double'))],
      }),
      column(45, 'flags', list(46, 'boolean')),
    ],
  }),
  column(19, 'groups', {
    type: 'map',
    keyId: 50,
    key: 'string',
    valueId: 51,
    value: list(52, 'long'),
    valueRequired: false,
  }),
  column(60, 'lists', list(61, list(62, 'decimal(20, 4)'))),
]

function list(elementId: number, element: Type): ListType {
  return { type: 'list', elementId, element, elementRequired: false }
}

/** Times of nanoseconds, or of microseconds. */
const times = (unit: '' | '_ns'): NestedField[] => [
  column(1, 'id', 'long'),
  column(2, 'local', `timestamp${unit}`),
  column(3, 'utc', `timestamptz${unit}`),
]
const nestedTimes = (unit: '' | '_ns'): NestedField[] => [
  column(1, 'id', 'long'),
  column(2, 'times', list(3, `timestamp${unit}`)),
  column(4, 'inner', { type: 'struct', fields: [column(5, 'local', `timestamp${unit}`)] }),
]
const utcTimes = (unit: '' | '_ns'): NestedField[] => [
  column(1, 'id', 'long'),
  column(2, 'times', list(3, `timestamptz${unit}`)),
]

const CODECS = ['none', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4']
const FILES: readonly (readonly [string, InputFormat])[] = [
  ...CODECS.flatMap((codec) =>
    [`${codec}-1.0.parquet`, `${codec}-2.0.parquet`].map((name) => [name, 'parquet'] as const),
  ),
  ['encodings.parquet', 'parquet'],
  ['int-decimals.parquet', 'parquet'],
  ...['uncompressed', 'lz4', 'zstd'].map((codec) => [`${codec}.feather`, 'arrow'] as const),
  ...['null', 'deflate', 'snappy', 'zstandard'].map((codec) => [`${codec}.avro`, 'avro'] as const),
  ['lines.ndjson', 'ndjson'],
  ['array.json', 'json'],
  ...['comma.csv', 'tabs.tsv'].flatMap((name) => ['', '.gz', '.zst'].map((packed) => [name + packed, 'csv'] as const)),
]
const SPEC = { specId: 1, fields: [{ sourceId: 1, fieldId: 1000, name: 'all', transform: 'void' }] }

describe.skipIf(python === null)(
  'A file of PyArrow, fastavro or Python’s json (skipped if they are not available)',
  () => {
    const folder = () => file('peers')
    beforeAll(() => {
      mkdirSync(folder())
      execFileSync(python ?? '', ['testing/reader-peers/write_inputs.py', folder(), '20261130'], { stdio: 'pipe' })
    }, 120_000)

    it('of Parquet with a page that does not match its checksum is refused, unless its column is left out', async () => {
      const whole = await stage('parquet', readFileSync(path.join(folder(), 'checked.parquet')), FLAT)
      expect(whole.rowsRead).toBe(400)
      const damaged = readFileSync(path.join(folder(), 'damaged.parquet'))
      await expect(stage('parquet', damaged, FLAT)).rejects.toMatchObject({
        code: 'file-damaged',
        message:
          'Column note of the file is damaged: a page after row 150 does not match its checksum. Nothing was loaded.',
      })
      const others = FLAT.filter(({ name }) => name !== 'note')
      expect((await stage('parquet', damaged, others, { ignoreExtra: true })).rowsRead).toBe(400)
    })

    it('of Parquet with an encoding that loads cannot read is refused with the column and the reason', async () => {
      const load = stage('parquet', readFileSync(path.join(folder(), 'split.parquet')), [...FLAT, ...NESTED])
      await expect(load).rejects.toMatchObject({
        code: 'not-supported',
        message:
          'Column amount of the file uses the encoding BYTE_STREAM_SPLIT for other values than float and double, which loads cannot read.',
      })
    })

    it.each(FILES)(
      '%s is loaded with every value that PyArrow reads',
      async (name, format) => {
        const fields = format === 'csv' ? FLAT : [...FLAT, ...NESTED]
        const columns = format === 'csv' ? FLAT.map((one) => one.name).join(',') : '*'
        const input = readFileSync(path.join(folder(), name))
        // Rows stream into a file, or are checked first.
        for (const options of [{}, { spec: SPEC }]) {
          const { files, rowsRead } = await stage(format, input, fields, options)
          expect(rowsRead).toBe(400)
          expect(compare(folder(), columns, files)).toMatchObject({ status: 0, stderr: '' })
        }
      },
      60_000,
    )

    it.each([
      ['times.parquet', 'parquet'],
      ['times.feather', 'arrow'],
      ['times.avro', 'avro'],
      ['times.ndjson', 'ndjson'],
    ] as const)('%s is loaded with every nanosecond, or without the rows that need them', async (name, format) => {
      const input = readFileSync(path.join(folder(), 'nanos', name))
      for (const options of [{}, { spec: SPEC }]) {
        const exact = await stage(format, input, times('_ns'), options)
        expect(compare(path.join(folder(), 'nanos'), '*', exact.files)).toMatchObject({ status: 0, stderr: '' })
        const { files, rowsRejected } = await stage(format, input, times(''), { maxRejectedRows: 400, ...options })
        expect(compare(path.join(folder(), 'micros'), '*', files)).toMatchObject({ status: 0, stderr: '' })
        expect(rowsRejected).toBeGreaterThan(100)
        expect(new Set(rejects().map(({ reason }) => reason))).toEqual(new Set(['is more precise than microseconds']))
      }
    })

    it.each([
      ['nested-nanos', 'times.parquet', 'parquet', nestedTimes],
      ['nested-nanos', 'times.feather', 'arrow', nestedTimes],
      ['utc-nanos', 'times.feather', 'arrow', utcTimes],
    ] as const)(
      '%s/%s is loaded with every nanosecond within lists and structs',
      async (nanos, name, format, fields) => {
        const input = readFileSync(path.join(folder(), nanos, name))
        const exact = await stage(format, input, fields('_ns'))
        expect(compare(path.join(folder(), nanos), '*', exact.files)).toMatchObject({ status: 0, stderr: '' })
        const { files, rowsRejected } = await stage(format, input, fields(''), { maxRejectedRows: 400 })
        expect(compare(path.join(folder(), nanos.replace('nanos', 'micros')), '*', files)).toMatchObject({
          status: 0,
          stderr: '',
        })
        expect(rowsRejected).toBeGreaterThan(100)
      },
    )

    it.each(['', '_ns'] as const)(
      'of Parquet with nanoseconds in UTC within a list is refused for timestamptz%s',
      async (unit) => {
        const input = readFileSync(path.join(folder(), 'utc-nanos', 'times.parquet'))
        await expect(stage('parquet', input, utcTimes(unit), { maxRejectedRows: 400 })).rejects.toMatchObject({
          code: 'not-supported',
          message: expect.stringContaining('Column times holds nanoseconds (INT96 or a UTC timestamp) inside it'),
        })
      },
    )
  },
)

/** Compares staged files with the values of a folder. */
function compare(folder: string, columns: string, files: StageResult['files']) {
  const staged = files.map(({ stagedPath }) => stagedPath)
  return spawnSync(python ?? '', ['testing/reader-peers/compare_rows.py', folder, columns, ...staged], {
    encoding: 'utf8',
  })
}
