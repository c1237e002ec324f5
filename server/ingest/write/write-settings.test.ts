import { describe, expect, it } from 'vitest'
import { rowGroupRows } from './parquet-file'
import { parseWriteSettings } from './write-settings'

describe('The settings of a table’s files', () => {
  it("have Iceberg's defaults, with smaller row groups", () => {
    const write = parseWriteSettings({})
    expect(write).toMatchObject({
      layout: { codec: 'zstd', level: null, maxPageRows: 20_000, maxPageBytes: 1_048_576 },
      targetFileBytes: 536_870_912,
    })
    expect(write.metrics).toEqual({ fallback: { kind: 'truncate', length: 16 }, byColumn: {} })
    expect(rowGroupRows(write, 40)).toBe(65_536)
    expect(rowGroupRows(write, 10_000)).toBe(2_048)
    expect(rowGroupRows(write, 500)).toBe(16_384)
  })

  it('follow the properties', () => {
    const write = parseWriteSettings({
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
      layout: { codec: 'zstd', level: 19, maxPageRows: 500, maxPageBytes: 65_536 },
      targetFileBytes: 1_048_576,
    })
    expect(write.metrics.byColumn).toEqual({
      'a.b': { kind: 'truncate', length: 4 },
      c: { kind: 'truncate', length: 16 },
    })
    expect(rowGroupRows(write, 40)).toBe(1_048_576)
  })

  it.each([
    ['brotli', '11', { codec: 'brotli', level: 11 }],
    ['gzip', '0', { codec: 'gzip', level: 0 }],
    ['lz4', '9', { codec: 'lz4_raw', level: null }],
    ['snappy', '9', { codec: 'snappy', level: null }],
  ])('have the codec %s at level %s if it has levels', (codec, level, expected) => {
    const properties = { 'write.parquet.compression-codec': codec, 'write.parquet.compression-level': level }
    expect(parseWriteSettings(properties).layout).toMatchObject(expected)
  })

  it.each([
    ['write.parquet.compression-codec', 'lzo'],
    ['write.parquet.page-row-limit', '0'],
    ['write.parquet.compression-level', '23'],
    ['write.parquet.row-group-size-bytes', '-1'],
    ['write.target-file-size-bytes', 'many'],
    ['write.metadata.metrics.default', 'some'],
  ])('name an invalid property: %s', (property, value) => {
    expect(() => parseWriteSettings({ [property]: value })).toThrow(
      expect.objectContaining({ code: 'invalid-request', facts: { property, value } }),
    )
  })
})
