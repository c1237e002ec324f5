'use client'
import { type FormEvent, useState } from 'react'
import { changePassword, leaveSession } from '@/lib/client/session/sign-in'
import { PASSWORD_CHARS } from '@/lib/contract/shapes/plain-values'
import { AppError } from '@/lib/errors'
import { pageAfterSignIn, paths } from '@/lib/paths/paths'
import { fieldText } from './field-text'
import { PlainPasswordField } from './plain-password-field'
import classes from './sign-in-form.module.css'
import { SubmitButton } from './submit-button'
import { useSignInProblem } from './use-sign-in-problem'

/**
 * The second part of a sign-in with a generated password: the user chooses their own, and then opens `next`. The
 * server allows the session nothing else before.
 */
export function NewPasswordForm({ username, next, nonce }: { username: string; next: string | null; nonce: string }) {
  const [isSending, setIsSending] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const problem = useSignInProblem(error, { nonce, unchanged: 'Your password was not changed.', ...nextStep(error) })

  function send(work: Promise<void>, page: string) {
    setIsSending(true)
    setError(null)
    work.then(
      () => window.location.assign(page),
      (failure: unknown) => {
        setIsSending(false)
        setError(failure instanceof Error ? failure : new Error(String(failure)))
      },
    )
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const passwords = { currentPassword: fieldText(fields, 'current'), newPassword: fieldText(fields, 'new') }
    send(changePassword(passwords), pageAfterSignIn(next))
  }

  return (
    <form className={classes.form} method="post" onSubmit={submit} onInput={problem.prepare}>
      {/* Tells password managers whose password this is. */}
      <input type="hidden" name="username" autoComplete="username" value={username} readOnly />
      <PlainPasswordField label="Generated password" name="current" autoComplete="current-password" />
      <PlainPasswordField
        label="New password"
        name="new"
        autoComplete="new-password"
        minLength={PASSWORD_CHARS.min}
        hint={`At least ${PASSWORD_CHARS.min} characters, and not the generated one`}
      />
      <SubmitButton isSending={isSending}>Change password</SubmitButton>
      {problem.note}
      <button
        type="button"
        className={classes.leave}
        disabled={isSending}
        onClick={() => send(leaveSession(), paths.login())}
      >
        Sign out
      </button>
    </form>
  )
}

function nextStep(error: Error | null): { title?: string; next?: string } {
  if (!(error instanceof AppError)) return {}
  if (error.code === 'wrong-credentials') return { title: 'The generated password is wrong', next: 'Enter it again.' }
  if (error.code === 'unauthenticated') return { next: 'Sign in again.' }
  return {}
}
