import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { decodeSingleValue } from '@/lib/iceberg/schema/single-value'
import type { RowValue } from '@/lib/scan/read/row-value'
import { column, queryDuckdb } from '@/testing/ingest/test-staging'
import { fieldsToWrite, requireCopyable, writeRows } from './write-rows'
import { parseWriteSettings } from './write-settings'

let folder = ''
let count = 0

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-rows-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const schemaOf = (fields: readonly NestedField[]) => ({ schemaId: 0, identifierFieldIds: [], fields })

async function write(
  fields: readonly NestedField[],
  batches: readonly (readonly (RowValue | null)[])[][],
  { properties = {}, hasLineage = false }: { properties?: Record<string, string>; hasLineage?: boolean } = {},
) {
  const schema = schemaOf(fields)
  const to = path.join(folder, `${(count += 1)}.parquet`)
  const written = fieldsToWrite(schema, hasLineage)
  const rows = async function* () {
    for (const batch of batches)
      yield {
        columns: new Map(written.map(({ id }, i) => [id, batch.map((row) => row[i] ?? null)])),
        rowCount: batch.length,
      }
  }
  const file = await writeRows(
    rows(),
    { plain: `${to}.plain`, to },
    {
      schema,
      hasLineage,
      settings: parseWriteSettings(properties, schema, () => {}),
      signal: new AbortController().signal,
    },
  )
  return { file, to }
}

const BIG = 9_223_372_036_854_775_807n
const TYPES = [
  column(1, 'l', 'long'),
  column(2, 'd', 'decimal(38, 10)'),
  column(3, 's', 'string'),
  column(4, 'f', 'double'),
  column(5, 'b', 'binary'),
  column(6, 'x', 'fixed[3]'),
  column(7, 'u', 'uuid'),
  column(8, 't', 'timestamp_ns'),
  column(9, 'z', 'timestamptz_ns'),
  column(10, 'ok', 'boolean'),
  column(11, 'day', 'date'),
  column(12, 'none', 'unknown'),
]
const ROWS: (RowValue | null)[][] = [
  [
    BIG,
    12_345_678_901_234_567_890_123_456_789_012_345_678n,
    'é'.repeat(20),
    Number.NaN,
    Uint8Array.of(255, 0),
    Uint8Array.of(1, 2, 3),
    '00000000-0000-0000-0000-000000000001',
    BIG,
    -1n,
    true,
    1,
  ],
  [
    -BIG - 1n,
    -1n,
    '\u{10ffff}',
    -0,
    Uint8Array.of(),
    Uint8Array.of(255, 255, 255),
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    0n,
    1n,
    false,
    -1,
  ],
  [null, null, null, null, null, null, null, null, null, null, null],
]

