'use client'
import { type FormEvent, useState } from 'react'
import { signIn } from '@/lib/client/session/sign-in'
import { AppError } from '@/lib/errors'
import { pageAfterSignIn } from '@/lib/paths/paths'
import { fieldText } from './field-text'
import { PlainPasswordField } from './plain-password-field'
import classes from './sign-in-form.module.css'
import { SubmitButton } from './submit-button'
import { useSignInProblem } from './use-sign-in-problem'

/**
 * Opens `next` if it is a page of this console. A full page load drops everything cached for another user.
 *
 * The form has its own fields instead of Mantine's, so that the first page of a visit loads little script. The note
 * about a failure is Mantine's, and is loaded while the user types.
 */
export function SignInForm({
  next,
  nonce,
  isSecond = false,
}: {
  next: string | null
  nonce: string
  /** Whether the page offers another way first. */
  isSecond?: boolean
}) {
  const [isSending, setIsSending] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const problem = useSignInProblem(error, { nonce, ...(error && nextStep(error)) })

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    setIsSending(true)
    setError(null)
    signIn({ username: fieldText(fields, 'username'), password: fieldText(fields, 'password') }).then(
      () => window.location.assign(pageAfterSignIn(next)),
      (failure: unknown) => {
        setIsSending(false)
        setError(failure instanceof Error ? failure : new Error(String(failure)))
      },
    )
  }

  return (
    // Without the method, a form submitted before the script has loaded would put the password into the URL.
    <form className={classes.form} method="post" onSubmit={submit} onInput={problem.prepare}>
      <label className={classes.field}>
        <span className={classes.label}>Username</span>
        <input
          className={classes.input}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          // Without the second factor, the form is the only purpose of this page. oxlint-disable-next-line
          // jsx-a11y/no-autofocus
          autoFocus={!isSecond}
          required
          maxLength={256}
        />
      </label>
      <PlainPasswordField label="Password" name="password" autoComplete="current-password" />
      <SubmitButton isSending={isSending} isSecond={isSecond}>
        Sign in
      </SubmitButton>
      {problem.note}
    </form>
  )
}

/** Advice after an error that only the sign-in page can explain. */
function nextStep(error: Error): { next?: string } {
  if (!(error instanceof AppError)) return {}
  if (error.code === 'wrong-credentials') return { next: 'Enter both again, or ask an admin to reset your password.' }
  if (error.code === 'too-many-requests') return { next: 'Wait until then, or ask an admin to reset your password.' }
  return {}
}
