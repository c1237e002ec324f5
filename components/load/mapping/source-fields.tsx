'use client'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { ColumnSource } from '@/lib/ingest/load-mapping'
import classes from './mapping-step.module.css'

type SourceKind = 'none' | 'value' | 'sql' | 'file-name' | 'path-value' | 'line' | 'loaded-at' | 'rest'
const SOURCES: readonly { value: SourceKind; label: string }[] = [
  { value: 'none', label: 'no value' },
  { value: 'value', label: 'the same for every row' },
  { value: 'sql', label: 'SQL expression' },
  { value: 'file-name', label: 'name of the file' },
  { value: 'path-value', label: 'value in the path' },
  { value: 'line', label: 'line in the file' },
  { value: 'loaded-at', label: 'time of the load' },
  { value: 'rest', label: 'all other fields' },
]

/** The values of a column that no field fills. */
export function SourceFields({
  name,
  source,
  isMissing,
  hasFocus,
  haveFolders,
  onChange,
}: {
  name: string
  source: Exclude<ColumnSource, { field: string }> | null
  isMissing: boolean
  /** Whether the field of the text takes the focus when it appears, as it does after its kind was chosen here. */
  hasFocus: boolean
  haveFolders: boolean
  onChange: (source: ColumnSource | null) => void
}) {
  const kind = kindOf(source)
  // The field of the chosen kind takes over the focus.
  const [isChosen, setIsChosen] = useState(false)
  const autoFocus = hasFocus || isChosen
  return (
    <span className={classes.how}>
      <LazySelect
        aria-label={`Values of ${name}`}
        searchable
        data={SOURCES.filter(({ value }) => haveFolders || value !== 'path-value' || kind === value)}
        value={kind}
        allowDeselect={false}
        onChange={(value) => {
          if (value === null) return
          setIsChosen(true)
          onChange(toSource(value, name))
        }}
        className={classes.source}
      />
      {source && 'value' in source && source.value !== null && (
        <TextInput
          aria-label={`Value of ${name}`}
          className={classes.text ?? ''}
          autoFocus={autoFocus}
          value={source.value}
          maxLength={10_000}
          onChange={({ currentTarget }) => onChange({ value: currentTarget.value })}
        />
      )}
      {source && 'sql' in source && (
        <SourceText
          label={`Expression for ${name}`}
          className={classes.sql}
          autoFocus={autoFocus}
          text={source.sql}
          onChange={(sql) => onChange({ sql })}
        />
      )}
      {source && 'pathValue' in source && (
        <SourceText
          label={`Folder for ${name}`}
          className={classes.text}
          autoFocus={autoFocus}
          text={source.pathValue}
          onChange={(pathValue) => onChange({ pathValue })}
        />
      )}
      {isMissing && <span className="warn medium">requires values</span>}
    </span>
  )
}

/** A text that a source needs: if the field is left empty, it has the last one again. */
function SourceText({
  label,
  text,
  className,
  autoFocus,
  onChange,
}: {
  label: string
  text: string
  className: string | undefined
  autoFocus: boolean
  onChange: (text: string) => void
}) {
  const [isEmpty, setIsEmpty] = useState(false)
  return (
    <TextInput
      aria-label={label}
      {...(className !== undefined && { className })}
      value={isEmpty ? '' : text}
      maxLength={10_000}
      spellCheck={false}
      autoFocus={autoFocus}
      onChange={({ currentTarget: { value } }) => {
        setIsEmpty(value === '')
        if (value !== '') onChange(value)
      }}
      onBlur={() => setIsEmpty(false)}
    />
  )
}

function kindOf(source: Exclude<ColumnSource, { field: string }> | null): SourceKind {
  if (source === null || ('value' in source && source.value === null)) return 'none'
  if ('value' in source) return 'value'
  if ('sql' in source) return 'sql'
  if ('pathValue' in source) return 'path-value'
  return 'fact' in source ? source.fact : 'rest'
}

function toSource(kind: SourceKind, column: string): ColumnSource {
  switch (kind) {
    case 'none':
      return { value: null }
    case 'value':
      return { value: '' }
    case 'sql':
      return { sql: 'NULL' }
    case 'path-value':
      return { pathValue: column }
    case 'rest':
      return { rest: true }
    default:
      return { fact: kind }
  }
}
