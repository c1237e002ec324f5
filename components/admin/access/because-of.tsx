import type { AccessEntry } from '@/lib/contract/access'
import classes from './access.module.css'
import { HolderChip } from './holder-chip'

/** The grants that are the reason, by who holds them: each holder once. */
export function BecauseOf({ grants, level }: Pick<AccessEntry, 'grants' | 'level'>) {
  if (level === 'inside') return <span className="quiet">access to something inside</span>
  if (level === 'none') return <span className="quiet">nothing granted</span>
  const holders = new Map(grants.map(({ holder }) => [`${holder.kind} ${holder.id}`, holder]))
  return (
    <span className={classes.chips}>
      {[...holders].map(([key, holder]) => (
        <HolderChip key={key} holder={holder} isDirect={holder.kind === 'user'} />
      ))}
    </span>
  )
}
