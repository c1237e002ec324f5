import { formatCount } from '@/lib/format/count'
import classes from './count-badge.module.css'

type CountBadgeProps = {
  count: number
  /** The counted things, for screen readers. */
  words: string
  /** Positions the badge; without it the badge is inline. */
  className?: string | undefined
}

/** The number of things that wait, at an item of the navigation. */
export function CountBadge({ count, words, className = '' }: CountBadgeProps) {
  return (
    <span className={`${classes.badge} ${className}`}>
      {formatCount(count)}
      <span className="sr-only"> {words}</span>
    </span>
  )
}
