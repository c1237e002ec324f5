import { describe, expect, it } from 'vitest'
import type { NestedField, Schema } from '@/lib/iceberg/schema/types'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { findKeyColumns, requireSameKeys } from './key-columns'

const field = (id: number, name: string, type: NestedField['type'], required = true): NestedField => ({
  id,
  name,
  required,
  type,
})
const schemaOf = (identifierFieldIds: readonly number[], ...fields: readonly NestedField[]): Schema => ({
  schemaId: 0,
  identifierFieldIds,
  fields,
})

describe('The key of an upsert', () => {
  it('is made of the identifier fields, also in structs', () => {
    const inner = { type: 'struct', fields: [field(3, 'code', 'string'), field(4, 'n', 'int')] } as const
    const schema = schemaOf([4, 1], field(1, 'id', 'long'), field(2, 'inner', inner))
    expect(findKeyColumns(schema).map(({ path }) => path.join('.'))).toEqual(['id', 'inner.n'])
  })

  it.each([
    ['has no identifier fields', schemaOf([], field(1, 'id', 'long'))],
    ['may be null', schemaOf([1], field(1, 'id', 'long', false))],
    ['may be null', schemaOf([2], field(1, 'in', { type: 'struct', fields: [field(2, 'id', 'long')] }, false))],
    ['is of type float', schemaOf([1], field(1, 'id', 'float'))],
    ['is of type double', schemaOf([1], field(1, 'id', 'double'))],
    [
      'is in a list',
      schemaOf([2], field(1, 'ids', { type: 'list', elementId: 2, element: 'long', elementRequired: true })),
    ],
    ['is not a single value', schemaOf([1], field(1, 'in', { type: 'struct', fields: [field(2, 'id', 'long')] }))],
    ['is not a column', schemaOf([9], field(1, 'id', 'long'))],
  ])('is refused when it %s', (problem, schema) => {
    const error = catchAppError(() => findKeyColumns(schema))
    expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(problem)])
  })

  it('has to stay the same while a load runs, with its types', () => {
    const keys = findKeyColumns(schemaOf([1], field(1, 'id', 'int')))
    requireSameKeys(keys, schemaOf([1], field(1, 'renamed', 'int'), field(2, 'more', 'long')))
    for (const changed of [
      schemaOf([1], field(1, 'id', 'long')),
      schemaOf([1, 2], field(1, 'id', 'int'), field(2, 'more', 'long')),
      schemaOf([], field(1, 'id', 'int')),
    ])
      expect(catchAppError(() => requireSameKeys(keys, changed)).code).toBe('commit-conflict')
  })
})
