import { visibleText } from '@/lib/format/visible-text'
import type { About } from '@/lib/iceberg/properties/about'
import classes from './about.module.css'
import { BADGE_ICONS } from './badge-icons'

/** The badge of a table, view or namespace next to its name in lists that have no room for the word. */
export function BadgeIcon({ badge, badgeReason }: { badge: NonNullable<About['badge']>; badgeReason: string | null }) {
  const Icon = BADGE_ICONS[badge]
  const title = badgeReason === null ? badge : `${badge}: ${visibleText(badgeReason)}`
  return (
    <span className={classes.badgeIcon} data-badge={badge} role="img" aria-label={badge} title={title}>
      <Icon size={13} stroke={1.7} aria-hidden />
    </span>
  )
}
