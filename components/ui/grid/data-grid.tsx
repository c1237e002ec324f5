'use client'
import { useUncontrolled } from '@mantine/hooks'
import { type ClipboardEvent, useId, useImperativeHandle, useMemo, useRef } from 'react'
import { CellMenu, useCellMenu } from './cell-menu'
import { type ColumnLayout, NO_LAYOUT } from './column-layout'
import classes from './data-grid.module.css'
import { fitWidth } from './fit-width'
import { HEADER_ROW } from './grid-cell'
import { cellsToCopy } from './grid-copy'
import { GridHeader } from './grid-header'
import type { DataGridProps } from './grid-props'
import { GridRows, includeColumn } from './grid-rows'
import { HeaderMenu, useHeaderMenu } from './header-menu'
import { useActiveCell } from './use-active-cell'
import { useColumnDrag } from './use-column-drag'
import { useColumnModel } from './use-column-model'
import { useGridCopy } from './use-grid-copy'
import { useGridEvents } from './use-grid-events'
import { FILTER_HEIGHT_PX, HEADER_HEIGHT_PX, useGridWindow } from './use-grid-window'

export type { DataGridProps, GridHandle } from './grid-props'

/** The headers of more columns are drawn as far as they are in view. */
const MAX_HEADERS = 40

/**
 * A grid for any number of rows, virtualised in both directions, with the keys and roles of the ARIA grid pattern. Its
 * columns can be resized, moved, pinned and hidden.
 */
export function DataGrid({
  label,
  rowCount,
  isRowCountExact = true,
  columns,
  cell,
  readCells,
  rowMark,
  sort = null,
  onSortChange,
  sortProblem,
  onColumnProfile,
  onColumnFilter,
  columnFilter,
  cellFilter,
  valuePanel,
  rowHistory,
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
  const { placed } = model
  const { scroller, ...window } = useGridWindow({
    model,
    rowCount,
    headerPx: HEADER_HEIGHT_PX + (columnFilter ? FILTER_HEIGHT_PX : 0),
    initialTopRow,
    onRangeChange,
  })
  const activeCell = useActiveCell({
    gridId,
    rowCount,
    columnCount: placed.length,
    initialRow: initialTopRow,
    window,
  })
  const { active } = activeCell
  // The active header stays in the document, so that the focus is not lost when it is scrolled away.
  const headerColumn = active.row === HEADER_ROW ? active.column - 1 : -1
  const drawnInHeader = useMemo(
    () =>
      placed.length <= MAX_HEADERS
        ? placed.map((_, index) => index)
        : includeColumn(window.drawnColumns, headerColumn, placed.length),
    [window.drawnColumns, headerColumn, placed],
  )
  const copying = useGridCopy({ cell, readCells })
  const area = useRef<HTMLDivElement>(null)
  useImperativeHandle(handle, () => ({
    goToRow: activeCell.goToRow,
    moveUp: (removedRows) => {
      window.moveUp(removedRows)
      activeCell.moveUp(removedRows)
    },
    focus: activeCell.focus,
  }))

  const fitColumn = (column: number) => {
    const key = placed[column - 1]?.key
    const width = area.current && fitWidth(area.current, column)
    if (key !== undefined && width !== null) model.setWidth(key, width)
  }
  const headerMenu = useHeaderMenu({ gridId, model, activeColumn: active.column })
  const cellMenu = useCellMenu(activeCell)
  const drag = useColumnDrag({
    placed,
    positionAt: window.columnPositionAt,
    onMove: (columnKey, index) => model.moveTo(columnKey, index),
  })
  const events = useGridEvents({
    gridId,
    rowCount,
    model,
    window,
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
    onMenu: headerMenu.open,
    onFit: fitColumn,
    onAnnounce: copying.announce,
  })

  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault()
    if (active.row !== HEADER_ROW || activeCell.isExtended) {
      copying.copyInEvent(event, cellsToCopy(placed, activeCell.selection))
      return
    }
    event.clipboardData.setData('text/plain', placed[active.column - 1]?.name ?? '')
    copying.announce('Column name copied.')
  }

  return (
    <div className={classes.frame} data-fills-page>
      <div ref={scroller} className={classes.scroller}>
        <div
          ref={area}
          role="grid"
          tabIndex={-1}
          aria-label={label}
          aria-rowcount={isRowCountExact ? rowCount + 1 : -1}
          aria-colcount={placed.length + 1}
          aria-multiselectable
          className={classes.area}
          data-narrow={window.isNarrow || undefined}
          data-dragging={drag.dropIndex !== null || undefined}
          style={{ height: window.areaHeightPx, width: window.areaWidthPx }}
          onCopy={onCopy}
          onContextMenu={(event) => {
            headerMenu.onContextMenu(event)
            cellMenu.onContextMenu(event)
          }}
          {...events}
        >
          <GridHeader
            gridId={gridId}
            heightPx={window.headerPx}
            columnFilter={columnFilter}
            placed={placed}
            drawnColumns={drawnInHeader}
            stickyCount={window.stickyCount}
            rowNumberPx={window.rowNumberPx}
            tabStop={active.row === HEADER_ROW ? active.column : null}
            sort={sort}
            isSortable={onSortChange !== undefined}
            dropIndex={drag.dropIndex}
          />
          <GridRows
            gridId={gridId}
            rowCount={rowCount}
            placed={placed}
            window={window}
            activeCell={activeCell}
            cell={cell}
            rowMark={rowMark}
            openRow={openRow}
            openLabel={onRowOpen && 'Show row details'}
          />
        </div>
        {rowCount === 0 ? (
          <div className={classes.empty} style={{ top: window.headerPx }}>
            {empty}
          </div>
        ) : null}
      </div>
      <HeaderMenu
        headerMenu={headerMenu}
        model={model}
        sort={sort}
        onSortChange={onSortChange}
        sortProblem={sortProblem}
        onColumnProfile={onColumnProfile}
        onFilter={onColumnFilter}
        onFit={fitColumn}
      />
      <CellMenu
        cellMenu={cellMenu}
        placed={placed}
        selection={activeCell.selection}
        isExtended={activeCell.isExtended}
        filter={cellFilter}
        valuePanel={valuePanel}
        rowHistory={rowHistory}
        onCopy={(range, options) => copying.copy(cellsToCopy(placed, range, options))}
      />
      <p className="sr-only" role="status">
        {copying.announcement}
      </p>
      {copying.announcement !== '' && (
        <p key={copying.announcementCount} className={classes.announcement} aria-hidden>
          {copying.announcement}
        </p>
      )}
    </div>
  )
}
