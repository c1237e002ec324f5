'use client'
import { TextInput } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useRef } from 'react'
import { Key } from '../values/key'

/**
 * Filters a list while the user types. With `hasSlashShortcut` the `/` key of the page focuses it;
 * as `'fallback'` only when the page has no other filter. Escape clears it.
 *
 * @param props.label placeholder and accessible name, for example `Filter 22 entries`
 */
export function FilterField({
  label,
  value,
  onChange,
  hasSlashShortcut = false,
  hasInitialFocus = false,
  width,
}: {
  label: string
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
      type="search"
      {...(hasSlashShortcut !== false && { 'data-slash': hasSlashShortcut === true ? 'page' : 'fallback' })}
      {...(hasInitialFocus && { 'data-autofocus': true })}
      aria-label={label}
      placeholder={label}
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
