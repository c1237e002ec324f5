import { expect, test } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { distinguishNames } from './distinct-names'

const field = (id: number, name: string, type: Type = 'int'): NestedField => ({ id, name, type, required: false })

test('the oldest of columns whose names differ only in case keeps its name, wherever it is in the schema', () => {
  const { fields, renamedColumns } = distinguishNames([
    field(3, 'ID'),
    field(1, 'id'),
    field(7, 'Id'),
    field(2, 'other'),
  ])
  expect(fields.map(({ id, name }) => [id, name])).toEqual([
    [3, 'ID_2'],
    [1, 'id'],
    [7, 'Id_3'],
    [2, 'other'],
  ])
  expect(renamedColumns).toEqual([
    { name: 'ID', queryName: 'ID_2' },
    { name: 'Id', queryName: 'Id_3' },
  ])
})

test('a new name is never that of another column', () => {
  const { fields } = distinguishNames([field(1, 'a'), field(2, 'A'), field(3, 'A_2'), field(4, 'a_3'), field(5, 'a_2')])
  const names = fields.map(({ name }) => name.toLowerCase())
  expect(new Set(names).size).toBe(5)
  expect(fields.map(({ name }) => name)).toEqual(['a', 'A_4', 'A_2', 'a_3', 'a_2_2'])
})

test('fields of structs are distinguished too, inside of lists and maps', () => {
  const struct: Type = { type: 'struct', fields: [field(4, 'x'), field(5, 'X')] }
  const list: Type = { type: 'list', elementId: 6, element: struct, elementRequired: false }
  const map: Type = { type: 'map', keyId: 7, key: 'string', valueId: 8, value: list, valueRequired: false }
  const { fields, renamedColumns } = distinguishNames([field(1, 'm', map), field(2, 'S', 'int'), field(3, 's', struct)])
  expect(renamedColumns).toEqual([
    { name: 'm.X', queryName: 'm.X_2' },
    { name: 's', queryName: 's_2' },
    { name: 's_2.X', queryName: 's_2.X_2' },
  ])
  expect(JSON.stringify(fields[0])).toContain('"name":"X_2"')
})

test('columns whose names DuckDB distinguishes are the same objects', () => {
  const fields = [field(1, 'a'), field(2, 'b', { type: 'struct', fields: [field(3, 'a')] })]
  const result = distinguishNames(fields)
  expect(result.renamedColumns).toEqual([])
  expect(result.fields[0]).toBe(fields[0])
  expect(result.fields[1]).toBe(fields[1])
})

test('a zero character, at which DuckDB ends a name, is written as its sign', () => {
  const { fields, renamedColumns } = distinguishNames([field(1, 'n\0l'), field(2, 'n␀L'), field(3, 'n')])
  expect(fields.map(({ name }) => name)).toEqual(['n␀l', 'n␀L_2', 'n'])
  expect(renamedColumns).toEqual([
    { name: 'n\0l', queryName: 'n␀l' },
    { name: 'n␀L', queryName: 'n␀L_2' },
  ])
})
