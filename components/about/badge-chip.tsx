import { IconLock } from '@tabler/icons-react'
import { visibleText } from '@/lib/format/visible-text'
import type { About } from '@/lib/iceberg/properties/about'
import classes from './about.module.css'
import { BADGE_ICONS } from './badge-icons'

const ICON = { size: 13, stroke: 1.7, 'aria-hidden': true } as const

/** Whether others may rely on a table, or should move away from it. Renders nothing without a badge. */
export function BadgeChip({ badge, badgeReason }: Pick<About, 'badge' | 'badgeReason'>) {
  if (badge === null) return null
  const BadgeIcon = BADGE_ICONS[badge]
  return (
    <span
      className={classes.badge}
      data-badge={badge}
      {...(badgeReason !== null && { title: visibleText(badgeReason) })}
    >
      <BadgeIcon {...ICON} />
      {badge}
    </span>
  )
}

export function ProtectedChip() {
  return (
    <span
      className={classes.lock}
      role="img"
      aria-label="protected"
      title="Protected: it cannot be dropped or renamed until this is taken back."
    >
      <IconLock {...ICON} />
    </span>
  )
}
