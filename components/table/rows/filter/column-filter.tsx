'use client'
import { Tooltip } from '@mantine/core'
import { type KeyboardEvent, type SyntheticEvent, useId, useMemo, useState } from 'react'
import { isFocusLost } from '@/components/ui/is-focus-lost'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { visibleText } from '@/lib/format/visible-text'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { hasInstants } from '@/lib/scan/value-text'
import classes from './column-filter.module.css'
import { conditionCellText, conditionExamples, parseConditionCell } from './condition-cell'
import { type ConditionDraft, conditionProblem, toDraft, toPredicate } from './condition-draft'
import { filterColumns } from './filter-columns'
import { type FilterCondition, rowFilterText } from './row-filter'

const LOWER_BOUNDS: readonly string[] = ['gt', 'gt-eq']
const UPPER_BOUNDS: readonly string[] = ['lt', 'lt-eq']

/** The filter as the row below the headers shows and changes it. */
export type ColumnFilters = {
  conditions: readonly FilterCondition[]
  /** The column that gets the focus back, because the filter of its field was applied. */
  appliedFieldId: number | null
  /** Gets the whole filter as text; null without a condition. */
  onApply: (text: string | null, fieldId: number) => void
  /** Texts that are not applied. They outlive their fields, because another filter draws another grid. */
  drafts: Map<number, FieldDraft>
}

/** A text that was typed or refused, with the reason, instead of the applied one. */
export type FieldDraft = { text: string; applied: string; problem: string | null }

/**
 * The first condition of a column as text, below its header, with its other bound if it is one of a range. Enter
 * applies it, Escape takes it back.
 */
export function ColumnFilter({
  fieldId,
  fields,
  filters: { conditions, appliedFieldId, onApply, drafts },
}: {
  fieldId: number
  fields: readonly NestedField[]
  filters: ColumnFilters
}) {
  const problemId = useId()
  const timeZone = useTimeZone()
  const columns = useMemo(() => filterColumns(fields), [fields])
  const column = columns.find((candidate) => candidate.fieldId === fieldId)
  const conditionDrafts = conditions.map((condition) => toDraft(condition, columns, timeZone))
  const shown = shownConditions(conditionDrafts, fieldId)
  const applied = column ? shown.map(({ draft }) => conditionCellText(draft, column)).join(' ') : ''
  const pending = drafts.get(fieldId)
  const initial = pending?.applied === applied ? pending : { text: applied, problem: null }
  const [text, setText] = useState(initial.text)
  const [problem, setProblem] = useState(initial.problem)
  const [isFocused, setFocused] = useState(false)
  if (column === undefined) return null

  const change = (next: string, reason: string | null = null) => {
    setText(next)
    setProblem(reason)
    if (next === applied && reason === null) drafts.delete(fieldId)
    else drafts.set(fieldId, { text: next, applied, problem: reason })
  }
  const apply = () => {
    try {
      const written = text.trim() === '' ? [] : parseConditionCell(text, column)
      const predicates = conditions.flatMap(({ predicate }, i) =>
        shown.some(({ index }) => index === i) ? [] : predicate,
      )
      const index = shown[0]?.index ?? predicates.length
      predicates.splice(index, 0, ...written.map((draft) => toPredicate(draft, column, { fields, timeZone })))
      const filterText = rowFilterText(predicates)
      drafts.delete(fieldId)
      onApply(filterText, fieldId)
    } catch (error) {
      change(text, `${conditionProblem(error)} ${conditionExamples(column.type)}`)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Enter') apply()
    if (event.key === 'Escape') change(applied)
  }
  const name = visibleText(column.name)
  return (
    <>
      {/* Tips of several fields would cover each other. */}
      <Tooltip label={problem} opened={problem !== null && isFocused} position="bottom-start" multiline maw={360}>
        <input
          // Another filter draws another grid, so the field of the applied one would lose the focus.
          ref={(input) => {
            if (input !== null && appliedFieldId === fieldId && isFocusLost()) input.focus({ preventScroll: true })
          }}
          className={classes.field}
          aria-label={`Filter of ${name}`}
          aria-invalid={problem !== null}
          aria-describedby={problemId}
          placeholder={hasInstants(column.type) ? '= in UTC' : '='}
          title={(isFocused ? null : problem) ?? (text || conditionExamples(column.type))}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
          onFocus={() => setFocused(true)}
          onBlur={() => setFocused(false)}
          // These are events of the field, not of the header around it.
          onClick={stop}
          onMouseDown={stop}
          onTouchStart={stop}
          onPointerDown={stop}
          onDoubleClick={stop}
          onCopy={stop}
          onContextMenu={stop}
        />
      </Tooltip>
      <span id={problemId} className="sr-only" role="alert">
        {problem}
      </span>
    </>
  )
}

/** The conditions of a column that its field shows, in the order of the filter. */
function shownConditions(drafts: readonly (ConditionDraft | null)[], fieldId: number) {
  const own = drafts.flatMap((draft, index) => (draft?.fieldId === fieldId ? [{ draft, index }] : []))
  const [first] = own
  if (first === undefined) return []
  const bounds = [LOWER_BOUNDS, UPPER_BOUNDS]
  const others = bounds.find((operators) => !operators.includes(first.draft.operator))
  const isBound = bounds.some((operators) => operators.includes(first.draft.operator))
  const second = isBound ? own.find(({ draft }) => others?.includes(draft.operator)) : undefined
  return second === undefined ? [first] : [first, second]
}

function stop(event: SyntheticEvent): void {
  event.stopPropagation()
}
