import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import type { ChangeConflict } from '@/lib/contract/table/changes'
import { type Intent, intentTarget, intentWithName } from '@/lib/iceberg/intents/intent'
import classes from './conflict-choice.module.css'

type ConflictChoiceProps = { intent: Intent; conflict: ChangeConflict; pending: PendingChanges }

/** Whose value a pending change leaves, or another name for what it adds. */
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
      ) : intentWithName(intent, '') === null ? (
        <span className={classes.gone}>Yours no longer fits the table.</span>
      ) : (
        <OtherName intent={intent} pending={pending} />
      )}
    </>
  )
}

/** The name is taken by now: everything else of the change stays as it was written. */
function OtherName({ intent, pending }: Omit<ConflictChoiceProps, 'conflict'>) {
  const [name, setName] = useState('')
  const renamed = intentWithName(intent, name.trim())
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (renamed === null || name.trim() === '') return
    pending.update((intents) => intents.map((one) => (intentTarget(one) === intentTarget(intent) ? renamed : one)))
  }
  return (
    <form onSubmit={submit} className={classes.name}>
      <TextInput
        aria-label="Another name for yours"
        placeholder="another name"
        value={name}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={name.trim() === ''}>
        Rename mine
      </Button>
    </form>
  )
}
