'use client'
import { ActionIcon, Button, PasswordInput, Select, TextInput, Tooltip } from '@mantine/core'
import { IconEye, IconEyeOff, IconPlus, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './connection-form.module.css'
import type { Draft } from './draft'
import type { AwsDraft } from './draft-parts'

/** What a part of the form is given: the whole draft, a way to change it, and which secrets the server keeps. */
export type FieldGroupProps = {
  draft: Draft
  change: (part: Partial<Draft>) => void
  storedSecrets: ReadonlySet<string>
}

type TextFieldProps = {
  label: string
  value: string
  onChange: (value: string) => void
  description?: string
  placeholder?: string
  /** Why what is typed cannot be. */
  error?: string
  required?: boolean
  className?: string | undefined
}

export function TextField({ onChange, ...props }: TextFieldProps) {
  return (
    <TextInput
      {...props}
      withAsterisk={false}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/**
 * A secret that is typed now. One that is kept is never shown: it stays as long as nothing is typed, an optional one
 * as long as its key stays.
 */
export function SecretField({
  name,
  label,
  isOptional,
  draft,
  change,
  storedSecrets,
}: FieldGroupProps & { name: string; label: string; isOptional: boolean }) {
  const isStored = storedSecrets.has(name)
  return (
    <PasswordInput
      label={isOptional ? `${label} (where there is one)` : label}
      value={draft.secrets[name] ?? ''}
      onChange={(event) => change({ secrets: { ...draft.secrets, [name]: event.currentTarget.value } })}
      placeholder={isStored ? 'kept' : ''}
      {...(isStored && {
        description: isOptional
          ? 'One is kept. A new key without one removes it.'
          : 'One is kept. Type only to replace it.',
      })}
      required={!isOptional && !isStored}
      withAsterisk={false}
      autoComplete="new-password"
      visibilityToggleIcon={({ reveal }) => (reveal ? <IconEyeOff size={15} /> : <IconEye size={15} />)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show what is typed', tabIndex: 0 }}
    />
  )
}

export function ChoiceField<Value extends string>({
  label,
  value,
  options,
  onChange,
  description,
}: {
  label: string
  value: Value
  options: Readonly<Record<Value, string>>
  onChange: (value: Value) => void
  description?: string
}) {
  return (
    <Select<Value>
      label={label}
      value={value}
      data={(Object.entries(options) as [Value, string][]).map(([option, optionLabel]) => ({
        value: option,
        label: optionLabel,
      }))}
      allowDeselect={false}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
      {...(description !== undefined && { description })}
    />
  )
}

/** Where AWS credentials come from. */
export function AwsFields<Source extends string>({
  label,
  sources,
  value,
  onChange,
}: {
  label: string
  sources: Readonly<Record<Source, string>>
  value: Omit<AwsDraft, 'source'> & { source: Source }
  onChange: (part: Partial<Omit<AwsDraft, 'source'> & { source: Source }>) => void
}) {
  return (
    <>
      <ChoiceField label={label} value={value.source} options={sources} onChange={(source) => onChange({ source })} />
      {value.source === 'chain' && (
        <TextField
          label="Profile"
          description="Empty: what the environment of Lakeshore says"
          value={value.profile}
          onChange={(profile) => onChange({ profile })}
        />
      )}
      {value.source === 'keys' && (
        <TextField
          label="Access key id"
          required
          value={value.accessKeyId}
          onChange={(accessKeyId) => onChange({ accessKeyId })}
        />
      )}
    </>
  )
}

/** Rows of the same fields, of which there may be any number. */
export function RepeatedFields<Row>({
  legend,
  noun,
  rows,
  emptyRow,
  onChange,
  children,
}: {
  legend: string
  /** Of one row: `mapping`. */
  noun: string
  rows: readonly Row[]
  emptyRow: Row
  onChange: (rows: Row[]) => void
  children: (row: Row, change: (part: Partial<Row>) => void, index: number) => ReactNode
}) {
  return (
    <fieldset className={`${classes.rows} ${classes.wide}`}>
      <legend>{legend}</legend>
      {rows.map((row, index) => (
        // Rows have no identity but their place; they are added at the end.
        <div key={index} className={classes.row}>
          {children(
            row,
            (part) => onChange(rows.map((other, otherIndex) => (otherIndex === index ? { ...other, ...part } : other))),
            index,
          )}
          <Tooltip label="Remove">
            <ActionIcon
              aria-label={`Remove ${noun} ${index + 1}`}
              onClick={() => onChange(rows.filter((_, otherIndex) => otherIndex !== index))}
            >
              <IconX size={15} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </div>
      ))}
      <Button
        variant="default"
        size="xs"
        className={classes.add}
        leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
        onClick={() => onChange([...rows, emptyRow])}
      >
        Add {noun}
      </Button>
    </fieldset>
  )
}
