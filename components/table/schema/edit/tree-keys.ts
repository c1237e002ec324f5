import type { KeyboardEvent } from 'react'
import type { TreeRow } from '../tree-rows'

type TreeKeys = {
  rows: readonly TreeRow[]
  closedIds: ReadonlySet<number>
  /** Shows or hides the contents of a column. */
  onToggle: (fieldId: number) => void
}

/**
 * Arrow keys in the names of columns, as in a tree: up and down go from name to name, right opens a column, left closes
 * it, or goes to its parent. Keys that a control uses itself, such as those of a text, are left alone.
 */
export function onTreeKey(event: KeyboardEvent<HTMLElement>, { rows, closedIds, onToggle }: TreeKeys): void {
  const { target, currentTarget, key } = event
  if (event.defaultPrevented || !(target instanceof HTMLElement)) return
  if (target.closest('[data-tree-stop], [data-tree-switch]') === null) return
  const cell = target.closest<HTMLElement>('[data-field-id]')
  const row = rows.find(({ fieldId }) => String(fieldId) === cell?.dataset['fieldId'])
  if (!row) return
  const cells = [...currentTarget.querySelectorAll<HTMLElement>('[data-field-id]')]
  const focus = (to: HTMLElement | undefined) => to?.querySelector<HTMLElement>('[data-tree-stop]')?.focus()
  const at = cells.findIndex((one) => one === cell)
  const { fieldId } = row
  const hasContents = rows.some(({ parentId }) => parentId === fieldId)
  const isClosed = closedIds.has(fieldId)
  if (key === 'ArrowDown') focus(cells[at + 1])
  else if (key === 'ArrowUp') focus(cells[at - 1])
  else if (key === 'ArrowRight' && hasContents && isClosed) onToggle(fieldId)
  else if (key === 'ArrowLeft' && hasContents && !isClosed) onToggle(fieldId)
  else if (key === 'ArrowLeft') focus(cells.find((one) => one.dataset['fieldId'] === String(row.parentId)))
  else return
  event.preventDefault()
}
