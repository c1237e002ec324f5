'use client'
import { Select, type SelectProps } from '@mantine/core'
import { useLayoutEffect, useRef } from 'react'

type Option<Value extends string> = { value: Value; label: string; disabled?: boolean }

/** Props of Mantine's `Select`, without search and without groups of options. */
export type LazySelectProps<Value extends string> = Omit<
  SelectProps<Value>,
  'data' | 'value' | 'onChange' | 'defaultValue' | 'searchable' | 'id'
> & {
  data: readonly (Option<Value> | Value)[]
  value: Value | null
  onChange: (value: Value | null) => void
}

/** A select that opens as soon as it is mounted, in the position and with the id of the field before it. */
export type LoadedSelectProps<Value extends string> = LazySelectProps<Value> & { id: string }

/** Mantine's `Select`, which takes the focus and opens when it is mounted. */
export function LoadedSelect<Value extends string>({ data, ...props }: LoadedSelectProps<Value>) {
  const field = useRef<HTMLInputElement>(null)
  const hasOpened = useRef(false)
  useLayoutEffect(() => {
    if (hasOpened.current) return
    hasOpened.current = true
    field.current?.focus({ preventScroll: true })
    // As the user's own click does, so that the arrow keys begin at the chosen option.
    field.current?.click()
  }, [])
  return <Select<Value> {...props} ref={field} data={[...data]} />
}
