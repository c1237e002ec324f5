import { readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import { applyTransform, parseTransform } from '@/lib/iceberg/partitioning/transform'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'
import { PLAIN_BYTES_KEY } from '@/server/data-files/measure/plain-bytes-key'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'

const { stage, rows } = createTestStaging()

function buildSpec(sourceId: number, ...transforms: readonly string[]): PartitionSpec {
  const fields = transforms.map((transform, i) => ({ sourceId, fieldId: 1000 + i, name: `p${i}`, transform }))
  return { specId: 1, fields }
}

/**
 * Values around zero and at the ends of ranges, where transforms go wrong. The least integers are multiples of three:
 * loads reject others, which have no such multiple below them.
 */
const SAMPLES: readonly (readonly [PrimitiveType, readonly (readonly [string, Value])[]])[] = [
  [
    'int',
    [
      ['0', 0],
      ['-1', -1],
      ['34', 34],
      ['-2147483646', -2147483646],
      ['2147483647', 2147483647],
    ],
  ],
  [
    'long',
    [
      ['-1', -1n],
      ['34', 34n],
      ['-9223372036854775806', -(2n ** 63n) + 2n],
      ['9223372036854775807', 2n ** 63n - 1n],
    ],
  ],
  [
    'decimal(9, 2)',
    [
      ['14.20', 1420n],
      ['-0.01', -1n],
      ['-14.25', -1425n],
      ['0.00', 0n],
    ],
  ],
  [
    'decimal(38, 10)',
    [
      ['-1234567890123456789012345678.0123456789', -12345678901234567890123456780123456789n],
      ['1', 10_000_000_000n],
    ],
  ],
  [
    'decimal(3, 0)',
    [
      ['-7', -7n],
      ['15', 15n],
    ],
  ],
  [
    'string',
    [
      ['iceberg', 'iceberg'],
      ['', ''],
      ['😀é😀x', '😀é😀x'],
      ['a=b/c %', 'a=b/c %'],
    ],
  ],
  ['uuid', [['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'f79c3e09-677c-4bbd-a479-3f349cb785e7']]],
  [
    'binary',
    [
      ['00010203', Uint8Array.of(0, 1, 2, 3)],
      ['ff', Uint8Array.of(255)],
    ],
  ],
  [
    'boolean',
    [
      ['true', true],
      ['false', false],
    ],
  ],
  [
    'date',
    [
      ['2017-11-16', 17486],
      ['1969-12-31', -1],
      ['1968-02-29', -672],
      ['0001-01-01', -719162],
    ],
  ],
  ['time', [['22:31:08', 81_068_000_000n]]],
  [
    'timestamp',
    [
      ['2017-11-16T22:31:08', 1510871468000000n],
      ['1969-12-31T23:59:59.999999', -1n],
      ['1969-01-01T00:00:00', -31536000000000n],
    ],
  ],
  [
    'timestamptz',
    [
      ['2017-11-16T14:31:08-08:00', 1510871468000000n],
      ['1969-12-31T23:59:59Z', -1000000n],
    ],
  ],
  [
    'timestamp_ns',
    [
      ['2017-11-16T22:31:08.000001001', 1510871468000001001n],
      ['1969-12-31T23:59:59.999999999', -1n],
      ['1969-01-01T00:00:00', -31536000000000000n],
    ],
  ],
  [
    'timestamptz_ns',
    [
      ['2017-11-16T14:31:08.000001001-08:00', 1510871468000001001n],
      ['1969-12-31T23:59:59.999999999Z', -1n],
    ],
  ],
]
const TRANSFORMS = ['identity', 'void', 'bucket[16]', 'truncate[3]', 'year', 'month', 'day', 'hour']
const TIMESTAMPS = ['timestamp', 'timestamptz', 'timestamp_ns', 'timestamptz_ns']
const TAKES: Readonly<Record<string, readonly string[]>> = {
  'truncate[3]': ['int', 'long', 'decimal', 'string', 'binary'],
  'bucket[16]': ['int', 'long', 'decimal', 'string', 'uuid', 'binary', 'date', 'time', ...TIMESTAMPS],
  year: ['date', ...TIMESTAMPS],
  month: ['date', ...TIMESTAMPS],
  day: ['date', ...TIMESTAMPS],
  hour: TIMESTAMPS,
}

describe('Partition values', () => {
  it.each(SAMPLES)('of %s equal the transforms of the library', async (type, samples) => {
    const kind = type.replace(/\(.*/, '')
    const transforms = TRANSFORMS.filter((transform) => TAKES[transform]?.includes(kind) ?? true)
    for (const transform of transforms) {
      const csv = ['x', ...samples.map(([text]) => `"${text}"`), ''].join('\n')
      const staged = await stage('csv', `${csv}\n`, [column(1, 'x', type)], { spec: buildSpec(1, transform) })
      const parsed = parseTransform(transform)
      const expected = [null, ...samples.map(([, value]) => value)].map((value) => applyTransform(parsed, type, value))
      expect(staged.files.map(({ partition }) => displayText(partition[0] ?? null)).sort(), transform).toEqual(
        [...new Set(expected.map(displayText))].sort(),
      )
      for (const file of staged.files) await expectOwnRows(file, type, parsed, samples)
    }
  })

  it('of several fields create one file each, with the rows in the order of the input', async () => {
    const lines = Array.from({ length: 200 }, (_, i) => `${i},${i % 7},k${i % 3}`)
    const fields = [column(1, 'id', 'int'), column(2, 'a', 'int'), column(3, 'b', 'string')]
    const spec: PartitionSpec = {
      specId: 1,
      fields: [
        { sourceId: 2, fieldId: 1000, name: 'a', transform: 'identity' },
        { sourceId: 3, fieldId: 1001, name: 'b', transform: 'identity' },
      ],
    }
    const staged = await stage('csv', `id,a,b\n${lines.join('\n')}`, fields, { spec })
    expect(staged.files).toHaveLength(21)
    for (const one of staged.files) {
      const ids = (await rows({ ...staged, files: [one] }, 'id')).map(([id]) => Number(id))
      expect(ids).toEqual(ids.toSorted((x, y) => x - y))
      expect(ids.every((id) => id % 7 === one.partition[0] && `k${id % 3}` === one.partition[1])).toBe(true)
    }
    expect(staged.files.reduce((sum, { recordCount }) => sum + recordCount, 0)).toBe(200)
  })

  // Each is measured under the same name as the previous one.
  it('have files with bounds of their own rows, though all have the same size', async () => {
    const note = 'a text of some length '.repeat(40)
    const lines = Array.from({ length: 20_000 }, (_, i) => `${i % 4},${(i % 4) * 100_000 + i}.5,${note}`)
    const fields = [column(1, 'p', 'int'), column(2, 'x', 'double'), column(3, 'note', 'string')]
    const staged = await stage('csv', `p,x,note\n${lines.join('\n')}\n`, fields, { spec: buildSpec(1, 'identity') })
    const boundsOf = ({ metrics }: StagedFile) =>
      [metrics.lowerBounds, metrics.upperBounds].map((bounds) =>
        decodeSingleValue('double', bounds.get(2) ?? new Uint8Array()),
      )
    expect(staged.files.map((file) => [file.partition[0], ...boundsOf(file)])).toEqual(
      [0, 1, 2, 3].map((p) => [p, p * 100_000 + p + 0.5, p * 100_000 + 19_996 + p + 0.5]),
    )
  })

  it('that are too many for one scan each are divided first, and preserve the order of the input', async () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `${i},${(i * 37) % 500}`)
    const fields = [column(1, 'id', 'int'), column(2, 'p', 'int')]
    const staged = await stage('csv', `id,p\n${lines.join('\n')}\n-1,\n`, fields, { spec: buildSpec(2, 'identity') })
    expect(staged.files).toHaveLength(501)
    expect(readdirSync(path.dirname(staged.files[0]?.stagedPath ?? ''))).toHaveLength(501)
    const paths = staged.files.map(({ stagedPath }) => `'${stagedPath}'`).join(', ')
    const found = await queryDuckdb(
      `SELECT filename, list(id ORDER BY file_row_number) FROM read_parquet([${paths}], filename = true, file_row_number = true) GROUP BY filename`,
    )
    const idsByFile = new Map(found.map(([file, ids]) => [file, ids]))
    for (const { partition, stagedPath } of staged.files) {
      const [p] = partition
      const own = Array.from({ length: 3000 }, (_, id) => id).filter((id) => (id * 37) % 500 === p)
      expect(idsByFile.get(stagedPath)).toEqual(p === null ? [-1] : own)
    }
  })

  it.each(['float', 'double'] as const)('of %s may be NaN, infinite or a zero', async (type) => {
    const texts = ['NaN', '1.5', 'inf', '-inf', '0', 'NaN', '1.5', '']
    const csv = `id,x\n${texts.map((text, id) => `${id},${text}`).join('\n')}\n`
    const fields = [column(1, 'id', 'int'), column(2, 'x', type)]
    const staged = await stage('csv', csv, fields, { spec: buildSpec(2, 'identity') })
    const idsOf = async (file: StagedFile) => [file.partition[0], await rows({ ...staged, files: [file] }, 'id')]
    expect(new Map((await Promise.all(staged.files.map(idsOf))).map(([x, ids]) => [x, ids]))).toEqual(
      new Map<unknown, unknown>([
        [Number.NaN, [[0], [5]]],
        [1.5, [[1], [6]]],
        [Infinity, [[2]]],
        [-Infinity, [[3]]],
        [0, [[4]]],
        [null, [[7]]],
      ]),
    )
  })

  it('of a field inside a struct are computed from that field', async () => {
    const fields = [column(1, 's', { type: 'struct', fields: [column(2, 'a', 'int')] })]
    const staged = await stage('ndjson', '{"s":{"a":1}}\n{"s":{"a":2}}\n{}', fields, { spec: buildSpec(2, 'identity') })
    expect(staged.files.map(({ partition }) => partition[0])).toEqual([1, 2, null])
  })

  it('cannot come from a list, or from an unknown transform', async () => {
    const list = { type: 'list', elementId: 2, element: 'int', elementRequired: true } as const
    await expect(
      stage('ndjson', '{}', [column(1, 'x', list)], { spec: buildSpec(2, 'identity') }),
    ).rejects.toMatchObject({
      code: 'not-supported',
    })
    await expect(
      stage('csv', 'x\n1', [column(1, 'x', 'int')], { spec: buildSpec(1, 'zorder[2]') }),
    ).rejects.toMatchObject({
      code: 'not-supported',
    })
  })

  it('are refused when there are too many', async () => {
    const csv = `x\n${Array.from({ length: 10_001 }, (_, i) => i).join('\n')}`
    await expect(stage('csv', csv, [column(1, 'x', 'int')], { spec: buildSpec(1, 'identity') })).rejects.toMatchObject({
      code: 'too-large',
    })
  })
})

it('Columns whose names differ only in case are refused', async () => {
  const staged = stage('csv', 'a,A\n1,2\n', [column(1, 'a', 'int'), column(2, 'A', 'int')])
  await expect(staged).rejects.toMatchObject({ code: 'not-supported', facts: { column: 'A' } })
})

describe('A staged file', () => {
  const nested = [
    column(1, 'id', 'long', true),
    column(2, 'name', 'string'),
    column(3, 'ratio', 'double'),
    column(4, 'place', { type: 'struct', fields: [column(5, 'lat', 'float'), column(6, 'town', 'string')] }),
    column(7, 'tags', { type: 'list', elementId: 8, element: 'string', elementRequired: false }),
    column(9, 'counts', { type: 'map', keyId: 10, key: 'string', valueId: 11, value: 'int', valueRequired: true }),
    column(12, 'price', 'decimal(12, 2)'),
    column(13, 'key', 'uuid'),
    column(14, 'raw', 'binary'),
  ]
  const lines = [
    {
      id: 1,
      name: 'ab',
      ratio: 'NaN',
      place: { lat: 1.5, town: 'x' },
      tags: ['a', 'bb', null],
      counts: { k: 1 },
      price: 1.5,
    },
    {
      id: 2,
      ratio: -0.0,
      place: { lat: 'NaN' },
      tags: [],
      price: -2,
      key: 'f79c3e09-677c-4bbd-a479-3f349cb785e7',
      raw: '0001ff',
    },
    { id: 3, name: 'é', ratio: 0 },
  ]
  const input = lines.map((line) => JSON.stringify(line)).join('\n')

  it('has a field id at every level', async () => {
    const { files } = await stage('ndjson', input, nested)
    const ids = await queryDuckdb(
      `SELECT name, field_id::INTEGER FROM parquet_schema('${files[0]?.stagedPath}') WHERE field_id IS NOT NULL`,
    )
    expect(ids).toEqual([
      ['id', 1],
      ['name', 2],
      ['ratio', 3],
      ['place', 4],
      ['lat', 5],
      ['town', 6],
      ['tags', 7],
      ['element', 8],
      ['counts', 9],
      ['key', 10],
      ['value', 11],
      ['price', 12],
      ['key', 13],
      ['raw', 14],
    ])
  })

  it('is named by table, day and ULID', async () => {
    const { files } = await stage('ndjson', input, nested)
    expect(files[0]?.fileName).toMatch(/^t_data_20260102_[0-9A-HJKMNP-TV-Z]{26}[.]parquet$/)
  })

  it('counts values, nulls and NaN, and excludes NaN from the bounds', async () => {
    const [file] = (await stage('ndjson', input, nested)).files
    if (!file) throw new Error('no file')
    const { metrics } = file
    expect(file.recordCount).toBe(3)
    expect([...metrics.valueCounts]).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
      [5, 3],
      [6, 3],
      [8, 5],
      [10, 3],
      [11, 3],
      [12, 3],
      [13, 3],
      [14, 3],
    ])
    expect(Object.fromEntries(metrics.nullValueCounts)).toMatchObject({
      1: 0,
      2: 1,
      3: 0,
      5: 1,
      6: 2,
      12: 1,
      13: 2,
      14: 2,
    })
    expect(Object.fromEntries(metrics.nanValueCounts)).toEqual({ 3: 1, 5: 1 })
    expect(
      decodeBounds(file, {
        1: 'long',
        2: 'string',
        3: 'double',
        5: 'float',
        6: 'string',
        12: 'decimal(12, 2)',
        13: 'uuid',
        14: 'binary',
      }),
    ).toEqual({
      1: [1n, 3n],
      2: ['ab', 'é'],
      3: [-0, 0],
      5: [1.5, 1.5],
      6: ['x', 'x'],
      12: [-200n, 150n],
      13: ['f79c3e09-677c-4bbd-a479-3f349cb785e7', 'f79c3e09-677c-4bbd-a479-3f349cb785e7'],
      14: [Uint8Array.of(0, 1, 255), Uint8Array.of(0, 1, 255)],
    })
    expect([...metrics.columnSizesBytes.values()].reduce((sum, bytes) => sum + bytes, 0)).toBe(file.sizes.storedBytes)
  })

  it('counts its plain bytes and states them in its footer', async () => {
    const [file] = (await stage('ndjson', input, nested)).files
    // id 3×8 · name 2+2 · ratio 3×8 · lat 2×4 · town 1 · tags 1+2 · counts 1+4 · price 2×8 · key 16 · raw 3
    expect(file?.sizes).toMatchObject({ plainBytes: 24 + 4 + 24 + 8 + 1 + 3 + 5 + 16 + 16 + 3, plainSource: 'counted' })
    const said = await queryDuckdb(
      `SELECT decode(value) FROM parquet_kv_metadata('${file?.stagedPath}') WHERE decode(key) = '${PLAIN_BYTES_KEY}'`,
    )
    expect(said).toEqual([['0000000000000104']])
    expect(file?.sizes.codecs).toMatchObject({
      id: 'zstd',
      'place.lat': 'zstd',
      'tags.element': 'zstd',
      'counts.key': 'zstd',
    })
  })

  it('truncates bounds of texts and bytes to 16, and rounds the upper one up', async () => {
    const long = 'x'.repeat(20)
    const csv = `a,b,c\n${long},${'ff'.repeat(20)},${'\u{10FFFF}'.repeat(20)}\n`
    const fields = [column(1, 'a', 'string'), column(2, 'b', 'binary'), column(3, 'c', 'string')]
    const [file] = (await stage('csv', csv, fields)).files
    if (!file) throw new Error('no file')
    expect(decodeBounds(file, { 1: 'string' })).toEqual({ 1: ['x'.repeat(16), `${'x'.repeat(15)}y`] })
    expect(file.metrics.lowerBounds.get(2)).toEqual(new Uint8Array(16).fill(255))
    expect(file.metrics.upperBounds.has(2)).toBe(false)
    expect(file.metrics.upperBounds.has(3)).toBe(false)
    const full = await stage('csv', csv, fields, {
      properties: { 'write.metadata.metrics.column.a': 'full', 'write.metadata.metrics.default': 'counts' },
    })
    const [other] = full.files
    if (!other) throw new Error('no file')
    expect(decodeBounds(other, { 1: 'string' })).toEqual({ 1: [long, long] })
    expect(other.metrics.lowerBounds.size).toBe(1)
    const none = await stage('csv', csv, fields, { properties: { 'write.metadata.metrics.default': 'none' } })
    expect(none.files[0]?.metrics.valueCounts.size).toBe(0)
  })

  it.each(['uncompressed', 'gzip', 'snappy', 'zstd', 'lz4', 'brotli'])(
    'is written with the codec %s of the table',
    async (codec) => {
      const csv = `a\n${'12345\n'.repeat(5000)}`
      const staged = await stage('csv', csv, [column(1, 'a', 'string')], {
        properties: { 'write.parquet.compression-codec': codec, 'write.parquet.compression-level': '9' },
      })
      expect(staged.files[0]?.sizes.codecs).toEqual({ a: codec === 'lz4' ? 'lz4_raw' : codec })
      expect(await rows(staged, 'count(*)')).toEqual([['5000']])
    },
  )

  it('has the codec, dictionary, pages and statistics that are set for each column', async () => {
    const csv = `a,b,c\n${Array.from({ length: 5000 }, (_, i) => `${i % 50},${i % 50},${i % 50}\n`).join('')}`
    const fields = [column(1, 'a', 'string'), column(2, 'b', 'string'), column(7, 'c', 'string')]
    const staged = await stage('csv', csv, fields, {
      properties: {
        'write.parquet.compression-codec': 'snappy',
        'lakeshore.parquet.column.2.compression-codec': 'lz4',
        'lakeshore.parquet.column.2.dictionary': 'drop',
        'lakeshore.parquet.column.7.compression-codec': 'gzip',
        'lakeshore.parquet.column.7.compression-level': '9',
        'lakeshore.parquet.column.7.statistics': 'none',
        'lakeshore.parquet.column.7.bloom-filter': 'drop',
        'lakeshore.parquet.column.99.dictionary': 'drop',
      },
    })
    const [file] = staged.files
    expect(file?.sizes.codecs).toEqual({ a: 'snappy', b: 'lz4_raw', c: 'gzip' })
    expect(await rows(staged, 'count(*), count(DISTINCT b), max(c)')).toEqual([['5000', '50', '9']])
    const chunks = await queryDuckdb(
      `SELECT path_in_schema, compression, encodings LIKE '%DICTIONARY%', stats_min_value, bloom_filter_offset IS NOT NULL
         FROM parquet_metadata('${file?.stagedPath}') ORDER BY 1`,
    )
    expect(chunks).toEqual([
      ['a', 'SNAPPY', true, '0', true],
      ['b', 'LZ4_RAW', false, '0', true],
      ['c', 'GZIP', true, null, false],
    ])
  })

  it('has Bloom filters of the columns that Iceberg’s properties name', async () => {
    const csv = `a,b,c\n${Array.from({ length: 5000 }, (_, i) => `${i},text ${i},${i}\n`).join('')}`
    const fields = [column(1, 'a', 'long'), column(2, 'b', 'string'), column(3, 'c', 'long')]
    const staged = await stage('csv', csv, fields, {
      properties: {
        'write.parquet.bloom-filter-enabled.column.a': 'true',
        'write.parquet.bloom-filter-enabled.column.b': 'true',
        'write.parquet.bloom-filter-max-bytes': '4096',
      },
    })
    const path = staged.files[0]?.stagedPath
    expect(
      await queryDuckdb(
        `SELECT path_in_schema, bloom_filter_length::INT FROM parquet_metadata('${path}') WHERE bloom_filter_offset IS NOT NULL ORDER BY 1`,
      ),
    ).toEqual([
      // With a header of 16 bytes.
      ['a', 4112],
      ['b', 4112],
    ])
    const excludes = (name: string, value: string) =>
      queryDuckdb(`SELECT bloom_filter_excludes FROM parquet_bloom_probe('${path}', '${name}', ${value})`)
    expect(await excludes('a', '4999::BIGINT')).toEqual([[false]])
    expect(await excludes('b', "'text 17'")).toEqual([[false]])
    expect(await excludes('b', "'no such text'")).toEqual([[true]])
    expect(await rows(staged, "count(*) FILTER (b = 'text 17')")).toEqual([['1']])
  })

  it('has row groups of the requested size, and says where they begin', async () => {
    const csv = `a\n${Array.from({ length: 20_000 }, (_, i) => i).join('\n')}`
    const fields = [column(1, 'a', 'long')]
    const [whole] = (await stage('csv', csv, fields)).files
    expect(whole?.splitOffsets).toEqual([4])
    const [cut] = (await stage('csv', csv, fields, { properties: { 'write.parquet.row-group-size-bytes': '1' } })).files
    expect(cut?.splitOffsets).toHaveLength(10)
    expect(cut?.splitOffsets).toEqual(cut?.splitOffsets.toSorted((a, b) => a - b))
  })

  it('is divided by the target size, in the order of the input', async () => {
    const csv = `a\n${Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 1_000_003).join('\n')}`
    const staged = await stage('csv', csv, [column(1, 'a', 'long')], {
      properties: { 'write.target-file-size-bytes': '20000' },
    })
    expect(staged.files.length).toBeGreaterThan(1)
    expect(readdirSync(path.dirname(staged.files[0]?.stagedPath ?? '')).sort()).toEqual(
      staged.files.map(({ fileName }) => fileName).sort(),
    )
    expect((await rows(staged, 'a')).map(([a]) => Number(a))).toEqual(
      Array.from({ length: 60_000 }, (_, i) => (i * 7919) % 1_000_003),
    )
  })
})

function displayText(value: Value | null): string {
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)
}

/** Checks that the values in a file are those of its partition. */
async function expectOwnRows(
  file: StagedFile,
  type: PrimitiveType,
  transform: ReturnType<typeof parseTransform>,
  samples: readonly (readonly [string, Value])[],
): Promise<void> {
  const own = [null, ...samples.map(([, value]) => value)].filter(
    (value) => displayText(applyTransform(transform, type, value)) === displayText(file.partition[0] ?? null),
  )
  expect(file.recordCount).toBe(own.length)
}

function decodeBounds({ metrics }: StagedFile, types: Readonly<Record<number, PrimitiveType>>) {
  return Object.fromEntries(
    Object.entries(types).map(([id, type]) => {
      const [low, high] = [metrics.lowerBounds.get(Number(id)), metrics.upperBounds.get(Number(id))]
      return [id, [low && decodeSingleValue(type, low), high && decodeSingleValue(type, high)]]
    }),
  )
}
