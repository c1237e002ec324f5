import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import { readFooter } from '@/lib/parquet/footer'
import type { StagedFile } from '@/server/data-files/write/staged-file'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'

/** Loads with so many partitions that DuckDB sorts the rows, and small files are cut from them. */

const { stage, rows } = createTestStaging()

const PARTITIONS = 60
const SPEC: PartitionSpec = {
  specId: 1,
  fields: [{ sourceId: 2, fieldId: 1000, name: 'p', transform: 'identity' }],
}
const FIELDS = [
  column(1, 'id', 'long'),
  column(2, 'p', 'string'),
  column(3, 'v0', 'string'),
  column(4, 'ratio', 'double'),
  column(5, 'price', 'decimal(12, 2)'),
  column(6, 'key', 'uuid'),
  column(7, 'at', 'timestamptz_ns'),
  column(8, 'ok', 'boolean'),
  column(9, 'tags', { type: 'list', elementId: 10, element: 'string', elementRequired: false }),
  column(11, 'home', { type: 'struct', fields: [column(12, 'p0', 'float'), column(13, 'town', 'string')] }),
  column(14, 'counts', {
    type: 'map',
    keyId: 15,
    key: 'string',
    valueId: 16,
    value: 'int',
    valueRequired: false,
  }),
]

/** Values of every kind, with nulls, and names that are those of staged columns. The last partition is null. */
function toRow(i: number) {
  const p = (i * 37) % PARTITIONS
  return {
    id: i,
    p: p === PARTITIONS - 1 ? null : `p${p} é😀`,
    v0: i % 5 === 0 ? null : `name ${(i * 7) % 300}`,
    ratio: [0.5, -1.25, null, 'nan', 1e300][i % 5],
    price: ((i * 31) % 1000) / 4,
    key: `f79c3e09-677c-4bbd-a479-${String(i % 1000).padStart(12, '0')}`,
    at: `2024-01-01T00:00:00.${String(i).padStart(9, '0')}Z`,
    ok: i % 3 === 0,
    tags: i % 4 === 0 ? null : Array.from({ length: i % 4 }, (_, tag) => (tag === 1 ? null : `t${tag}`)),
    home: i % 6 === 0 ? null : { p0: i / 2, town: i % 7 === 0 ? null : `town ${i % 9}` },
    counts: { a: i, [`k${i % 3}`]: null },
  }
}

function toInput(lines: readonly unknown[]): string {
  return lines.map((line) => JSON.stringify(line)).join('\n')
}

const ROWS = Array.from({ length: 3000 }, (_, i) => toRow(i))

/** Apart from the sizes of columns, which depend on the encodings. */
function describeMetrics({ metrics: { columnSizesBytes, ...metrics }, recordCount, sizes }: StagedFile) {
  return { recordCount, plainBytes: sizes.plainBytes, columns: [...columnSizesBytes.keys()], ...metrics }
}

async function readFileFooter({ stagedPath }: StagedFile) {
  const bytes = readFileSync(stagedPath)
  return readFooter({
    name: stagedPath,
    byteLength: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
  })
}

