import { parquetMetadata, parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-value'
import { createParquetEncoder } from './parquet-encoder'

type Values = readonly (RowValue | null)[]

/** The file as a foreign reader reads it. */
async function encode(columns: [name: string, type: Type, values: Values][], batchRows = 1000) {
  const fields = columns.map(([name, type], i): NestedField => ({ id: i + 1, name, required: false, type }))
  const encoder = createParquetEncoder(fields)
  const rowCount = columns[0]?.[2].length ?? 0
  const pieces = [encoder.start()]
  for (let row = 0; row < rowCount; row += batchRows) {
    const byId = new Map(columns.map(([, , values], i) => [i + 1, values.slice(row, row + batchRows)]))
    pieces.push(encoder.encode(byId, Math.min(batchRows, rowCount - row)))
  }
  const bytes = Buffer.concat([...pieces, encoder.end()])
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
  return { metadata: parquetMetadata(file), rows: await parquetReadObjects({ file, utf8: true }) }
}

/** The reader has `undefined` for some nulls. */
function withNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNulls)
  return value ?? null
}

const POINT: Type = {
  type: 'struct',
  fields: [
    { id: 11, name: 'x', required: true, type: 'long' },
    { id: 12, name: 'name', required: false, type: 'string' },
  ],
}
const listOf = (element: Type): Type => ({ type: 'list', elementId: 13, element, elementRequired: false })
const mapOf = (value: Type): Type => ({
  type: 'map',
  keyId: 14,
  key: 'string',
  valueId: 15,
  value,
  valueRequired: false,
})

describe('A Parquet file', () => {
  it.each<[Type, Values, unknown[]]>([
    [
      'boolean',
      [true, false, null, true, true, false, true, false, true, true],
      [true, false, null, true, true, false, true, false, true, true],
    ],
    ['int', [-2_147_483_648, null, 7], [-2_147_483_648, null, 7]],
    ['long', [-(2n ** 63n), null, 2n ** 63n - 1n], [-(2n ** 63n), null, 2n ** 63n - 1n]],
    ['double', [1.5, -0, null, Number.POSITIVE_INFINITY], [1.5, -0, null, Number.POSITIVE_INFINITY]],
    ['float', [Math.fround(0.1), null], [Math.fround(0.1), null]],
    ['string', ['', 'Łódź 🚣', null], ['', 'Łódź 🚣', null]],
    ['date', [0, null, 17486], [new Date('1970-01-01'), null, new Date('2017-11-16')]],
    ['timestamptz', [1_510_871_468_123_000n], [new Date('2017-11-16T22:31:08.123Z')]],
    ['decimal(9, 2)', [-999_999_999n, null], [-9_999_999.99, null]],
    ['decimal(38, 0)', [-5n, 7n], [-5, 7]],
    ['uuid', ['f79c3e09-677c-4bbd-a479-3f349cb785e7'], ['f79c3e09-677c-4bbd-a479-3f349cb785e7']],
    ['fixed[2]', [Uint8Array.of(1, 255)], [Uint8Array.of(1, 255)]],
    ['unknown', [null, null], [null, null]],
    ['variant', ['{"a":1}'], ['{"a":1}']],
    [POINT, [[1n, 'a'], null, [2n, null]], [{ x: 1n, name: 'a' }, null, { x: 2n, name: null }]],
    [listOf('int'), [[1, null, 2], null, [], [3]], [[1, null, 2], null, [], [3]]],
    [listOf(listOf('string')), [[['a', 'b'], [], null], [['c']], null], [[['a', 'b'], [], null], [['c']], null]],
    [listOf(POINT), [[[1n, 'a'], null], []], [[{ x: 1n, name: 'a' }, null], []]],
    [
      mapOf('int'),
      [
        [
          ['a', 1],
          ['b', null],
        ],
        null,
        [],
      ],
      [{ a: 1, b: null }, null, {}],
    ],
  ])('has a column of %j with its values', async (type, values, expected) => {
    const { rows } = await encode([['c', type, values]])
    expect(rows.map(({ c }) => withNulls(c))).toEqual(expected)
  })

  it('has the types and ids of the table', async () => {
    const { metadata } = await encode([
      ['price', 'decimal(20, 4)', []],
      ['at', 'timestamptz_ns', []],
      ['tags', listOf('string'), []],
    ])
    expect(metadata.schema).toMatchObject([
      { num_children: 3 },
      {
        name: 'price',
        type: 'FIXED_LEN_BYTE_ARRAY',
        type_length: 9,
        field_id: 1,
        logical_type: { type: 'DECIMAL', precision: 20, scale: 4 },
      },
      {
        name: 'at',
        type: 'INT64',
        field_id: 2,
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'NANOS' },
      },
      { name: 'tags', converted_type: 'LIST', field_id: 3, logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED' },
      { name: 'element', converted_type: 'UTF8', field_id: 13, logical_type: { type: 'STRING' } },
    ])
  })

  it('has all rows of many batches, in several row groups', async () => {
    const count = 300_000
    const ids = Array.from({ length: count }, (_, i) => (i % 10 === 3 ? null : BigInt(i)))
    const { metadata, rows } = await encode([['id', 'long', ids]], 8192)
    expect(Number(metadata.num_rows)).toBe(count)
    expect(metadata.row_groups.length).toBe(3)
    expect(rows.every(({ id }, i) => id === ids[i])).toBe(true)
  })

  it('of no rows has a schema', async () => {
    const { metadata, rows } = await encode([['id', 'long', []]])
    expect([Number(metadata.num_rows), metadata.row_groups, rows]).toEqual([0, [], []])
  })

  it.each<[Type, RowValue]>([
    ['string', Uint8Array.of(0xff)],
    [mapOf('int'), [[null, 1]]],
  ])('is refused for a %j that it cannot hold', async (type, value) => {
    await expect(encode([['c', type, [value]]])).rejects.toMatchObject({ code: 'file-damaged' })
  })
})
