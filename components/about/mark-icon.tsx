import { visibleText } from '@/lib/format/visible-text'
import type { About } from '@/lib/iceberg/properties/about'
import classes from './about.module.css'
import { MARK_ICONS } from './mark-icons'

/** The mark of a table, view or namespace next to its name in lists that have no room for the word. */
export function MarkIcon({ mark, markReason }: { mark: NonNullable<About['mark']>; markReason: string | null }) {
  const Icon = MARK_ICONS[mark]
  const title = markReason === null ? mark : `${mark}: ${visibleText(markReason)}`
  return (
    <span className={classes.markIcon} data-mark={mark} role="img" aria-label={mark} title={title}>
      <Icon size={13} stroke={1.7} aria-hidden />
    </span>
  )
}
