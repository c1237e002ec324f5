import { describe, expect, it } from 'vitest'
import { propertyValueProblem } from './property-problem'
import { findProperty, isReservedProperty, PROPERTY_GROUPS, TABLE_PROPERTIES } from './table-properties'

describe('the list of properties', () => {
  it('lists each property once, with a description', () => {
    const names = TABLE_PROPERTIES.map((property) => property.name)
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(50)
    for (const { doc } of TABLE_PROPERTIES) expect(doc).toMatch(/^[A-Z].{10,}[.]$/)
  })
  it('has a property in every group', () => {
    const groups = new Set(TABLE_PROPERTIES.map((property) => property.group))
    expect([...groups]).toEqual(PROPERTY_GROUPS)
  })
  it.each(TABLE_PROPERTIES.flatMap(({ name, default: value }) => (value === null ? [] : [[name, value] as const])))(
    'has a default that is a valid value: %s = %s',
    (name, value) => {
      const key = name.endsWith('.column.') ? `${name}c` : name.replace('<field id>', '7').replace('<name>', 'short')
      expect(findProperty(key)?.name).toBe(name)
      expect(propertyValueProblem(key, value)).toBeNull()
    },
  )
  it('finds the property of one column, and of one rule', () => {
    expect(findProperty('write.metadata.metrics.column.geometry.type')?.group).toBe('metrics')
    expect(findProperty('write.metadata.metrics.column.')).toBeNull()
    expect(findProperty('lakeshore.parquet.column.12.compression-codec')?.honouredBy).toEqual(['lakeshore'])
    expect(findProperty('lakeshore.parquet.column.012.compression-codec')).toBeNull()
    expect(findProperty('lakeshore.parquet.column.<field id>.compression-codec')).toBeNull()
    expect(findProperty('lakeshore.parquet.column.price.compression-codec')).toBeNull()
    expect(findProperty('lakeshore.rule.no token')?.group).toBe('write')
    expect(findProperty('lakeshore.rules')).toBeNull()
    expect(findProperty('my.own.key')).toBeNull()
    expect(findProperty('constructor')).toBeNull()
  })
  it('does not contain fields of the metadata', () => {
    expect(isReservedProperty('current-snapshot-id')).toBe(true)
    expect(isReservedProperty('owner')).toBe(false)
    expect(TABLE_PROPERTIES.filter(({ name }) => isReservedProperty(name))).toEqual([])
  })
})
