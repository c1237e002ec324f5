import { describe, expect, test } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import { requireWritable } from './writable-columns'

const field = (id: number, name: string, type: Type = 'long'): NestedField => ({ id, name, type, required: false })
const check = (...fields: NestedField[]) => requireWritable({ schemaId: 0, identifierFieldIds: [], fields })
const refused = (detail: string) =>
  expect.objectContaining({ code: 'not-supported', message: expect.stringContaining(detail) })

describe('requireWritable', () => {
  test('Columns whose names differ only in case cannot be written, also in a struct', () => {
    expect(() => check(field(1, 'id'), field(2, 'ID'))).toThrow(refused('differ only in case: ID'))
    const struct = { type: 'struct', fields: [field(2, 'a'), field(3, 'A')] } as const
    expect(() => check(field(1, 's', struct))).toThrow(refused('differ only in case: A'))
  })

  test('The same name in another struct is another column', () => {
    const struct = { type: 'struct', fields: [field(2, 'ID')] } as const
    expect(() => check(field(1, 'id'), field(3, 's', struct))).not.toThrow()
  })

  test.each<[Type, string]>([
    ['fixed[4]', 'fixed-length bytes'],
    ['variant', 'cannot load rows into them'],
    ['geometry', 'cannot load rows into them'],
    [{ type: 'struct', fields: [field(9, 'x', 'unknown')] }, 'cannot omit it from a nested column'],
  ])('A table with a column of %o cannot be written', (type, detail) => {
    expect(() => check(field(1, 'id'), field(2, 'c', type))).toThrow(refused(detail))
  })

  test('A column of type unknown is left out, and another one has to be stored', () => {
    expect(() => check(field(1, 'id'), field(2, 'c', 'unknown'))).not.toThrow()
    expect(() => check(field(2, 'c', 'unknown'))).toThrow(refused('no column that can be stored'))
  })
})
