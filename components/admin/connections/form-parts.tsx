'use client'
import { ActionIcon, Button, PasswordInput, TextInput } from '@mantine/core'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { IconEye, IconEyeOff, IconPlus, IconX } from '@tabler/icons-react'
import { type ReactNode, useId } from 'react'
import classes from './connection-form.module.css'
import { Tooltip } from '@/components/ui/controls/tooltip'
import type { Draft } from './draft'
import type { Examples } from './templates'
import type { AwsDraft } from './draft-parts'

/** Props of each section of the form: the whole draft, a function to change it, and further inputs of its fields. */
export type FieldGroupProps = {
  draft: Draft
  change: (part: Partial<Draft>) => void
  /** Names of the stored secrets. */
  storedSecrets: ReadonlySet<string>
  /** Placeholders of fields whose values differ between installations. */
  examples: Examples
  /** Folders of the server that connections may read; null while unknown. */
  localRoots: readonly string[] | null
}

/** A titled part of the form: its labels are in one column, its fields in another. */
export function FormSection({ title, children }: { title: string; children: ReactNode }) {
  const headingId = useId()
  return (
    <section className={classes.section} aria-labelledby={headingId}>
      <h2 id={headingId} className={classes.heading}>
        {title}
      </h2>
      <div className={classes.fields}>{children}</div>
    </section>
  )
}

type TextFieldProps = {
  label: string
  value: string
  onChange: (value: string) => void
  description?: string
  placeholder?: string
  /** Why the value is invalid. */
  error?: string
  required?: boolean
  className?: string | undefined
}

/**
 * Marks the label of a required field with a star. The star is not part of the label's text: assistive technology reads
 * `required`.
 */
export function requiredMark(isRequired: boolean) {
  return { withAsterisk: false, ...(isRequired && { labelProps: { className: classes.required } }) }
}

export function TextField({ onChange, ...props }: TextFieldProps) {
  return (
    <TextInput
      {...props}
      {...requiredMark(props.required === true)}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/**
 * A field for a secret. A stored secret is never shown. It is retained while the field is empty; an optional one only
 * while its key is unchanged.
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
      label={isOptional ? `${label} (optional)` : label}
      value={draft.secrets[name] ?? ''}
      onChange={(event) => change({ secrets: { ...draft.secrets, [name]: event.currentTarget.value } })}
      placeholder={isStored ? 'stored' : ''}
      {...(isStored && {
        description: isOptional
          ? 'Stored. Entering a new key without one removes it.'
          : 'Stored. Enter a value only to replace it.',
      })}
      required={!isOptional && !isStored}
      {...requiredMark(!isOptional && !isStored)}
      autoComplete="new-password"
      visibilityToggleIcon={({ reveal }) => (reveal ? <IconEyeOff size={15} /> : <IconEye size={15} />)}
      visibilityToggleButtonProps={{ 'aria-label': 'Show secret', tabIndex: 0 }}
    />
  )
}

export function ChoiceField<Value extends string>({
  label,
  value,
  options,
  onChange,
  description,
  disabledOptions = [],
}: {
  label: string
  value: Value
  options: Readonly<Record<Value, string>>
  onChange: (value: Value) => void
  description?: string
  /** Options that are listed but cannot be chosen. The description says why. */
  disabledOptions?: readonly Value[]
}) {
  return (
    <LazySelect<Value>
      label={label}
      value={value}
      data={(Object.entries(options) as [Value, string][]).map(([option, optionLabel]) => ({
        value: option,
        label: optionLabel,
        disabled: disabledOptions.includes(option),
      }))}
      allowDeselect={false}
      onChange={(chosen) => chosen !== null && onChange(chosen)}
      {...(description !== undefined && { description })}
    />
  )
}

/** The source of AWS credentials. */
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
          description="Leave empty to use the profile of Lakeshore’s environment"
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

/** Any number of rows with the same fields. */
export function RepeatedFields<Row>({
  legend,
  description,
  noun,
  rows,
  emptyRow,
  onChange,
  children,
}: {
  legend: string
  description?: string
  /** Name of one row, for example `mapping`. */
  noun: string
  rows: readonly Row[]
  emptyRow: Row
  onChange: (rows: Row[]) => void
  children: (row: Row, change: (part: Partial<Row>) => void, index: number) => ReactNode
}) {
  const legendId = useId()
  return (
    // Not a fieldset: its legend cannot be in the column of the labels.
    <div className={classes.repeated} role="group" aria-labelledby={legendId}>
      <span id={legendId} className={classes.legend}>
        {legend}
      </span>
      <div className={classes.rows}>
        {description !== undefined && <p className="bare quiet small">{description}</p>}
        {rows.map((row, index) => (
          // The index is the only identity of a row; new rows are added at the end.
          <div key={index} className={classes.row}>
            {children(
              row,
              (part) =>
                onChange(rows.map((other, otherIndex) => (otherIndex === index ? { ...other, ...part } : other))),
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
      </div>
    </div>
  )
}
