'use client'
import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { type EditedForm, useUnfinishedEdit } from '@/lib/client/table/unfinished-edits'
import { formatCount } from '@/lib/format/count'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import {
  offeredTransforms,
  type SourceColumn,
  splitTransform,
  takesParameter,
  transformText,
} from '@/lib/layout/offered-transforms'
import classes from './layout-fields.module.css'

type PickedField = { sourceId: number; transform: string }

type FieldPickerProps = {
  columns: readonly SourceColumn[]
  /** The name of such a field, as in *partition field 1*. */
  label: string
  value: PickedField
  /** The form whose button waits for a valid parameter. */
  form?: EditedForm
  onChange: (value: PickedField) => void
}

const DEFAULT_PARAMETERS = { bucket: 16, truncate: 4 }
const MAX_PARAMETER = 2_147_483_647

/** A column, a transform that its type permits, and the transform's parameter. */
export function FieldPicker({ columns, label, value, form = 'tray', onChange }: FieldPickerProps) {
  const { sourceId, transform } = value
  const column = columns.find((one) => one.sourceId === sourceId)
  const split = splitTransform(transform)
  const offered = column ? offeredTransforms(column.type) : []
  const setColumn = (text: string | null) => {
    const next = columns.find((one) => String(one.sourceId) === text)
    if (!next) return
    const fits = offeredTransforms(next.type).some(({ kind, reason }) => kind === split?.kind && reason === null)
    onChange({ sourceId: next.sourceId, transform: fits ? transform : 'identity' })
  }
  const setKind = (kind: string | null) => {
    const found = offered.find((one) => one.kind === kind)
    if (!found) return
    const parameter = found.kind === 'truncate' ? DEFAULT_PARAMETERS.truncate : DEFAULT_PARAMETERS.bucket
    onChange({ sourceId, transform: transformText(found.kind, parameter) })
  }
  return (
    <>
      <LazySelect
        aria-label={`Column of ${label}`}
        searchable
        className={classes.column ?? ''}
        data={columns.map((one) => ({ value: String(one.sourceId), label: one.path.join('.') }))}
        value={String(sourceId)}
        allowDeselect={false}
        onChange={setColumn}
      />
      <LazySelect
        aria-label={`Transform of ${label}`}
        className={classes.transform ?? ''}
        data={offered.map(({ kind, reason }) => ({
          value: kind,
          label: reason === null ? kind : `${kind}: ${reason}`,
          disabled: reason !== null,
        }))}
        value={split?.kind ?? null}
        comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
        allowDeselect={false}
        onChange={setKind}
      />
      {split && takesParameter(split.kind) && (
        <ParameterField
          label={split.kind === 'bucket' ? `Buckets of ${label}` : `Width of ${label}`}
          value={split.parameter ?? 1}
          form={form}
          onChange={(parameter) => onChange({ sourceId, transform: transformText(split.kind, parameter) })}
        />
      )}
    </>
  )
}

type ParameterProps = { label: string; value: number; form: EditedForm; onChange: (value: number) => void }

/** A whole number that is taken with Enter or when the field is left. */
function ParameterField({ label, value, form, onChange }: ParameterProps) {
  const [text, setText] = useState(String(value))
  const [known, setKnown] = useState(value)
  if (known !== value) {
    setKnown(value)
    setText(String(value))
  }
  const number = /^\d+$/.test(text) ? Number(text) : 0
  const problem = parameterProblem(number)
  useUnfinishedEdit(label, problem !== null, form)
  const commit = () => {
    if (problem === null && number !== value) onChange(number)
  }
  return (
    <TextInput
      aria-label={label}
      className={classes.parameter ?? ''}
      inputMode="numeric"
      value={text}
      error={problem}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit()
        if (event.key === 'Escape') setText(String(value))
      }}
    />
  )
}

function parameterProblem(number: number): string | null {
  if (number < 1) return 'A whole number from 1'
  return number > MAX_PARAMETER ? `At most ${formatCount(MAX_PARAMETER)}` : null
}
