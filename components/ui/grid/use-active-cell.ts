'use client'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { cellId, HEADER_ROW } from './grid-cell'
import { type CellPosition, rangeBetween } from './grid-selection'
import type { GridWindow } from './use-grid-window'

/** The active cell of a grid, which is its tab stop, and the selection that extends from it. */
export function useActiveCell({
  gridId,
  rowCount,
  columnCount,
  initialRow,
  window: { reveal, centerRow, showGrid, heightPx, widthPx, firstRow, lastRow },
}: {
  gridId: string
  rowCount: number
  columnCount: number
  initialRow: number
  window: GridWindow
}) {
  const [chosenActive, setActive] = useState<CellPosition>({ row: initialRow, column: 1 })
  const [isChosen, setChosen] = useState(false)
  const [anchor, setAnchor] = useState<CellPosition | null>(null)
  const [isAllSelected, setAllSelected] = useState(false)
  const pendingFocus = useRef<CellPosition | null>(null)

  const active = {
    row: Math.min(chosenActive.row, Math.max(HEADER_ROW, rowCount - 1)),
    column: Math.min(chosenActive.column, columnCount),
  }

  useEffect(() => {
    // An effect of the previous render may run only now, with the previous cell.
    if (pendingFocus.current === null || pendingFocus.current !== chosenActive) return
    pendingFocus.current = null
    document.getElementById(cellId(gridId, active))?.focus({ preventScroll: true })
  })

  // A panel that opens next to the grid, or above it, takes space from it: the chosen cell stays in sight.
  const revealChosen = useEffectEvent((before: { heightPx: number; widthPx: number }) => {
    const isSmaller = widthPx < before.widthPx || heightPx < before.heightPx
    const isInSight = active.row >= firstRow && active.row < lastRow
    if (isChosen && isSmaller && isInSight) reveal(active)
  })
  const lastSize = useRef({ heightPx, widthPx })
  useEffect(() => {
    revealChosen(lastSize.current)
    lastSize.current = { heightPx, widthPx }
  }, [heightPx, widthPx])

  /** Makes a cell active; the selection extends to it, or ends. */
  const choose = (to: CellPosition, isExtended: boolean) => {
    setAnchor(isExtended ? (anchor ?? active) : null)
    setAllSelected(false)
    setActive(to)
    setChosen(true)
  }
  return {
    active,
    selection: isAllSelected
      ? { firstRow: 0, lastRow: rowCount - 1, firstColumn: 0, lastColumn: columnCount }
      : rangeBetween(anchor ?? active, active),
    isExtended: anchor !== null || isAllSelected,
    /** Whether the user has chosen a cell; before, the tab stop is not marked. */
    isChosen,
    choose,
    /** Makes a cell active, brings it into view and focuses it. */
    moveTo: (to: CellPosition, isExtended: boolean) => {
      dropTextSelection()
      choose(to, isExtended)
      pendingFocus.current = to
      reveal(to)
      showGrid()
    },
    goToRow: (row: number) => {
      const to = { row: Math.min(Math.max(0, row), Math.max(0, rowCount - 1)), column: active.column }
      choose(to, false)
      pendingFocus.current = to
      centerRow(to.row)
    },
    /** Stays on its row after this many rows above it were removed. */
    moveUp: (removedRows: number) => {
      if (active.row === HEADER_ROW) return
      const to = { ...active, row: Math.max(0, active.row - removedRows) }
      if (document.activeElement?.id === cellId(gridId, active)) pendingFocus.current = to
      setActive(to)
      setAnchor((from) => from && { ...from, row: Math.max(0, from.row - removedRows) })
    },
    /** The active cell keeps the focus. */
    selectAll: () => {
      dropTextSelection()
      setAllSelected(true)
      setChosen(true)
    },
    /** For a cell that got the focus. */
    receiveFocus: (position: CellPosition, { mayScroll }: { mayScroll: boolean }) => {
      setChosen(true)
      // A header also gets the focus from its menu and its handle.
      if (position.row === HEADER_ROW) setActive(position)
      // The active cell may have been scrolled away before it gets the focus back.
      if (mayScroll) reveal(position)
    },
    focus: () => document.getElementById(cellId(gridId, active))?.focus({ preventScroll: true }),
  }
}

/** Selected text elsewhere on the page would be copied in place of the cells. */
function dropTextSelection() {
  document.getSelection()?.removeAllRanges()
}

export type ActiveCell = ReturnType<typeof useActiveCell>
