'use client'
import { Button } from '@mantine/core'
import type { ChangeConflict } from '@/lib/contract/changes'
import { PropertyValue } from './change-description'
import classes from './conflict-table.module.css'
import type { PendingChanges } from './pending-changes'

/** What someone else changed meanwhile: theirs, yours, and the choice for each. Nothing of theirs is overwritten unseen. */
export function ConflictTable({
  conflicts,
  pending,
}: {
  conflicts: readonly ChangeConflict[]
  pending: PendingChanges
}) {
  /** Yours on top of theirs: the change stays, now made on the value that was just shown. */
  const rebase = ({ key, now }: ChangeConflict) => {
    const intent = pending.intents.find((candidate) => candidate.key === key)
    if (intent) pending.put({ ...intent, base: now })
  }
  return (
    <section className={classes.conflicts} aria-label="Changed meanwhile">
      <h3>The table changed meanwhile</h3>
      <table>
        <thead>
          <tr>
            <th>Property</th>
            <th>You saw</th>
            <th>Theirs, now</th>
            <th>Yours</th>
            <th aria-label="What to do" />
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
