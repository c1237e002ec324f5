import { describe, expect, it } from 'vitest'
import { parseExactJson } from '../json/exact-json'
import { schemaFromJson, schemaToJson, typeFromJson, typeToJson } from './schema-json'

describe('a schema’s JSON', () => {
  it('keeps unknown fields at every level, with all digits', () => {
    const json = parseExactJson(`{
      "type": "struct", "schema-id": 3, "identifier-field-ids": [1], "future": {"n": 9158179788527662767},
      "fields": [
        {"id": 1, "name": "id", "required": true, "type": "decimal(9, 2)", "doc": "why", "initial-default": "1.20",
         "write-default": 9007199254740993, "future-field": [1, null]},
        {"id": 2, "name": "l", "required": false, "type":
          {"type": "list", "element-id": 3, "element-required": true, "element": "fixed[4]", "future-list": 1}},
        {"id": 4, "name": "m", "required": false, "type":
          {"type": "map", "key-id": 5, "key": "string", "value-id": 6, "value-required": false, "value":
            {"type": "struct", "fields": [], "future-struct": true}, "future-map": 3051729675574597004}}
      ]}`)
    expect(schemaToJson(schemaFromJson(json))).toEqual(json)
  })
  it('of a v1 table may have no id', () => {
    expect(schemaFromJson({ type: 'struct', fields: [] })).toEqual({ schemaId: 0, identifierFieldIds: [], fields: [] })
  })
  it('normalizes decimals', () => {
    expect(typeToJson(typeFromJson('decimal(9,2)'))).toBe('decimal(9, 2)')
  })
})

describe('a damaged schema', () => {
  it.each([
    [
      { fields: [{ id: 1, name: 'a', required: false, type: { type: 'list', 'element-id': 1, element: 'int' } }] },
      'file-damaged',
      'fields[0].type.element-required',
    ],
    [{ fields: [{ id: 1, name: 'a', required: 'yes', type: 'int' }] }, 'file-damaged', 'fields[0].required'],
    [{ fields: [{ id: 2 ** 31, name: 'a', required: true, type: 'int' }] }, 'file-damaged', 'fields[0].id'],
    [{ fields: [{ name: 'a', required: true, type: 'int' }] }, 'file-damaged', 'fields[0].id'],
    [{ fields: [7] }, 'file-damaged', 'fields[0]'],
    [{ fields: {} }, 'file-damaged', 'fields'],
    [{}, 'file-damaged', 'fields'],
    [{ fields: [], 'identifier-field-ids': ['x'] }, 'file-damaged', 'identifier-field-ids[0]'],
    [{ fields: [{ id: 1, name: 'a', required: true, type: 'interval' }] }, 'not-supported', 'interval'],
    [{ fields: [{ id: 1, name: 'a', required: true, type: { type: 'union' } }] }, 'not-supported', 'union'],
  ])('is refused, naming the field (%#)', (json, code, message) => {
    expect(() => schemaFromJson(json)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) as string }),
    )
  })
  it('that is not an object is refused', () => {
    expect(() => schemaFromJson([])).toThrow('The document should be an object but is a list')
    expect(() => typeFromJson(null, 'fields[0].type')).toThrow('Field fields[0].type should be an object but is absent')
  })
})
