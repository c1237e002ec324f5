'use client'
import { Button, Modal } from '@mantine/core'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useRemoveGrant } from '@/lib/client/access/grants'
import type { AccessGrant } from '@/lib/contract/access/shapes'
import { resourceLabel } from '@/lib/names/resource-name'

/** The role of a user on everything has no id: it is changed with the user. */
export type RemovableGrant = AccessGrant & { grantId: string }

/** Confirms the removal of a grant. */
export function RemoveGrant({
  opened,
  grant,
  onClose,
}: {
  opened: boolean
  grant: RemovableGrant
  onClose: () => void
}) {
  const remove = useRemoveGrant()
  return (
    <Modal
      opened={opened}
      onClose={() => {
        onClose()
        remove.reset()
      }}
      title={`Remove ${grant.role} on ${resourceLabel(grant.resource)}`}
      size={440}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={classes.form}>
        <p className="bare secondary">
          {grant.holder.name} loses what only this grant allows, from the next request. Other grants stay.
        </p>
        {remove.error && <ProblemNote error={remove.error} unchanged="The grant was not removed." />}
        <div className="flow gap-8 to-end">
          <Button variant="default" onClick={onClose} disabled={remove.isPending} data-autofocus>
            Cancel
          </Button>
          <WaitingButton
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate(grant.grantId, { onSuccess: onClose })}
          >
            Remove grant
          </WaitingButton>
        </div>
      </div>
    </Modal>
  )
}
