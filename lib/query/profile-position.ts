import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type } from '@/lib/iceberg/schema/types'

/**
 * Where values are on the scale of a histogram, as an expression and its type in the engine. It is exact, and null only
 * for NaN and infinite numbers.
 */
export type Position = { sql: string; type: string }

/** The position of the values of a column; null for a type without a scale. */
export function valuePosition(column: string, type: Type): Position | null {
  if (typeof type !== 'string') return null
  const primitive = parsePrimitive(type)
  switch (primitive.kind) {
    case 'int':
    case 'long':
      return { sql: `cast(${column} as bigint)`, type: 'bigint' }
    case 'float':
    case 'double':
      return { sql: `case when isfinite(${column}) then cast(${column} as double) end`, type: 'double' }
    case 'decimal':
      // A whole number of a result may have a digit more than a decimal.
      return primitive.scale === 0
        ? { sql: `cast(${column} as hugeint)`, type: 'hugeint' }
        : { sql: column, type: `decimal(${primitive.precision}, ${primitive.scale})` }
    case 'date':
      return { sql: `cast(${column} - date '1970-01-01' as bigint)`, type: 'bigint' }
    case 'time':
      return { sql: `epoch_us(${column})`, type: 'bigint' }
    case 'timestamp':
    case 'timestamptz':
      // Needs no calendar, which the browser's engine does not have.
      return { sql: timestampPosition(column), type: 'bigint' }
    case 'timestamp_ns':
      return { sql: `epoch_ns(${column})`, type: 'bigint' }
    case 'timestamptz_ns':
      // The engine has no such type, so its values are texts, with the nanoseconds at a fixed position.
      return {
        sql: `cast(epoch_us(cast(left(${column}, 19) as timestamp)) as hugeint) * 1000 + cast(substr(${column}, 21, 9) as integer)`,
        type: 'hugeint',
      }
    case 'string':
      return { sql: `length(${column})`, type: 'bigint' }
    default:
      return null
  }
}

/** The engine reads the last microseconds of the range as infinite, and has no number for these. */
function timestampPosition(column: string): string {
  const last = '9223372036854775807'
  return `case ${column} when 'infinity' then ${last} when '-infinity' then -${last} else epoch_us(${column}) end`
}
