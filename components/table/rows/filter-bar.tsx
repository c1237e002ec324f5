'use client'
import { Button } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconFilter, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { CloseWhenLeft } from '@/components/ui/controls/close-when-left'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import type { NestedField } from '@/lib/iceberg/schema/types'
import type { RowValue } from '@/lib/scan/read/row-values'
import type { EditedCondition } from './filter/edited-condition'
import classes from './filter-bar.module.css'
import type { RowFilterState } from './use-row-filter'

const LazyFilterChips = lazyComponent(async () => (await loadChips()).FilterChips)
const LazyFilterEditor = lazyComponent(async () => (await loadEditor()).FilterEditor, { loading: CloseWhenLeft })

/** The conditions of the shown rows as chips, and a button for another one. `/` opens it. */
export function FilterBar({
  fields,
  state,
  onChange,
  edited,
  onEdit,
  valuesOf,
}: {
  fields: readonly NestedField[]
  state: RowFilterState
  /** The filter as text; null without one. */
  onChange: (text: string | null) => void
  edited: EditedCondition | null
  onEdit: (edited: EditedCondition | null) => void
  /** Values of a column to offer, by its field id. */
  valuesOf?: (fieldId: number) => readonly RowValue[]
}) {
  const [addButton, setAddButton] = useState<HTMLButtonElement | null>(null)
  const [bar, setBar] = useState<HTMLDivElement | null>(null)
  const conditions = state.kind === 'ready' ? state.filter.conditions : []
  useHotkeys([['/', () => onEdit({ kind: 'new', fieldId: null })]])
  const close = () => {
    const chip = edited?.kind === 'change' ? findChip(bar, edited.index) : null
    onEdit(null)
    ;(chip ?? addButton)?.focus()
  }
  return (
    <div ref={setBar} className={classes.bar} role="group" aria-label="Filter">
      <IconFilter size={16} stroke={1.6} className={classes.icon} aria-hidden />
      {conditions.length > 0 && (
        <LazyFilterChips
          fields={fields}
          conditions={conditions}
          onEdit={(index) => onEdit({ kind: 'change', index })}
          onChange={(text) => {
            onChange(text)
            addButton?.focus()
          }}
        />
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
      {edited && (
        <LazyFilterEditor
          key={edited.kind === 'change' ? edited.index : `new ${edited.fieldId}`}
          fields={fields}
          conditions={conditions}
          edited={edited}
          {...(valuesOf && { valuesOf })}
          anchor={(edited.kind === 'change' ? findChip(bar, edited.index) : null) ?? addButton}
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

function findChip(bar: HTMLElement | null, index: number): HTMLElement | null {
  return bar?.querySelector<HTMLElement>(`[data-condition="${index}"]`) ?? null
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
