'use client'
import { ActionIcon, Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconFilter, IconPlus, IconTableRow } from '@tabler/icons-react'
import { useState } from 'react'
import { CloseWhenLeft } from '@/components/ui/controls/close-when-left'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { Tooltip } from '@/components/ui/controls/tooltip'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { EditedCondition } from './filter/edited-condition'
import classes from './filter-bar.module.css'
import { RowsConditions } from './rows-toolbar'
import type { RowFilterState } from './use-row-filter'

const LazyFilterChips = lazyComponent(async () => (await loadChips()).FilterChips)
const LazyFilterEditor = lazyComponent(async () => (await loadEditor()).FilterEditor, { loading: CloseWhenLeft })

/**
 * The conditions of the shown rows as chips, a button for another one, which `/` opens, and a switch for the filters
 * below the headers.
 */
export function FilterBar({
  fields,
  state,
  onChange,
  edited,
  onEdit,
  valuesOf,
  filterRow,
}: {
  fields: readonly NestedField[]
  state: RowFilterState
  /** The filter as text; null without one. */
  onChange: (text: string | null) => void
  edited: EditedCondition | null
  onEdit: (edited: EditedCondition | null) => void
  /** Values of a column to offer, by its field id. */
  valuesOf?: (fieldId: number) => readonly RowValue[]
  /** Whether the filters below the headers are shown. */
  filterRow?: { isShown: boolean; onChange: (isShown: boolean) => void }
}) {
  const [addButton, setAddButton] = useState<HTMLButtonElement | null>(null)
  const [chips, setChips] = useState<HTMLElement | null>(null)
  const conditions = state.kind === 'ready' ? state.filter.conditions : []
  useHotkeys([['/', () => onEdit({ kind: 'new', fieldId: null })]])
  const close = () => {
    const chip = edited?.kind === 'change' ? findChip(chips, edited.index) : null
    onEdit(null)
    ;(chip ?? addButton)?.focus()
  }
  return (
    <div className={classes.bar} role="group" aria-label="Filter">
      {conditions.length > 0 && (
        <RowsConditions>
          <div ref={setChips} className={classes.conditions}>
            <IconFilter size={16} stroke={1.6} className={classes.icon} aria-hidden />
            <LazyFilterChips
              fields={fields}
              conditions={conditions}
              onEdit={(index) => onEdit({ kind: 'change', index })}
              onChange={(text) => {
                onChange(text)
                addButton?.focus()
              }}
            />
          </div>
        </RowsConditions>
      )}
      <Button
        ref={setAddButton}
        variant="subtle"
        className={classes.add ?? ''}
        leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
        data-slash="page"
        aria-keyshortcuts="/"
        aria-haspopup="dialog"
        aria-expanded={edited !== null}
        onPointerEnter={prepare}
        onFocus={prepare}
        onClick={() => onEdit({ kind: 'new', fieldId: null })}
      >
        Filter
      </Button>
      {filterRow && (
        <Tooltip label="Filters below the headers">
          <ActionIcon
            aria-label="Filters below the headers"
            aria-pressed={filterRow.isShown}
            className={classes.rowSwitch ?? ''}
            onClick={() => filterRow.onChange(!filterRow.isShown)}
          >
            <IconTableRow size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
      {/* A condition is added to those of the address, so the editor waits until they are read. */}
      {edited && state.kind !== 'reading' && (
        <LazyFilterEditor
          key={edited.kind === 'change' ? edited.index : `new ${edited.fieldId}`}
          fields={fields}
          conditions={conditions}
          edited={edited}
          {...(valuesOf && { valuesOf })}
          anchor={(edited.kind === 'change' ? findChip(chips, edited.index) : null) ?? addButton}
          onApply={(text) => {
            onChange(text)
            close()
          }}
          onClose={close}
        />
      )}
    </div>
  )
}

function findChip(chips: HTMLElement | null, index: number): HTMLElement | null {
  return chips?.querySelector<HTMLElement>(`[data-condition="${index}"]`) ?? null
}

function prepare(): void {
  void loadEditor().catch(() => undefined) // reported when it is opened
}

function loadChips() {
  return import('./filter/filter-chips')
}

function loadEditor() {
  return import('./filter/filter-editor')
}
