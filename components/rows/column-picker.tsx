'use client'
import { Button, Checkbox, Popover } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import { useState } from 'react'
import { FilterField } from '@/components/ui/controls/filter-field'
import { formatQuantity } from '@/lib/format/count'
import { typeLabel } from '@/lib/iceberg/schema/schema'
import type { NestedField } from '@/lib/iceberg/schema/types'
import classes from './column-picker.module.css'

/** A list that fits without scrolling needs no filter. */
const MAX_COLUMNS_WITHOUT_FILTER = 8

/**
 * Chooses the columns of the grid. Only visible columns are read.
 *
 * @param props.hidden ids of hidden fields, as text
 * @param props.onReset forgets order, widths and pins, too; undefined if there are none
 */
export function ColumnPicker({
  fields,
  hidden,
  onChange,
  onReset,
}: {
  fields: readonly NestedField[]
  hidden: readonly string[]
  onChange: (hidden: readonly string[]) => void
  onReset?: (() => void) | undefined
}) {
  const [filter, setFilter] = useState('')
  const needle = filter.trim().toLowerCase()
  const matches = fields.filter(({ name }) => name.toLowerCase().includes(needle))
  const hiddenKeys = new Set(hidden)
  const shownCount = fields.length - hiddenKeys.size
  /** Keeps the order of the schema, so that the same choice is the same address. */
  const hide = (isHidden: (key: string) => boolean) => onChange(fields.map(({ id }) => String(id)).filter(isHidden))
  const matchKeys = new Set(matches.map(({ id }) => String(id)))
  const isFiltered = matches.length < fields.length
  return (
    <Popover width={340} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={15} stroke={1.6} aria-hidden />}>
          {shownCount === fields.length ? '' : `${shownCount} of `}
          {formatQuantity(fields.length, 'column')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown} aria-label="Columns">
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
