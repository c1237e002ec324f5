import { Button } from '@mantine/core'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import type { ChangeConflict } from '@/lib/contract/table/changes'
import { type Intent, intentTarget } from '@/lib/iceberg/intents/intent'
import classes from './conflict-choice.module.css'

type ConflictChoiceProps = { intent: Intent; conflict: ChangeConflict; pending: PendingChanges }

/** Whose value a pending change leaves. */
export function ConflictChoice({ intent, conflict: { rebased }, pending }: ConflictChoiceProps) {
  return (
    <>
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
    </>
  )
}
