'use client'
import { PasswordInput } from '@mantine/core'
import { IconEye, IconEyeOff } from '@tabler/icons-react'

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
