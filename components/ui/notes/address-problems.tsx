'use client'
import { Button } from '@mantine/core'
import { parseAsString, useQueryStates } from 'nuqs'
import type { ReactNode } from 'react'
import { formatList } from '@/lib/format/sentence'
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

/**
 * A check that a parameter is one of a few words.
 *
 * @param outcome what the page shows for another value: `The catalogs are shown.`
 * @param verdict about another value, if it would list words that users do not know: `not an action of this page`
 */
export function checkChoice(
  name: string,
  choices: readonly string[],
  outcome: string,
  verdict = notAmong(choices),
): AddressChecks {
  return {
    [name]: (value) => (choices.includes(value) ? null : `${quoteAddress(name, value)} is ${verdict}. ${outcome}`),
  }
}

function notAmong(choices: readonly string[]): string {
  const [first, second] = choices
  if (choices.length === 1) return `not ${first}`
  return choices.length === 2 ? `neither ${first} nor ${second}` : `none of ${formatList(choices)}`
}

/** A check that a parameter is on or off, in small or capital letters. */
export function checkSwitch(name: string, outcome: string): AddressChecks {
  return {
    [name]: (value) =>
      /^(true|false)$/i.test(value) ? null : `${quoteAddress(name, value)} is neither true nor false. ${outcome}`,
  }
}

/** A check that a parameter is a position in a list. */
export function checkPosition(name: string, what: string, count: number): AddressChecks {
  return {
    [name]: (value) =>
      /^\d{1,9}$/.test(value) && Number(value) < count ? null : `${quoteAddress(name, value)} is not ${what}.`,
  }
}
