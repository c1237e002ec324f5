import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { PendingChanges } from '@/lib/client/table/pending-changes'
import type { ChangeConflict } from '@/lib/contract/table/changes'
import { type Intent, intentTarget, intentWithName, isNameTaken } from '@/lib/changes/intents/intent'
import classes from './conflict-choice.module.css'

type ConflictChoiceProps = { intent: Intent; conflict: ChangeConflict; pending: PendingChanges }

/** The choice whose value a pending change leaves, or of another name for the addition. */
export function ConflictChoice({ intent, conflict, pending }: ConflictChoiceProps) {
  const { rebased } = conflict
  return (
    <>
      <Button variant="default" onClick={() => pending.drop(intentTarget(intent))}>
        Keep theirs
      </Button>
      {rebased ? (
        <Button variant="default" onClick={() => pending.put(rebased)}>
          Use mine
        </Button>
      ) : isNameTaken(intent, conflict) ? (
        <OtherName intent={intent} pending={pending} />
      ) : (
        <span className={classes.gone}>Your change no longer applies to this table.</span>
      )}
    </>
  )
}

/** Another object has taken the name; the rest of the change stays as it was written. */
function OtherName({ intent, pending }: Omit<ConflictChoiceProps, 'conflict'>) {
  const [name, setName] = useState('')
  const renamed = intentWithName(intent, name.trim())
  // The commit would refuse two intents with the same target.
  const isOther = renamed !== null && intentTarget(renamed) !== intentTarget(intent)
  const isMine = isOther && pending.intents.some((one) => intentTarget(one) === intentTarget(renamed))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (renamed === null || name.trim() === '' || isMine) return
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
        error={isMine && 'Another of your changes adds it.'}
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={name.trim() === '' || isMine}>
        Rename mine
      </Button>
    </form>
  )
}
