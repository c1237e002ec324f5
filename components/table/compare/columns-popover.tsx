'use client'
import { Button, Checkbox } from '@mantine/core'
import { useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import { FilterField } from '@/components/ui/controls/filter-field'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { Type } from '@/lib/iceberg/schema/types'
import classes from './compare-snapshots.module.css'

export type ColumnsChoice = {
  /** Name of the dialog. */
  label: string
  /** Explains the effect of choosing columns. */
  hint: string
  columns: readonly { fieldId: number; name: string; type: Type }[]
  chosenIds: readonly number[]
  /** Columns to offer first, and why. */
  suggestion?: { fieldIds: readonly number[]; note: string } | undefined
  /** Label of the button that applies the choice. */
  applyLabel: (count: number) => string
  onApply: (fieldIds: readonly number[]) => void
  /** Label of the button that clears the choice. */
  resetLabel: string
  onReset: () => void
}

/** Columns to choose some of. The comparison starts again when the choice is applied. */
export function ColumnsPopover({
  choice,
  opened,
  onChange: onOpenChange,
}: LoadedMenuProps & { choice: ColumnsChoice }) {
  const { label, hint, columns, chosenIds, suggestion, applyLabel, onApply, resetLabel, onReset } = choice
  const [filter, setFilter] = useState('')
  const [chosen, setChosen] = useState(chosenIds)
  const needle = filter.trim().toLowerCase()
  const isSuggested = (fieldId: number) => suggestion?.fieldIds.includes(fieldId) === true
  const matches = columns
    .filter(({ name }) => name.toLowerCase().includes(needle))
    .toSorted((a, b) => Number(isSuggested(b.fieldId)) - Number(isSuggested(a.fieldId)))
  const close = (change: () => void) => {
    onOpenChange(false)
    change()
  }
  return (
    <DialogPopover
      opened={opened}
      onChange={onOpenChange}
      label={label}
      widthPx={320}
      position="bottom-start"
      isPadded
      className="stack gap-8"
    >
      <p className="bare secondary small">{hint}</p>
      <FilterField label="Filter columns" value={filter} onChange={setFilter} width="100%" />
      <ul className={classes.keyList}>
        {matches.map(({ fieldId, name, type }) => (
          <li key={fieldId}>
            <Checkbox
              checked={chosen.includes(fieldId)}
              onChange={() =>
                setChosen(chosen.includes(fieldId) ? chosen.filter((id) => id !== fieldId) : [...chosen, fieldId])
              }
              label={
                <span>
                  {name} <code className={classes.type}>{typeLabel(type)}</code>
                  {isSuggested(fieldId) && <span className={classes.stateNote}>{suggestion?.note}</span>}
                </span>
              }
            />
          </li>
        ))}
      </ul>
      {matches.length === 0 && <p className="bare secondary small">No columns match “{filter.trim()}”.</p>}
      <div className="flow gap-8 to-end">
        <Button variant="default" onClick={() => close(onReset)}>
          {resetLabel}
        </Button>
        <Button disabled={chosen.length === 0} onClick={() => close(() => onApply(chosen))}>
          {applyLabel(chosen.length)}
        </Button>
      </div>
    </DialogPopover>
  )
}
