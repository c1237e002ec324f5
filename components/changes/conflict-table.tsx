'use client'
import { Button } from '@mantine/core'
import type { ChangeConflict } from '@/lib/contract/changes'
import { PropertyValue } from './change-description'
import classes from './conflict-table.module.css'
import type { PendingChanges } from '@/lib/client/pending-changes'

/** Properties that another client changed too: both values, and a choice for each. No value is overwritten unseen. */
export function ConflictTable({
  conflicts,
  pending,
}: {
  conflicts: readonly ChangeConflict[]
  pending: PendingChanges
}) {
  /** Keeps the pending change and bases it on the value that is shown as current. */
  const rebase = ({ key, now }: ChangeConflict) => {
    const intent = pending.intents.find((candidate) => candidate.key === key)
    if (intent) pending.put({ ...intent, base: now })
  }
  return (
    <section className={classes.conflicts} aria-label="Conflicts">
      <h3>Conflict: the table changed</h3>
      <p className={classes.advice}>
        {conflicts.length === 1 ? 'This property was' : 'These properties were'} changed by another client after you
        started.
      </p>
      <ul className={classes.list}>
        {conflicts.map((conflict) => (
          <li key={conflict.key}>
            <code>{conflict.key}</code>
            <dl className={classes.values}>
              <Value label="Was" value={conflict.base} />
              <Value label="Now" value={conflict.now} />
              <Value label="Yours" value={conflict.wanted} />
            </dl>
            <div className={classes.choice}>
              <Button variant="default" onClick={() => pending.drop(conflict.key)}>
                Keep theirs
              </Button>
              <Button variant="default" onClick={() => rebase(conflict)}>
                Use mine
              </Button>
            </div>
          </li>
        ))}
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
