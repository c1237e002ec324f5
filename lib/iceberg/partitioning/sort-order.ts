import type { JsonObject } from '../json/json'
import { indexFields } from '../schema/schema'
import { parseTransform, transformLabel } from './transform'
import type { Schema } from '../schema/types'

export type SortField = {
  sourceId: number
  transform: string
  direction: 'asc' | 'desc'
  nullOrder: 'nulls-first' | 'nulls-last'
  unknownFields?: JsonObject
}

export type SortOrder = { orderId: number; fields: readonly SortField[]; unknownFields?: JsonObject }

/** How the table's writers sort, for people: `origin asc, day(date) desc nulls first`; empty if unsorted. */
export function sortOrderLabel(order: SortOrder, schema: Schema): string {
  const fields = indexFields(schema)
  return order.fields
    .map(({ sourceId, transform, direction, nullOrder }) => {
      const source = fields.get(sourceId)?.path.join('.') ?? `field ${sourceId}`
      // By default, nulls are first in ascending and last in descending order.
      const isDefault = (direction === 'asc') === (nullOrder === 'nulls-first')
      return [
        transformLabel(parseTransform(transform), source),
        direction,
        ...(isDefault ? [] : [nullOrder.replace('-', ' ')]),
      ].join(' ')
    })
    .join(', ')
}
