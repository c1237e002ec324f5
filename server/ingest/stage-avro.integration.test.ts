import { readFileSync } from 'node:fs'
import { crc32, deflateRawSync, zstdCompressSync } from 'node:zlib'
import { compressSync } from 'snappy'
import { describe, expect, it } from 'vitest'
import { buildAvroBytes } from '@/testing/iceberg/avro-bytes'
import { findFixture } from '@/testing/find-fixture'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const { stage, rejects, rejectTexts, rejectedRecords, rows, preview } = createTestStaging()

const record = (fields: Record<string, unknown>, name = 'row') => ({
  type: 'record',
  name,
  fields: Object.entries(fields).map(([key, type]) => ({ name: key, type })),
})

const snappyBlock = (plain: Uint8Array) => {
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(plain))
  return Buffer.concat([compressSync(Buffer.from(plain)), checksum])
}
const CODECS = [
  ['null', (plain: Uint8Array) => plain],
  ['deflate', (plain: Uint8Array) => deflateRawSync(plain)],
  ['snappy', snappyBlock],
  ['zstandard', (plain: Uint8Array) => zstdCompressSync(plain)],
] as const

describe('An Avro file', () => {
  it.each(CODECS)('compressed with %s is loaded over several blocks', async (codec, compress) => {
    const schema = record({ id: 'long', name: ['null', 'string'] })
    const ids = Array.from({ length: 2500 }, (_, i) => 9_007_199_254_740_993n + BigInt(i))
    const all = ids.map((id, i) => ({ id, name: i % 3 === 0 ? null : `name ${i}` }))
    const file = buildAvroBytes(schema, [all.slice(0, 1000), [], all.slice(1000)], { codec, compress })
    const staged = await stage('avro', file, [column(1, 'id', 'long', true), column(2, 'name', 'string')])
    expect(staged.rowsRead).toBe(2500)
    expect(await rows(staged)).toEqual(all.map(({ id, name }) => [String(id), name]))
  })

  it('is loaded with nested values, texts of any kind, and numbers that no double holds', async () => {
    const inner = record({ code: 'string', at: { type: 'long', logicalType: 'timestamp-micros' } }, 'inner')
    const schema = record({
      id: 'int',
      text: 'string',
      inners: { type: 'array', items: inner },
      counts: { type: 'map', values: ['null', 'long'] },
      amount: { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 2 },
      ratio: 'double',
    })
    const amount = Uint8Array.from(Buffer.from('0785ee10d5da46d900f4369fffffff9d', 'hex'))
    const texts = ['', ' "quoted", \n\t', "𝄞 it's ü", 'NULL', '\\x00']
    const all = texts.map((text, id) => ({
      id,
      text,
      inners: [{ code: text, at: -1n }],
      counts: { [`k${text}`]: 2n ** 63n - 1n, none: null },
      amount,
      ratio: [2 ** 70, -0, NaN, 5e-324, -Infinity][id],
    }))
    const staged = await stage('avro', buildAvroBytes(schema, [all]), [
      column(1, 'id', 'int'),
      column(2, 'text', 'string'),
      column(3, 'inners', {
        type: 'list',
        elementId: 4,
        elementRequired: false,
        element: { type: 'struct', fields: [column(5, 'code', 'string'), column(6, 'at', 'timestamptz')] },
      }),
      column(7, 'counts', { type: 'map', keyId: 8, key: 'string', valueId: 9, value: 'long', valueRequired: false }),
      column(10, 'amount', 'decimal(38, 2)'),
      column(11, 'ratio', 'double'),
    ])
    const select =
      "id, text, inners[1].code, inners[1].at::VARCHAR, counts['k' || text]::VARCHAR, len(map_keys(counts)), amount::VARCHAR, ratio::VARCHAR"
    expect(await rows(staged, select)).toEqual(
      texts.map((text, id) => [
        id,
        text,
        text,
        '1969-12-31 23:59:59.999999+00',
        '9223372036854775807',
        '2',
        '99999999999999999999999999999999999.01',
        ['1.1805916207174113e+21', '-0.0', 'nan', '5e-324', '-inf'][id],
      ]),
    )
    expect((await rows(staged, 'ratio = 1180591620717411303424'))[0]).toEqual([true])
  })

  it('rejects values that a column cannot hold, and saves their records as JSON lines', async () => {
    const schema = record({ id: 'long', ratio: 'double', at: { type: 'long', logicalType: 'timestamp-nanos' } })
    const file = buildAvroBytes(schema, [
      [
        { id: 1n, ratio: 0.5, at: 1000n },
        { id: 2n ** 31n, ratio: 0.5, at: 0n },
      ],
      [
        { id: 3n, ratio: 0.1, at: 0n },
        { id: 4n, ratio: 0.25, at: 1n },
        { id: 5n, ratio: NaN, at: -1000n },
      ],
    ])
    const fields = [column(1, 'id', 'int'), column(2, 'ratio', 'float'), column(3, 'at', 'timestamptz')]
    await expect(stage('avro', file, fields)).rejects.toMatchObject({ code: 'rows-rejected' })
    const staged = await stage('avro', file, fields, { maxRejectedRows: 3 })
    expect(await rows(staged, 'id, ratio::VARCHAR, "at"::VARCHAR')).toEqual([
      [1, '0.5', '1970-01-01 00:00:00.000001+00'],
      [5, 'nan', '1969-12-31 23:59:59.999999+00'],
    ])
    expect(rejects()).toEqual([
      { line: 2, column: 'id', value: '2147483648', reason: 'is beyond the range of int' },
      { line: 3, column: 'ratio', value: '0.1', reason: 'is a double that float cannot hold exactly' },
      {
        line: 4,
        column: 'at',
        value: '1970-01-01T00:00:00.000000001Z',
        reason: 'is more precise than microseconds',
      },
    ])
    const records = [
      '{"id":2147483648,"ratio":0.5,"at":"1970-01-01T00:00:00Z"}',
      '{"id":3,"ratio":0.1,"at":"1970-01-01T00:00:00Z"}',
      '{"id":4,"ratio":0.25,"at":"1970-01-01T00:00:00.000000001Z"}',
    ]
    expect(rejectTexts()).toEqual(records)
    expect(rejectedRecords().toString()).toBe(records.map((text) => `${text}\n`).join(''))
    // The user corrects the records and loads them as JSON lines.
    const corrected = records.join('\n').replace('2147483648', '2').replace('0.1', '0.125').replace('.000000001Z', 'Z')
    expect(await rows(await stage('ndjson', corrected, fields), 'id')).toEqual([[2], [3], [4]])
  })

  it('fills no column of another kind, and no column with text from bytes that are meant otherwise', async () => {
    const file = buildAvroBytes(record({ a: 'long', b: { type: 'long', logicalType: 'timestamp-micros' } }), [
      [{ a: 1n, b: 0n }],
    ])
    await stage('avro', file, [column(1, 'a', 'string'), column(2, 'b', 'timestamp')], { maxRejectedRows: 1 })
    expect(rejects().map(({ column: name, reason }) => [name, reason])).toEqual([['a', 'is a number, not string']])
    await stage('avro', file, [column(1, 'a', 'long'), column(2, 'b', 'timestamp')], { maxRejectedRows: 1 })
    expect(rejects().map(({ reason }) => reason)).toEqual(['has a zone, which a timestamp cannot store'])
  })

  it('is previewed from its beginning, up to the last whole block', async () => {
    const schema = record({ id: 'int', name: 'string', extra: 'double' })
    const blocks = [0, 1, 2].map((block) =>
      Array.from({ length: 10 }, (_, i) => ({ id: block * 10 + i, name: `n${i}`, extra: 0.5 })),
    )
    const file = buildAvroBytes(schema, blocks)
    const fields = [column(1, 'id', 'int'), column(2, 'name', 'string')]
    const shown = await preview('avro', file.subarray(0, -30), fields, { isTruncated: true })
    expect(shown).toMatchObject({ rowsRead: 20, rowsRejected: 0, unmappedFields: ['extra'], delimiter: null })
    expect(shown.rows[19]).toEqual({ line: 20, values: ['19', 'n9'] })
    expect(shown.fields).toEqual([
      { name: 'id', samples: ['0', '1', '2'] },
      { name: 'name', samples: ['n0', 'n1', 'n2'] },
      { name: 'extra', samples: ['0.5', '0.5', '0.5'] },
    ])
    await expect(stage('avro', file, fields)).rejects.toMatchObject({ code: 'rows-rejected' })
    expect(await rows(await stage('avro', file, fields, { ignoreExtra: true }))).toHaveLength(30)
  })

  it('that is cut off, or grows beyond the limit, stops the load with its position', async () => {
    const schema = record({ text: 'string' })
    const file = buildAvroBytes(schema, [[{ text: 'a' }], [{ text: 'b' }]])
    const fields = [column(1, 'text', 'string')]
    await expect(stage('avro', file.subarray(0, -1), fields, { maxRejectedRows: 9 })).rejects.toMatchObject({
      code: 'file-damaged',
      facts: { position: file.length - 20 },
    })
    const bomb = zstdCompressSync(Buffer.alloc(200 * 1024 * 1024))
    const grown = buildAvroBytes(schema, [[{ text: '' }]], { codec: 'zstandard', compress: () => bomb })
    await expect(stage('avro', grown, fields)).rejects.toMatchObject({ code: 'too-large' })
  })

  const manifest = findFixture('iceberg/spark/bunnies/metadata/91d5eea0-314d-4056-8818-59b825cbd38a-m1.avro')
  it.skipIf(manifest === null)(
    'that Spark wrote is loaded with every field that the table has (skipped without the fixtures)',
    async () => {
      const bounds = { type: 'map', keyId: 20, key: 'int', valueId: 21, value: 'binary', valueRequired: true } as const
      const staged = await stage(
        'avro',
        readFileSync(manifest ?? ''),
        [
          column(1, 'status', 'int', true),
          column(2, 'snapshot_id', 'long'),
          column(3, 'data_file', {
            type: 'struct',
            fields: [
              column(4, 'file_path', 'string', true),
              column(5, 'record_count', 'long', true),
              column(6, 'lower_bounds', bounds),
              column(7, 'split_offsets', { type: 'list', elementId: 22, element: 'long', elementRequired: true }),
            ],
          }),
        ],
        { ignoreExtra: true },
      )
      expect(
        await rows(
          staged,
          'status, snapshot_id, data_file.file_path, data_file.record_count, data_file.lower_bounds::VARCHAR, data_file.split_offsets::VARCHAR',
        ),
      ).toMatchInlineSnapshot(`
      [
        [
          1,
          "2701171901096418979",
          "s3a://hyperparam-iceberg/spark/bunnies/data/00000-1-6cd7611f-0ceb-4cf3-8b8e-8c856356df3e-00001.parquet",
          "20",
          "{1=American Fuzzy L, 2=\\xCD\\xCC\\xCC\\xCC\\xCC\\xCC\\xEC?, 3=\\x00\\x00\\x00\\x00\\x00\\x00\\xF8?, 4=\\x05\\x00\\x00\\x00\\x00\\x00\\x00\\x00, 5=Belgium, 6=Erect, 7=Active, 8=\\x02\\x00\\x00\\x00\\x00\\x00\\x00\\x00, 9=\\x03\\x00\\x00\\x00}",
          "[4]",
        ],
      ]
    `)
    },
  )
})
