'use client'
import { Button, Modal, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import { Unloaded } from '@/components/shell/unloaded'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { accessRequestsQuery, useRequestAccess } from '@/lib/client/access/requests'
import { resourceKey, resourceLabel } from '@/lib/names/resource-name'
import type { Resource, Role } from '@/lib/permissions'
import { RoleChoice } from '@/components/admin/access/role-choice'

const MAX_NOTE_CHARS = 1_000

type RequestDialogProps = { opened: boolean; on: Resource; roles: readonly Role[]; onClose: () => void }

/**
 * Asks the admins for a role on a resource.
 *
 * @param props.roles that would help, the least first
 */
export function RequestDialog({ opened, on, roles, onClose }: RequestDialogProps) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={`Request access to ${resourceLabel(on)}`}
      size={460}
      lockScroll={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <RequestContent on={on} roles={roles} onClose={onClose} />
    </Modal>
  )
}

function RequestContent({ on, roles, onClose }: Omit<RequestDialogProps, 'opened'>) {
  const query = useQuery(accessRequestsQuery())
  const request = useRequestAccess()
  if (!query.isSuccess)
    return <Unloaded query={query} subject="Your requests" skeleton={[3, 1, 'Reading your requests']} />
  const open = query.data.find(
    (other) => other.isOwn && other.state === 'open' && resourceKey(other.resource) === resourceKey(on),
  )
  if (open) {
    return (
      <div className={classes.form}>
        <p className="bare secondary" role="status">
          {request.isSuccess
            ? `Your request for ${open.role} was sent. The answer will be in your account.`
            : 'You have an open request for it already: '}
          {!request.isSuccess && (
            <>
              {open.role}, sent <RelativeTime atMs={open.createdAtMs} />. The answer will be in your account.
            </>
          )}
        </p>
        <div className="flow gap-8 to-end">
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        </div>
      </div>
    )
  }
  return (
    <RequestForm
      roles={roles}
      isPending={request.isPending}
      problem={request.error && <ProblemNote error={request.error} unchanged="Nothing was requested." />}
      onSubmit={(role, note) => request.mutate({ resource: on, role, note })}
      onCancel={onClose}
    />
  )
}

function RequestForm({
  roles,
  isPending,
  problem,
  onSubmit,
  onCancel,
}: {
  roles: readonly Role[]
  isPending: boolean
  problem: ReactNode
  onSubmit: (role: Role, note: string) => void
  onCancel: () => void
}) {
  const [role, setRole] = useState<Role>(roles[0] ?? 'viewer')
  const [note, setNote] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit(role, note.trim())
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <RoleChoice role={role} roles={roles} onChange={setRole} />
      <Textarea
        label="Note"
        description="What you need it for. Admins read it."
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={MAX_NOTE_CHARS}
        rows={3}
        data-autofocus
      />
      {problem}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending}>
          Send request
        </WaitingButton>
      </div>
    </form>
  )
}
