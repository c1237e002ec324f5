'use client'
import { Button } from '@mantine/core'
import { parseAsString, useQueryStates } from 'nuqs'
import type { ReactNode } from 'react'
import classes from './note-bar.module.css'

/**
 * Checks by parameter of the address: why its value is ignored and what is shown instead; null if the value is used.
 */
export type AddressChecks = Readonly<Record<string, (value: string) => string | null>>

/** Longer values are cut in a message. */
const MAX_QUOTED_CHARS = 60

/** Reports each ignored parameter of the address, with a button that removes it. */
export function AddressProblems({ checks }: { checks: AddressChecks }) {
  const names = Object.keys(checks)
  const [values, setValues] = useQueryStates(Object.fromEntries(names.map((name) => [name, parseAsString])), {
    history: 'replace',
  })
  return names.map((name) => {
    const value = values[name] ?? null
    const problem = value === null ? null : checks[name]?.(value)
    if (problem == null) return null
    return (
      <AddressNote key={name} action="Remove from the address" onAction={() => void setValues({ [name]: null })}>
        {problem}
      </AddressNote>
    )
  })
}

/** A part of the address that the page ignores, with the button that removes it. */
export function AddressNote({
  children,
  action,
  onAction,
}: {
  children: ReactNode
  action: string
  onAction: () => void
}) {
  return (
    <p className={classes.bar} role="status">
      {children}
      <Button variant="subtle" size="compact-xs" onClick={onAction}>
        {action}
      </Button>
    </p>
  )
}

/** A value of the address in a message: `“x” in ?level=`. */
export function quoteAddress(name: string, value: string): string {
  const shown = value.length > MAX_QUOTED_CHARS ? `${value.slice(0, MAX_QUOTED_CHARS)}…` : value
  return `“${shown}” in ?${name}=`
}

/** A check that a parameter is a position in a list. */
export function checkPosition(name: string, what: string, count: number): AddressChecks {
  return {
    [name]: (value) =>
      /^\d{1,9}$/.test(value) && Number(value) < count ? null : `${quoteAddress(name, value)} is not ${what}.`,
  }
}
