'use client'
import { Button, Checkbox, Popover } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import { useState } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { formatQuantity } from '@/lib/format/count'
import { typeLabel } from '@/lib/iceberg/schema/schema'
import type { NestedField } from '@/lib/iceberg/schema/types'
import classes from './column-picker.module.css'

/** Chooses the columns of the grid. Only visible columns are read. */
export function ColumnPicker({
  fields,
  hidden,
  onChange,
}: {
  fields: readonly NestedField[]
  hidden: ReadonlySet<number>
  onChange: (hidden: ReadonlySet<number>) => void
}) {
  const [filter, setFilter] = useState('')
  const needle = filter.trim().toLowerCase()
  const matches = fields.filter(({ name }) => name.toLowerCase().includes(needle))
  const shownCount = fields.length - hidden.size
  const toggle = (id: number) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    onChange(next)
  }
  return (
    <Popover width={300} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={15} stroke={1.6} aria-hidden />}>
          {shownCount === fields.length ? '' : `${shownCount} of `}
          {formatQuantity(fields.length, 'column')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Columns">
        {fields.length > 8 && <FilterField label="Filter columns" value={filter} onChange={setFilter} />}
        <div className={classes.list}>
          {matches.map((field) => (
            <Checkbox
              key={field.id}
              checked={!hidden.has(field.id)}
              // The last visible column cannot be hidden.
              disabled={!hidden.has(field.id) && shownCount === 1}
              onChange={() => toggle(field.id)}
              label={
                <>
                  {field.name} <code className={classes.type}>{typeLabel(field.type)}</code>
                </>
              }
            />
          ))}
        </div>
        <Button variant="subtle" disabled={hidden.size === 0} onClick={() => onChange(new Set())}>
          Show all
        </Button>
      </Popover.Dropdown>
    </Popover>
  )
}
