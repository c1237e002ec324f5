'use client'
import { Select, type SelectProps } from '@mantine/core'
import { type SyntheticEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'

type Option<Value extends string> = { value: Value; label: string; disabled?: boolean }

/** More are found by typing. */
const MAX_LISTED = 100

/**
 * Props of Mantine's `Select`, without groups of options. A `searchable` list shows the options that contain what is
 * typed.
 */
export type LazySelectProps<Value extends string> = Omit<
  SelectProps<Value>,
  'data' | 'value' | 'onChange' | 'defaultValue' | 'searchValue' | 'onSearchChange' | 'limit' | 'id'
> & {
  data: readonly (Option<Value> | Value)[]
  value: Value | null
  onChange: (value: Value | null) => void
}

/** A select that opens as soon as it is mounted, in the position and with the id of the field before it. */
export type LoadedSelectProps<Value extends string> = LazySelectProps<Value> & {
  id: string
  /** The letters with which the user has opened a searchable list; empty without one. */
  typed: string
}

/** Mantine's `Select`, which takes the focus and opens when it is mounted. */
export function LoadedSelect<Value extends string>({ data, typed, ...props }: LoadedSelectProps<Value>) {
  const field = useRef<HTMLInputElement>(null)
  const hasOpened = useRef(false)
  useLayoutEffect(() => {
    if (hasOpened.current) return
    hasOpened.current = true
    field.current?.focus({ preventScroll: true })
    // As the user's own click does, so that the arrow keys begin at the chosen option.
    field.current?.click()
  }, [])
  const chosen = data.find((option) => toOption(option).value === props.value)
  const chosenLabel = chosen === undefined ? '' : toOption(chosen).label
  const [search, setSearch] = useState(typed || chosenLabel)
  useEffect(() => {
    // After the select has written the chosen label into its field.
    if (typed !== '') queueMicrotask(() => setSearch(typed))
  }, [typed])
  // Letters replace the chosen label.
  const selectLabel = ({ currentTarget }: SyntheticEvent<HTMLInputElement>) => {
    if (currentTarget.value === chosenLabel) currentTarget.select()
  }
  return (
    <Select<Value>
      {...props}
      ref={field}
      data={[...data]}
      {...(props.searchable && {
        searchValue: search,
        onSearchChange: setSearch,
        limit: MAX_LISTED,
        nothingFoundMessage: 'Nothing matches.',
        selectFirstOptionOnChange: true,
        // Otherwise the list begins at the chosen option.
        selectFirstOptionOnDropdownOpen: search !== chosenLabel,
        onFocus: selectLabel,
        onClick: selectLabel,
      })}
    />
  )
}

function toOption<Value extends string>(option: Option<Value> | Value): Option<Value> {
  return typeof option === 'string' ? { value: option, label: option } : option
}
