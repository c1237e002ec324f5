import { IconLock } from '@tabler/icons-react'
import { visibleText } from '@/lib/format/visible-text'
import type { About } from '@/lib/iceberg/properties/about'
import classes from './about.module.css'
import { MARK_ICONS } from './mark-icons'

const ICON = { size: 13, stroke: 1.7, 'aria-hidden': true } as const

/** Whether others may rely on a table, or should move away from it. Nothing without a mark. */
export function MarkChip({ mark, markReason }: Pick<About, 'mark' | 'markReason'>) {
  if (mark === null) return null
  const MarkIcon = MARK_ICONS[mark]
  return (
    <span className={classes.mark} data-mark={mark} {...(markReason !== null && { title: visibleText(markReason) })}>
      <MarkIcon {...ICON} />
      {mark}
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
