'use client'
import { useMounted } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import type { FormEvent } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { sessionQuery, useChangePassword } from '@/lib/client/session/session'
import { PASSWORD_CHARS } from '@/lib/contract/shapes/plain-values'
import { formatQuantity } from '@/lib/format/count'
import classes from './account-form.module.css'
import { fieldText } from './field-text'
import { PasswordField } from './password-field'

/** Changes the user's password, which ends their other sessions. */
export function ChangePasswordForm() {
  const isMounted = useMounted()
  const { data: session } = useQuery(sessionQuery())
  const { mutate, data: changed, error, isPending } = useChangePassword()

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = event.currentTarget
    const fields = new FormData(form)
    const passwords = { currentPassword: fieldText(fields, 'current'), newPassword: fieldText(fields, 'new') }
    mutate(passwords, { onSuccess: () => form.reset() })
  }

  return (
    <form className={classes.form} method="post" onSubmit={submit}>
      {/* Tells password managers whose password this is. */}
      <input type="hidden" name="username" autoComplete="username" value={session?.username ?? ''} readOnly />
      <PasswordField label="Current password" name="current" autoComplete="current-password" />
      <PasswordField
        label="New password"
        name="new"
        autoComplete="new-password"
        minLength={PASSWORD_CHARS.min}
        description={`At least ${PASSWORD_CHARS.min} characters`}
      />
      <WaitingButton type="submit" size="sm" disabled={!isMounted} loading={isPending}>
        Change password
      </WaitingButton>
      {error && <ProblemNote error={error} unchanged="Your password was not changed." />}
      {changed && !error && (
        <p role="status" className="bare added">
          Password changed. {formatQuantity(changed.endedSessionCount, 'other session')} ended.
        </p>
      )}
    </form>
  )
}
