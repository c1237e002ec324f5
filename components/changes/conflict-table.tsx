'use client'
import { Button } from '@mantine/core'
import type { ChangeConflict } from '@/lib/contract/changes'
import { intentTarget } from '@/lib/iceberg/intents/intent'
import { ChangeDescription, PropertyValue } from './change-description'
import classes from './conflict-table.module.css'
import type { PendingChanges } from '@/lib/client/pending-changes'

/** What another client changed too: both values, and a choice for each. No value is overwritten unseen. */
export function ConflictTable({
  conflicts,
  pending,
}: {
  conflicts: readonly ChangeConflict[]
  pending: PendingChanges
}) {
  return (
    <section className={classes.conflicts} aria-label="Conflicts">
      <h3>Conflict: the table changed</h3>
      <p className={classes.advice}>
        Another client changed {conflicts.length === 1 ? 'this' : 'these'} after you started.
      </p>
      <ul className={classes.list}>
        {conflicts.map((conflict) => {
          const intent = pending.intents[conflict.index]
          if (!intent) return null
          const { rebased } = conflict
          return (
            <li key={intentTarget(intent)}>
              <ChangeDescription intent={intent} />
              <dl className={classes.values}>
                <Value label="Was" value={conflict.base} />
                <Value label="Now" value={conflict.now} />
                <Value label="Yours" value={conflict.wanted} />
              </dl>
              <div className={classes.choice}>
                <Button variant="default" onClick={() => pending.drop(intentTarget(intent))}>
                  Keep theirs
                </Button>
                {rebased ? (
                  <Button variant="default" onClick={() => pending.put(rebased)}>
                    Use mine
                  </Button>
                ) : (
                  <span className={classes.gone}>Yours no longer fits the table.</span>
                )}
              </div>
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
