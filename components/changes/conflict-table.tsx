'use client'
import { Button } from '@mantine/core'
import type { ChangeConflict } from '@/lib/contract/changes'
import { PropertyValue } from './change-description'
import classes from './conflict-table.module.css'
import type { PendingChanges } from './pending-changes'

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
      <table>
        <thead>
          <tr>
            <th>Property</th>
            <th>Was</th>
            <th>Now</th>
            <th>Yours</th>
            <th aria-label="Choice" />
          </tr>
        </thead>
        <tbody>
          {conflicts.map((conflict) => (
            <tr key={conflict.key}>
              <td>
                <code>{conflict.key}</code>
              </td>
              <td>
                <PropertyValue value={conflict.base} />
              </td>
              <td>
                <PropertyValue value={conflict.now} />
              </td>
              <td>
                <PropertyValue value={conflict.wanted} />
              </td>
              <td className={classes.choice}>
                <Button variant="subtle" onClick={() => pending.drop(conflict.key)}>
                  Keep theirs
                </Button>
                <Button variant="subtle" onClick={() => rebase(conflict)}>
                  Use mine
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
