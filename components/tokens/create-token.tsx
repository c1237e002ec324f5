'use client'
import { Button, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { OneTimeSecret } from '@/components/ui/controls/one-time-secret'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { sessionQuery } from '@/lib/client/session/session'
import { useCreateToken } from '@/lib/client/tokens'
import type { Token } from '@/lib/contract/tokens'
import { TOKEN_LIFETIME_DAYS } from '@/lib/contract/shapes/plain-values'
import { formatDate } from '@/lib/format/time'
import { highestRole, lesserRole, type Role, rolesUpTo } from '@/lib/permissions'

const DAY_MS = 24 * 3_600_000
const MAX_NAME_CHARS = 64
/** Engines need to read and to write. */
const DEFAULT_ROLE: Role = 'editor'

/** Asks for name, role and lifetime of a token, creates it, and shows it once. */
export function CreateToken({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { data: session } = useQuery(sessionQuery())
  const create = useCreateToken()
  const created = create.data
  const close = () => {
    onClose()
    create.reset()
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={created ? `Token “${created.token.name}”` : 'Create token'}
      size={520}
      lockScroll={false}
      // A token that was not copied is lost, so only a button closes the dialog.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {created ? (
        <CreatedToken token={created.token} text={created.text} onDone={close} />
      ) : (
        session && (
          <TokenForm
            ownRole={highestRole([session.role, ...session.grants.map(({ role }) => role)]) ?? 'viewer'}
            isPending={create.isPending}
            error={create.error}
            onSubmit={create.mutate}
            onCancel={close}
          />
        )
      )}
    </Modal>
  )
}

type TokenFormProps = {
  ownRole: Role
  isPending: boolean
  error: Error | null
  onSubmit: (input: { name: string; role: Role; days: number }) => void
  onCancel: () => void
}

function TokenForm({ ownRole, isPending, error, onSubmit, onCancel }: TokenFormProps) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(lesserRole(DEFAULT_ROLE, ownRole))
  const [days, setDays] = useState<number>(TOKEN_LIFETIME_DAYS.default)
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (name.trim() !== '') onSubmit({ name: name.trim(), role, days })
  }
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        label="Name"
        description="What will use it, for example spark or nightly load"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={MAX_NAME_CHARS}
        autoComplete="off"
        data-autofocus
      />
      <ChoiceFieldset label="Role" hint={ROLE_DESCRIPTIONS[role]}>
        <SegmentedChoice
          label="Role"
          value={role}
          onChange={setRole}
          options={rolesUpTo(ownRole).map((option) => ({ value: option, label: option }))}
        />
      </ChoiceFieldset>
      <ChoiceFieldset label="Lifetime" hint={`Expires on ${formatDate(nowMs + days * DAY_MS, timeZone)}.`}>
        <SegmentedChoice
          label="Lifetime"
          value={String(days)}
          onChange={(value) => setDays(Number(value))}
          options={TOKEN_LIFETIME_DAYS.choices.map((choice) => ({
            value: String(choice),
            label: lifetimeLabel(choice),
          }))}
        />
      </ChoiceFieldset>
      {error && <ProblemNote error={error} unchanged="No token was created." />}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={name.trim() === ''}>
          Create token
        </WaitingButton>
      </div>
    </form>
  )
}

function CreatedToken({ token, text, onDone }: { token: Token; text: string; onDone: () => void }) {
  const timeZone = useTimeZone()
  return (
    <OneTimeSecret noun="token" text={text} onDone={onDone}>
      Copy the token now and keep it like a password. It is not shown again. Anyone with this token can act as{' '}
      {token.username} with the {token.role} role until {formatDate(token.expiresAtMs, timeZone)} or until you revoke
      it.
    </OneTimeSecret>
  )
}

const ROLE_DESCRIPTIONS: Record<Role, string> = {
  viewer: 'Can read every table.',
  editor: 'Can read and change every table.',
  admin: 'Full access, including administration. Engines do not need this.',
}

function lifetimeLabel(days: number): string {
  return days === 365 ? '1 year' : `${days} days`
}
