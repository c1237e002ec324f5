'use client'
import { Button, Modal } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { type FormEvent, type ReactNode, useState } from 'react'
import { DangerConfirm } from '@/components/ui/controls/danger-confirm'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { OneTimeSecret } from '@/components/ui/notes/one-time-secret'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useChangeUser, useRemoveUser, useResetPassword } from '@/lib/client/access/users'
import type { User } from '@/lib/contract/access'
import { paths } from '@/lib/paths/paths'
import { BaseRoleChoice } from './base-role-choice'
import { LinkIdentity, UnlinkIdentity } from './identity-form'

export type UserAction = 'role' | 'password' | 'disable' | 'enable' | 'link' | 'unlink' | 'remove'

/** Everything in the menu of a user. A token has a dialog of its own. */
export type UserMenuAction = UserAction | 'token'

const TITLES: Record<UserAction, string> = {
  role: 'Role on everything of',
  password: 'New password of',
  disable: 'Disable',
  enable: 'Enable',
  link: 'Link a subject to',
  unlink: 'Unlink the subject of',
  remove: 'Remove',
}

type UserActionDialogProps = { opened: boolean; user: User; action: UserAction; onClose: () => void }

/** Confirms an action from the menu of a user. */
export function UserActionDialog({ opened, user, action, onClose }: UserActionDialogProps) {
  // A password that was not copied is lost, so only a button closes the dialog.
  const [holdsSecret, setHoldsSecret] = useState(false)
  const close = () => {
    setHoldsSecret(false)
    onClose()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={`${TITLES[action]} ${user.username}`}
      size={460}
      lockScroll={false}
      closeOnClickOutside={!holdsSecret}
      closeOnEscape={!holdsSecret}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {action === 'role' ? (
        <RoleForm user={user} onClose={close} />
      ) : action === 'password' ? (
        <NewPassword user={user} onClose={close} onSecret={() => setHoldsSecret(true)} />
      ) : action === 'link' ? (
        <LinkIdentity user={user} onClose={close} />
      ) : action === 'unlink' ? (
        <UnlinkIdentity user={user} onClose={close} />
      ) : action === 'remove' ? (
        <RemoveUser user={user} onClose={close} />
      ) : (
        <Disabling user={user} isDisabling={action === 'disable'} onClose={close} />
      )}
    </Modal>
  )
}

type ActionProps = { user: User; onClose: () => void }

function RoleForm({ user, onClose }: ActionProps) {
  const [role, setRole] = useState(user.role)
  const change = useChangeUser(user.userId)
  return (
    <ConfirmForm
      action="Set role"
      isPending={change.isPending}
      isDisabled={role === user.role}
      problem={change.error && <ProblemNote error={change.error} unchanged="The role was not changed." />}
      onConfirm={() => change.mutate({ role }, { onSuccess: onClose })}
      onCancel={onClose}
    >
      <BaseRoleChoice role={role} onChange={setRole} />
    </ConfirmForm>
  )
}

function Disabling({ user, isDisabling, onClose }: ActionProps & { isDisabling: boolean }) {
  const change = useChangeUser(user.userId)
  return (
    <ConfirmForm
      action={isDisabling ? 'Disable user' : 'Enable user'}
      isPending={change.isPending}
      problem={change.error && <ProblemNote error={change.error} unchanged="The user was not changed." />}
      onConfirm={() => change.mutate({ isDisabled: isDisabling }, { onSuccess: onClose })}
      onCancel={onClose}
    >
      <p className="bare secondary">
        {isDisabling
          ? user.isService
            ? 'Rejects its tokens at once. Its grants and what it did stay, and it can be enabled again.'
            : 'Ends their sessions at once and rejects their tokens. Their grants and what they did stay, and they can be enabled again.'
          : user.isService
            ? 'Its tokens work again.'
            : 'They can sign in again, and their tokens work again.'}
      </p>
    </ConfirmForm>
  )
}

function NewPassword({ user, onClose, onSecret }: ActionProps & { onSecret: () => void }) {
  const reset = useResetPassword(user.userId)
  if (reset.data) {
    return (
      <OneTimeSecret noun="password" text={reset.data.password} onDone={onClose}>
        Copy the password now and give it to {user.username}. It is not shown again. They have to change it when they
        sign in.
      </OneTimeSecret>
    )
  }
  return (
    <ConfirmForm
      action="Set new password"
      isPending={reset.isPending}
      problem={reset.error && <ProblemNote error={reset.error} unchanged="The password was not changed." />}
      onConfirm={() => reset.mutate(undefined, { onSuccess: onSecret })}
      onCancel={onClose}
    >
      <p className="bare secondary">
        Replaces the password with a random one, which is shown once, and ends their sessions. They have to change it
        when they sign in. Until then their tokens are refused, unless they sign in with the identity provider.
      </p>
    </ConfirmForm>
  )
}

function RemoveUser({ user, onClose }: ActionProps) {
  const router = useRouter()
  const remove = useRemoveUser(user.userId)
  return (
    <div className={classes.form}>
      <p className="bare secondary">
        Removes the user with their sessions, tokens, grants, saved queries and catalog credentials. What they did stays
        in the audit. Removing cannot be undone.
      </p>
      {remove.error && (
        <ProblemNote error={remove.error} subject={user.username} unchanged="The user was not removed." />
      )}
      <DangerConfirm
        name={user.username}
        action="Remove user"
        isPending={remove.isPending || remove.isSuccess}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => router.push(paths.users()) })}
        onCancel={onClose}
      />
    </div>
  )
}

function ConfirmForm({
  action,
  isPending,
  isDisabled = false,
  problem,
  onConfirm,
  onCancel,
  children,
}: {
  action: string
  isPending: boolean
  isDisabled?: boolean
  problem: ReactNode
  onConfirm: () => void
  onCancel: () => void
  children: ReactNode
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isDisabled) onConfirm()
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      {children}
      {problem}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={isDisabled}>
          {action}
        </WaitingButton>
      </div>
    </form>
  )
}
