import { describe, expect, it } from 'vitest'
import { declarationOfDraft } from '@/lib/changes/new-table/new-table-draft'
import { indexFields } from '@/lib/iceberg/schema/schema'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { createParquetEncoder } from '@/lib/scan/output/parquet-encoder'
import { readFileAsTable } from './file-as-table'

/** A Parquet file without rows, with field ids of some other table. */
function fileOf(types: Readonly<Record<string, Type>>, name = 'f.parquet'): File {
  const fields = Object.entries(types).map(([column, type], i): NestedField => {
    return { id: 500 - i, name: column, required: false, type }
  })
  const encoder = createParquetEncoder(fields)
  const pieces = [encoder.start(), encoder.encode(new Map(), 0), encoder.end()]
  return new File([Buffer.concat(pieces)], name)
}

const columnsOf = async (types: Readonly<Record<string, Type>>) => {
  const { draft } = await readFileAsTable(fileOf(types), 'UTC')
  return declarationOfDraft(draft).columns
}

const LEG: Type = {
  type: 'struct',
  fields: [
    { id: 71, name: 'from', required: false, type: 'string' },
    { id: 70, name: 'price', required: false, type: 'decimal(38, 10)' },
  ],
}
const LEGS: Type = { type: 'list', elementId: 61, element: LEG, elementRequired: false }
const BY_DAY: Type = { type: 'map', keyId: 51, key: 'date', valueId: 52, value: LEGS, valueRequired: false }

describe('The draft of a Parquet file', () => {
  it.each([
    'boolean',
    'int',
    'long',
    'float',
    'double',
    'decimal(9, 2)',
    'decimal(18, 0)',
    'decimal(38, 38)',
    'date',
    'time',
    'timestamp',
    'timestamptz',
    'string',
    'uuid',
    'fixed[7]',
    'binary',
  ] as const)('has a column of %s as it is', async (type) => {
    expect(await columnsOf({ c: type })).toEqual([{ name: 'c', type }])
  })

  it('has nested columns with the exact types of what is in them', async () => {
    const leg = {
      struct: [
        { name: 'from', type: 'string' },
        { name: 'price', type: 'decimal(38, 10)' },
      ],
    }
    expect(await columnsOf({ leg: LEG, legs: LEGS, by_day: BY_DAY })).toEqual([
      { name: 'leg', type: leg },
      { name: 'legs', type: { list: leg } },
      { name: 'by_day', type: { map: { key: 'date', value: { list: leg } } } },
    ])
  })

  it('has ids of its own, and what the file says of each column under them', async () => {
    const { draft, sample } = await readFileAsTable(fileOf({ id: 'long', legs: LEGS }), 'UTC')
    const paths = [...indexFields(draft.schema)].map(([id, { path }]) => [id, path.join('.')])
    expect(paths).toEqual([
      [1, 'id'],
      [2, 'legs'],
      [3, 'legs.element'],
      [4, 'legs.element.from'],
      [5, 'legs.element.price'],
    ])
    expect([...(sample?.columns ?? [])].map(([id, { type }]) => [id, type])).toEqual([
      [1, 'long'],
      [2, ''],
      [3, ''],
      [4, 'string'],
      [5, 'decimal(38, 10)'],
    ])
  })

  it.each<[Type, 2 | 3]>([
    ['timestamptz', 2],
    ['timestamp_ns', 3],
    ['timestamptz_ns', 3],
    // The file has only nulls, and the table a string.
    ['unknown', 2],
    [{ type: 'list', elementId: 9, element: 'timestamp_ns', elementRequired: false }, 3],
  ])('of a column of %j has the format version %s', async (type, formatVersion) => {
    const { draft } = await readFileAsTable(fileOf({ c: type }), 'UTC')
    expect(draft.formatVersion).toBe(formatVersion)
  })

  it('is named after the file', async () => {
    const { name, source } = await readFileAsTable(fileOf({ id: 'int' }, 'Flüge 2001-01.PARQUET'), 'UTC')
    expect([name, source]).toEqual(['flüge_2001_01', 'Flüge 2001-01.PARQUET'])
  })
})
