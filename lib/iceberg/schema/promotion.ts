import { parsePrimitive } from './primitive'
import type { PrimitiveType } from './types'

/**
 * To which types a column can be promoted, so that data files with the narrower type are still read exactly. Format
 * version 3 also permits a date to become a timestamp, which no other engine reads yet, so it is not offered.
 *
 * Spec: Iceberg table spec, *Schema Evolution*.
 */
export function canPromote(from: PrimitiveType, to: PrimitiveType): boolean {
  return promotions(from).includes(to)
}

/** The types that a person can choose, narrowest first; for a decimal all wider precisions. */
export function promotions(from: PrimitiveType): PrimitiveType[] {
  const primitive = parsePrimitive(from)
  switch (primitive.kind) {
    case 'int':
      return ['long']
    case 'float':
      return ['double']
    case 'decimal':
      return Array.from(
        { length: 38 - primitive.precision },
        (_, i): PrimitiveType => `decimal(${primitive.precision + 1 + i}, ${primitive.scale})`,
      )
    default:
      return []
  }
}
