'use client'
import { TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useRef } from 'react'
import { Key } from '../values/key'
import classes from './filter-field.module.css'

/**
 * Filters a list while the user types. With `hasSlashShortcut` the `/` key of the page focuses it;
 * as `'fallback'` only when the page has no other filter. Escape clears it.
 *
 * @param props.label accessible name, for example `Filter 22 entries`
 * @param props.placeholder the visible text of a field that is too narrow for its label
 */
export function FilterField({
  label,
  placeholder = label,
  value,
  onChange,
  hasSlashShortcut = false,
  hasInitialFocus = false,
  width,
}: {
  label: string
  placeholder?: string
  value: string
  onChange: (value: string) => void
  hasSlashShortcut?: boolean | 'fallback'
  /** Whether it gets the focus when the popover around it opens. */
  hasInitialFocus?: boolean
  width?: number | string
}) {
  const field = useRef<HTMLInputElement>(null)
  useHotkeys(hasSlashShortcut === true ? [['/', () => field.current?.focus()]] : [])
  return (
    <TextInput
      ref={field}
      className={classes.field ?? ''}
      type="search"
      {...(hasSlashShortcut !== false && { 'data-slash': hasSlashShortcut === true ? 'page' : 'fallback' })}
      {...(hasInitialFocus && { 'data-autofocus': true })}
      aria-label={label}
      placeholder={placeholder}
      value={value}
      {...(width !== undefined && { w: width })}
      leftSection={<IconSearch size={15} stroke={1.6} aria-hidden />}
      leftSectionWidth={30}
      rightSection={hasSlashShortcut === true && value === '' ? <Key>/</Key> : null}
      rightSectionWidth={30}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || value === '') return
        event.stopPropagation()
        onChange('')
      }}
    />
  )
}
