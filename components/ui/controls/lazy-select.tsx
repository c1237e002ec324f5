'use client'
import { ComboboxChevron, ComboboxClearButton, InputBase, useProps } from '@mantine/core'
import { type ComponentType, type KeyboardEvent, useId, useState } from 'react'
import { loadCode } from '@/lib/load-code'
import type { LazySelectProps, LoadedSelectProps } from './loaded-select'

/** The list that it controls is not in the page yet. */
const CLOSED_PROPS = { role: 'combobox', 'aria-haspopup': 'listbox', 'aria-expanded': false } as const

const OPENING_KEYS = ['ArrowDown', 'ArrowUp', 'Enter', ' ']

/**
 * A select whose list of options, with the code that places it, is loaded when the pointer or the focus reaches the
 * field. Until it is opened, the field is that of Mantine's `Select`, with the same role and the same value.
 */
export function LazySelect<Value extends string = string>(props: LazySelectProps<Value>) {
  const [Loaded, setLoaded] = useState<ComponentType<LoadedSelectProps<Value>> | null>(null)
  const [failure, setFailure] = useState<{ error: unknown } | null>(null)
  const [typed, setTyped] = useState('')
  const id = useId()
  // The theme's props for selects.
  const themed = useProps('Select', { size: 'sm' } as const, props)
  // A list that cannot be loaded is an error of the page, not a field without effect.
  if (failure) throw failure.error
  if (Loaded) return <Loaded {...props} id={id} typed={typed} />

  const open = () => {
    void loadCode(loadSelect).then(
      ({ LoadedSelect }) => setLoaded(() => LoadedSelect),
      (error: unknown) => setFailure({ error }),
    )
  }
  const { data, value, onChange, clearable, clearButtonProps, ...ofSelect } = themed
  const { allowDeselect: _, comboboxProps: __, renderOption: ___, searchable, ...field } = ofSelect
  const chosen = data.find((option) => (typeof option === 'string' ? option : option.value) === value)
  return (
    <InputBase
      {...field}
      id={id}
      __staticSelector="Select"
      __defaultRightSection={<ComboboxChevron size={field.size} error={field.error} />}
      __clearSection={<ComboboxClearButton {...clearButtonProps} onClear={() => onChange(null)} />}
      __clearable={clearable === true && value !== null && field.disabled !== true}
      rightSectionPointerEvents="none"
      {...CLOSED_PROPS}
      autoComplete="off"
      pointer
      readOnly
      value={typeof chosen === 'string' ? chosen : (chosen?.label ?? '')}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={open}
      onKeyDown={(event: KeyboardEvent) => {
        const letter = searchable === true ? typedLetter(event) : ''
        if (letter === '' && !OPENING_KEYS.includes(event.key)) return
        event.preventDefault()
        // Letters that are typed while the code is loaded count, too.
        setTyped((before) => before + letter)
        open()
      }}
    />
  )
}

/** Empty for keys that write nothing, and for a space, which opens a list. */
function typedLetter({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): string {
  return /^[^\s\p{C}]$/u.test(key) && !ctrlKey && !metaKey && !altKey ? key : ''
}

function prepare(): void {
  void loadSelect().catch(() => undefined) // reported when it is opened
}

function loadSelect() {
  return import('./loaded-select')
}
