'use client'
import { type ReactNode, useId } from 'react'
import classes from './dialog-form.module.css'

/** A choice in a form, with its name above and an explanation of the chosen value below. */
export function ChoiceFieldset({ label, hint, children }: { label: string; hint: string; children: ReactNode }) {
  const hintId = useId()
  return (
    <fieldset className={classes.choice} aria-describedby={hintId}>
      <legend>{label}</legend>
      {children}
      <p id={hintId} className="bare secondary">
        {hint}
      </p>
    </fieldset>
  )
}
