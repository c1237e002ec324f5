'use client'
import { useUncontrolled } from '@mantine/hooks'
import dynamic from 'next/dynamic'
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type MouseEvent,
  type PointerEvent,
  type ReactNode,
  type Ref,
  type TouchEvent,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react'
import { type ColumnLayout, type GridSort, NO_LAYOUT } from './column-layout'
import classes from './data-grid.module.css'
import { fitWidth } from './fit-width'
import { type Cell, cellId, type GridColumn, HEADER_ROW, ROW_HEIGHT_PX } from './grid-cell'
import { toTsv } from './grid-copy'
import { GridHeader } from './grid-header'
import { GridRow } from './grid-row'
import { type CellPosition, cellAfterKey, rangeBetween } from './grid-selection'
import { useColumnDrag } from './use-column-drag'
import { useColumnModel } from './use-column-model'
import { useScaledScroll } from './use-scaled-scroll'

export type { Cell, GridColumn } from './grid-cell'

const LazyColumnMenu = dynamic(async () => (await import('./column-menu')).ColumnMenu, { ssr: false })

export type GridHandle = {
  /** Scrolls a row (from 0) into the middle, makes it active and focuses it. */
  goToRow(row: number): void
  /** Focuses the active cell again, for example after details of its row were closed. */
  focus(): void
}

/** Rows and columns on screen; `lastRow` is exclusive. */
export type GridRange = {
  firstRow: number
  lastRow: number
  /** The first row that is not hidden below the header. */
  topRow: number
  columnKeys: readonly string[]
}

export type DataGridProps = {
  /** Accessible name, for example `Rows`. */
  label: string
  rowCount: number
  columns: readonly GridColumn[]
  /**
   * Returns a cell, or undefined while it is being read. Rows are drawn again only when they come into view or when
   * this is another function, so it has to change when values change, and only then.
   */
  cell: (row: number, columnKey: string) => Cell | undefined
  /** Order, widths, pins and hidden columns; the grid remembers its own without it. */
  layout?: ColumnLayout
  onLayoutChange?: (layout: ColumnLayout) => void
  /** The order of the rows, which the caller sorts. Without `onSortChange` the grid offers no sorting. */
  sort?: GridSort
  onSortChange?: (sort: GridSort) => void
  /** Why a column cannot be sorted; undefined if it can. */
  sortProblem?: (columnKey: string) => string | undefined
  /** Called on the first render and when other rows or columns become visible. */
  onRangeChange?: (range: GridRange) => void
  /** Called when a nested cell is opened by click or Enter; `anchor` is its element. */
  onCellOpen?: (row: number, columnKey: string, anchor: HTMLElement) => void
  /** Called when a row is opened: by its number, a double click, Enter on a plain cell, Space, or Shift+Enter. */
  onRowOpen?: (row: number, anchor: HTMLElement) => void
  /** Called for Escape while a row is open. */
  onRowClose?: () => void
  /** Row (from 0) whose details are open; it is highlighted. */
  openRow?: number | null
  /** The row (from 0) that is at the top at first. */
  initialTopRow?: number
  /** Shown instead of rows when there are none. */
  empty?: ReactNode
  /** For *Go to row*. */
  handle?: Ref<GridHandle>
}

const HEADER_HEIGHT_PX = 44
const OVERSCAN_ROWS = 4
const OVERSCAN_PX = 80
/** Rows are placed relative to every so many rows, because no layer can be as high as all of them. */
const LAYER_ROWS = 4096
/** Pinned columns take at most this share of the width. Further ones scroll, so that others can be seen. */
const MAX_PINNED_SHARE = 0.6
/** A larger selection is not copied. */
const MAX_COPIED_CELLS = 200_000
/** One press of an arrow key on a resize handle. */
const RESIZE_STEP_PX = 16
const NO_SELECTION = { from: 0, to: -1 }

/**
 * A grid for any number of rows, virtualised in both directions, with the keys and roles of the ARIA grid pattern. Its
 * columns can be resized, moved, pinned and hidden.
 */
