'use client'
import { Checkbox, NumberInput, TextInput } from '@mantine/core'
import { useState } from 'react'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { type CsvOptions, GROUP_SEPARATORS, TEXT_ENCODINGS } from '@/lib/ingest/csv-options'
import type { ReadingKind } from '@/lib/ingest/readings/csv-question'
import classes from './csv.module.css'

const DELIMITERS = [
  { value: ',', label: ',' },
  { value: ';', label: ';' },
  { value: '\t', label: 'tab' },
  { value: '|', label: '|' },
]
const ANOTHER = 'another'
const QUOTES = [
  { value: '"', label: '"' },
  { value: "'", label: "'" },
  { value: 'none', label: 'none' },
]
const NUMBERS = [
  { value: '.', label: '1234.56' },
  { value: '.,', label: '1,234.56' },
  { value: '. ', label: '1 234.56' },
  { value: ".'", label: "1'234.56" },
  { value: ',', label: '1234,56' },
  { value: ', ', label: '1 234,56' },
  { value: ',.', label: '1.234,56' },
  { value: ",'", label: "1'234,56" },
]

function foundLabel(delimiter: string | null): string {
  if (delimiter === null) return 'as the header has it'
  return `found: ${DELIMITERS.find(({ value }) => value === delimiter)?.label ?? delimiter}`
}

/**
 * How delimited text is written.
 *
 * @param props.unanswered kinds of values whose form the user has to choose: their fields are in the questions
 * @param props.foundDelimiter the one by which the first rows were read; null as long as it is not known
 */
export function CsvFields({
  csv,
  unanswered,
  foundDelimiter = null,
  onChange,
}: {
  csv: CsvOptions
  foundDelimiter?: string | null
  unanswered: readonly ReadingKind[]
  onChange: (change: Partial<CsvOptions>) => void
}) {
  return (
    <>
      <DelimiterField delimiter={csv.delimiter} found={foundDelimiter} onChange={onChange} />
      <LazySelect
        label="Quote"
        data={QUOTES}
        value={csv.quote ?? 'none'}
        allowDeselect={false}
        onChange={(value) => onChange({ quote: value === 'none' ? null : value })}
        w={80}
      />
      <NumberInput
        label="Skip lines"
        value={csv.skippedLines}
        min={0}
        max={1000}
        allowDecimal={false}
        onChange={(value) =>
          onChange({ skippedLines: typeof value === 'number' ? Math.min(1000, Math.max(0, value)) : 0 })
        }
        w={90}
      />
      <LazySelect
        label="Encoding"
        data={[...TEXT_ENCODINGS]}
        value={csv.encoding}
        allowDeselect={false}
        onChange={(encoding) => encoding !== null && onChange({ encoding })}
        w={140}
      />
      <TextInput
        label="Null text"
        placeholder="empty"
        value={csv.nullText}
        maxLength={100}
        onChange={({ currentTarget }) => onChange({ nullText: currentTarget.value })}
        w={90}
      />
      {!unanswered.includes('dates') && (
        <TextInput
          label="Dates"
          placeholder="2026-01-31"
          value={csv.dateFormat ?? ''}
          maxLength={100}
          onChange={({ currentTarget }) => onChange({ dateFormat: currentTarget.value || null })}
          w={120}
        />
      )}
      {!unanswered.includes('times') && (
        <TextInput
          label="Times"
          placeholder="2026-01-31 12:00"
          value={csv.timestampFormat ?? ''}
          maxLength={100}
          onChange={({ currentTarget }) => onChange({ timestampFormat: currentTarget.value || null })}
          w={160}
        />
      )}
      {!unanswered.includes('numbers') && (
        <LazySelect
          label="Numbers"
          data={NUMBERS}
          value={`${csv.decimalSeparator}${csv.groupSeparator ?? ''}`}
          allowDeselect={false}
          onChange={(value) => value !== null && onChange(toSeparators(value))}
          w={120}
        />
      )}
      <div className={classes.flags}>
        <Checkbox
          label="Header in the first line"
          checked={csv.hasHeader}
          onChange={({ currentTarget }) => onChange({ hasHeader: currentTarget.checked })}
        />
        <Checkbox
          label="Times without a zone are UTC"
          checked={csv.assumesUtc}
          onChange={({ currentTarget }) => onChange({ assumesUtc: currentTarget.checked })}
        />
      </div>
    </>
  )
}

/** A usual delimiter, or any other character. */
function DelimiterField({
  delimiter,
  found,
  onChange,
}: {
  delimiter: string | null
  found: string | null
  onChange: (change: Pick<CsvOptions, 'delimiter'>) => void
}) {
  const isUsual = delimiter === null || DELIMITERS.some(({ value }) => value === delimiter)
  const [isAnother, setAnother] = useState(!isUsual)
  const [typed, setTyped] = useState(isUsual ? '' : delimiter)
  // A saved load, or the second best, may set another one.
  const showsAnother = isAnother || !isUsual
  return (
    <>
      <LazySelect
        label="Delimiter"
        data={[
          { value: 'auto', label: foundLabel(found) },
          ...DELIMITERS,
          { value: ANOTHER, label: 'another character' },
        ]}
        value={showsAnother ? ANOTHER : (delimiter ?? 'auto')}
        allowDeselect={false}
        onChange={(value) => {
          setAnother(value === ANOTHER)
          if (value !== ANOTHER) onChange({ delimiter: value === 'auto' ? null : value })
        }}
        w={170}
      />
      {showsAnother && (
        <TextInput
          label="Character"
          placeholder="such as ^"
          value={typed === '' && !isUsual ? delimiter : typed}
          maxLength={2}
          onChange={({ currentTarget }) => {
            const text = currentTarget.value
            setTyped(text)
            if (text !== '' && String.fromCodePoint(text.codePointAt(0) ?? 0) === text) onChange({ delimiter: text })
          }}
          w={90}
        />
      )}
    </>
  )
}

function toSeparators(value: string): Pick<CsvOptions, 'decimalSeparator' | 'groupSeparator'> {
  return {
    decimalSeparator: value.startsWith(',') ? ',' : '.',
    groupSeparator: GROUP_SEPARATORS.find((separator) => value.slice(1) === separator) ?? null,
  }
}
