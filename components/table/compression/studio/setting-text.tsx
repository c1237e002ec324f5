'use client'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { propertyValueProblem } from '@/lib/iceberg/properties/property-problem'
import { propertyValue } from '@/lib/iceberg/properties/property-value'

type Properties = Readonly<Record<string, string>>

export type SettingEdits = {
  now: Properties
  /** With the pending changes. */
  after: Properties
  setValue: (key: string, newValue: string | null) => void
  canChange: boolean
}

type SettingTextProps = SettingEdits & {
  label: string
  settingKey: string
  unset: string
}

/** An invalid text shows the reason and leaves the stored value unchanged. */
export function SettingText({ label, settingKey, unset, now, after, setValue, canChange }: SettingTextProps) {
  const value = propertyValue(after, settingKey) ?? ''
  const [text, setText] = useState(value)
  const [knownValue, setKnownValue] = useState(value)
  // Another value comes from elsewhere, such as a discarded change.
  if (value !== knownValue) {
    setKnownValue(value)
    setText(value)
  }
  const problem = text === '' ? null : propertyValueProblem(settingKey, text)
  const change = (typed: string) => {
    setText(typed)
    const isUsable = typed === '' || propertyValueProblem(settingKey, typed) === null
    const next = isUsable ? (typed === '' ? null : typed) : propertyValue(now, settingKey)
    setKnownValue(next ?? '')
    setValue(settingKey, next)
  }
  return (
    <TextInput
      label={label}
      value={text}
      placeholder={unset}
      error={problem === null ? null : `The value ${problem}.`}
      onChange={(event) => change(event.currentTarget.value)}
      disabled={!canChange}
      spellCheck={false}
      autoComplete="off"
    />
  )
}
