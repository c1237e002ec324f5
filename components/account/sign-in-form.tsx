'use client'
import { PasswordInput, TextInput } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import type { FormEvent } from 'react'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { useSignIn } from '@/lib/client/session'
import { AppError } from '@/lib/errors'
import { pageAfterSignIn } from '@/lib/paths'
import classes from './account-form.module.css'

/** Goes on to `next`, when it is a page of this console, by loading it anew: nothing of another person is kept. */
export function SignInForm({ next }: { next: string | null }) {
  const isMounted = useMounted()
  const { mutate, error, isPending, isSuccess } = useSignIn()

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const credentials = { username: fieldText(fields, 'username'), password: fieldText(fields, 'password') }
    mutate(credentials, { onSuccess: () => window.location.assign(pageAfterSignIn(next)) })
  }

  return (
    // A method, so that a form sent before the script is there does not put the password into an address.
    <form className={classes.form} method="post" onSubmit={submit}>
      <TextInput
        size="sm"
        label="Username"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        required
        withAsterisk={false}
        maxLength={256}
      />
      <PasswordField label="Password" name="password" autoComplete="current-password" />
      <WaitingButton type="submit" size="sm" fullWidth disabled={!isMounted} loading={isPending || isSuccess}>
        Sign in
      </WaitingButton>
      {error && <ProblemNote error={error} unchanged="Nothing else was changed." {...nextStep(error)} />}
    </form>
  )
}

type PasswordFieldProps = {
  label: string
  name: string
  autoComplete: string
  description?: string
  minLength?: number
}

/** A password, hidden until the eye is pressed. */
export function PasswordField(props: PasswordFieldProps) {
  return (
    <PasswordInput
      {...props}
      size="sm"
      required
      withAsterisk={false}
      maxLength={256}
      visibilityToggleIcon={({ reveal }) => (reveal ? <IconEyeOff size={15} /> : <IconEye size={15} />)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed', tabIndex: 0 }}
    />
  )
}

export function fieldText(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}

/** Only this page knows what to do about a password. */
function nextStep(error: Error): { next?: string } {
  if (!(error instanceof AppError)) return {}
  if (error.code === 'wrong-credentials') return { next: 'Type both again, or ask an admin for a new password.' }
  if (error.code === 'too-many-requests') return { next: 'Wait until then, or ask an admin for a new password.' }
  return {}
}
