import { describe, expect, it } from 'vitest'
import {
  isReservedProperty,
  PROPERTY_GROUPS,
  findProperty,
  propertyValueProblem,
  TABLE_PROPERTIES,
} from './table-properties'

describe('the list of properties', () => {
  it('lists each property once, with a description', () => {
    const names = TABLE_PROPERTIES.map((property) => property.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(50)
    for (const { doc } of TABLE_PROPERTIES) expect(doc).toMatch(/^[A-Z].{10,}[.]$/)
  })
  it('has a property in every group', () => {
    const groups = new Set(TABLE_PROPERTIES.map((property) => property.group))
    expect([...groups].toSorted()).toEqual([...PROPERTY_GROUPS].toSorted())
  })
  it.each(TABLE_PROPERTIES.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value] as const])))(
    'has a default that is a valid value: %s = %s',
    (name, value) => {
      expect(propertyValueProblem(name.endsWith('.column.') ? `${name}c` : name, value)).toBeNull()
    },
  )
  it('finds the property of one column', () => {
    expect(findProperty('write.metadata.metrics.column.geometry.type')?.group).toBe('metrics')
    expect(findProperty('write.metadata.metrics.column.')).toBeNull()
    expect(findProperty('my.own.key')).toBeNull()
    expect(findProperty('constructor')).toBeNull()
  })
  it('does not contain fields of the metadata', () => {
    expect(isReservedProperty('current-snapshot-id')).toBe(true)
    expect(isReservedProperty('owner')).toBe(false)
    expect(TABLE_PROPERTIES.filter(({ name }) => isReservedProperty(name))).toEqual([])
  })
})

describe('a value', () => {
  it.each([
    ['my.own.key', 'anything'],
    ['gc.enabled', 'false'],
    ['write.format.default', 'orc'],
    ['write.target-file-size-bytes', '536870912'],
    ['write.parquet.bloom-filter-fpp.column.id', '0.001'],
    ['write.metadata.metrics.default', 'truncate(32)'],
    ['write.metadata.metrics.column.id', 'full'],
  ])('can be set: %s = %s', (name, value) => {
    expect(propertyValueProblem(name, value)).toBeNull()
  })
  it.each([
    ['gc.enabled', 'TRUE'],
    ['write.format.default', 'csv'],
    ['write.target-file-size-bytes', '0'],
    ['write.target-file-size-bytes', '1e9'],
    ['write.target-file-size-bytes', '99999999999999999999'],
    ['write.parquet.bloom-filter-fpp.column.id', '1'],
    ['write.parquet.bloom-filter-fpp.column.id', '0.0'],
    ['write.metadata.metrics.default', 'truncate(0)'],
    ['write.parquet.compression-level', '23'],
  ])('cannot be set, with a reason: %s = %s', (name, value) => {
    expect(propertyValueProblem(name, value)).toMatch(/^should be /)
  })
})
