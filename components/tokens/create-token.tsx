'use client'
import { Button, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { CodeBlock } from '@/components/ui/values/code-block'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { WarningNote } from '@/components/ui/notes/warning-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { sessionQuery } from '@/lib/client/session/session'
import { useCreateToken } from '@/lib/client/tokens'
import type { Token } from '@/lib/contract/tokens'
import { TOKEN_LIFETIME_DAYS } from '@/lib/contract/shapes/plain-values'
import { formatDate } from '@/lib/format/time'
import { highestRole, lesserRole, type Role, rolesUpTo } from '@/lib/permissions'
import classes from './tokens.module.css'

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

function ChoiceFieldset({ label, hint, children }: { label: string; hint: string; children: ReactNode }) {
  const hintId = useId()
  return (
    <fieldset className={classes.choice} aria-describedby={hintId}>
      <legend>{label}</legend>
      {children}
      <p id={hintId} className={classes.hint}>
        {hint}
      </p>
    </fieldset>
  )
}

function CreatedToken({ token, text, onDone }: { token: Token; text: string; onDone: () => void }) {
  const timeZone = useTimeZone()
  return (
    <div className={classes.form} ref={takeFocus} tabIndex={-1}>
      <WarningNote>
        Copy the token now and keep it like a password. It is not shown again. Anyone with this token can act as{' '}
        {token.username} with the {token.role} role until {formatDate(token.expiresAtMs, timeZone)} or until you revoke
        it.
      </WarningNote>
      <div className={classes.secret}>
        <CodeBlock label="Token" className={classes.text}>
          {text}
        </CodeBlock>
        <CopyButton value={text} label="token" />
      </div>
      <div className={classes.buttons}>
        <Button onClick={onDone}>I’ve copied it</Button>
      </div>
    </div>
  )
}

/** Focuses the dialog's content, not its button, so that a second Enter does not close it. */
function takeFocus(element: HTMLElement | null): void {
  element?.focus()
}

const ROLE_DESCRIPTIONS: Record<Role, string> = {
  viewer: 'Can read every table.',
  editor: 'Can read and change every table.',
  admin: 'Full access, including administration. Engines do not need this.',
}

function lifetimeLabel(days: number): string {
  return days === 365 ? '1 year' : `${days} days`
}
