'use client'
import { Tooltip } from '@mantine/core'
import { type KeyboardEvent, type SyntheticEvent, useId, useMemo, useState } from 'react'
import { isFocusLost } from '@/components/ui/is-focus-lost'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { visibleText } from '@/lib/format/visible-text'
import type { NestedField } from '@/lib/iceberg/schema/types'
import classes from './column-filter.module.css'
import { conditionCellText, conditionExamples, parseConditionCell } from './condition-cell'
import { type ConditionDraft, conditionProblem, toDraft, toPredicate } from './condition-draft'
import { type FilterCondition, filterColumns, rowFilterText } from './row-filter'

const LOWER_BOUNDS: readonly string[] = ['gt', 'gt-eq']
const UPPER_BOUNDS: readonly string[] = ['lt', 'lt-eq']

/** The filter as the row below the headers shows and changes it. */
export type ColumnFilters = {
  conditions: readonly FilterCondition[]
  /** The column that gets the focus back, because the filter of its field was applied. */
  appliedFieldId: number | null
  /** Gets the whole filter as text; null without a condition. */
  onApply: (text: string | null, fieldId: number) => void
}

/**
 * The first condition of a column as text, below its header, with its other bound if it is one of a range. Enter
 * applies it, Escape takes it back.
 */
export function ColumnFilter({
  fieldId,
  fields,
  filters: { conditions, appliedFieldId, onApply },
}: {
  fieldId: number
  fields: readonly NestedField[]
  filters: ColumnFilters
}) {
  const problemId = useId()
  const timeZone = useTimeZone()
  const columns = useMemo(() => filterColumns(fields), [fields])
  const column = columns.find((candidate) => candidate.fieldId === fieldId)
  const drafts = conditions.map((condition) => toDraft(condition, columns, timeZone))
  const shown = shownConditions(drafts, fieldId)
  const applied = column ? shown.map(({ draft }) => conditionCellText(draft, column)).join(' ') : ''
  const [text, setText] = useState(applied)
  const [problem, setProblem] = useState<string | null>(null)
  if (column === undefined) return null

  const apply = () => {
    try {
      const written = text.trim() === '' ? [] : parseConditionCell(text, column)
      const predicates = conditions.flatMap(({ predicate }, i) =>
        shown.some(({ index }) => index === i) ? [] : predicate,
      )
      const index = shown[0]?.index ?? predicates.length
      predicates.splice(index, 0, ...written.map((draft) => toPredicate(draft, column, { fields, timeZone })))
      onApply(rowFilterText(predicates), fieldId)
    } catch (error) {
      setProblem(`${conditionProblem(error)} ${conditionExamples(column.type)}`)
    }
  }
  const change = (next: string) => {
    setText(next)
    setProblem(null)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Enter') apply()
    if (event.key === 'Escape') change(applied)
  }
  const name = visibleText(column.name)
  return (
    <>
      <Tooltip label={problem} opened={problem !== null} position="bottom-start" multiline maw={360}>
        <input
          // Another filter draws another grid, so the field of the applied one would lose the focus.
          ref={(input) => {
            if (input !== null && appliedFieldId === fieldId && isFocusLost()) input.focus({ preventScroll: true })
          }}
          className={classes.field}
          aria-label={`Filter of ${name}`}
          aria-invalid={problem !== null}
          aria-describedby={problemId}
          placeholder="="
          title={text || conditionExamples(column.type)}
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => change(event.currentTarget.value)}
          onKeyDown={onKeyDown}
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
