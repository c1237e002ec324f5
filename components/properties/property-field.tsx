'use client'
import { Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { propertyValueProblem, type TableProperty, ignoredValueReason } from '@/lib/iceberg/properties/table-properties'

type PropertyFieldProps = {
  name: string
  definition: TableProperty | null
  /** Null when it is not set. */
  value: string | null
  onChange: (value: string | null) => void
  disabled: boolean
}

/** The field of a property's value. An invalid value shows the reason at once and is not passed on. */
export function PropertyField({ name, definition, value, onChange, disabled }: PropertyFieldProps) {
  const [text, setText] = useState(value ?? '')
  const choices = choicesFor(definition)
  if (choices) {
    return (
      <Select
        aria-label={name}
        data={choices.map((choice) => ({ value: choice, label: choiceLabel(name, choice) }))}
        value={value}
        placeholder={definition?.default ?? 'not set'}
        onChange={onChange}
        disabled={disabled}
        clearable
        {...titleProps(value === null ? null : ignoredValueReason(name, value))}
        style={{ flex: 1 }}
      />
    )
  }
  const problem = text === '' ? null : propertyValueProblem(name, text)
  const changeText = (typed: string) => {
    setText(typed)
    if (typed === '') onChange(value === '' ? '' : null)
    else if (propertyValueProblem(name, typed) === null) onChange(typed)
  }
  return (
    <TextInput
      aria-label={name}
      value={text}
      placeholder={value === '' ? 'empty' : (definition?.default ?? 'not set')}
      error={problem !== null}
      {...titleProps(problem === null ? null : `${name} ${problem}`)}
      onChange={(event) => changeText(event.currentTarget.value)}
      disabled={disabled}
      spellCheck={false}
      style={{ flex: 1 }}
    />
  )
}

function titleProps(title: string | null): { title?: string } {
  return title === null ? {} : { title }
}

/** The label of a choice, which says when only other engines use it. */
export function choiceLabel(name: string, choice: string): string {
  return ignoredValueReason(name, choice) === null ? choice : `${choice} (other engines only)`
}

function choicesFor(definition: TableProperty | null): string[] | null {
  if (definition?.values.kind === 'boolean') return ['true', 'false']
  return definition?.values.kind === 'choice' ? [...definition.values.choices] : null
}
