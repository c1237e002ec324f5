'use client'
import { Button, Modal } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useAddGrant } from '@/lib/client/access/grants'
import { resourceLabel } from '@/lib/names/resource-name'
import type { Resource, Role } from '@/lib/permissions'
import { HolderField, useNamedHolder } from './holder-field'
import { RoleChoice } from './role-choice'

type GrantOnDialogProps = { opened: boolean; on: Resource; onClose: () => void }

/** Grants a role on one resource to a user, a group or everyone. */
export function GrantOnDialog({ opened, on, onClose }: GrantOnDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Grant on ${resourceLabel(on)}`}
      size={460}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <GrantOnForm on={on} onClose={onClose} />
    </Modal>
  )
}

function GrantOnForm({ on, onClose }: Omit<GrantOnDialogProps, 'opened'>) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('viewer')
  const add = useAddGrant()
  const holder = useNamedHolder(on, name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (holder) add.mutate({ holder, role, resource: on }, { onSuccess: onClose })
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <HolderField on={on} name={name} onType={setName} isFocused />
      <RoleChoice role={role} onChange={setRole} />
      {add.error && <ProblemNote error={add.error} subject={resourceLabel(on)} unchanged="Nothing was granted." />}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onClose} disabled={add.isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={add.isPending} disabled={holder === null}>
          Grant
        </WaitingButton>
      </div>
    </form>
  )
}
