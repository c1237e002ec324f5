'use client'
import { Button, Modal, TextInput } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { type FormEvent, useState } from 'react'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { OneTimeSecret } from '@/components/ui/notes/one-time-secret'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { useAddUser } from '@/lib/client/access/users'
import { paths } from '@/lib/paths/paths'
import type { Role } from '@/lib/permissions'
import { BaseRoleChoice } from './base-role-choice'

/** Creates a user and shows their password once, or a service account, which has none. */
export function NewUserDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const router = useRouter()
  const create = useAddUser()
  const password = create.data?.password ?? null
  const created = password === null ? undefined : create.data
  const close = () => {
    onClose()
    create.reset()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={created ? `Password of ${created.user.username}` : 'Create user'}
      size={460}
      lockScroll={false}
      // A password that was not copied is lost, so only a button closes the dialog.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {created ? (
        <OneTimeSecret
          noun="password"
          text={password ?? ''}
          onDone={() => {
            router.push(paths.user(created.user.userId))
            close()
          }}
        >
          Copy the password now and give it to {created.user.username}. It is not shown again. They have to change it
          when they first sign in.
        </OneTimeSecret>
      ) : (
        <NewUserForm
          isPending={create.isPending}
          error={create.error}
          onSubmit={(user) =>
            create.mutate(user, {
              onSuccess: (added) => {
                if (added.password !== null) return
                router.push(paths.user(added.user.userId))
                close()
              },
            })
          }
          onCancel={close}
        />
      )}
    </Modal>
  )
}

type NewUserFormProps = {
  isPending: boolean
  error: Error | null
  onSubmit: (user: { username: string; role: Role | null; isService?: boolean }) => void
  onCancel: () => void
}

function NewUserForm({ isPending, error, onSubmit, onCancel }: NewUserFormProps) {
  const [username, setUsername] = useState('')
  const [role, setRole] = useState<Role | null>(null)
  const [isService, setIsService] = useState(false)
  const name = username.trim()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name !== '') onSubmit({ username: name, role, ...(isService && { isService }) })
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label="Username"
        description={isService ? 'It cannot be changed later.' : 'Used to sign in. It cannot be changed later.'}
        value={username}
        onChange={(event) => setUsername(event.currentTarget.value)}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        data-autofocus
      />
      <ChoiceFieldset
        label="For"
        hint={
          isService
            ? 'A service account: it never signs in, and programs use tokens that admins create.'
            : 'A user with a password, which is shown once.'
        }
      >
        <SegmentedChoice
          label="For"
          value={isService ? 'program' : 'person'}
          onChange={(value) => setIsService(value === 'program')}
          options={[
            { value: 'person', label: 'a person (signs in)' },
            { value: 'program', label: 'a program (uses tokens)' },
          ]}
        />
      </ChoiceFieldset>
      <BaseRoleChoice role={role} onChange={setRole} />
      {error && <ProblemNote error={error} unchanged="No user was created." />}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={name === ''}>
          {isService ? 'Create service account' : 'Create user'}
        </WaitingButton>
      </div>
    </form>
  )
}
