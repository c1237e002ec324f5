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
 * @param props.worded the same intents with the names that columns have now, for their sentences
 * @param props.requestedBy the author of the requested values
 */
export function ConflictTable({
  conflicts,
  intents,
  worded = intents,
  requestedBy,
  advice,
  choice,
}: {
  conflicts: readonly ChangeConflict[]
  intents: readonly Intent[]
  worded?: readonly Intent[]
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
              <ChangeDescription intent={worded[conflict.index] ?? intent} />
              <dl className={classes.values}>
                <Value label="Was" value={conflict.base} />
                <Value label="Now" value={conflict.current} isDropped={isOfDroppedColumn(intent, conflict)} />
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

/** Whether the column that the intent changes is no longer in the schema, so that it cannot be based on the table. */
function isOfDroppedColumn(intent: Intent, { current, rebased }: ChangeConflict): boolean {
  return 'fieldId' in intent && 'column' in intent && current === null && rebased === null
}

type ValueProps = { label: string; value: string | null; isDropped?: boolean }

function Value({ label, value, isDropped = false }: ValueProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{isDropped ? <em className="quiet">column dropped</em> : <PropertyValue value={value} />}</dd>
    </div>
  )
}
