'use client'
import { Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { propertyValueProblem, type TableProperty, unobeyedReason } from '@/lib/iceberg/table-properties'

type PropertyFieldProps = {
  name: string
  known: TableProperty | null
  /** Null: not set. */
  value: string | null
  onChange: (value: string | null) => void
  disabled: boolean
}

/** Where a property's value is chosen or typed. What cannot be set is said at once and not taken. */
export function PropertyField({ name, known, value, onChange, disabled }: PropertyFieldProps) {
  const [text, setText] = useState(value ?? '')
  const choices = choicesOf(known)
  if (choices) {
    return (
      <Select
        aria-label={name}
        data={choices.map((choice) => ({ value: choice, label: choiceLabel(name, choice) }))}
        value={value}
        placeholder={known?.default ?? 'not set'}
        onChange={onChange}
        disabled={disabled}
        clearable
        {...titled(value === null ? null : unobeyedReason(name, value))}
        style={{ flex: 1 }}
      />
    )
  }
  const problem = text === '' ? null : propertyValueProblem(name, text)
  const take = (typed: string) => {
    setText(typed)
    if (typed === '') onChange(value === '' ? '' : null)
    else if (propertyValueProblem(name, typed) === null) onChange(typed)
  }
  return (
    <TextInput
      aria-label={name}
      value={text}
      placeholder={value === '' ? 'empty' : (known?.default ?? 'not set')}
      error={problem !== null}
      {...titled(problem === null ? null : `${name} ${problem}`)}
      onChange={(event) => take(event.currentTarget.value)}
      disabled={disabled}
      spellCheck={false}
      style={{ flex: 1 }}
    />
  )
}

function titled(title: string | null): { title?: string } {
  return title === null ? {} : { title }
}

/** A value that only other engines act on is offered as that. */
export function choiceLabel(name: string, choice: string): string {
  return unobeyedReason(name, choice) === null ? choice : `${choice} (other engines only)`
}

function choicesOf(known: TableProperty | null): string[] | null {
  if (known?.values.kind === 'boolean') return ['true', 'false']
  return known?.values.kind === 'choice' ? [...known.values.choices] : null
}
