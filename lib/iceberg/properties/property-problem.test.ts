import { describe, expect, it } from 'vitest'
import { propertyValueProblem } from './property-problem'

describe('a value', () => {
  it.each([
    ['my.own.key', 'anything'],
    ['gc.enabled', 'false'],
    ['write.format.default', 'orc'],
    ['write.target-file-size-bytes', '536870912'],
    ['write.parquet.bloom-filter-fpp.column.id', '0.001'],
    ['write.parquet.row-group-size-bytes', '2147483647'],
    ['write.target-file-size-bytes', '2147483648'],
    ['schema.name-mapping.default', '[{"field-id": 1, "names": ["id"]}]'],
    ['write.metadata.metrics.default', 'truncate(32)'],
    ['write.metadata.metrics.column.id', 'full'],
  ])('can be set: %s = %s', (name, value) => {
    expect(propertyValueProblem(name, value)).toBeNull()
  })
  it.each([
    ['gc.enabled', 'TRUE'],
    ['my.own.key', 'a\0b'],
    ['write.format.default', 'csv'],
    ['write.target-file-size-bytes', '0'],
    ['write.target-file-size-bytes', '1e9'],
    ['write.target-file-size-bytes', '99999999999999999999'],
    ['write.parquet.bloom-filter-fpp.column.id', '1'],
    ['write.parquet.bloom-filter-fpp.column.id', '0.0'],
    ['write.metadata.metrics.default', 'truncate(0)'],
    ['write.parquet.compression-level', '23'],
    ['write.parquet.row-group-size-bytes', '2147483648'],
    ['write.metadata.previous-versions-max', '3000000000'],
    ['commit.retry.min-wait-ms', '2147483648'],
    ['schema.name-mapping.default', 'not json'],
    ['schema.name-mapping.default', '[{"names": "id"}]'],
    ['schema.name-mapping.default', '[{"field-id": 1.5, "names": ["id"]}]'],
  ])('cannot be set, with a reason: %s = %s', (name, value) => {
    expect(propertyValueProblem(name, value)).toMatch(/^should be /)
  })
})