export function DataGrid({
  label,
  rowCount,
  columns,
  cell,
  sort = null,
  onSortChange,
  sortProblem,
  onRangeChange,
  onCellOpen,
  onRowOpen,
  onRowClose,
  openRow = null,
  initialTopRow = 0,
  empty,
  handle,
  ...controlled
}: DataGridProps) {
  const gridId = useId()
  const [layout, onLayoutChange] = useUncontrolled<ColumnLayout>({
    defaultValue: NO_LAYOUT,
    ...(controlled.layout && { value: controlled.layout }),
    ...(controlled.onLayoutChange && { onChange: controlled.onLayoutChange }),
  })
  const model = useColumnModel({ columns, layout, onLayoutChange, sort, onSortChange })
  const { placed, totalPx: columnsPx } = model
  const { topPx, leftPx, heightPx, widthPx, scrollAreaPx, scrollTo, scrollToLeft, scroller } = useScaledScroll({
    contentPx: rowCount * ROW_HEIGHT_PX,
    headerPx: HEADER_HEIGHT_PX,
    initialTopPx: initialTopRow * ROW_HEIGHT_PX,
  })
  const [chosenActive, setActive] = useState<CellPosition>({ row: initialTopRow, column: 1 })
  const [isChosen, setChosen] = useState(false)
  const [anchor, setAnchor] = useState<CellPosition | null>(null)
  const [menu, setMenu] = useState<{ columnKey: string; anchor: HTMLElement } | null>(null)
  const [announcement, setAnnouncement] = useState('')
  const pendingFocus = useRef<CellPosition | null>(null)
  const pendingHeader = useRef<string | null>(null)
  const area = useRef<HTMLDivElement>(null)
  const isHandlePressed = useRef(false)

  const active = {
    row: Math.min(chosenActive.row, Math.max(HEADER_ROW, rowCount - 1)),
    column: Math.min(chosenActive.column, placed.length),
  }
  const selection = rangeBetween(anchor ?? active, active)
  // The page's gutter, the widest number in tabular figures, and the padding of a cell.
  const rowNumberPx = Math.max(54, 20 + rowCount.toLocaleString('en-US').length * 7.5 + 10)
  const totalPx = rowNumberPx + columnsPx
  const maxPinnedPx = Math.max(0, widthPx * MAX_PINNED_SHARE - rowNumberPx)
  const stickyCount = placed.filter(({ isPinned, leftPx, width }) => isPinned && leftPx + width <= maxPinnedPx).length
  const lastSticky = placed[stickyCount - 1]
  /** Width of what stays at the left: the row number and pinned columns. */
  const stickyPx = rowNumberPx + (lastSticky ? lastSticky.leftPx + lastSticky.width : 0)

  const topRow = Math.floor(topPx / ROW_HEIGHT_PX)
  const firstRow = Math.max(0, topRow - OVERSCAN_ROWS)
  const lastRow = Math.min(rowCount, Math.ceil((topPx + heightPx) / ROW_HEIGHT_PX) + OVERSCAN_ROWS)
  const drawnKey = placed
    .flatMap((column, i) => {
      const left = rowNumberPx + column.leftPx
      const isInView = left + column.width > leftPx + stickyPx - OVERSCAN_PX && left < leftPx + widthPx + OVERSCAN_PX
      return column.isPinned || isInView ? [i] : []
    })
    .join(' ')
  // The same list while the same columns are in view, so that rows are not drawn again.
  const drawnColumns = useMemo(() => (drawnKey === '' ? [] : drawnKey.split(' ').map(Number)), [drawnKey])
  const columnKeys = drawnColumns.map((i) => placed[i]?.key ?? '')
  const rangeKey = `${topRow}:${firstRow}:${lastRow}:${columnKeys.join('\x1F')}`

  const reportedRangeKey = useRef('')
  useEffect(() => {
    if (heightPx === 0 || rangeKey === reportedRangeKey.current) return
    reportedRangeKey.current = rangeKey
    onRangeChange?.({ firstRow, lastRow, topRow, columnKeys })
  })

  useEffect(() => {
    // An effect of the previous render may run only now, with the previous cell.
    if (pendingFocus.current === null || pendingFocus.current !== chosenActive) return
    pendingFocus.current = null
    document.getElementById(cellId(gridId, active))?.focus({ preventScroll: true })
  })

  const reveal = ({ row, column }: CellPosition) => {
    const rowTop = row * ROW_HEIGHT_PX
    if (row >= 0 && rowTop < topPx) scrollTo(rowTop)
    else if (rowTop + ROW_HEIGHT_PX > topPx + heightPx) scrollTo(rowTop + ROW_HEIGHT_PX - heightPx)
    const placedColumn = placed[column - 1]
    if (placedColumn === undefined || column - 1 < stickyCount) return
    const left = rowNumberPx + placedColumn.leftPx
    if (left - stickyPx < leftPx) scrollToLeft(left - stickyPx)
    else if (left + placedColumn.width > leftPx + widthPx) scrollToLeft(left + placedColumn.width - widthPx)
  }

  const moveTo = (to: CellPosition, extend: boolean) => {
    setAnchor(extend ? (anchor ?? active) : null)
    setActive(to)
    setChosen(true)
    pendingFocus.current = to
    reveal(to)
    scroller.current?.scrollIntoView?.({ block: 'nearest' })
  }

  const focusActive = () => document.getElementById(cellId(gridId, active))?.focus({ preventScroll: true })

  useImperativeHandle(handle, () => ({
    goToRow(row) {
      const to = { row: Math.min(Math.max(0, row), Math.max(0, rowCount - 1)), column: active.column }
      setAnchor(null)
      setActive(to)
      setChosen(true)
      pendingFocus.current = to
      scrollTo(to.row * ROW_HEIGHT_PX - (heightPx - ROW_HEIGHT_PX) / 2)
      scroller.current?.scrollIntoView?.({ block: 'nearest' })
    },
    focus: focusActive,
  }))

  const kindAt = (position: CellPosition) => {
    const column = placed[position.column - 1]
    return column && cell(position.row, column.key)?.kind
  }

  const openCell = (position: CellPosition, element: HTMLElement) => {
    const column = placed[position.column - 1]
    if (column && kindAt(position) === 'nested') onCellOpen?.(position.row, column.key, element)
    else onRowOpen?.(position.row, element)
  }

  const openMenu = (column: number) => {
    const header = document.getElementById(cellId(gridId, { row: HEADER_ROW, column }))
    const columnKey = placed[column - 1]?.key
    if (columnKey !== undefined && header) setMenu({ columnKey, anchor: header })
  }

  const closeMenu = () => {
    pendingHeader.current = menu?.columnKey ?? null
    setMenu(null)
  }

  useEffect(() => {
    if (menu !== null || pendingHeader.current === null) return
    // The column may have been moved or hidden.
    const index = placed.findIndex(({ key }) => key === pendingHeader.current)
    pendingHeader.current = null
    const column = index < 0 ? active.column : index + 1
    document.getElementById(cellId(gridId, { row: HEADER_ROW, column }))?.focus({ preventScroll: true })
  })

  const fitColumn = (column: number) => {
    const key = placed[column - 1]?.key
    const width = area.current && fitWidth(area.current, column)
    if (key !== undefined && width !== null) model.setWidth(key, width)
  }

  const drag = useColumnDrag({
    placed,
    positionAt: (clientX) => {
      const x = clientX - (scroller.current?.getBoundingClientRect().left ?? 0)
      return x < stickyPx ? x - rowNumberPx : x + leftPx - rowNumberPx
    },
    onMove: (columnKey, index) => model.moveTo(columnKey, index),
  })

  const onClick = (event: MouseEvent<HTMLDivElement>) => {
    const element = closest(event, '[data-row]')
    // Resizing may end on the header, which must not sort.
    if (!element || isHandlePressed.current || drag.isDragClick()) return
    const position = cellAtElement(element)
    setAnchor(event.shiftKey && position.row >= 0 ? (anchor ?? active) : null)
    setActive(position)
    setChosen(true)
    if (position.row === HEADER_ROW) {
      const key = placed[position.column - 1]?.key
      if (closest(event, '[data-menu]')) openMenu(position.column)
      else if (key !== undefined && onSortChange && sortProblem?.(key) === undefined) model.sortBy(key)
      return
    }
    if (event.shiftKey) return
    if (position.column === 0 || kindAt(position) === 'nested') openCell(position, element)
  }

  const onDoubleClick = (event: MouseEvent<HTMLDivElement>) => {
    const handleElement = closest(event, '[data-resize]')
    if (handleElement) {
      fitColumn(Number(handleElement.dataset.resize))
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
    if (event.key === 'Enter') fitColumn(column)
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
      if (isHeader) openMenu(active.column)
      else if (event.shiftKey || event.key === ' ') onRowOpen?.(active.row, element)
      else openCell(active, element)
      return
    }
    if (ctrl && event.key === 'a' && rowCount > 0) {
      event.preventDefault()
      setAnchor({ row: 0, column: 1 })
      setActive({ row: rowCount - 1, column: placed.length })
      return
    }
    const pageRows = Math.max(1, Math.floor(heightPx / ROW_HEIGHT_PX) - 1)
    const to = cellAfterKey(event.key, ctrl, active, { rowCount, columnCount: placed.length + 1, pageRows })
    if (!to) return
    event.preventDefault()
    moveTo(to, event.shiftKey && !isHeader && to.row >= 0)
  }

  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault()
    if (active.row === HEADER_ROW) {
      event.clipboardData.setData('text/plain', placed[active.column - 1]?.name ?? '')
      setAnnouncement('Column name copied.')
      return
    }
    const from = Math.max(1, selection.firstColumn)
    const to = selection.firstColumn === 0 ? placed.length : selection.lastColumn
    const lines = selection.lastRow - selection.firstRow + 1
    if (lines * (to - from + 1) > MAX_COPIED_CELLS) {
      setAnnouncement(
        `Not copied: ${lines.toLocaleString('en-US')} rows are too many to copy at once. Select fewer rows.`,
      )
      return
    }
    const text = toTsv(placed.slice(from - 1, to), selection.firstRow, selection.lastRow, cell)
    if (text === null) {
      setAnnouncement('Not copied: some of the selected rows have not been read yet. Scroll through them first.')
      return
    }
    event.clipboardData.setData('text/plain', text)
    setAnnouncement(`${lines.toLocaleString('en-US')} ${lines === 1 ? 'row' : 'rows'} copied.`)
  }

  const rows: number[] = []
  for (let row = firstRow; row < lastRow; row++) rows.push(row)
  // The active row stays in the document, so that the focus is not lost when it is scrolled away.
  if (rowCount > 0 && heightPx > 0 && active.row >= 0 && (active.row < firstRow || active.row >= lastRow))
    rows.push(active.row)
  const layerRow = Math.floor(firstRow / LAYER_ROWS) * LAYER_ROWS
  const isExtended = anchor !== null
  const drawnInActiveRow = useMemo(
    () => includeColumn(drawnColumns, active.column - 1, placed.length),
    [drawnColumns, active.column, placed.length],
  )
  const menuIndex = placed.findIndex(({ key }) => key === menu?.columnKey)
  const menuColumn = placed[menuIndex]

  return (
    <div className={classes.frame} data-fills-page>
      <div ref={scroller} className={classes.scroller}>
        <div
          ref={area}
          role="grid"
          tabIndex={-1}
          aria-label={label}
          aria-rowcount={rowCount + 1}
          aria-colcount={placed.length + 1}
          aria-multiselectable
          className={classes.area}
          data-dragging={drag.dropIndex !== null || undefined}
          style={{ height: scrollAreaPx + HEADER_HEIGHT_PX, width: Math.max(totalPx, widthPx) }}
          onKeyDown={onKeyDown}
          onCopy={onCopy}
          onClick={onClick}
          onDoubleClick={onDoubleClick}
          onMouseDown={onResizeStart}
          onTouchStart={onResizeStart}
          onPointerDown={onPointerDown}
          onFocus={({ target }) => {
            if (!('row' in target.dataset)) return
            setChosen(true)
            const position = cellAtElement(target)
            // A header also gets the focus from its menu and its handle.
            if (position.row === HEADER_ROW) setActive(position)
            // The active cell may have been scrolled away before it gets the focus back.
            reveal(position)
          }}
        >
          <GridHeader
            gridId={gridId}
            heightPx={HEADER_HEIGHT_PX}
            placed={placed}
            stickyCount={stickyCount}
            rowNumberPx={rowNumberPx}
            tabStop={active.row === HEADER_ROW ? active.column : null}
            sort={sort}
            isSortable={onSortChange !== undefined}
            dropIndex={drag.dropIndex}
          />
          <div role="rowgroup" className={classes.body} style={{ top: HEADER_HEIGHT_PX, height: heightPx }}>
            <div
              role="presentation"
              className={classes.layer}
              style={{ transform: `translateY(${layerRow * ROW_HEIGHT_PX - topPx}px)` }}
            >
              {rows.map((row) => {
                const isActiveRow = row === active.row
                const isSelected = isExtended && row >= selection.firstRow && row <= selection.lastRow
                const { from, to } = isSelected
                  ? { from: selection.firstColumn, to: selection.lastColumn }
                  : isActiveRow && isChosen
                    ? { from: active.column, to: active.column }
                    : NO_SELECTION
                return (
                  <GridRow
                    key={row}
                    gridId={gridId}
                    row={row}
                    offsetPx={(row - layerRow) * ROW_HEIGHT_PX}
                    placed={placed}
                    drawnColumns={isActiveRow ? drawnInActiveRow : drawnColumns}
                    stickyCount={stickyCount}
                    rowNumberPx={rowNumberPx}
                    cell={cell}
                    tabStop={isActiveRow ? active.column : null}
                    isChosen={isChosen && isActiveRow}
                    selectedFrom={from}
                    selectedTo={to}
                    isOpen={row === openRow}
                    openLabel={onRowOpen && 'Show row details'}
                  />
                )
              })}
            </div>
          </div>
        </div>
        {rowCount === 0 ? <div className={classes.empty}>{empty}</div> : null}
      </div>
      {menu && menuColumn && (
        <LazyColumnMenu
          anchor={menu.anchor}
          column={menuColumn}
          canMoveLeft={menuIndex > 0}
          canMoveRight={menuIndex < placed.length - 1}
          sort={sort}
          onSort={
            onSortChange &&
            ((isDescending) => onSortChange(isDescending === null ? null : { columnKey: menuColumn.key, isDescending }))
          }
          sortProblem={sortProblem?.(menuColumn.key)}
          onPin={() => model.setPinned(menuColumn.key, !menuColumn.isPinned)}
          onMove={(step) => model.moveTo(menuColumn.key, step < 0 ? menuIndex - 1 : menuIndex + 2)}
          onFit={() => fitColumn(menuIndex + 1)}
          onHide={() => model.hide(menuColumn.key)}
          onClose={closeMenu}
        />
      )}
      <p className="sr-only" role="status">
        {announcement}
      </p>
    </div>
  )
}

function closest(event: { target: EventTarget }, selector: string): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null
}

function cellAtElement(element: HTMLElement): CellPosition {
  return { row: Number(element.dataset.row), column: Number(element.dataset.column) }
}

function includeColumn(drawn: readonly number[], column: number, columnCount: number): readonly number[] {
  return column < 0 || column >= columnCount || drawn.includes(column)
    ? drawn
    : [...drawn, column].sort((a, b) => a - b)
}
