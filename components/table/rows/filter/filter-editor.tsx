'use client'
import { Button, Popover, Select, Textarea } from '@mantine/core'
import { type FormEvent, useMemo, useState } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { EditedCondition } from './edited-condition'
import {
  conditionProblem,
  OPERATOR_LABELS,
  type Operator,
  operatorsOf,
  predicateForValue,
  toDraft,
  toPredicate,
  valueCountOf,
} from './condition-draft'
import { visibleText } from '@/lib/format/visible-text'
import classes from './filter-editor.module.css'
import { type FilterColumn, filterColumns } from './filter-columns'
import { type FilterCondition, rowFilterText } from './row-filter'
import { parsePredicateText, predicateToText } from '@/lib/scan/predicate/predicate-text'
import type { Predicate } from '@/lib/scan/predicate/predicate'
import type { RowValue } from '@/lib/scan/read/row-values'
import { bindPredicate } from '@/lib/scan/predicate/bind-predicate'
import { ConditionReadAs } from './read-as'
import { ValueField } from './value-field'
import { writeOffsets } from './write-offsets'

/** A table may have thousands of columns. */
const MAX_LISTED_COLUMNS = 100
const COMBOBOX = { withinPortal: false } as const
const VALUE_LABELS = { one: 'Value', two: 'From', many: 'Values, separated by commas or lines' } as const

type EditorProps = {
  fields: readonly NestedField[]
  conditions: readonly FilterCondition[]
  edited: EditedCondition
  /** Values of a column to offer, by its field id. */
  valuesOf?: (fieldId: number) => readonly RowValue[]
  /** The button that opened it. */
  anchor: HTMLElement | null
  /** Gets the whole filter as text. */
  onApply: (text: string | null) => void
  onClose: () => void
}

/** Writes one condition: a column, an operator that fits its type, and a value. */
export function FilterEditor({ fields, conditions, edited, valuesOf, anchor, onApply, onClose }: EditorProps) {
  const timeZone = useTimeZone()
  const columns = useMemo(() => filterColumns(fields), [fields])
  const condition = edited.kind === 'change' ? conditions[edited.index] : undefined
  const draft = condition ? toDraft(condition, columns, timeZone) : null
  const [isText] = useState(condition !== undefined && draft === null)
  const firstId = edited.kind === 'new' ? edited.fieldId : (draft?.fieldId ?? null)
  const [fieldId, setFieldId] = useState(firstId ?? columns[0]?.fieldId ?? null)
  const column = columns.find((candidate) => candidate.fieldId === fieldId)
  const operators = operatorsOf(column?.type ?? 'unknown')
  const [chosenOperator, setOperator] = useState<Operator | null>(draft?.operator ?? null)
  const operator = chosenOperator && operators.includes(chosenOperator) ? chosenOperator : (operators[0] ?? 'is-null')
  const [text, setText] = useState(isText && condition ? predicateToText(condition.predicate) : (draft?.text ?? ''))
  const [endText, setEndText] = useState(draft?.endText ?? '')
  const [problem, setProblem] = useState<string | null>(null)
  const valueCount = valueCountOf(operator)

  const readPredicate = (): Predicate | null => {
    if (!isText) {
      return column
        ? toPredicate({ fieldId: column.fieldId, operator, text, endText }, column, { fields, timeZone })
        : null
    }
    const predicate = writeOffsets(parsePredicateText(text), columns, timeZone)
    bindPredicate(predicate, { fields })
    return predicate
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    try {
      const predicate = readPredicate()
      if (predicate === null) return
      const predicates = conditions.map((each) => each.predicate)
      if (edited.kind === 'change') predicates[edited.index] = predicate
      else predicates.push(predicate)
      onApply(rowFilterText(predicates))
    } catch (error) {
      setProblem(conditionProblem(error))
    }
  }
  const change = (next: string) => {
    setText(next)
    setProblem(null)
  }
  const field = {
    type: column?.type ?? 'unknown',
    isMany: valueCount === 'many',
    offered:
      column && valuesOf ? valuesOf(column.fieldId).flatMap((value) => offeredText(column, value, timeZone)) : [],
    text,
    onChange: change,
  }

  const rect = anchor?.getBoundingClientRect() ?? { left: 0, top: 0, width: 0, height: 0 }
  return (
    <Popover
      opened
      onChange={(isOpen) => !isOpen && onClose()}
      width={340}
      position="bottom-start"
      trapFocus
      withRoles={false}
    >
      <Popover.Target>
        <span
          className={classes.anchor}
          style={{ left: rect.left, top: rect.top, width: rect.width, height: rect.height }}
        />
      </Popover.Target>
      <Popover.Dropdown role="dialog" aria-label={edited.kind === 'new' ? 'Add a filter' : 'Change the filter'}>
        <form className="stack gap-10" onSubmit={submit}>
          {isText ? (
            <div className="stack gap-6">
              <Textarea
                label="Condition"
                data-autofocus
                rows={4}
                value={text}
                error={problem}
                onChange={(event) => change(event.currentTarget.value)}
              />
              <ConditionReadAs text={text} columns={columns} />
            </div>
          ) : (
            <>
              <Select
                label="Column"
                searchable
                {...(firstId === null && { 'data-autofocus': true })}
                limit={MAX_LISTED_COLUMNS}
                comboboxProps={COMBOBOX}
                allowDeselect={false}
                nothingFoundMessage="No such column"
                data={columns.map(({ fieldId: id, name, type }) => ({
                  value: String(id),
                  label: visibleText(`${name} ${typeLabel(type)}`),
                }))}
                value={fieldId === null ? null : String(fieldId)}
                onChange={(value) => {
                  setFieldId(value === null ? null : Number(value))
                  setProblem(null)
                }}
              />
              <Select
                label="Operator"
                comboboxProps={COMBOBOX}
                allowDeselect={false}
                data={operators.map((value) => ({ value, label: OPERATOR_LABELS[value] }))}
                value={operator}
                onChange={(value) => {
                  setOperator(value)
                  setProblem(null)
                }}
              />
              {valueCount !== 'none' && (
                <ValueField
                  {...field}
                  label={VALUE_LABELS[valueCount]}
                  hasInitialFocus={firstId !== null}
                  problem={valueCount === 'two' ? null : problem}
                />
              )}
              {valueCount === 'two' && (
                <ValueField
                  {...field}
                  label="To"
                  hasInitialFocus={false}
                  text={endText}
                  problem={problem}
                  onChange={(next) => {
                    setEndText(next)
                    setProblem(null)
                  }}
                />
              )}
              {valueCount === 'none' && problem !== null && (
                <p className={classes.problem} role="alert">
                  {problem}
                </p>
              )}
            </>
          )}
          <div className="columns gap-8 to-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit">Apply</Button>
          </div>
        </form>
      </Popover.Dropdown>
    </Popover>
  )
}

/** A value as the field of its column has it; none for a value that no condition can have. */
function offeredText(column: FilterColumn, value: RowValue, timeZone: string): string[] {
  const isNested = typeof value === 'object' && !(value instanceof Uint8Array)
  const predicate = isNested ? null : predicateForValue(column, value)
  return predicate?.kind === 'eq' ? [toDraft({ predicate }, [column], timeZone)?.text ?? ''] : []
}
