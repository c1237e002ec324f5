import { formatCount } from '@/lib/format/count'
import classes from './count-badge.module.css'

type CountBadgeProps = {
  count: number
  /** The counted things, for screen readers. */
  label: string
  /** Positions the badge; without it the badge is inline. */
  className?: string | undefined
}

/** The number of things that wait, at an item of the navigation. */
export function CountBadge({ count, label, className = '' }: CountBadgeProps) {
  return (
    <span className={`${classes.badge} ${className}`}>
      {formatCount(count)}
      <span className="sr-only"> {label}</span>
    </span>
  )
}
