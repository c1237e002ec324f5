'use client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { DialogPopover } from '@/components/ui/controls/dialog-popover'
import { FilterField } from '@/components/ui/controls/filter-field'
import type { LoadedMenuProps } from '@/components/ui/controls/lazy-menu'
import type { ColumnLayout } from '@/components/ui/grid/column-layout'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { arrangeColumns, moveColumn, pinColumn } from './column-arrangement'
import { ColumnPickerList } from './column-picker-list'
import classes from './column-picker.module.css'

/** A list that fits without scrolling needs no filter. */
const MAX_COLUMNS_WITHOUT_FILTER = 8

export type ColumnPickerProps = {
  fields: readonly NestedField[]
  layout: ColumnLayout
  onChange: (part: Partial<ColumnLayout>) => void
  /** Resets the layout; undefined if it is unchanged. */
  onReset?: (() => void) | undefined
}

type PopoverProps = LoadedMenuProps & { columns: ColumnPickerProps }

/** The columns to choose from, in the order of the grid, which can be changed here. */
export function ColumnPickerPopover({ opened, onChange: onOpenChange, columns }: PopoverProps) {
  const { fields, layout, onChange, onReset } = columns
  const [filter, setFilter] = useState('')
  const needle = filter.trim().toLowerCase()
  const arranged = arrangeColumns(fields, layout)
  const matches = arranged.filter(({ name }) => name.toLowerCase().includes(needle))
  const hiddenKeys = new Set(layout.hidden)
  /** Keeps the order of the schema, so that the same choice is the same address. */
  const hide = (isHidden: (key: string) => boolean) =>
    onChange({ hidden: fields.map(({ id }) => String(id)).filter(isHidden) })
  const matchKeys = new Set(matches.map(({ id }) => String(id)))
  const isFiltered = matches.length < fields.length
  return (
    <DialogPopover
      opened={opened}
      onChange={onOpenChange}
      label="Columns"
      widthPx={360}
      isPadded
      className="stack gap-6"
    >
      {fields.length > MAX_COLUMNS_WITHOUT_FILTER && (
        <FilterField label="Filter columns" value={filter} onChange={setFilter} width="100%" />
      )}
      <div className="columns gap-4">
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
      <ColumnPickerList
        columns={matches}
        hiddenKeys={hiddenKeys}
        pinnedKeys={new Set(layout.pinned)}
        onToggle={(columnKey) => hide((key) => (key === columnKey ? !hiddenKeys.has(key) : hiddenKeys.has(key)))}
        onShowOnly={(columnKey) => hide((key) => key !== columnKey)}
        onPin={(columnKey) => onChange(pinColumn(layout, columnKey))}
        // In a filtered list, the next column of the table is not the one that the user sees next.
        onMove={isFiltered ? undefined : (columnKey, index) => onChange(moveColumn(fields, layout, columnKey, index))}
      />
      {matches.length === 0 && <p className="bare secondary">No columns match “{filter.trim()}”.</p>}
    </DialogPopover>
  )
}
