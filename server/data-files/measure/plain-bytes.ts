import 'server-only'
import { fixedWidthBytes } from '@/lib/iceberg/schema/fixed-width'
import type { Type } from '@/lib/iceberg/schema/types'
import { quoteIdentifier } from '../duckdb/column-type'

/** SQL for the plain bytes of a value (see `DataFileSizes`): never null, 0 for a null. */
export function plainBytesSql(type: Type, x: string): string {
  if (typeof type === 'string') {
    const width = fixedWidthBytes(type)
    if (width !== null) return `CASE WHEN ${x} IS NULL THEN 0 ELSE ${width} END`
    return `coalesce(${type === 'string' ? 'strlen' : 'octet_length'}(${x}), 0)`
  }
  switch (type.type) {
    case 'struct':
      return type.fields
        .map((field) => `(${plainBytesSql(field.type, `${x}.${quoteIdentifier(field.name)}`)})`)
        .join(' + ')
    case 'list':
      return itemsSql(type.element, x)
    case 'map':
      return `${itemsSql(type.key, `map_keys(${x})`)} + ${itemsSql(type.value, `map_values(${x})`)}`
  }
}

function itemsSql(type: Type, list: string): string {
  const item = `i${list.length}`
  return `coalesce(list_sum(list_transform(${list}, lambda ${item}: ${plainBytesSql(type, item)})), 0)`
}
