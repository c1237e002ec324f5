'use client'
import { type KeyboardEvent, type MouseEvent, type PointerEvent, type TouchEvent, useRef } from 'react'
import { formatQuantity } from '@/lib/format/count'
import { cellAtElement, cellId, HEADER_ROW } from './grid-cell'
import type { DataGridProps } from './grid-props'
import { cellAfterKey, type CellPosition } from './grid-selection'
import type { ActiveCell } from './use-active-cell'
import type { useColumnDrag } from './use-column-drag'
import type { ColumnModel } from './use-column-model'
import type { GridWindow } from './use-grid-window'

/** One press of an arrow key on a resize handle. */
const RESIZE_STEP_PX = 16

type GridHandlers = Pick<
  DataGridProps,
  'onSortChange' | 'sortProblem' | 'onCellOpen' | 'valuePanel' | 'onRowOpen' | 'onRowClose'
>

type GridEventsOptions = { [Name in keyof GridHandlers]-?: GridHandlers[Name] | undefined } & {
  gridId: string
  rowCount: number
  cell: DataGridProps['cell']
  model: ColumnModel
  window: GridWindow
  activeCell: ActiveCell
  drag: ReturnType<typeof useColumnDrag>
  openRow: number | null
  /** For columns, from 1. */
  onMenu: (column: number) => void
  onFit: (column: number) => void
  onAnnounce: (text: string) => void
}

/** Keyboard, pointer and focus handlers of a grid, for the element that contains all cells. */
export function useGridEvents({
  gridId,
  rowCount,
  model,
  window: { pageRows },
  activeCell,
  drag,
  cell,
  openRow,
  onSortChange,
  sortProblem,
  onCellOpen,
  valuePanel,
  onRowOpen,
  onRowClose,
  onMenu,
  onFit,
  onAnnounce,
}: GridEventsOptions) {
  const { placed } = model
  const { active } = activeCell
  const isHandlePressed = useRef(false)
  const isMousePressed = useRef(false)

  const kindAt = (position: CellPosition) => {
    const column = placed[position.column - 1]
    return column && cell(position.row, column.key)?.kind
  }

  const openCell = (position: CellPosition, element: HTMLElement) => {
    const column = placed[position.column - 1]
    if (column && kindAt(position) === 'nested') onCellOpen?.(position.row, column.key, element)
    else onRowOpen?.(position.row, element)
  }

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const element = closest(event, '[data-row]')
    // Resizing may end on the header, which must not sort.
    if (!element || isHandlePressed.current || drag.isDragClick()) return
    const position = cellAtElement(element)
    activeCell.choose(position, event.shiftKey && position.row >= 0)
    if (position.row === HEADER_ROW) {
      const key = placed[position.column - 1]?.key
      if (closest(event, '[data-menu]')) onMenu(position.column)
      else if (key !== undefined && onSortChange && sortProblem?.(key) === undefined) model.sortBy(key)
      return
    }
    if (event.shiftKey) return
    if (position.column === 0 || kindAt(position) === 'nested') openCell(position, element)
  }

  const onDoubleClick = (event: MouseEvent<HTMLDivElement>) => {
    const handleElement = closest(event, '[data-resize]')
    if (handleElement) {
      onFit(Number(handleElement.dataset.resize))
      return
    }
    const element = closest(event, '[data-row]')
    if (!element || event.shiftKey) return
    const position = cellAtElement(element)
    if (position.row >= 0 && position.column > 0 && kindAt(position) !== 'nested') onRowOpen?.(position.row, element)
  }

  const onResizeStart = (event: MouseEvent<HTMLDivElement> | TouchEvent<HTMLDivElement>) => {
    if ('button' in event && event.button !== 0) return
    const handleElement = closest(event, '[data-resize]')
    const key = placed[Number(handleElement?.dataset.resize) - 1]?.key
    if (key !== undefined) model.startResize(key, event.nativeEvent)
  }

  /** The cell gets the focus right after it. A tap is a press too. */
  const onMouseDown = (event: MouseEvent<HTMLDivElement>) => {
    isMousePressed.current = true
    setTimeout(() => {
      isMousePressed.current = false
    })
    onResizeStart(event)
  }

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    isHandlePressed.current = closest(event, '[data-resize]') !== null
    const header = closest(event, '[data-resize], [data-menu]') ? null : closest(event, '[role="columnheader"]')
    drag.start(event, header, placed[Number(header?.dataset.column) - 1]?.key)
  }

  const onHandleKeyDown = (event: KeyboardEvent<HTMLDivElement>, column: number) => {
    const placedColumn = placed[column - 1]
    if (!placedColumn) return
    const { key, width } = placedColumn
    const widths: Record<string, number> = {
      ArrowLeft: width - RESIZE_STEP_PX,
      ArrowRight: width + RESIZE_STEP_PX,
      Home: 0,
      End: Number.MAX_SAFE_INTEGER,
    }
    if (event.key === 'Enter') onFit(column)
    else if (widths[event.key] !== undefined) model.setWidth(key, widths[event.key] ?? width)
    else return
    event.preventDefault()
  }

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const handleElement = closest(event, '[data-resize]')
    if (handleElement) {
      onHandleKeyDown(event, Number(handleElement.dataset.resize))
      return
    }
    if (event.altKey || closest(event, '[data-menu]')) return
    if (event.key === 'Escape') {
      if (openRow === null || !onRowClose) return
      event.preventDefault()
      onRowClose()
      return
    }
    const ctrl = event.ctrlKey || event.metaKey
    const isHeader = active.row === HEADER_ROW
    const element = document.getElementById(cellId(gridId, active))
    if ((event.key === 'Enter' || event.key === ' ') && element && !ctrl) {
      event.preventDefault()
      const key = placed[active.column - 1]?.key
      if (isHeader) onMenu(active.column)
      else if (event.shiftKey || event.key === ' ') onRowOpen?.(active.row, element)
      else if (key !== undefined && kindAt(active) !== 'nested' && valuePanel?.isOffered(active.row, key))
        valuePanel.open(active.row, key)
      else openCell(active, element)
      return
    }
    if (ctrl && event.key === 'Enter') {
      const key = placed[active.column - 1]?.key
      if (isHeader || key === undefined || !valuePanel?.isOffered(active.row, key)) return
      event.preventDefault()
      valuePanel.open(active.row, key)
      return
    }
    if (ctrl && event.key === 'a' && rowCount > 0) {
      event.preventDefault()
      activeCell.selectAll()
      onAnnounce(`${formatQuantity(rowCount, 'row')} selected.`)
      return
    }
    const to = cellAfterKey(event.key, ctrl, active, { rowCount, columnCount: placed.length + 1, pageRows })
    if (!to) return
    event.preventDefault()
    activeCell.moveTo(to, event.shiftKey && !isHeader && to.row >= 0)
  }

  return {
    onKeyDown,
    onClick,
    onDoubleClick,
    onMouseDown,
    onTouchStart: onResizeStart,
    onPointerDown,
    onFocus: ({ target }: { target: HTMLElement }) => {
      if (!('row' in target.dataset)) return
      // A grid that scrolls now would take a pressed cell away before the click.
      activeCell.receiveFocus(cellAtElement(target), { mayScroll: !isMousePressed.current })
    },
  }
}

function closest(event: { target: EventTarget }, selector: string): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null
}