describe('Each file of many partitions', () => {
  it('has the rows and metrics of a load of its rows alone', async () => {
    const staged = await stage('ndjson', toInput(ROWS), FIELDS, { spec: SPEC })
    expect(staged.files).toHaveLength(PARTITIONS)
    for (const file of staged.files.filter((_file, i) => i % 13 === 0 || i === PARTITIONS - 1)) {
      const own = ROWS.filter(({ p }) => p === file.partition[0])
      const alone = await stage('ndjson', toInput(own), FIELDS)
      expect(await rows({ ...staged, files: [file] })).toEqual(await rows(alone))
      const [expected] = alone.files
      if (!expected) throw new Error('no file')
      expect(describeMetrics(file)).toEqual(describeMetrics(expected))
    }
  })

  it('is sorted by the order of the table, and then in the order of the input', async () => {
    const order = { transform: 'identity', direction: 'desc', nullOrder: 'nulls-last' } as const
    const staged = await stage('ndjson', toInput(ROWS), FIELDS, {
      spec: SPEC,
      sortOrder: { orderId: 1, fields: [{ ...order, sourceId: 3 }] },
    })
    for (const file of staged.files.slice(0, 5)) {
      const own = ROWS.filter(({ p }) => p === file.partition[0])
      const sorted = own.toSorted((a, b) =>
        a.v0 === b.v0 ? 0 : a.v0 === null ? 1 : b.v0 === null ? -1 : a.v0 < b.v0 ? 1 : -1,
      )
      const ids = (await rows({ ...staged, files: [file] }, 'id::INTEGER')).map(([id]) => id)
      expect(ids).toEqual(sorted.map(({ id }) => id))
    }
  })

  it('is written as the settings of its columns say', async () => {
    const staged = await stage('ndjson', toInput(ROWS), FIELDS, {
      spec: SPEC,
      properties: {
        'write.parquet.compression-codec': 'snappy',
        'write.parquet.page-row-limit': '20',
        'write.parquet.bloom-filter-enabled.column.id': 'true',
        'lakeshore.parquet.column.3.compression-codec': 'gzip',
        'lakeshore.parquet.column.3.dictionary': 'drop',
        'lakeshore.parquet.column.4.bloom-filter': 'drop',
      },
    })
    const [file] = staged.files
    if (!file) throw new Error('no file')
    const { rowGroups, leaves } = await readFileFooter(file)
    expect(rowGroups).toHaveLength(1)
    const chunks = new Map(rowGroups[0]?.columns.map((chunk) => [leaves[chunk.leaf]?.path.join('.'), chunk]))
    expect(chunks.get('id')).toMatchObject({ codec: 'snappy', bloomFilter: { lengthBytes: expect.any(Number) } })
    expect(chunks.get('v0')).toMatchObject({ codec: 'gzip', dictionaryPageOffset: null })
    expect(chunks.get('p')?.dictionaryPageOffset).toBeGreaterThan(0)
    expect(chunks.get('p')?.bloomFilter).not.toBeNull()
    expect(chunks.get('ratio')?.bloomFilter).toBeNull()
    const found = await queryDuckdb(`SELECT count(*) FROM read_parquet('${file.stagedPath}') WHERE p = 'p0 é😀'`)
    expect(found).toEqual([[String(ROWS.filter(({ p }) => p === 'p0 é😀').length)]])
  })
})

describe('A load into many partitions', () => {
  const fields = [column(1, 'id', 'int'), column(2, 'p', 'int'), column(3, 'x', 'double')]
  const lines = Array.from(
    { length: 90_000 },
    (_, i) => `${i},${i < 70_000 ? 50 : i % 40},${i % 2 === 0 ? '-0.0' : '0.0'}`,
  )
  const csv = `id,p,x\n${lines.join('\n')}\n`

  it('writes large partitions with several row groups between small ones, and keeps negative zeros', async () => {
    const staged = await stage('csv', csv, fields, { spec: SPEC })
    expect(staged.files.map(({ partition }) => partition[0])).toEqual([...Array.from({ length: 40 }, (_, p) => p), 50])
    const large = staged.files.at(-1)
    expect(large?.splitOffsets).toHaveLength(2)
    for (const file of [staged.files[7], large]) {
      if (!file) throw new Error('no file')
      const own = lines.map((line) => line.split(',')).filter(([, p]) => Number(p) === file.partition[0])
      const texts = await rows({ ...staged, files: [file] }, 'id::VARCHAR, p::VARCHAR, x::VARCHAR')
      expect(texts).toEqual(own)
    }
  })

  it('divides files that are larger than the target', async () => {
    const staged = await stage('csv', csv, fields, {
      spec: SPEC,
      properties: { 'write.target-file-size-bytes': '100000', 'write.parquet.compression-codec': 'uncompressed' },
    })
    const own = staged.files.filter(({ partition }) => partition[0] === 50)
    expect(own.length).toBeGreaterThan(5)
    const ids = (await rows({ ...staged, files: own }, 'id')).map(([id]) => id)
    expect(ids).toEqual(Array.from({ length: 70_000 }, (_, i) => i))
  })
})
