'use client'
import { IconEye, IconEyeOff } from '@tabler/icons-react'
import { useState } from 'react'
import classes from './sign-in-form.module.css'

/** A password field with a button that shows the password, for the sign-in page: without Mantine. */
export function PlainPasswordField({
  label,
  name,
  autoComplete,
  minLength,
  hint,
}: {
  label: string
  name: string
  autoComplete: 'current-password' | 'new-password'
  minLength?: number
  hint?: string
}) {
  const [isShown, setIsShown] = useState(false)
  const Icon = isShown ? IconEyeOff : IconEye
  return (
    <div className={classes.field}>
      <label className={classes.label} htmlFor={name}>
        {label}
      </label>
      {hint !== undefined && (
        <p id={`${name}-hint`} className={classes.hint}>
          {hint}
        </p>
      )}
      <div className={classes.password}>
        <input
          id={name}
          className={classes.input}
          type={isShown ? 'text' : 'password'}
          name={name}
          autoComplete={autoComplete}
          required
          minLength={minLength}
          maxLength={256}
          {...(hint !== undefined && { 'aria-describedby': `${name}-hint` })}
        />
        <button
          type="button"
          className={classes.show}
          aria-label={`Show ${label.toLowerCase()}`}
          aria-pressed={isShown}
          onClick={() => setIsShown(!isShown)}
        >
          <Icon size={15} aria-hidden />
        </button>
      </div>
    </div>
  )
}
