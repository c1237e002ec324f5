'use client'
import { useMemo } from 'react'
import classes from './data-grid.module.css'
import { type Cell, ROW_HEIGHT_PX } from './grid-cell'
import type { RowMark } from './grid-props'
import { GridRow } from './grid-row'
import type { ActiveCell } from './use-active-cell'
import type { PlacedColumn } from './use-column-model'
import type { GridWindow } from './use-grid-window'

/** Rows are placed relative to every so many rows, because no layer can be as high as all of them. */
const LAYER_ROWS = 4096
const NO_SELECTION = { from: 0, to: -1 }

type GridRowsProps = {
  gridId: string
  rowCount: number
  placed: readonly PlacedColumn[]
  window: GridWindow
  activeCell: ActiveCell
  cell: (row: number, columnKey: string) => Cell | undefined
  rowMark: ((row: number) => RowMark | undefined) | undefined
  openRow: number | null
  openLabel: string | undefined
}

/** The rows of a grid that are drawn. */
export function GridRows({
  gridId,
  rowCount,
  placed,
  window: { headerPx, topPx, heightPx, firstRow, lastRow, drawnColumns, stickyCount, rowNumberPx },
  activeCell: { active, selection, isExtended, isChosen },
  cell,
  rowMark,
  openRow,
  openLabel,
}: GridRowsProps) {
  const rows: number[] = []
  for (let row = firstRow; row < lastRow; row++) rows.push(row)
  // The active row stays in the document, so that the focus is not lost when it is scrolled away.
  if (rowCount > 0 && heightPx > 0 && active.row >= 0 && (active.row < firstRow || active.row >= lastRow))
    rows.push(active.row)
  const layerRow = Math.floor(firstRow / LAYER_ROWS) * LAYER_ROWS
  const drawnInActiveRow = useMemo(
    () => includeColumn(drawnColumns, active.column - 1, placed.length),
    [drawnColumns, active.column, placed.length],
  )
  return (
    <div role="rowgroup" className={classes.body} style={{ top: headerPx, height: heightPx }}>
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
              rowMark={rowMark}
              tabStop={isActiveRow ? active.column : null}
              isChosen={isChosen && isActiveRow}
              selectedFrom={from}
              selectedTo={to}
              isOpen={row === openRow}
              openLabel={openLabel}
            />
          )
        })}
      </div>
    </div>
  )
}

/** Drawn columns and one more, in order; negative for none. */
export function includeColumn(drawn: readonly number[], column: number, columnCount: number): readonly number[] {
  return column < 0 || column >= columnCount || drawn.includes(column)
    ? drawn
    : [...drawn, column].sort((a, b) => a - b)
}