describe('Rows that are written again', () => {
  it('have exact metrics of every type', async () => {
    const { file } = await write(TYPES, [ROWS.slice(0, 1), ROWS.slice(1)])
    if (!file) throw new Error('no file')
    const { metrics, recordCount } = file
    expect(recordCount).toBe(3)
    const bounds = TYPES.filter(({ type }) => type !== 'unknown').map(({ id, type }) => {
      const decode = (bytes: Uint8Array | null | undefined) =>
        bytes && typeof type === 'string' ? decodeSingleValue(type, bytes) : bytes
      return [decode(metrics.lowerBounds.get(id)), decode(metrics.upperBounds.get(id))]
    })
    expect(bounds).toEqual([
      [-BIG - 1n, BIG],
      [-1n, 12_345_678_901_234_567_890_123_456_789_012_345_678n],
      ['é'.repeat(16), '\u{10ffff}'],
      [-0, 0],
      [Uint8Array.of(), Uint8Array.of(255, 0)],
      [Uint8Array.of(1, 2, 3), Uint8Array.of(255, 255, 255)],
      ['00000000-0000-0000-0000-000000000001', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
      [0n, BIG],
      [-1n, 1n],
      [false, true],
      [-1, 1],
    ])
    expect([...metrics.nullValueCounts.values()]).toEqual(Array.from({ length: 11 }, () => 1))
    expect([...metrics.valueCounts.values()]).toEqual(Array.from({ length: 11 }, () => 3))
    expect(metrics.nanValueCounts).toEqual(new Map([[4, 1]]))
    expect(metrics.columnSizesBytes.size).toBe(11)
  })

  it('have the values and the field ids that other readers find', async () => {
    const { to } = await write(TYPES.slice(0, 4), [ROWS.map((row) => row.slice(0, 4))])
    expect(await queryDuckdb(`SELECT l::VARCHAR, d::VARCHAR, s, f::VARCHAR FROM read_parquet('${to}')`)).toEqual([
      [String(BIG), '1234567890123456789012345678.9012345678', 'é'.repeat(20), 'nan'],
      [String(-BIG - 1n), '-0.0000000001', '\u{10ffff}', '-0.0'],
      [null, null, null, null],
    ])
    const ids = await queryDuckdb(
      `SELECT name, field_id FROM parquet_schema('${to}') WHERE field_id IS NOT NULL ORDER BY field_id`,
    )
    expect(ids.map((row) => row.map(String))).toEqual([
      ['l', '1'],
      ['d', '2'],
      ['s', '3'],
      ['f', '4'],
    ])
  })

  it('have the counts of columns in lists and maps that Parquet has, and no bounds of them', async () => {
    const fields: NestedField[] = [
      column(1, 'list', { type: 'list', elementId: 2, element: 'double', elementRequired: false }),
      column(3, 'map', {
        type: 'map',
        keyId: 4,
        key: 'string',
        valueId: 5,
        value: { type: 'struct', fields: [column(6, 'n', 'int')] },
        valueRequired: false,
      }),
      column(7, 'point', { type: 'struct', fields: [column(8, 'x', 'int')] }),
    ]
    const { file, to } = await write(fields, [
      [
        [
          [1, Number.NaN, null],
          [
            ['a', [1]],
            ['b', null],
          ],
          [5],
        ],
        [[], [], [null]],
        [null, null, null],
      ],
    ])
    const counts = await queryDuckdb(
      `SELECT path_in_schema, num_values::VARCHAR, stats_null_count::VARCHAR FROM parquet_metadata('${to}')`,
    )
    expect(counts).toEqual([
      ['list, list, element', '5', '3'],
      ['map, key_value, key', '4', '2'],
      ['map, key_value, value, n', '4', '3'],
      ['point, x', '3', '2'],
    ])
    const { valueCounts, nullValueCounts, nanValueCounts, lowerBounds } = file?.metrics ?? {}
    expect([valueCounts, nullValueCounts]).toEqual([
      new Map([2, 4, 6, 8].map((id, i) => [id, Number(counts[i]?.[1])])),
      new Map([2, 4, 6, 8].map((id, i) => [id, Number(counts[i]?.[2])])),
    ])
    expect([[...(nanValueCounts ?? [])], [...(lowerBounds?.keys() ?? [])]]).toEqual([[], [8]])
  })

  it('have the metrics that the table asks for', async () => {
    const properties = {
      'write.metadata.metrics.default': 'none',
      'write.metadata.metrics.column.s': 'truncate(2)',
      'write.metadata.metrics.column.l': 'counts',
    }
    const { file } = await write(TYPES.slice(0, 4), [ROWS.map((row) => row.slice(0, 4))], { properties })
    const { metrics } = file ?? {}
    expect([[...(metrics?.valueCounts.keys() ?? [])], [...(metrics?.lowerBounds.keys() ?? [])]]).toEqual([[1, 3], [3]])
    expect(metrics?.nanValueCounts.size).toBe(0)
  })

  it('keep row ids in columns without metrics', async () => {
    const { file, to } = await write([column(1, 'l', 'long')], [[[5n, 7n, 2n]]], { hasLineage: true })
    const rows = await queryDuckdb(
      `SELECT l::VARCHAR, _row_id::VARCHAR, _last_updated_sequence_number::VARCHAR FROM read_parquet('${to}')`,
    )
    expect(rows).toEqual([['5', '7', '2']])
    expect([...(file?.metrics.valueCounts.keys() ?? [])]).toEqual([1])
  })

  it('leave no file when there are none', async () => {
    const { file, to } = await write([column(1, 'l', 'long')], [])
    expect([file, existsSync(to), readdirSync(folder).some((name) => name.endsWith('.plain'))]).toEqual([
      null,
      false,
      false,
    ])
  })
})

it.each(['variant', 'geometry(EPSG:4326)', 'geography(EPSG:4326)'] as const)(
  'Rows with a column of type %s are not written again',
  (type) => {
    expect(() => requireCopyable({ fields: [column(1, 'l', 'long'), column(2, 'v', type)] })).toThrow(
      /Column v is of type/,
    )
  },
)
