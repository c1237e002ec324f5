'use client'
import type { ReactNode } from 'react'
import type { ChangeConflict } from '@/lib/contract/table/changes'
import { type Intent, intentTarget } from '@/lib/changes/intents/intent'
import { ChangeDescription } from './change-description'
import { PropertyValue } from './property-value'
import classes from './conflict-table.module.css'

/**
 * The values that another client changed, too, and the choices for each. No value is overwritten unseen.
 *
 * @param props.requestedBy the author of the requested values
 */
export function ConflictTable({
  conflicts,
  intents,
  requestedBy,
  advice,
  choice,
}: {
  conflicts: readonly ChangeConflict[]
  intents: readonly Intent[]
  requestedBy: 'Yours' | 'Proposed'
  advice: string
  choice?: (intent: Intent, conflict: ChangeConflict) => ReactNode
}) {
  return (
    <section className={classes.conflicts} aria-label="Conflicts">
      <h3>Conflict: the table changed</h3>
      <p className={classes.advice}>{advice}</p>
      <ul className={classes.list}>
        {conflicts.map((conflict) => {
          const intent = intents[conflict.index]
          if (!intent) return null
          return (
            <li key={intentTarget(intent)}>
              <ChangeDescription intent={intent} />
              <dl className={classes.values}>
                <Value label="Was" value={conflict.base} />
                <Value label="Now" value={conflict.current} />
                <Value label={requestedBy} value={conflict.requested} />
              </dl>
              {choice && <div className="flow gap-8">{choice(intent, conflict)}</div>}
            </li>
          )
        })}
      </ul>
    </section>
  )
}

function Value({ label, value }: { label: string; value: string | null }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <PropertyValue value={value} />
      </dd>
    </div>
  )
}
