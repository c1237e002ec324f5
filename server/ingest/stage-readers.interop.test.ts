import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { installPyarrow } from '@/testing/peers/install-pyarrow'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const python = installPyarrow()
const { stage, file } = createTestStaging()

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
  column(14, 'list', { type: 'list', elementId: 20, element: 'long', elementRequired: false }),
  column(15, 'map', { type: 'map', keyId: 21, key: 'string', valueId: 22, value: 'double', valueRequired: false }),
  column(16, 'point', { type: 'struct', fields: [column(23, 'x', 'int'), column(24, 'name', 'string')] }),
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
          const staged = files.map(({ stagedPath }) => stagedPath)
          const compared = spawnSync(
            python ?? '',
            ['testing/reader-peers/compare_rows.py', folder(), columns, ...staged],
            {
              encoding: 'utf8',
            },
          )
          expect(compared).toMatchObject({ status: 0, stderr: '' })
        }
      },
      60_000,
    )
  },
)
