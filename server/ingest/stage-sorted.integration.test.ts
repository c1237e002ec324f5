import { describe, expect, it } from 'vitest'
import { applyTransform, parseTransform } from '@/lib/iceberg/partitioning/transform'
import type { PartitionSpec } from '@/lib/iceberg/partitioning/partition-spec'
import type { SortField } from '@/lib/iceberg/partitioning/sort-order'
import { compareValues } from '@/lib/iceberg/schema/single-value'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { valueFromText, valueTextSql } from '@/server/data-files/duckdb/value-text'
import { column, createTestStaging } from '@/testing/ingest/test-staging'

const { stage, rows } = createTestStaging()

/** Texts of CSV, out of order, with the transforms that their type has. */
const VALUES: readonly (readonly [PrimitiveType, readonly string[], readonly string[]])[] = [
  ['boolean', ['identity'], ['true', 'false']],
  ['int', ['identity', 'bucket[3]', 'truncate[10]'], ['7', '-2147483648', '0', '-1', '2147483647']],
  ['long', ['identity', 'bucket[5]'], ['9007199254740993', '-9223372036854775808', '9007199254740992', '0']],
  ['float', ['identity'], ['0.0', '-0.0', 'nan', '-inf', '1.5', 'inf', '-1.5']],
  ['double', ['identity'], ['0.0', 'nan', '-0.0', '-inf', '1e-300', 'inf', '-1.5']],
  ['decimal(38, 10)', ['identity', 'bucket[4]'], ['-1.5', '1234567890123456789012345678.0123456789', '0.0000000001']],
  ['date', ['identity', 'year', 'month', 'day'], ['2024-02-29', '1969-12-31', '0001-01-01', '9999-12-31']],
  ['time', ['identity', 'bucket[2]'], ['23:59:59.999999', '00:00:00', '12:34:56.000001']],
  [
    'timestamp',
    ['identity', 'hour', 'day'],
    ['2024-01-01 00:59:59.999999', '1969-12-31 23:30:00', '2024-01-01 01:00:00'],
  ],
  ['timestamptz', ['identity', 'month'], ['2024-01-31 23:59:59-02:00', '2024-01-31 23:59:59Z', '1960-06-01 00:00:00Z']],
  ['timestamp_ns', ['identity', 'hour'], ['2024-01-01 00:00:00.000000002', '2024-01-01 00:00:00.000000001']],
  ['string', ['identity', 'truncate[1]', 'bucket[7]'], ['b', 'ａ', '😀', 'A', '', 'é', 'ab']],
  ['uuid', ['identity', 'bucket[3]'], ['f79c3e09-677c-4bbd-a479-3f349cb785e7', '00000000-0000-0000-0000-000000000001']],
  ['binary', ['identity', 'truncate[1]'], ['ff00', '00', '7fff', '80']],
]
const CASES = VALUES.flatMap(([type, transforms, texts]) =>
  transforms.flatMap((transform) =>
    (['asc', 'desc'] as const).map((direction) => ({ type, transform, direction, texts })),
  ),
)

function compareKeys(type: PrimitiveType, a: Value, b: Value): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
    if (a === 0 && b === 0) return Number(Object.is(b, -0)) - Number(Object.is(a, -0))
  }
  return compareValues(type, a, b)
}

describe('Rows of a file', () => {
  it.each(CASES)(
    'are in the order of $transform of $type, $direction',
    async ({ type, transform, direction, texts }) => {
      const nullOrder = direction === 'asc' ? 'nulls-last' : 'nulls-first'
      const csv = ['id,x', ...texts.flatMap((text, i) => [`${i},"${text}"`, ...(i === 1 ? ['99,'] : [])])].join('\n')
      const field: SortField = { sourceId: 2, transform, direction, nullOrder }
      const staged = await stage('csv', `${csv}\n`, [column(1, 'id', 'int'), column(2, 'x', type)], {
        sortOrder: { orderId: 1, fields: [field] },
      })
      const shown = await rows(staged, `id, ${valueTextSql(type, 'x')}`)
      expect(shown).toHaveLength(texts.length + 1)
      const keys = shown.map(([, text]) =>
        typeof text === 'string' ? applyTransform(parseTransform(transform), type, valueFromText(type, text)) : null,
      )
      expect(keys.findIndex((key) => key === null)).toBe(nullOrder === 'nulls-first' ? 0 : texts.length)
      const signs = texts.filter((text) => text.startsWith('-0.')).length
      expect(keys.filter((key) => Object.is(key, -0))).toHaveLength(signs)
      const present = keys.filter((key) => key !== null)
      const resultType = typeof present[0] === 'number' && transform !== 'identity' ? 'int' : type
      const steps = present.slice(1).map((key, i) => {
        const order = compareKeys(resultType, present[i] ?? key, key)
        return direction === 'asc' ? order <= 0 : order >= 0
      })
      expect(steps).toEqual(steps.map(() => true))
    },
  )

  it('are sorted within each partition, by several columns and one within a struct', async () => {
    const spec: PartitionSpec = {
      specId: 1,
      fields: [{ sourceId: 1, fieldId: 1000, name: 'kind', transform: 'identity' }],
    }
    const point = { type: 'struct' as const, fields: [column(4, 'y', 'int')] }
    const line = (kind: string, n: number, y: number) => JSON.stringify({ kind, n, point: { y } })
    const input = [line('b', 1, 2), line('a', 2, 1), line('b', 1, 1), line('a', 1, 5), line('b', 3, 0)].join('\n')
    const fields = [column(1, 'kind', 'string'), column(2, 'n', 'int'), column(3, 'point', point)]
    const order = { direction: 'desc', nullOrder: 'nulls-last', transform: 'identity' } as const
    const staged = await stage('ndjson', input, fields, {
      spec,
      sortOrder: {
        orderId: 3,
        fields: [
          { ...order, sourceId: 2 },
          { ...order, sourceId: 4, direction: 'asc' },
        ],
      },
    })
    expect(staged.files.map(({ partition }) => partition)).toEqual([['a'], ['b']])
    expect(await rows(staged, 'kind, n, point.y')).toEqual([
      ['a', 2, 1],
      ['a', 1, 5],
      ['b', 3, 0],
      ['b', 1, 1],
      ['b', 1, 2],
    ])
  })

  it('are sorted in every part of a file that is divided', async () => {
    const count = 300_000
    const lines = Array.from({ length: count }, (_, i) => String((i * 7919) % count))
    const staged = await stage(
      'csv',
      `a,b\n${lines.map((n) => `${n},${n}`).join('\n')}\n`,
      [column(1, 'a', 'long'), column(2, 'b', 'string')],
      {
        sortOrder: {
          orderId: 1,
          fields: [{ sourceId: 1, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' }],
        },
        properties: { 'write.target-file-size-bytes': '200000', 'write.parquet.compression-codec': 'uncompressed' },
      },
    )
    expect(staged.files.length).toBeGreaterThan(2)
    const values = (await rows(staged, 'a')).map(([a]) => Number(a))
    expect(values).toEqual(Array.from({ length: count }, (_, i) => i))
  })
})
