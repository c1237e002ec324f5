'use client'
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { WaitingButton } from './waiting-button'

/**
 * The last step before a dangerous action: the button is disabled until the full name is typed.
 *
 * @param props.name the text to type, as in the page's header; with the catalog if there are several
 * @param props.of what tells its catalog from others
 * @param props.action label of the red button, for example `Roll back`
 */
export function DangerConfirm({
  name,
  of = null,
  action,
  isPending = false,
  isDisabled = false,
  conflict = null,
  onConfirm,
  onCancel,
  alternative,
}: {
  name: string
  of?: ReactNode
  action: string
  isPending?: boolean
  /** Whether something else is still missing. */
  isDisabled?: boolean
  /** The object changed, so the action was refused: the user has to type the name again for the new state. */
  conflict?: Error | null
  onConfirm: () => void
  /** Absent without anything to close. */
  onCancel?: () => void
  /** A button for an alternative. */
  alternative?: ReactNode
}) {
  const [typed, setTyped] = useState('')
  const [seenConflict, setSeenConflict] = useState(conflict)
  if (conflict !== seenConflict) {
    setSeenConflict(conflict)
    if (conflict !== null) setTyped('')
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (typed === name && !isPending && !isDisabled) onConfirm()
  }
  return (
    <form onSubmit={submit} className="stack gap-12">
      <TextInput
        label={
          <>
            Type <code>{name}</code> {of !== null && <>of {of} </>}to confirm
          </>
        }
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        disabled={isPending}
        // In a dialog it has the focus first; otherwise the button that closes the dialog would.
        data-autofocus
      />
      <div className="flow gap-8 to-end">
        {onCancel && (
          <Button variant="default" onClick={onCancel} disabled={isPending}>
            Cancel
          </Button>
        )}
        {alternative}
        <WaitingButton type="submit" color="red" loading={isPending} disabled={typed !== name || isDisabled}>
          {action}
        </WaitingButton>
      </div>
    </form>
  )
}
