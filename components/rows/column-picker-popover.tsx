'use client'
import { Button, Checkbox, Popover } from '@mantine/core'
import { useState } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { type LoadedMenuProps, menuAnchor } from '@/components/ui/controls/lazy-menu'
import { typeLabel } from '@/lib/iceberg/schema/schema'
import type { NestedField } from '@/lib/iceberg/schema/types'
import classes from './column-picker.module.css'

/** A list that fits without scrolling needs no filter. */
const MAX_COLUMNS_WITHOUT_FILTER = 8

export type ColumnPickerProps = {
  fields: readonly NestedField[]
  /** Ids of hidden fields, as text. */
  hidden: readonly string[]
  onChange: (hidden: readonly string[]) => void
  /** Forgets order, widths and pins, too; undefined if there are none. */
  onReset?: (() => void) | undefined
}

type PopoverProps = LoadedMenuProps & { columns: ColumnPickerProps }

/** The columns to choose from. */
export function ColumnPickerPopover({ opened, onChange: onOpenChange, columns }: PopoverProps) {
  const { fields, hidden, onChange, onReset } = columns
  const [filter, setFilter] = useState('')
  const needle = filter.trim().toLowerCase()
  const matches = fields.filter(({ name }) => name.toLowerCase().includes(needle))
  const hiddenKeys = new Set(hidden)
  /** Keeps the order of the schema, so that the same choice is the same address. */
  const hide = (isHidden: (key: string) => boolean) => onChange(fields.map(({ id }) => String(id)).filter(isHidden))
  const matchKeys = new Set(matches.map(({ id }) => String(id)))
  const isFiltered = matches.length < fields.length
  return (
    <Popover
      opened={opened}
      onChange={onOpenChange}
      width={340}
      position="bottom-end"
      trapFocus
      returnFocus
      withRoles={false}
    >
      <Popover.Target>{menuAnchor()}</Popover.Target>
      <Popover.Dropdown className={classes.dropdown} role="dialog" aria-label="Columns">
        {fields.length > MAX_COLUMNS_WITHOUT_FILTER && (
          <FilterField label="Filter columns" value={filter} onChange={setFilter} width="100%" />
        )}
        <div className={classes.actions}>
          <Button
            variant="subtle"
            disabled={matches.every(({ id }) => !hiddenKeys.has(String(id)))}
            onClick={() => hide((key) => hiddenKeys.has(key) && !matchKeys.has(key))}
          >
            {isFiltered ? 'Show matches' : 'Show all'}
          </Button>
          <Button
            variant="subtle"
            disabled={matches.every(({ id }) => hiddenKeys.has(String(id)))}
            onClick={() => hide((key) => hiddenKeys.has(key) || matchKeys.has(key))}
          >
            {isFiltered ? 'Hide matches' : 'Hide all'}
          </Button>
          {onReset && (
            <Button variant="subtle" className={classes.reset ?? ''} onClick={onReset}>
              Reset
            </Button>
          )}
        </div>
        <ul className={classes.list}>
          {matches.map(({ id, name, type }) => {
            const columnKey = String(id)
            const isHidden = hiddenKeys.has(columnKey)
            return (
              <li key={id} className={classes.column}>
                <Checkbox
                  className={classes.choice ?? ''}
                  checked={!isHidden}
                  onChange={() => hide((key) => (key === columnKey ? !isHidden : hiddenKeys.has(key)))}
                  label={
                    <span className={classes.label} title={`${name} ${typeLabel(type)}`}>
                      {name} <code className={classes.type}>{typeLabel(type)}</code>
                    </span>
                  }
                />
                <Button
                  variant="subtle"
                  className={classes.only ?? ''}
                  aria-label={`Show only ${name}`}
                  onClick={() => hide((key) => key !== columnKey)}
                >
                  Only
                </Button>
              </li>
            )
          })}
        </ul>
        {matches.length === 0 && <p className={classes.none}>No columns match “{filter.trim()}”.</p>}
      </Popover.Dropdown>
    </Popover>
  )
}
