import { describe, expect, it } from 'vitest'
import { rowGroupRows } from './parquet-file'
import type { Schema } from '@/lib/iceberg/schema/types'
import { parseWriteSettings } from './write-settings'

const SCHEMA: Pick<Schema, 'fields'> = {
  fields: [
    { id: 1, name: 'id', required: true, type: 'long' },
    {
      id: 2,
      name: 'leg',
      required: false,
      type: { type: 'struct', fields: [{ id: 3, name: 'tail', required: false, type: 'string' }] },
    },
    { id: 4, name: 'late', required: false, type: 'boolean' },
  ],
}

function parse(properties: Readonly<Record<string, string>>) {
  const warnings: string[] = []
  return { ...parseWriteSettings(properties, SCHEMA, (sentence) => warnings.push(sentence)), warnings }
}

describe('The settings of a table’s files', () => {
  it("have Iceberg's defaults, with smaller row groups", () => {
    const write = parse({})
    expect(write).toMatchObject({
      layout: { fallback: { codec: 'zstd', level: null, maxPageRows: 20_000, maxPageBytes: 1_048_576 } },
      warnings: [],
      targetFileBytes: 536_870_912,
    })
    expect(write.metrics).toEqual({ fallback: { kind: 'truncate', length: 16 }, byColumn: {} })
    expect(rowGroupRows(write, 40)).toBe(65_536)
    expect(rowGroupRows(write, 10_000)).toBe(2_048)
    expect(rowGroupRows(write, 500)).toBe(16_384)
  })

  it('follow the properties', () => {
    const write = parse({
      'write.parquet.compression-codec': 'ZSTD',
      'write.parquet.compression-level': '19',
      'write.parquet.page-row-limit': '500',
      'write.parquet.page-size-bytes': '65536',
      'write.parquet.row-group-size-bytes': '134217728',
      'write.target-file-size-bytes': '1048576',
      'write.metadata.metrics.default': 'counts',
      'write.metadata.metrics.column.a.b': 'truncate(4)',
      'write.metadata.metrics.column.c': 'truncate',
    })
    expect(write).toMatchObject({
      layout: { fallback: { codec: 'zstd', level: 19, maxPageRows: 500, maxPageBytes: 65_536 } },
      targetFileBytes: 1_048_576,
    })
    expect(write.metrics.byColumn).toEqual({
      'a.b': { kind: 'truncate', length: 4 },
      c: { kind: 'truncate', length: 16 },
    })
    expect(rowGroupRows(write, 1)).toBe(1_048_576)
    // A row group is at most as long as a file.
    expect(rowGroupRows(write, 40)).toBe(24_576)
  })

  it.each([
    ['brotli', '11', { codec: 'brotli', level: 11 }],
    ['gzip', '0', { codec: 'gzip', level: 0 }],
    ['lz4', '9', { codec: 'lz4_raw', level: null }],
    ['snappy', '9', { codec: 'snappy', level: null }],
  ])('have the codec %s at level %s if it has levels', (codec, level, expected) => {
    const properties = { 'write.parquet.compression-codec': codec, 'write.parquet.compression-level': level }
    expect(parse(properties).layout.fallback).toMatchObject(expected)
  })

  it.each([
    ['write.parquet.compression-codec', 'lzo'],
    ['write.parquet.page-row-limit', '0'],
    ['write.parquet.row-group-size-bytes', '-1'],
    ['write.target-file-size-bytes', 'many'],
    ['write.metadata.metrics.default', 'some'],
  ])('name an invalid property: %s', (property, value) => {
    expect(() => parse({ [property]: value })).toThrow(
      expect.objectContaining({ code: 'invalid-request', facts: { property, value } }),
    )
  })

  it.each([
    ['gzip', '23', 'should be a whole number from 0 to 9 for gzip'],
    ['brotli', '12', 'should be a whole number from 0 to 11 for brotli'],
    ['zstd', 'high', 'should be a whole number from 1 to 22 for zstd'],
  ])('ignore a level that %s does not have, and say so: %s', (codec, level, problem) => {
    const { layout, warnings } = parse({
      'write.parquet.compression-codec': codec,
      'write.parquet.compression-level': level,
    })
    expect(layout.fallback).toMatchObject({ codec, level: null })
    expect(warnings).toEqual([
      `write.parquet.compression-level is "${level}", but ${problem}. The files use the codec's default level.`,
    ])
  })

  it('limit files to 50 GB', () => {
    const sizes = (bytes: string) => {
      const { targetFileBytes, maxFileBytes, warnings } = parse({ 'write.target-file-size-bytes': bytes })
      return [targetFileBytes, maxFileBytes, ...warnings]
    }
    expect(sizes('1000')).toEqual([1_000, 1_500])
    expect(sizes('40000000000')).toEqual([40_000_000_000, 50_000_000_000])
    expect(sizes('9000000000000000')).toEqual([
      50_000_000_000,
      50_000_000_000,
      'write.target-file-size-bytes is 9000000000000000, but Lakeshore writes files of at most 50 GB.',
    ])
  })

  it('may differ by column', () => {
    const { layout, warnings } = parse({
      'write.parquet.compression-codec': 'zstd',
      'write.parquet.compression-level': '9',
      'lakeshore.parquet.column.1.compression-codec': 'lz4',
      'lakeshore.parquet.column.2.compression-level': '19',
      'lakeshore.parquet.column.3.compression-codec': 'brotli',
      'lakeshore.parquet.column.3.compression-level': '5',
      'lakeshore.parquet.column.4.dictionary': 'drop',
      'lakeshore.parquet.column.4.statistics': 'chunk',
      'lakeshore.parquet.column.4.bloom-filter': 'drop',
      'lakeshore.parquet.column.4.page-row-limit': '100',
      'lakeshore.parquet.column.4.page-size-bytes': '4096',
    })
    expect(warnings).toEqual([])
    const { fallback, byFieldId } = layout
    expect([...byFieldId]).toEqual([
      [1, { ...fallback, codec: 'lz4_raw', level: null }],
      [2, { ...fallback, codec: 'zstd', level: 19 }],
      [3, { ...fallback, codec: 'brotli', level: 5 }],
      [
        4,
        {
          codec: 'zstd',
          level: 9,
          maxPageRows: 100,
          maxPageBytes: 4096,
          dictionary: 'drop',
          statistics: 'chunk',
          bloomFilter: 'drop',
        },
      ],
    ])
  })

  it.each([
    ['lakeshore.parquet.column.1.compression-codec', 'lzo'],
    ['lakeshore.parquet.column.1.compression-level', '23'],
    ['lakeshore.parquet.column.1.page-row-limit', '0'],
    ['lakeshore.parquet.column.1.dictionary', 'yes'],
    ['lakeshore.parquet.column.price.dictionary', 'drop'],
    ['lakeshore.parquet.column.1.colour', 'red'],
  ])('ignore a setting of a column that cannot be used, and say so: %s = %s', (property, value) => {
    const { layout, warnings } = parse({ [property]: value })
    expect(layout.byFieldId.size).toBe(0)
    expect(warnings).toEqual([expect.stringContaining(property)])
  })

  it('have Bloom filters where Iceberg’s properties name columns', () => {
    const { layout, warnings } = parse({
      'write.parquet.compression-codec': 'gzip',
      'write.parquet.bloom-filter-max-bytes': '4096',
      'write.parquet.bloom-filter-enabled.column.id': 'TRUE',
      'write.parquet.bloom-filter-fpp.column.id': '0.001',
      'write.parquet.bloom-filter-ndv.column.id': '1000',
      'lakeshore.parquet.column.3.compression-codec': 'lz4',
      'write.parquet.bloom-filter-enabled.column.leg.tail': 'true',
    })
    expect(warnings).toEqual([])
    const { fallback, byFieldId } = layout
    expect(fallback.bloomFilter).toBe('keep')
    expect(byFieldId.get(1)).toEqual({
      ...fallback,
      bloomFilter: { maxBytes: 4096, falsePositiveRate: 0.001, distinctCount: 1000 },
    })
    expect(byFieldId.get(3)).toEqual({
      ...fallback,
      codec: 'lz4_raw',
      bloomFilter: { maxBytes: 4096, falsePositiveRate: 0.01, distinctCount: null },
    })
  })

  it.each([
    ['is false', { 'write.parquet.bloom-filter-enabled.column.id': 'false' }],
    [
      'is true, but the column drops it',
      {
        'write.parquet.bloom-filter-enabled.column.id': 'true',
        'lakeshore.parquet.column.1.bloom-filter': 'drop',
      },
    ],
  ])('have no Bloom filter where the property %s', (_, properties) => {
    expect(parse(properties).layout.byFieldId.get(1)?.bloomFilter).toBe('drop')
  })

  it('say nothing of a Bloom filter by its rate alone', () => {
    expect(parse({ 'write.parquet.bloom-filter-fpp.column.id': '0.1' }).layout.byFieldId.size).toBe(0)
  })

  it.each([
    ['write.parquet.bloom-filter-enabled.column.id', 'yes'],
    ['write.parquet.bloom-filter-enabled.column.gone', 'true'],
    ['write.parquet.bloom-filter-enabled.column.leg', 'true'],
    ['write.parquet.bloom-filter-enabled.column.late', 'true'],
  ])('ignore a Bloom filter that cannot be written, and say so: %s = %s', (property, value) => {
    const { layout, warnings } = parse({ [property]: value })
    expect(layout.byFieldId.size).toBe(0)
    expect(warnings).toEqual([expect.stringContaining(property)])
  })
})
