import { formatCount } from '@/lib/format/count'
import { Unknown } from './unknown'

type CountProps = {
  value: number | bigint | null
  /** Why it is unknown. */
  reason?: string | undefined
  /** Why it may be less; null if it is exact. */
  mostReason?: string | null
}

/** A count, never rounded. Zero has a quieter colour; null is unknown. */
export function Count({ value, reason = 'not known', mostReason = null }: CountProps) {
  if (value === null) return <Unknown reason={reason} />
  if (mostReason !== null && Number(value) > 0) return <span title={mostReason}>≤ {formatCount(value)}</span>
  return <span className={Number(value) === 0 ? 'quiet' : undefined}>{formatCount(value)}</span>
}
