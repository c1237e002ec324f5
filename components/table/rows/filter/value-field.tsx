import { ActionIcon, Select, Textarea, TextInput } from '@mantine/core'
import { IconCalendar } from '@tabler/icons-react'
import { useId, useRef } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import type { Type } from '@/lib/iceberg/schema/types'
import { hasInstants } from '@/lib/scan/value-text'
import { valueExample } from './condition-draft'
import { pickedText, pickerKind, pickerValue } from './picked-time'
import { ReadAs } from './read-as'
import classes from './value-field.module.css'
import { splitValues } from './value-list'
import { impliedInstant } from './write-offsets'

const COMBOBOX = { withinPortal: false } as const
const MAX_PREVIEWED_VALUES = 12

type ValueFieldProps = {
  label: string
  type: Type
  isMany: boolean
  /** Frequent values. */
  offered: readonly string[]
  hasInitialFocus: boolean
  text: string
  problem: string | null
  onChange: (text: string) => void
}

/** One value of a condition, or a list of them, and below it how its text is read. */
export function ValueField({
  label,
  type,
  isMany,
  offered,
  hasInitialFocus,
  text,
  problem,
  onChange,
}: ValueFieldProps) {
  const listId = useId()
  const timeZone = useTimeZone()
  const example = isMany && type === 'string' ? 'SFO, "Paris, TX"' : valueExample(type, timeZone)
  const field = {
    label,
    error: problem,
    ...(hasInitialFocus && { 'data-autofocus': true }),
    ...(example !== '' && { description: `e.g. ${example}` }),
  }
  if (type === 'boolean') {
    return (
      <Select
        {...field}
        comboboxProps={COMBOBOX}
        allowDeselect={false}
        data={['true', 'false']}
        value={text === '' ? null : text}
        onChange={(value) => onChange(value ?? '')}
      />
    )
  }
  if (isMany) {
    return (
      <div className="stack gap-6">
        <Textarea {...field} rows={4} value={text} onChange={(event) => onChange(event.currentTarget.value)} />
        <ListedValues type={type} text={text} />
      </div>
    )
  }
  const instant = impliedInstant(text.trim(), type, timeZone)
  return (
    <div className="stack gap-6">
      <TextInput
        {...field}
        autoComplete="off"
        spellCheck={false}
        {...(offered.length > 0 && { list: listId })}
        value={text}
        rightSection={pickerKind(type) && <PickerButton type={type} text={text} onPick={onChange} />}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {offered.length > 0 && (
        <datalist id={listId}>
          {offered.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
      {instant !== null && <ReadAs isUtc={hasInstants(type)}>{instant}</ReadAs>}
    </div>
  )
}

/** The values that a list is split into, each once: a value that is listed twice tests the same. */
function ListedValues({ type, text }: { type: Type; text: string }) {
  const timeZone = useTimeZone()
  const values = [...new Set(splitValues(text).map((value) => value.text))]
  if (values.length === 0) return null
  const more = values.length - MAX_PREVIEWED_VALUES
  return (
    <div className={classes.preview} role="status">
      {formatQuantity(values.length, 'value')}
      {hasInstants(type) && values.some((value) => impliedInstant(value, type, timeZone) !== null) && ', read as UTC'}
      <ul className={classes.values}>
        {values.slice(0, MAX_PREVIEWED_VALUES).map((value) => (
          <li key={value} className={classes.value}>
            {value === '' ? 'empty' : visibleText(impliedInstant(value, type, timeZone) ?? value)}
          </li>
        ))}
        {more > 0 && <li>{formatCount(more)} more</li>}
      </ul>
    </div>
  )
}

/** Opens the browser's picker. It has no fractions of seconds and no early years, so it only writes into the field. */
function PickerButton({ type, text, onPick }: { type: Type; text: string; onPick: (text: string) => void }) {
  const timeZone = useTimeZone()
  const picker = useRef<HTMLInputElement>(null)
  const label = type === 'date' ? 'Choose a date' : 'Choose a date and time'
  const open = () => {
    if (picker.current === null) return
    picker.current.value = pickerValue(type, text, timeZone)
    picker.current.showPicker()
  }
  return (
    <>
      <ActionIcon variant="subtle" size={24} aria-label={label} title={label} onClick={open}>
        <IconCalendar size={15} stroke={1.6} aria-hidden />
      </ActionIcon>
      <input
        ref={picker}
        className={classes.picker}
        type={pickerKind(type) ?? 'date'}
        step={type === 'date' ? 1 : 'any'}
        tabIndex={-1}
        aria-hidden
        onChange={(event) => {
          const picked = pickedText(type, event.currentTarget.value, timeZone)
          if (picked !== null) onPick(picked)
        }}
      />
    </>
  )
}
