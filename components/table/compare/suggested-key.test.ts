import { describe, expect, it } from 'vitest'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import { suggestKey } from './suggested-key'

const columns = ['weight: double', 'order_id: long', 'customer_id: long', 'note: string'].map(
  (text, i): ShownColumn => {
    const [name = '', type = ''] = text.split(': ')
    return {
      key: String(i + 1),
      fieldId: i + 1,
      columnId: i + 1,
      path: [name],
      indexes: [],
      type: type as 'long',
      side: 'both',
    }
  },
)

describe('The suggested key', () => {
  it('is made of the identifier fields, if both sides have them', () => {
    expect(suggestKey(columns, { identifierIds: [3, 4], tableName: 'orders' })).toEqual({
      keyIds: [3, 4],
      reason: 'identifier',
    })
    expect(suggestKey(columns, { identifierIds: [3, 9], tableName: 'orders' })?.reason).toBe('name')
  })

  it.each([
    ['orders', 2],
    ['customer', 3],
    ['sales', undefined],
  ])('is the column of the table %s that is named for it', (tableName, fieldId) => {
    expect(suggestKey(columns, { identifierIds: [], tableName })?.keyIds[0]).toBe(fieldId)
  })

  it('is neither a floating-point number nor a column of one side', () => {
    const options = { identifierIds: [], tableName: 'orders' }
    const renamed = columns.map((column) => ({ ...column, path: ['id'] }))
    expect(suggestKey(renamed.slice(0, 1), options)).toBeNull()
    expect(suggestKey([{ ...columns[1]!, side: 'after' }], options)).toBeNull()
  })
})
