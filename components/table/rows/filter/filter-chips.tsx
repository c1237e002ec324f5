'use client'
import { Button } from '@mantine/core'
import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { visibleText } from '@/lib/format/visible-text'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { conditionText } from './condition-draft'
import classes from './filter-chips.module.css'
import { filterColumns } from './filter-columns'
import { type FilterCondition, rowFilterText } from './row-filter'

/** A chip for each condition: it opens the condition, and its cross removes it. */
export function FilterChips({
  fields,
  conditions,
  onEdit,
  onChange,
}: {
  fields: readonly NestedField[]
  conditions: readonly FilterCondition[]
  onEdit: (index: number) => void
  /** The filter without the removed conditions as text; null without one. */
  onChange: (text: string | null) => void
}) {
  const timeZone = useTimeZone()
  const columns = useMemo(() => filterColumns(fields), [fields])
  // Conditions have no identity but their position.
  const chips = conditions.map((condition, position) => ({
    position,
    text: visibleText(conditionText(condition, columns, timeZone)),
    missing: condition.missing,
  }))
  const missing = [...new Set(conditions.flatMap((condition) => condition.missing ?? []))]
  const remove = (index: number) =>
    onChange(rowFilterText(conditions.filter((_, i) => i !== index).map(({ predicate }) => predicate)))
  return (
    <>
      <ul className={classes.chips} aria-label="Conditions">
        {chips.map(({ position, text, missing: isOff }) => (
          <li key={position} className={classes.chip} data-off={isOff !== undefined || undefined}>
            <button
              type="button"
              className={classes.text}
              data-condition={position}
              title={text}
              aria-haspopup="dialog"
              onClick={() => onEdit(position)}
              onKeyDown={(event) => {
                if (event.key !== 'Delete' && event.key !== 'Backspace') return
                event.preventDefault()
                remove(position)
              }}
            >
              {text}
            </button>
            <button
              type="button"
              className={classes.remove}
              aria-label={`Remove ${text}`}
              onClick={() => remove(position)}
            >
              <IconX size={13} stroke={1.6} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {missing.length > 0 && (
        <span role="status" className={classes.missing}>
          {missingText(missing, chips.filter((chip) => chip.missing !== undefined).length)}
        </span>
      )}
      {conditions.length > 1 && (
        <Button variant="subtle" className={classes.clear ?? ''} onClick={() => onChange(null)}>
          Clear
        </Button>
      )}
    </>
  )
}

/** Why conditions are not applied: a filter outlives the state of the table that it was written for. */
function missingText(columns: readonly string[], conditionCount: number): string {
  const names = `${columns.length === 1 ? 'column' : 'columns'} ${columns.map((name) => visibleText(name)).join(', ')}`
  const outcome = conditionCount === 1 ? 'this condition is not applied' : 'these conditions are not applied'
  return `The shown schema has no ${names}, so ${outcome}.`
}
