import { describe, expect, it } from 'vitest'
import type { ParquetFooter } from '@/lib/parquet/footer'
import type { Annotation, PhysicalType, SchemaNode } from '@/lib/parquet/schema-node'
import { declaredColumns } from './declared-columns'
import { leafRangeText } from '@/lib/scan/inspect/leaf-range'

type Shape = Partial<Pick<SchemaNode, 'repetition' | 'children'>> & { annotation?: Annotation }

const group = (
  name: string,
  children: SchemaNode[],
  { repetition = 'optional', annotation }: Shape = {},
): SchemaNode => ({
  name,
  path: [name],
  fieldId: null,
  repetition,
  maxDefinition: 0,
  maxRepetition: 0,
  annotation: annotation ?? null,
  children,
  leaf: null,
})
const leaf = (name: string, physicalType: PhysicalType, shape: Shape = {}, lengthBytes = 0): SchemaNode => ({
  ...group(name, [], shape),
  leaf: { index: 0, physicalType, lengthBytes },
})
const columnsOf = (...children: SchemaNode[]) => declaredColumns(group('root', children)).columns

describe('The columns of a Parquet file', () => {
  it.each([
    [{ kind: 'geometry', crs: null }, 'geometry', null],
    [{ kind: 'geometry', crs: 'OGC:CRS84' }, 'geometry', null],
    [{ kind: 'geometry', crs: 'srid:5070' }, 'geometry(srid:5070)', null],
    [{ kind: 'geometry', crs: 'projjson:key' }, 'geometry', 'The file has another coordinate system: projjson:key'],
    [{ kind: 'geometry', crs: '{"type": "x"}' }, 'geometry', 'The file has another coordinate system: {"type": "x"}'],
    [{ kind: 'geography', crs: null, edges: null }, 'geography', null],
    [{ kind: 'geography', crs: null, edges: 'karney' }, 'geography(OGC:CRS84, karney)', null],
    [{ kind: 'geography', crs: 'srid:4326', edges: null }, 'geography(srid:4326)', null],
  ] as const)(
    'keep the coordinate system and the edges of %j, or say what they do not keep',
    (annotation, type, doubt) => {
      const { columns, leaves } = declaredColumns(group('root', [leaf('g', 'BYTE_ARRAY', { annotation })]))
      expect([columns[0]?.type, leaves.get('g')?.doubt]).toEqual([type, doubt])
    },
  )

  it('are lists, maps and structs as writers of then and now write them', () => {
    const text = { annotation: { kind: 'string' } } as const
    const modern = group(
      'a',
      [group('list', [leaf('element', 'BYTE_ARRAY', { ...text, repetition: 'required' })], { repetition: 'repeated' })],
      {
        annotation: { kind: 'list' },
      },
    )
    const twoLevels = group('b', [leaf('array', 'INT32', { repetition: 'repeated' })], { annotation: { kind: 'list' } })
    const map = group(
      'c',
      [
        group('key_value', [leaf('key', 'BYTE_ARRAY', text), leaf('value', 'INT64', { repetition: 'optional' })], {
          repetition: 'repeated',
        }),
      ],
      { annotation: { kind: 'map' }, repetition: 'required' },
    )
    const bare = leaf('d', 'DOUBLE', { repetition: 'repeated' })
    expect(columnsOf(modern, twoLevels, map, bare, group('e', [leaf('x', 'BOOLEAN')]))).toEqual([
      { name: 'a', type: { list: 'string', required: true } },
      { name: 'b', type: { list: 'int', required: true } },
      { name: 'c', type: { map: { key: 'string', value: 'long' } }, required: true },
      { name: 'd', type: { list: 'double', required: true }, required: true },
      { name: 'e', type: { struct: [{ name: 'x', type: 'boolean' }] } },
    ])
  })

  it.each<[PhysicalType, Annotation, string, boolean]>([
    ['INT32', { kind: 'integer', bits: 16, isSigned: true }, 'int', false],
    ['INT32', { kind: 'integer', bits: 32, isSigned: false }, 'long', false],
    ['INT64', { kind: 'integer', bits: 64, isSigned: false }, 'decimal(20, 0)', true],
    ['INT64', { kind: 'timestamp', isUtc: false, unit: 'nanos' }, 'timestamp_ns', false],
    ['INT64', { kind: 'time', isUtc: true, unit: 'nanos' }, 'time', true],
    ['BYTE_ARRAY', { kind: 'decimal', precision: 50, scale: 2 }, 'string', true],
    ['FIXED_LEN_BYTE_ARRAY', { kind: 'uuid' }, 'uuid', false],
    ['BYTE_ARRAY', { kind: 'bson' }, 'binary', false],
  ])('%s as %o is %s', (physicalType, annotation, type, isDoubtful) => {
    const { columns, leaves } = declaredColumns(group('root', [leaf('a', physicalType, { annotation })]))
    expect(columns).toEqual([{ name: 'a', type }])
    expect(leaves.get('a')?.doubt != null).toBe(isDoubtful)
  })
})

describe('The range of a column', () => {
  const int32 = (value: number) => new Uint8Array(new Int32Array([value]).buffer)
  const footerOf = (bounds: readonly (readonly [Uint8Array, Uint8Array])[], hasOrder = true): ParquetFooter =>
    ({
      hasTypeOrder: [hasOrder],
      rowGroups: bounds.map(([min, max]) => ({ columns: [{ statistics: { min, max } }] })),
      // The rest of a footer does not affect bounds.
    }) as unknown as ParquetFooter

  it('is that of all row groups, by value and not by byte', () => {
    const node = leaf('a', 'INT32')
    const footer = footerOf([
      [int32(3), int32(300)],
      [int32(-5), int32(7)],
    ])
    expect(leafRangeText(footer, node, 'UTC')).toBe('-5 … 300')
    expect(leafRangeText(footerOf([[int32(1), int32(1)]]), node, 'UTC')).toBe('1')
  })

  it('is not said without bounds, without an order, or for values of another order', () => {
    const bounds = [[int32(1), int32(2)]] as const
    expect(leafRangeText(footerOf([]), leaf('a', 'INT32'), 'UTC')).toBeNull()
    expect(leafRangeText(footerOf(bounds, false), leaf('a', 'INT32'), 'UTC')).toBeNull()
    const unsigned = leaf('a', 'INT32', { annotation: { kind: 'integer', bits: 32, isSigned: false } })
    expect(leafRangeText(footerOf(bounds), unsigned, 'UTC')).toBeNull()
  })
})
