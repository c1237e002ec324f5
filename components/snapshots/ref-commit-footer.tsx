import { Button } from '@mantine/core'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import classes from './ref-move-panel.module.css'

type RefCommitFooterProps = {
  /** Namespace and name of the table. */
  name: string
  refName: string
  action: string
  needsConfirmation: boolean
  isPending: boolean
  /** Whether something in the panel is still missing. */
  isDisabled: boolean
  error: Error | null
  onCancel: () => void
  onConfirm: (confirmedName?: string) => void
}

/** Commits the change of a ref; one that loses snapshots only after the name of the table was typed. */
export function RefCommitFooter(props: RefCommitFooterProps) {
  const { name, refName, action, needsConfirmation, isPending, isDisabled, error, onCancel, onConfirm } = props
  return (
    <div className={classes.confirm}>
      {error && <ProblemNote error={error} subject={name} unchanged={`${refName} was not changed.`} />}
      {needsConfirmation ? (
        <DangerConfirm
          name={name}
          action={action}
          isPending={isPending}
          isDisabled={isDisabled}
          onCancel={onCancel}
          onConfirm={() => onConfirm(name)}
        />
      ) : (
        <div className={classes.buttons}>
          <Button variant="default" onClick={onCancel} disabled={isPending}>
            Cancel
          </Button>
          <WaitingButton loading={isPending} disabled={isDisabled} onClick={() => onConfirm()}>
            {action}
          </WaitingButton>
        </div>
      )}
    </div>
  )
}
