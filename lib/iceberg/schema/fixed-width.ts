import { parsePrimitive } from './primitive'
import type { PrimitiveType } from './types'

/** The size of a value of the type in bytes, or null if it depends on the value. */
export function fixedWidthBytes(type: PrimitiveType): number | null {
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'boolean':
      return 1
    case 'int':
    case 'float':
    case 'date':
      return 4
    case 'long':
    case 'double':
    case 'time':
    case 'timestamp':
    case 'timestamptz':
    case 'timestamp_ns':
    case 'timestamptz_ns':
      return 8
    case 'uuid':
      return 16
    case 'fixed':
      return primitive.lengthBytes
    case 'decimal':
      // As stored in Parquet: int32, int64, or 16 bytes.
      return primitive.precision <= 9 ? 4 : primitive.precision <= 18 ? 8 : 16
    case 'string':
    case 'binary':
    case 'unknown':
    case 'variant':
    case 'geometry':
    case 'geography':
    case 'unrecognized':
      return null
  }
}
