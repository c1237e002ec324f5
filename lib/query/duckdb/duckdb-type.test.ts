import { expect, test } from 'vitest'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { duckdbType, hasZone } from './duckdb-type'

const field = (id: number, name: string, type: Type) => ({ id, name, type, required: false })

test.each<[Type, string]>([
  ['long', 'BIGINT'],
  ['decimal(38, 10)', 'DECIMAL(38, 10)'],
  ['fixed[16]', 'BLOB'],
  ['uuid', 'UUID'],
  ['timestamptz', 'TIMESTAMP WITH TIME ZONE'],
  ['timestamptz_ns', 'VARCHAR'],
  ['timestamp_ns', 'TIMESTAMP_NS'],
  ['variant', 'VARCHAR'],
  ['geometry', 'VARCHAR'],
  ['geography(OGC:CRS84, spherical)', 'VARCHAR'],
  [{ type: 'list', elementId: 2, element: 'string', elementRequired: true }, 'VARCHAR[]'],
  [{ type: 'map', keyId: 2, key: 'string', valueId: 3, value: 'double', valueRequired: false }, 'MAP(VARCHAR, DOUBLE)'],
  [{ type: 'struct', fields: [field(2, 'a b', 'int'), field(3, 'c"d', 'date')] }, 'STRUCT("a b" INTEGER, "c""d" DATE)'],
])('%j is %s', (type, expected) => {
  expect(duckdbType(type)).toBe(expected)
})

test('types that the browser engine does not support are refused by name', () => {
  expect(() => duckdbType('interval' as PrimitiveType)).toThrow(/interval/)
  expect(() => duckdbType({ type: 'struct', fields: [] })).toThrow(/without fields/)
})

test('a zone is found at any depth', () => {
  expect(['timestamp', 'timestamptz_ns', 'timestamptz'].map((type) => hasZone(type as Type))).toEqual([
    false,
    false,
    true,
  ])
  expect(hasZone({ type: 'list', elementId: 2, element: 'timestamptz', elementRequired: true })).toBe(true)
  expect(hasZone({ type: 'struct', fields: [field(2, 'a', 'date'), field(3, 'b', 'timestamptz')] })).toBe(true)
  expect(
    hasZone({ type: 'map', keyId: 2, key: 'string', valueId: 3, value: 'timestamptz', valueRequired: false }),
  ).toBe(true)
})
