'use client'
import { Button, Checkbox, Popover } from '@mantine/core'
import { useState } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { typeLabel } from '@/lib/iceberg/schema/schema'
import type { ShownColumn } from '@/lib/scan/compare/compared-columns'
import { columnName } from './column-name'
import classes from './compare-snapshots.module.css'

export type KeyChoiceProps = {
  columns: readonly ShownColumn[]
  keyIds: readonly number[]
  identifierIds: readonly number[]
  onChange: (keyIds: readonly number[]) => void
}

/** The columns to choose a key from. The comparison starts again when the choice is applied. */
export function KeyChoicePopover({
  choice,
  opened,
  onChange: onOpenChange,
}: LoadedMenuProps & { choice: KeyChoiceProps }) {
  const { columns, keyIds, onChange } = choice
  const [filter, setFilter] = useState('')
  const [chosen, setChosen] = useState(keyIds)
  const needle = filter.trim().toLowerCase()
  const offered = columns.filter((column) => column.side === 'both' && typeof column.type === 'string')
  const matches = offered.filter((column) => columnName(column).toLowerCase().includes(needle))
  const apply = (ids: readonly number[]) => {
    onOpenChange(false)
    onChange(ids)
  }
  return (
    <Popover
      opened={opened}
      onChange={onOpenChange}
      width={320}
      position="bottom-start"
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>{menuAnchor()}</Popover.Target>
      <Popover.Dropdown className={classes.keyDropdown} role="dialog" aria-label="Key">
        <p className={classes.keyHint}>
          Rows with the same values in these columns are one row before and after. Without a key, only equal rows are
          paired.
        </p>
        <FilterField label="Filter columns" value={filter} onChange={setFilter} width="100%" />
        <ul className={classes.keyList}>
          {matches.map((column) => (
            <li key={column.key}>
              <Checkbox
                checked={chosen.includes(column.fieldId)}
                onChange={() =>
                  setChosen(
                    chosen.includes(column.fieldId)
                      ? chosen.filter((id) => id !== column.fieldId)
                      : [...chosen, column.fieldId],
                  )
                }
                label={
                  <span>
                    {columnName(column)} <code className={classes.type}>{typeLabel(column.type)}</code>
                  </span>
                }
              />
            </li>
          ))}
        </ul>
        {matches.length === 0 && <p className={classes.keyHint}>No columns match “{filter.trim()}”.</p>}
        <div className={classes.keyActions}>
          <Button variant="default" onClick={() => apply([])}>
            Without a key
          </Button>
          <Button disabled={chosen.length === 0} onClick={() => apply(chosen)}>
            Compare by {chosen.length === 1 ? 'this column' : 'these columns'}
          </Button>
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}
