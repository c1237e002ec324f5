import { describe, expect, it } from 'vitest'
import { assignFreshIds, findFieldByName, highestFieldId, indexFields, requireUniqueNames } from './schema'
import { typeLabel } from './type-label'
import { schemaFromJson, schemaToJson } from './schema-json'
import type { Schema } from './types'

/** A map of structs to lists of structs, and a struct in a struct. */
const nested = schemaFromJson({
  type: 'struct',
  'schema-id': 4,
  'identifier-field-ids': [10],
  fields: [
    { id: 10, name: 'id', required: true, type: 'long' },
    {
      id: 20,
      name: 'm',
      required: false,
      type: {
        type: 'map',
        'key-id': 21,
        key: { type: 'struct', fields: [{ id: 22, name: 'k', required: true, type: 'string' }] },
        'value-id': 23,
        'value-required': false,
        value: {
          type: 'list',
          'element-id': 24,
          'element-required': true,
          element: { type: 'struct', fields: [{ id: 25, name: 'v', required: false, type: 'double' }] },
        },
      },
    },
    {
      id: 30,
      name: 's',
      required: false,
      type: {
        type: 'struct',
        fields: [
          {
            id: 31,
            name: 'a',
            required: false,
            type: { type: 'struct', fields: [{ id: 32, name: 'b', required: false, type: 'date' }] },
          },
          { id: 33, name: 'c', required: false, type: 'string' },
        ],
      },
    },
  ],
})

describe('looking up', () => {
  it('finds fields at every depth, with their path from the top', () => {
    const index = indexFields(nested)
    expect([...index.keys()]).toEqual([10, 20, 21, 22, 23, 24, 25, 30, 31, 32, 33])
    expect(index.get(25)).toMatchObject({ path: ['m', 'value', 'element', 'v'], parentId: 24, isRepeated: true })
    expect(index.get(32)).toMatchObject({ path: ['s', 'a', 'b'], parentId: 31, isRepeated: false })
    expect(highestFieldId(nested)).toBe(33)
  })
  it('finds a field by its dotted name', () => {
    expect(findFieldByName(nested, 's.a.b')?.field.id).toBe(32)
    expect(findFieldByName(nested, 'm.key.k')?.field.id).toBe(22)
    expect(findFieldByName(nested, 's.z')).toBeNull()
  })
  it('finds a field whose name contains a dot', () => {
    const schema: Schema = {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [{ id: 1, name: 'a.b', required: false, type: 'int' }],
    }
    expect(findFieldByName(schema, 'a.b')?.field.id).toBe(1)
  })
  it('refuses a schema in which two fields have the same id', () => {
    const fields = [
      { id: 1, name: 'a', required: false, type: 'int' },
      { id: 1, name: 'b', required: false, type: 'int' },
    ] as const
    expect(() => indexFields({ fields })).toThrow('the id 1')
  })
  it('writes a type on one line', () => {
    expect(nested.fields.map((field) => typeLabel(field.type))).toEqual([
      'long',
      'map<struct<k: string>, list<struct<v: double>>>',
      'struct<a: struct<b: date>, c: string>',
    ])
  })
})

describe('a new table’s ids', () => {
  it('are the same as PyIceberg’s', () => {
    const { schema, lastColumnId, freshIdByOldId } = assignFreshIds(nested)
    expect(schemaToJson(schema)).toEqual({
      type: 'struct',
      'schema-id': 0,
      'identifier-field-ids': [1],
      fields: [
        { id: 1, name: 'id', type: 'long', required: true },
        {
          id: 2,
          name: 'm',
          required: false,
          type: {
            type: 'map',
            'key-id': 4,
            key: { type: 'struct', fields: [{ id: 6, name: 'k', type: 'string', required: true }] },
            'value-id': 5,
            value: {
              type: 'list',
              'element-id': 7,
              element: { type: 'struct', fields: [{ id: 8, name: 'v', type: 'double', required: false }] },
              'element-required': true,
            },
            'value-required': false,
          },
        },
        {
          id: 3,
          name: 's',
          required: false,
          type: {
            type: 'struct',
            fields: [
              {
                id: 9,
                name: 'a',
                required: false,
                type: { type: 'struct', fields: [{ id: 11, name: 'b', type: 'date', required: false }] },
              },
              { id: 10, name: 'c', type: 'string', required: false },
            ],
          },
        },
      ],
    })
    expect(lastColumnId).toBe(11)
    expect(freshIdByOldId.get(33)).toBe(10)
  })
  it.each([
    [{ ...nested, identifierFieldIds: [99] }, 'identifier field 99'],
    [{ ...nested, fields: [...nested.fields, { id: 40, name: 'id', required: false, type: 'int' }] }, 'named id'],
    [{ ...nested, fields: [...nested.fields, { id: 10, name: 'x', required: false, type: 'int' }] }, 'the id 10'],
    [{ ...nested, fields: [{ id: 10, name: '', required: false, type: 'int' }] }, 'no name'],
  ] as [Schema, string][])('are not assigned to an invalid schema (%#)', (schema, message) => {
    expect(() => assignFreshIds(schema)).toThrow(message)
  })
})

it('refuses two fields with the same name in a struct', () => {
  const inner = { id: 2, name: 'x', required: false, type: 'int' } as const
  const schema: Schema = {
    schemaId: 0,
    identifierFieldIds: [],
    fields: [{ id: 1, name: 's', required: false, type: { type: 'struct', fields: [inner, { ...inner, id: 3 }] } }],
  }
  expect(() => requireUniqueNames(schema)).toThrow('named s.x')
  expect(() => requireUniqueNames(nested)).not.toThrow()
  const dotted = { id: 9, name: 's.a', required: false, type: 'int' } as const
  const clash = { ...nested, fields: [...nested.fields, dotted] }
  expect(findFieldByName(nested, 's.a')).not.toBeNull()
  expect(() => requireUniqueNames(clash)).toThrow('Two columns are named s.a')
})
