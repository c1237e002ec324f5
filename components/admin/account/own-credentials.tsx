'use client'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { Panel } from '@/components/ui/panel'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { ownCredentialsQuery, useRemoveOwnCredentials, useSetOwnCredentials } from '@/lib/client/connections'
import type { OwnCredentials } from '@/lib/contract/connections'
import { retryFetch } from '@/lib/client/call/retry'
import formClasses from './account-form.module.css'
import { fieldText } from './field-text'

const FIELD_LABELS = {
  bearer: { identity: null, secret: 'Token' },
  oauth2: { identity: 'Client id', secret: 'Client secret' },
  basic: { identity: 'Catalog username', secret: 'Catalog password' },
  sigv4: { identity: 'Access key id', secret: 'Secret access key' },
} as const

/** A panel for each catalog that accepts the user's own credentials. Renders nothing without such catalogs. */
export function OwnCredentials() {
  const { data: logins, error, refetch } = useQuery(ownCredentialsQuery())
  if (error) return <ProblemNote error={error} subject="Your catalog credentials" onRetry={() => retryFetch(refetch)} />
  return logins?.map((login) => (
    <Panel key={login.catalog} title={`Your credentials for ${login.catalog}`}>
      <OwnCredentialsForm login={login} />
    </Panel>
  ))
}

function OwnCredentialsForm({ login }: { login: OwnCredentials }) {
  const { catalog, authKind, isRequired, storedAtMs } = login
  const labels = FIELD_LABELS[authKind]
  const save = useSetOwnCredentials(catalog)
  const remove = useRemoveOwnCredentials(catalog)
  const [isReplacing, setIsReplacing] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const identity = labels.identity === null ? null : fieldText(fields, 'identity')
    save.mutate({ identity, secret: fieldText(fields, 'secret') }, { onSuccess: () => setIsReplacing(false) })
  }
  const problem = save.error ?? remove.error
  return (
    <div className={formClasses.form}>
      <p className="bare secondary">{credentialsSummary(isRequired, storedAtMs !== null)}</p>
      {storedAtMs !== null && (
        <p className="bare secondary">
          Stored <RelativeTime atMs={storedAtMs} />. They are never shown.
        </p>
      )}
      {storedAtMs !== null && !isReplacing ? (
        <div className="flow gap-8">
          <Button variant="default" onClick={() => setIsReplacing(true)}>
            Replace credentials
          </Button>
          <WaitingButton variant="default" loading={remove.isPending} onClick={() => remove.mutate()}>
            Remove credentials
          </WaitingButton>
        </div>
      ) : (
        <form className={formClasses.form} method="post" onSubmit={submit}>
          {labels.identity !== null && (
            <TextInput
              size="sm"
              label={labels.identity}
              name="identity"
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              required
              withAsterisk={false}
            />
          )}
          <PasswordInput
            size="sm"
            label={labels.secret}
            name="secret"
            autoComplete="new-password"
            required
            withAsterisk={false}
            visibilityToggleIcon={({ reveal }) => (reveal ? <IconEyeOff size={15} /> : <IconEye size={15} />)}
            visibilityToggleButtonProps={{ 'aria-label': 'Show secret', tabIndex: 0 }}
          />
          <WaitingButton type="submit" size="sm" loading={save.isPending}>
            Save credentials
          </WaitingButton>
        </form>
      )}
      {problem && (
        <ProblemNote error={problem} subject={catalog} unchanged="Your stored credentials were not changed." />
      )}
    </div>
  )
}

function credentialsSummary(isRequired: boolean, isBound: boolean): string {
  if (isBound) return 'Lakeshore uses your credentials here. The catalog decides what you can see and do.'
  return isRequired
    ? 'This catalog requires your own credentials.'
    : 'Lakeshore uses the shared credentials of the connection unless you save your own.'
}
