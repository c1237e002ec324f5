import Link from 'next/link'
import type { GrantHolder } from '@/lib/contract/access/shapes'
import { visibleText } from '@/lib/format/visible-text'
import { paths } from '@/lib/paths/paths'
import classes from './access.module.css'

/** Where a grant comes from: the user, which reads *direct*, or a group. */
export function HolderChip({ holder, isDirect }: { holder: GrantHolder; isDirect: boolean }) {
  if (isDirect) {
    return (
      <span className={classes.chip} data-direct>
        direct
      </span>
    )
  }
  return (
    <Link href={holder.kind === 'user' ? paths.user(holder.id) : paths.group(holder.id)} className={classes.chip ?? ''}>
      {visibleText(holder.name)}
    </Link>
  )
}
