'use client'
import { type MouseEvent, useState } from 'react'
import { CloseWhenLeft } from '@/components/ui/controls/close-when-left'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { cellAtElement } from './grid-cell'
import type { CopyChoice } from './cell-menu-items'
import type { CellFilter, CellLink } from './grid-props'
import type { CellPosition, CellRange } from './grid-selection'
import type { ActiveCell } from './use-active-cell'
import type { PlacedColumn } from './use-column-model'

const LazyCellMenuItems = lazyComponent(async () => (await import('./cell-menu-items')).CellMenuItems, {
  loading: CloseWhenLeft,
})

/** The menu of a cell, which opens by the right button, `Shift+F10` or the menu key. */
export function useCellMenu(activeCell: ActiveCell) {
  const [menu, setMenu] = useState<{ position: CellPosition; anchor: HTMLElement } | null>(null)
  return {
    menu,
    close: () => {
      setMenu(null)
      activeCell.focus()
    },
    onContextMenu: (event: MouseEvent) => {
      const anchor = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-row]') : null
      if (anchor === null) return
      const position = cellAtElement(anchor)
      if (position.row < 0) return
      event.preventDefault()
      if (!contains(activeCell.selection, position)) activeCell.choose(position, false)
      setMenu({ position, anchor })
    },
  }
}

/** The open menu of a cell, loaded when it is first opened. */
export function CellMenu({
  cellMenu: { menu, close },
  placed,
  selection,
  isExtended,
  filter,
  valuePanel,
  rowHistory,
  onCopy,
}: {
  cellMenu: ReturnType<typeof useCellMenu>
  placed: readonly PlacedColumn[]
  selection: CellRange
  isExtended: boolean
  filter: CellFilter | undefined
  valuePanel: CellLink | undefined
  rowHistory: CellLink | undefined
  onCopy: (range: CellRange, options: { hasHeader: boolean }) => void
}) {
  if (menu === null) return null
  const { position, anchor } = menu
  const copy = (choice: CopyChoice) => {
    close()
    onCopy(rangeOf(choice, position, selection), { hasHeader: choice === 'selection-with-header' })
  }
  const columnKey = placed[position.column - 1]?.key
  const canFilter = filter !== undefined && columnKey !== undefined && filter.isOffered(position.row, columnKey)
  const hasPanel = columnKey !== undefined && valuePanel?.isOffered(position.row, columnKey) === true
  const hasHistory = columnKey !== undefined && rowHistory?.isOffered(position.row, columnKey) === true
  return (
    <LazyCellMenuItems
      anchor={anchor}
      label={`Cell of row ${(position.row + 1).toLocaleString('en-US')}`}
      hasSelection={isExtended}
      onCopy={copy}
      onFilter={
        canFilter
          ? (isExcluded) => {
              close()
              filter.apply(position.row, columnKey, isExcluded)
            }
          : undefined
      }
      onValuePanel={
        hasPanel
          ? () => {
              close()
              valuePanel.open(position.row, columnKey)
            }
          : undefined
      }
      onRowHistory={hasHistory ? () => rowHistory.open(position.row, columnKey) : undefined}
      onClose={close}
    />
  )
}

function rangeOf(choice: CopyChoice, { row, column }: CellPosition, selection: CellRange): CellRange {
  if (choice === 'row') return { firstRow: row, lastRow: row, firstColumn: 0, lastColumn: 0 }
  return choice === 'cell' ? { firstRow: row, lastRow: row, firstColumn: column, lastColumn: column } : selection
}

function contains({ firstRow, lastRow, firstColumn, lastColumn }: CellRange, { row, column }: CellPosition): boolean {
  return row >= firstRow && row <= lastRow && column >= firstColumn && column <= lastColumn
}
