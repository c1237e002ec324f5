import { describe, expect, it } from 'vitest'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { findSharedFields, listComparedColumns, valueInStructs } from './compared-columns'

const field = (id: number, name: string, type: NestedField['type'], required = false): NestedField => ({
  id,
  name,
  type,
  required,
})
const list = (element: NestedField['type']) => ({ type: 'list', elementId: 9, element, elementRequired: true }) as const

describe('The fields that two schemas share', () => {
  it('have the wider of two types, whichever side has it', () => {
    const pairs = [
      ['int', 'long', 'long'],
      ['float', 'double', 'double'],
      ['date', 'timestamp', 'timestamp'],
      ['decimal(9, 2)', 'decimal(12, 2)', 'decimal(12, 2)'],
      ['unknown', 'string', 'string'],
      ['uuid', 'uuid', 'uuid'],
    ] as const
    for (const [narrow, wide, shared] of pairs) {
      const [a, b] = [[field(1, 'x', narrow)], [field(1, 'x', wide)]]
      expect(findSharedFields(a, b).map(({ type }) => type)).toEqual([shared])
      expect(findSharedFields(b, a).map(({ type }) => type)).toEqual([shared])
    }
  })

  it('are found by id, with the names after', () => {
    const before = [field(1, 'a', 'long', true), field(2, 'b', 'long')]
    expect(findSharedFields(before, [field(3, 'b', 'long'), field(1, 'renamed', 'long')])).toEqual([
      field(1, 'renamed', 'long'),
    ])
  })

  it('leave out columns whose types have no value in common', () => {
    expect(findSharedFields([field(1, 'a', 'long')], [field(1, 'a', 'string')])).toEqual([])
    expect(findSharedFields([field(1, 'a', 'decimal(9, 2)')], [field(1, 'a', 'decimal(9, 3)')])).toEqual([])
    expect(findSharedFields([field(1, 'a', list('long'))], [field(1, 'a', 'long')])).toEqual([])
  })

  it('have within nested types only what both have', () => {
    const before = [field(1, 's', { type: 'struct', fields: [field(2, 'x', 'int'), field(3, 'y', 'int')] })]
    const after = [field(1, 's', { type: 'struct', fields: [field(4, 'z', 'int'), field(3, 'y', 'long')] })]
    expect(findSharedFields(before, after)).toEqual([
      field(1, 's', { type: 'struct', fields: [field(3, 'y', 'long')] }),
    ])
    expect(findSharedFields([field(1, 'l', list('int'))], [field(1, 'l', list('long'))])).toEqual([
      field(1, 'l', list('long')),
    ])
    const map = (value: NestedField['type']) =>
      ({ type: 'map', keyId: 5, key: 'string', valueId: 6, value, valueRequired: false }) as const
    expect(findSharedFields([field(1, 'm', map('float'))], [field(1, 'm', map('double'))])).toEqual([
      field(1, 'm', map('double')),
    ])
  })
})

describe('A compared column', () => {
  const place = field(2, 'place', { type: 'struct', fields: [field(3, 'x', 'int'), field(4, 'y', list('int'))] })

  it('is a field at the top or in structs, and a list is one', () => {
    expect(listComparedColumns([field(1, 'id', 'long'), place]).map(({ path, columnId }) => [path, columnId])).toEqual([
      [['id'], 1],
      [['place', 'x'], 2],
      [['place', 'y'], 2],
    ])
  })

  it('has no value in a struct that is null', () => {
    const [, y] = listComparedColumns([place])
    expect(valueInStructs([1, [2, 3]], y?.indexes ?? [])).toEqual([2, 3])
    expect(valueInStructs([1, null], y?.indexes ?? [])).toBeNull()
    expect(valueInStructs(null, y?.indexes ?? [])).toBeUndefined()
  })
})
