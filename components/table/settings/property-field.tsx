'use client'
import { TextInput } from '@mantine/core'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { useState } from 'react'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'
import { formatExactDuration, parseDuration } from '@/lib/format/exact-duration'
import { parseBytes } from '@/lib/format/parse-bytes'
import type { TableProperty } from '@/lib/iceberg/properties/table-properties'
import classes from './property-field.module.css'

type PropertyFieldProps = {
  name: string
  definition: TableProperty | null
  /** The pending value, or the stored one; null when it is not set. */
  value: string | null
  /** Null when it is not set. */
  storedValue: string | null
  /** Why a value cannot be set, in words for people; null if it can. */
  problemOf: (value: string) => string | null
  onChange: (value: string | null) => void
  disabled: boolean
}

/**
 * The field of a property's value. An invalid text shows the reason below and leaves the stored value unchanged. A
 * number of bytes or milliseconds may be typed with a unit; the field explains the number, and shows the exact one
 * after the user leaves it.
 */
export function PropertyField(props: PropertyFieldProps) {
  const choices = choicesFor(props.definition)
  return choices ? <ChoiceField {...props} choices={choices} /> : <TextValueField {...props} />
}

function ChoiceField({
  name,
  definition,
  value,
  onChange,
  disabled,
  choices,
}: PropertyFieldProps & { choices: readonly string[] }) {
  return (
    <LazySelect
      aria-label={name}
      className={classes.field ?? ''}
      data={[...choices]}
      value={value}
      placeholder={placeholderText(definition, value)}
      onChange={onChange}
      disabled={disabled}
      clearable
    />
  )
}

function TextValueField({ name, definition, value, storedValue, problemOf, onChange, disabled }: PropertyFieldProps) {
  const [text, setText] = useState(value ?? '')
  // The last value that this field set or showed. A different value has another source, such as a discarded change.
  const [knownValue, setKnownValue] = useState(value)
  if (value !== knownValue) {
    setKnownValue(value)
    setText(value ?? '')
  }
  const measure = measureOf(definition)
  const parse = (typed: string) => {
    if (measure === null) return { parsed: typed, problem: problemOf(typed) }
    const parsed = measure.parse(typed)
    return parsed === null ? { parsed, problem: measure.problem } : { parsed, problem: problemOf(parsed) }
  }
  const changeText = (typed: string) => {
    setText(typed)
    const { parsed, problem } = parse(typed)
    const next = typed === '' ? (storedValue === '' ? '' : null) : problem === null ? parsed : storedValue
    setKnownValue(next)
    onChange(next)
  }
  const { parsed, problem } = text === '' ? { parsed: null, problem: null } : parse(text)
  const explanation = measure && problem === null && parsed !== null ? describeMeasure(measure, text, parsed) : null
  return (
    <TextInput
      aria-label={name}
      className={classes.field ?? ''}
      value={text}
      placeholder={placeholderText(definition, value)}
      error={problem === null ? null : `The value ${problem}.`}
      errorProps={{ className: 'small' }}
      {...(explanation !== null && {
        rightSection: (
          <span className={classes.explanation} aria-hidden>
            {explanation}
          </span>
        ),
        rightSectionWidth: `${explanation.length + 3}ch`,
        rightSectionPointerEvents: 'none',
        description: explanation,
        descriptionProps: { className: 'sr-only' },
      })}
      onChange={(event) => changeText(event.currentTarget.value)}
      onBlur={() => {
        if (problem === null && parsed !== null) setText(parsed)
      }}
      disabled={disabled}
      spellCheck={false}
      autoComplete="off"
    />
  )
}

/** A number that may be typed with a unit. */
type Measure = {
  /** The exact digits of a text; null if it is not such a number. */
  parse: (text: string) => string | null
  problem: string
  /** The digits in a readable unit. */
  format: (digits: string) => string
  /** The unit of the digits. */
  unit: string
}

const BYTES: Measure = {
  parse: parseBytes,
  problem: 'should be a number of bytes, such as 134217728 or 128 MiB',
  format: roundedBytes,
  unit: 'B',
}
const MILLISECONDS: Measure = {
  parse: parseDuration,
  problem: 'should be a number of milliseconds, such as 300000, or a duration such as 5 min or 7 days',
  format: formatExactDuration,
  unit: 'ms',
}

/** How the numbers of a property are typed and read; null if they have no such unit. */
function measureOf(definition: TableProperty | null): Measure | null {
  if (definition?.unit === 'bytes') return BYTES
  return definition?.unit === 'milliseconds' ? MILLISECONDS : null
}

/** The digits in a readable unit, or the exact number while a unit is typed. */
function describeMeasure({ format, unit }: Measure, text: string, digits: string): string {
  return /^\s*\d+\s*$/.test(text) ? format(digits) : `${formatCount(BigInt(digits))} ${unit}`
}

/** A property's default in units that people read, or its unit. */
export function describeDefault(definition: TableProperty): string {
  const measure = measureOf(definition)
  return measure === null || definition.default === null ? (definition.unit ?? '') : measure.format(definition.default)
}

/** Bytes in a binary unit, marked if rounded: `512 MiB`, `≈ 488 MiB`. */
function roundedBytes(digits: string): string {
  const rounded = formatBytes(Number(digits))
  return parseBytes(rounded.replaceAll(',', '')) === digits ? rounded : `≈ ${rounded}`
}

/** An unset property shows its default, in words, so that it does not look like a value that is set. */
function placeholderText(definition: TableProperty | null, value: string | null): string {
  if (value === '') return 'empty'
  if (definition?.default == null) return 'not set'
  return `${measureOf(definition)?.format(definition.default) ?? definition.default} (default)`
}

function choicesFor(definition: TableProperty | null): readonly string[] | null {
  if (definition?.values.kind === 'boolean') return ['true', 'false']
  return definition?.values.kind === 'choice' ? definition.values.choices : null
}
