'use client'
import { Button, Modal, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { ResourceField } from '@/components/admin/access/resource-field'
import { ChoiceFieldset } from '@/components/ui/controls/choice-fieldset'
import classes from '@/components/ui/controls/dialog-form.module.css'
import { OneTimeSecret } from '@/components/ui/notes/one-time-secret'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { SegmentedChoice } from '@/components/ui/controls/segmented-choice'
import { useNow } from '@/components/ui/values/use-now'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { sessionQuery } from '@/lib/client/session/session'
import { useCreateToken } from '@/lib/client/tokens'
import type { Token } from '@/lib/contract/tokens'
import { TOKEN_LIFETIME_DAYS } from '@/lib/contract/shapes/plain-values'
import { type ResourceKind, resourceLabel } from '@/lib/names/resource-name'
import { formatDate } from '@/lib/format/time'
import { highestRole, isEverything, lesserRole, type Resource, type Role, rolesUpTo } from '@/lib/permissions'

const DAY_MS = 24 * 3_600_000
const MAX_NAME_CHARS = 64
/** Engines need to read and to write. */
const DEFAULT_ROLE: Role = 'editor'

/** Asks for name, role and lifetime of a token, creates it, and shows it once. */
export function CreateToken({
  opened,
  owner,
  onClose,
}: {
  opened: boolean
  /** The service account for which an admin creates it; absent: the user. */
  owner?: string
  onClose: () => void
}) {
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
      title={created ? `Token “${created.token.name}”` : `Create token${owner === undefined ? '' : ` of ${owner}`}`}
      size={520}
      lockScroll={false}
      // A token that was not copied is lost, so only a button closes the dialog.
      closeOnClickOutside={!created}
      closeOnEscape={!created}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {created ? (
        <CreatedToken token={created.token} text={created.secret} onDone={close} />
      ) : (
        session && (
          <TokenForm
            ownRole={highestRole([session.role, ...session.grants.map(({ role }) => role)]) ?? 'viewer'}
            isPending={create.isPending}
            error={create.error}
            owner={owner}
            onSubmit={(input) => create.mutate({ ...input, ...(owner !== undefined && { user: owner }) })}
            onCancel={close}
          />
        )
      )}
    </Modal>
  )
}

type TokenFormProps = {
  owner: string | undefined
  ownRole: Role
  isPending: boolean
  error: Error | null
  onSubmit: (input: { name: string; role: Role; days: number; resource: Resource }) => void
  onCancel: () => void
}

function TokenForm({ owner, ownRole, isPending, error, onSubmit, onCancel }: TokenFormProps) {
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>(lesserRole(DEFAULT_ROLE, ownRole))
  const [days, setDays] = useState<number>(TOKEN_LIFETIME_DAYS.default)
  const [kind, setKind] = useState<LimitKind>('everything')
  const [limit, setLimit] = useState<Resource | null>(null)
  const on = kind === 'everything' ? {} : limit
  const canSubmit = name.trim() !== '' && on !== null
  const nowMs = useNow()
  const timeZone = useTimeZone()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (canSubmit) onSubmit({ name: name.trim(), role, days, resource: on })
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
      <ChoiceFieldset
        label="For"
        hint={
          kind === 'everything' && owner !== undefined
            ? `Wherever ${owner} has a role, now or later.`
            : LIMIT_HINTS[kind]
        }
      >
        <SegmentedChoice
          label="For"
          value={kind}
          onChange={(value) => {
            setKind(value)
            setLimit(null)
          }}
          options={LIMIT_KINDS.map((value) => ({ value, label: LIMIT_LABELS[value] }))}
        />
      </ChoiceFieldset>
      {kind !== 'everything' && <ResourceField key={kind} label={LIMIT_LABELS[kind]} kind={kind} onChange={setLimit} />}
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
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={onCancel} disabled={isPending}>
          Cancel
        </Button>
        <WaitingButton type="submit" loading={isPending} disabled={!canSubmit}>
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
      {token.username} with the {token.role} role
      {isEverything(token.resource) ? '' : ` in ${resourceLabel(token.resource)}`} until{' '}
      {formatDate(token.expiresAtMs, timeZone)} or until you revoke it.
    </OneTimeSecret>
  )
}

const LIMIT_KINDS = ['everything', 'catalog', 'namespace'] as const satisfies readonly ResourceKind[]
type LimitKind = (typeof LIMIT_KINDS)[number]
const LIMIT_LABELS: Record<LimitKind, string> = {
  everything: 'Everything',
  catalog: 'Catalog',
  namespace: 'Namespace',
}
const LIMIT_HINTS: Record<LimitKind, string> = {
  everything: 'Wherever you have a role, now or later.',
  catalog: 'One catalog with all that is in it, and nothing else.',
  namespace: 'One namespace with its tables, views and the namespaces below it, and nothing else.',
}

const ROLE_DESCRIPTIONS: Record<Role, string> = {
  viewer: 'Can read tables.',
  editor: 'Can read and change tables.',
  admin: 'Full access, including administration. Engines do not need this.',
}

function lifetimeLabel(days: number): string {
  return days === 365 ? '1 year' : `${days} days`
}
