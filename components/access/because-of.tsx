import type { EffectiveAccess } from '@/lib/contract/access'
import classes from './access.module.css'
import { HolderChip } from './holder-chip'

/** The grants that are the reason, by who holds them: each holder once. */
export function BecauseOf({
  entry: { becauseOf, isSeenForInside, may },
}: {
  entry: Pick<EffectiveAccess, 'becauseOf' | 'isSeenForInside' | 'may'>
}) {
  if (isSeenForInside) return <span className={classes.quiet}>what is granted inside</span>
  if (!may.see) return <span className={classes.quiet}>nothing granted</span>
  const holders = [
    ...new Map(becauseOf.map(({ grant }) => [`${grant.holder.kind} ${grant.holder.id}`, grant.holder])).values(),
  ]
  return (
    <span className={classes.chips}>
      {holders.map((holder) => (
        <HolderChip key={`${holder.kind} ${holder.id}`} holder={holder} isDirect={holder.kind === 'user'} />
      ))}
    </span>
  )
}
