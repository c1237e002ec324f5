'use client'
import { Select, Textarea, TextInput } from '@mantine/core'
import { type CSSProperties, useMemo } from 'react'
import { MAX_PARAMETERS, type ParameterType, type QueryParameter } from '@/lib/query/parameter-types'
import { parameterNamesIn, parameterProblem } from '@/lib/query/parameters'
import classes from './parameter-fields.module.css'
import { type ParameterScope, useParameterTypes } from './use-parameter-types'

/** A type of values, or a list of it. */
type Choice = { label: string; type: ParameterType; isList: boolean; placeholder: string }

const CHOICES: readonly Choice[] = [
  { label: 'text', type: 'text', isList: false, placeholder: '' },
  { label: 'number', type: 'number', isList: false, placeholder: '1234.56' },
  { label: 'date', type: 'date', isList: false, placeholder: '2026-11-22' },
  { label: 'timestamp', type: 'timestamp', isList: false, placeholder: '2026-11-22 14:30:00' },
  {
    label: 'timestamp with time zone',
    type: 'timestamptz',
    isList: false,
    placeholder: '2026-11-22 14:30:00+01:00, or UTC',
  },
  { label: 'boolean', type: 'boolean', isList: false, placeholder: '' },
  { label: 'null', type: 'null', isList: false, placeholder: '' },
  { label: 'list of texts', type: 'text', isList: true, placeholder: 'one per line' },
  { label: 'list of numbers', type: 'number', isList: true, placeholder: 'one per line' },
  { label: 'list of dates', type: 'date', isList: true, placeholder: 'one per line' },
  { label: 'list of timestamps', type: 'timestamp', isList: true, placeholder: 'one per line' },
  { label: 'list of timestamps with time zone', type: 'timestamptz', isList: true, placeholder: 'one per line' },
]
const TEXT_CHOICE: Choice = { label: 'text', type: 'text', isList: false, placeholder: '' }

/**
 * The parameters that a text names, each with its type and its value. Until the user chooses one, the type is that of the
 * column that the parameter is compared with.
 */
export function ParameterFields({
  sql,
  scope,
  values,
  onChange,
}: {
  sql: string
  scope: ParameterScope
  /** May have values of parameters that the text no longer names. */
  values: readonly QueryParameter[]
  onChange: (values: readonly QueryParameter[]) => void
}) {
  const names = useMemo(() => parameterNamesIn(sql).slice(0, MAX_PARAMETERS), [sql])
  const types = useParameterTypes(sql, scope)
  if (names.length === 0) return null
  const find = (name: string) => values.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const change = (next: QueryParameter) => {
    const others = values.filter(({ name }) => name.toLowerCase() !== next.name.toLowerCase())
    // Values of the text come last: the others are forgotten first.
    onChange([...others, next].slice(-MAX_PARAMETERS))
  }
  return (
    <section aria-label="Parameters" className={classes.parameters}>
      <h2 className="sr-only">Parameters</h2>
      <div className={classes.fields}>
        {names.map((name) => (
          <ParameterField
            key={name.toLowerCase()}
            name={name}
            comparedType={types.get(name.toLowerCase()) ?? 'text'}
            value={find(name)}
            onChange={change}
          />
        ))}
      </div>
    </section>
  )
}

/** The longest of the texts decides the width of a field. */
function toWidth(texts: readonly string[]): CSSProperties {
  return { '--chars': texts.reduce((most, { length }) => Math.max(most, length), 0) } as CSSProperties
}

function ParameterField({
  name,
  comparedType,
  value,
  onChange,
}: {
  name: string
  /** The type until the user chooses one. */
  comparedType: ParameterType
  /** Undefined until the user gives it one. */
  value: QueryParameter | undefined
  onChange: (value: QueryParameter) => void
}) {
  const { type, isList, text } = value ?? { type: comparedType, isList: false, text: '' }
  const choice = CHOICES.find((each) => each.type === type && each.isList === isList) ?? TEXT_CHOICE
  const write = (next: string) => onChange({ name, type, isList, text: next })
  const problem = value === undefined ? null : parameterProblem(value)
  const field = {
    'aria-label': `Value of $${name}`,
    value: text,
    error: problem,
    placeholder: choice.placeholder,
    className: classes.value ?? '',
    style: toWidth([choice.placeholder, ...(isList ? text.split('\n') : [text])]),
  }
  return (
    <div className={classes.field} data-type={isList ? 'list' : type} data-wrong={problem !== null || undefined}>
      <code className={classes.name}>${name}</code>
      {type === 'boolean' ? (
        <Select
          aria-label={field['aria-label']}
          data={['true', 'false']}
          value={text}
          error={problem}
          allowDeselect={false}
          onChange={(next) => write(next ?? 'true')}
          className={classes.value ?? ''}
        />
      ) : type === 'null' ? (
        <span className={classes.null}>null</span>
      ) : isList ? (
        <Textarea {...field} rows={3} onChange={(event) => write(event.currentTarget.value)} />
      ) : (
        <TextInput {...field} onChange={(event) => write(event.currentTarget.value)} />
      )}
      <Select
        aria-label={`Type of $${name}`}
        data={CHOICES.map(({ label }) => label)}
        value={choice.label}
        title={choice.label}
        allowDeselect={false}
        onChange={(label) => {
          const next = CHOICES.find((each) => each.label === label) ?? TEXT_CHOICE
          const nextText = next.type === 'boolean' && !/^(true|false)$/.test(text) ? 'true' : text
          onChange({ name, type: next.type, isList: next.isList, text: nextText })
        }}
        className={classes.type ?? ''}
        style={toWidth([choice.label])}
      />
    </div>
  )
}
