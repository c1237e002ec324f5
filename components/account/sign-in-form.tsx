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

/** Opens `next` if it is a page of this console. A full page load drops everything cached for another user. */
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
    // Without the method, a form submitted before the script has loaded would put the password into the URL.
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
      {error && <ProblemNote error={error} {...nextStep(error)} />}
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

/** A password field with a button that shows the password. */
export function PasswordField(props: PasswordFieldProps) {
  return (
    <PasswordInput
      {...props}
      size="sm"
      required
      withAsterisk={false}
      maxLength={256}
      visibilityToggleIcon={({ reveal }) => (reveal ? <IconEyeOff size={15} /> : <IconEye size={15} />)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show password', tabIndex: 0 }}
    />
  )
}

export function fieldText(fields: FormData, name: string): string {
  const value = fields.get(name)
  return typeof value === 'string' ? value : ''
}

/** What to do about an error that only the sign-in page can explain. */
function nextStep(error: Error): { next?: string } {
  if (!(error instanceof AppError)) return {}
  if (error.code === 'wrong-credentials') return { next: 'Enter both again, or ask an admin to reset your password.' }
  if (error.code === 'too-many-requests') return { next: 'Wait until then, or ask an admin to reset your password.' }
  return {}
}
