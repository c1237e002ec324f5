'use client'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { type ComponentType, type FormEvent, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { signIn } from '@/lib/client/session/sign-in'
import { AppError } from '@/lib/errors'
import { pageAfterSignIn } from '@/lib/paths/paths'
import { fieldText } from './field-text'
import classes from './sign-in-form.module.css'

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
  const isInteractive = useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  )
  const [isSending, setIsSending] = useState(false)
  const [error, setError] = useState<Error | null>(null)
  const [Problem, setProblem] = useState<ComponentType<SignInProblemProps> | null>(null)
  const button = useRef<HTMLButtonElement>(null)
  const hadFocus = useRef(false)
  useLayoutEffect(() => {
    // Browsers take the focus from a disabled button.
    if (isSending) hadFocus.current = document.activeElement === button.current
    else if (hadFocus.current) {
      hadFocus.current = false
      if (document.activeElement === document.body) button.current?.focus()
    }
  }, [isSending])

  const prepareProblem = () => {
    // Without it the message is shown alone.
    void import('./sign-in-problem').then((module) => setProblem(() => module.SignInProblem)).catch(() => undefined)
  }

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
    <form className={classes.form} method="post" onSubmit={submit} onInput={prepareProblem}>
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
      <PasswordField />
      <button
        ref={button}
        type="submit"
        className={classes.submit}
        disabled={!isInteractive || isSending}
        data-sending={isSending || undefined}
        data-second={isSecond || undefined}
      >
        Sign in
      </button>
      {error &&
        (Problem ? (
          <Problem error={error} nonce={nonce} {...nextStep(error)} />
        ) : (
          <p role="alert" className="bare removed">
            {error.message}
          </p>
        ))}
    </form>
  )
}

export type SignInProblemProps = { error: Error; nonce: string; next?: string }

/** A password field with a button that shows the password. */
function PasswordField() {
  const [isShown, setIsShown] = useState(false)
  const Icon = isShown ? IconEyeOff : IconEye
  return (
    <div className={classes.field}>
      <label className={classes.label} htmlFor="password">
        Password
      </label>
      <div className={classes.password}>
        <input
          id="password"
          className={classes.input}
          type={isShown ? 'text' : 'password'}
          name="password"
          autoComplete="current-password"
          required
          maxLength={256}
        />
        <button
          type="button"
          className={classes.show}
          aria-label="Show password"
          aria-pressed={isShown}
          onClick={() => setIsShown(!isShown)}
        >
          <Icon size={15} aria-hidden />
        </button>
      </div>
    </div>
  )
}

/** Advice after an error that only the sign-in page can explain. */
function nextStep(error: Error): { next?: string } {
  if (!(error instanceof AppError)) return {}
  if (error.code === 'wrong-credentials') return { next: 'Enter both again, or ask an admin to reset your password.' }
  if (error.code === 'too-many-requests') return { next: 'Wait until then, or ask an admin to reset your password.' }
  return {}
}
