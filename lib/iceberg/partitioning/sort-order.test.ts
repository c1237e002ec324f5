import { expect, it } from 'vitest'
import { sortOrderLabel } from './sort-order'
import type { Schema } from '../schema/types'

const schema: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [
    { id: 1, name: 'date', required: false, type: 'timestamp' },
    { id: 2, name: 'origin', required: false, type: 'string' },
  ],
}

it('says how a table is sorted, and the null order if it is not the default', () => {
  const label = sortOrderLabel(
    {
      orderId: 1,
      fields: [
        { sourceId: 2, transform: 'identity', direction: 'asc', nullOrder: 'nulls-first' },
        { sourceId: 1, transform: 'day', direction: 'desc', nullOrder: 'nulls-first' },
      ],
    },
    schema,
  )
  expect(label).toBe('origin asc, day(date) desc nulls first')
  expect(sortOrderLabel({ orderId: 0, fields: [] }, schema)).toBe('')
})

it('names a dropped field by its id', () => {
  const fields = [{ sourceId: 9, transform: 'identity', direction: 'asc', nullOrder: 'nulls-last' } as const]
  expect(sortOrderLabel({ orderId: 1, fields }, schema)).toBe('field 9 asc nulls last')
})
