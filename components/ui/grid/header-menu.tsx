'use client'
import { CloseWhenLeft } from '@/components/ui/controls/close-when-left'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { type MouseEvent, useEffect, useRef, useState } from 'react'
import type { GridSort } from './column-layout'
import { cellId, HEADER_ROW } from './grid-cell'
import type { ColumnModel } from './use-column-model'

const LazyColumnMenu = lazyComponent(async () => (await import('./column-menu')).ColumnMenu, {
  loading: CloseWhenLeft,
})

/** Which column's menu is open: it opens by its button, Enter, the right button, `Shift+F10` or the menu key. The focus returns to the header of the column, or to where it was moved. */
export function useHeaderMenu({
  gridId,
  model: { placed },
  activeColumn,
}: {
  gridId: string
  model: ColumnModel
  activeColumn: number
}) {
  const [menu, setMenu] = useState<{ columnKey: string; anchor: HTMLElement } | null>(null)
  const pendingHeader = useRef<string | null>(null)

  useEffect(() => {
    if (menu !== null || pendingHeader.current === null) return
    // The column may have been moved or hidden.
    const index = placed.findIndex(({ key }) => key === pendingHeader.current)
    pendingHeader.current = null
    const column = index < 0 ? activeColumn : index + 1
    document.getElementById(cellId(gridId, { row: HEADER_ROW, column }))?.focus({ preventScroll: true })
  })

  const open = (column: number) => {
    const header = document.getElementById(cellId(gridId, { row: HEADER_ROW, column }))
    const columnKey = placed[column - 1]?.key
    if (columnKey !== undefined && header) setMenu({ columnKey, anchor: header })
  }

  return {
    menu,
    open,
    onContextMenu: (event: MouseEvent) => {
      const header = event.target instanceof Element ? event.target.closest<HTMLElement>('[role="columnheader"]') : null
      const column = Number(header?.dataset.column ?? 0)
      if (column === 0) return
      event.preventDefault()
      open(column)
    },
    close: () => {
      pendingHeader.current = menu?.columnKey ?? null
      setMenu(null)
    },
  }
}

type HeaderMenuProps = {
  headerMenu: ReturnType<typeof useHeaderMenu>
  model: ColumnModel
  sort: GridSort
  onSortChange: ((sort: GridSort) => void) | undefined
  sortProblem: ((columnKey: string) => string | undefined) | undefined
  onColumnProfile: ((columnKey: string) => void) | undefined
  onFilter: ((columnKey: string) => void) | undefined
  /** For a column, from 1. */
  onFit: (column: number) => void
}

/** The open menu of a column, loaded when it is first opened. */
export function HeaderMenu({
  headerMenu,
  model,
  sort,
  onSortChange,
  sortProblem,
  onColumnProfile,
  onFilter,
  onFit,
}: HeaderMenuProps) {
  const { menu, close } = headerMenu
  const { placed } = model
  const index = placed.findIndex(({ key }) => key === menu?.columnKey)
  const column = placed[index]
  if (menu === null || column === undefined) return null
  return (
    <LazyColumnMenu
      anchor={menu.anchor}
      column={column}
      canMoveLeft={index > 0}
      canMoveRight={index < placed.length - 1}
      sort={sort}
      onSort={
        onSortChange &&
        ((isDescending) => onSortChange(isDescending === null ? null : { columnKey: column.key, isDescending }))
      }
      sortProblem={sortProblem?.(column.key)}
      onProfile={onColumnProfile && (() => onColumnProfile(column.key))}
      onFilter={onFilter && (() => onFilter(column.key))}
      onPin={() => model.setPinned(column.key, !column.isPinned)}
      onMove={(step) => model.moveTo(column.key, step < 0 ? index - 1 : index + 2)}
      onFit={() => onFit(index + 1)}
      onHide={() => model.hide(column.key)}
      onClose={close}
    />
  )
}
