import { formatCount } from '@/lib/format/count'
import { Unknown } from './unknown'
import classes from './value.module.css'

/** A count, never rounded; zero is quiet, null is unknown. */
export function Count({ value, why = 'not known' }: { value: number | bigint | null; why?: string }) {
  if (value === null) return <Unknown why={why} />
  return <span className={Number(value) === 0 ? classes.quiet : undefined}>{formatCount(value)}</span>
}
