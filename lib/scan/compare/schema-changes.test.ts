import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { compareProperties, compareSchemas } from './schema-changes'

const field = (id: number, name: string, type: NestedField['type'], rest: Partial<NestedField> = {}): NestedField => ({
  id,
  name,
  type,
  required: false,
  ...rest,
})
const schema = (...fields: NestedField[]) => ({ fields, identifierFieldIds: [] })

describe('The differences of two schemas', () => {
  it('are found by field ids', () => {
    const before = schema(field(1, 'id', 'int'), field(2, 'name', 'string'), field(3, 'gone', 'long'))
    const after = schema(
      field(1, 'id', 'long', { required: true }),
      field(2, 'title', 'string', { doc: 'What it is called' }),
      field(4, 'gone', 'long'),
    )
    expect(compareSchemas(before, after)).toEqual([
      { kind: 'removed', fieldId: 3, path: 'gone', type: 'long' },
      { kind: 'type', fieldId: 1, path: 'id', before: 'int', after: 'long' },
      { kind: 'required', fieldId: 1, path: 'id', before: 'optional', after: 'required' },
      { kind: 'renamed', fieldId: 2, path: 'title', before: 'name', after: 'title' },
      { kind: 'doc', fieldId: 2, path: 'title', before: null, after: 'What it is called' },
      { kind: 'added', fieldId: 4, path: 'gone', type: 'long' },
    ])
  })

  it('name a nested field once, and not what is inside one that is new', () => {
    const inner = field(3, 'x', 'double')
    const before = schema(field(1, 'place', { type: 'struct', fields: [inner] }))
    const after = schema(
      field(1, 'place', { type: 'struct', fields: [inner, field(4, 'y', 'double')] }),
      field(5, 'tags', { type: 'list', elementId: 6, element: 'string', elementRequired: false }),
    )
    expect(compareSchemas(before, after)).toEqual([
      { kind: 'added', fieldId: 4, path: 'place.y', type: 'double' },
      { kind: 'added', fieldId: 5, path: 'tags', type: 'list' },
    ])
    expect(compareSchemas(after, before).map((change) => [change.kind, 'path' in change && change.path])).toEqual([
      ['removed', 'place.y'],
      ['removed', 'tags'],
    ])
  })

  it('include columns that moved, in structs too', () => {
    const [x, y] = [field(4, 'x', 'int'), field(5, 'y', 'int')]
    const [a, b] = [field(1, 'a', 'int'), field(2, 'b', 'int')]
    const before = schema(a, b, field(3, 's', { type: 'struct', fields: [x, y] }))
    const after = schema(field(3, 's', { type: 'struct', fields: [y, x] }), a, b)
    expect(compareSchemas(before, after)).toEqual([
      { kind: 'moved', fieldId: 3, path: 's', before: 'b', after: null },
      { kind: 'moved', fieldId: 5, path: 's.y', before: 'x', after: null },
    ])
  })

  it('include identifier fields', () => {
    const fields = [field(1, 'id', 'long', { required: true })]
    expect(compareSchemas({ fields, identifierFieldIds: [] }, { fields, identifierFieldIds: [1] })).toEqual([
      { kind: 'identifier', before: [], after: ['id'] },
    ])
  })
})

it('The differences of properties are by name, with names of every kind', () => {
  const before = { same: '1', changed: '1', removed: '', __proto__: 'x' }
  expect(compareProperties(before, { same: '1', changed: '2', constructor: 'y' })).toEqual([
    { name: 'changed', before: '1', after: '2' },
    { name: 'constructor', before: null, after: 'y' },
    { name: 'removed', before: '', after: null },
  ])
})
