import { expect, test } from 'vitest'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { checkColumnNames, duckdbType, zonedColumns } from './duckdb-type'

const field = (id: number, name: string, type: Type) => ({ id, name, type, required: false })

test.each<[Type, string]>([
  ['long', 'BIGINT'],
  ['decimal(38, 10)', 'DECIMAL(38, 10)'],
  ['fixed[16]', 'BLOB'],
  ['uuid', 'UUID'],
  ['timestamptz', 'TIMESTAMP'],
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

test('columns with a zone are listed', () => {
  expect(zonedColumns([field(1, 'a', 'timestamp'), field(2, 'b', 'timestamptz')])).toEqual(['b'])
})

test('names that differ only in case are refused', () => {
  expect(() => checkColumnNames([field(1, 'Id', 'int'), field(2, 'id', 'int')])).toThrow(/Id and id/)
})
