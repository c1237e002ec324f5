import { formatCount } from '@/lib/format/count'
import { Unknown } from './unknown'
import classes from './value.module.css'

/** A count, never rounded. Zero has a quieter colour; null is unknown. */
export function Count({ value, reason = 'not known' }: { value: number | bigint | null; reason?: string }) {
  if (value === null) return <Unknown reason={reason} />
  return <span className={Number(value) === 0 ? classes.quiet : undefined}>{formatCount(value)}</span>
}
