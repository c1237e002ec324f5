import { formatValue } from '@/lib/iceberg/schema/single-value'
import type { Position } from './profile-position'

export const BUCKETS = 20

/** The least and the greatest position, as the engine writes them. */
type Ends = { low: string; high: string }

/**
 * The statement that counts rows by bucket. Buckets divide the range into equal widths, and the last one has the greatest
 * value, too. The engine only compares positions with the edges, so no arithmetic on values can round or overflow.
 */
export function bucketsSql(
  { sql, type }: Position,
  ends: Ends,
  { column, source }: { column: string; source: string },
) {
  const edges = type === 'double' ? doubleEdges(ends) : exactEdges(ends)
  const cases = edges.map((edge, i) => `when p >= cast('${edge}' as ${type}) then ${i + 1}`).reverse()
  const bucket = cases.length === 0 ? '0' : `case ${cases.join(' ')} else 0 end`
  return (
    `with positions as (select ${sql} as p from ${source} where ${column} is not null) ` +
    `select ${bucket} as bucket, count(*) as n from positions where p is not null group by bucket order by bucket`
  )
}

/** The least value of each bucket but the first, in units of the last digit; none for a single value. */
function exactEdges({ low: lowText, high: highText }: Ends): string[] {
  const scale = (lowText.split('.')[1] ?? '').length
  const [low, high] = [unscaled(lowText), unscaled(highText)]
  if (low === high) return []
  // Rounded up: the least value that is not below the edge.
  const last = BigInt(BUCKETS - 1)
  return innerEdges((i) => {
    const edge = low + ((high - low) * BigInt(i) + last) / BigInt(BUCKETS)
    return formatValue(`decimal(38, ${scale})`, edge)
  })
}

function doubleEdges(ends: Ends): string[] {
  const [low, high] = [Number(ends.low), Number(ends.high)]
  if (low === high) return []
  return innerEdges((i) => {
    const width = (high - low) * i
    // The range of the greatest doubles is not a double. Otherwise a sum rounds less: 2 × 3 / 20 is 0.3.
    if (Number.isFinite(width)) return String(low + width / BUCKETS)
    return String(low * (1 - i / BUCKETS) + high * (i / BUCKETS))
  })
}

function innerEdges(edge: (index: number) => string): string[] {
  return Array.from({ length: BUCKETS - 1 }, (_, i) => edge(i + 1))
}

/** `'-12.50'` → `-1250n`. */
function unscaled(text: string): bigint {
  return BigInt(text.replace('-.', '-0.').replace('.', ''))
}
