'use client'
import { IconFileMinus } from '@tabler/icons-react'
import { memo } from 'react'
import { type Cell, cellId, ROW_HEIGHT_PX } from './grid-cell'
import classes from './data-grid.module.css'
import type { RowMark } from './grid-props'
import type { PlacedColumn } from './use-column-model'

type GridRowProps = {
  gridId: string
  row: number
  /** Distance from the top of the layer that all rows are in, in pixels. */
  offsetPx: number
  placed: readonly PlacedColumn[]
  /** Indices of the columns to draw. */
  drawnColumns: readonly number[]
  /** How many columns stay at the left. */
  stickyCount: number
  rowNumberPx: number
  cell: (row: number, columnKey: string) => Cell | undefined
  rowMark: ((row: number) => RowMark | undefined) | undefined
  /** Column of the tab stop, if it is in this row. */
  tabStop: number | null
  /** Whether the tab stop was chosen by the user, and is outlined. */
  isChosen: boolean
  /** Selected columns of this row, ends included; empty if `selectedTo` is lower. */
  selectedFrom: number
  selectedTo: number
  isOpen: boolean
  /** Title of the row number, if it opens the row. */
  openLabel: string | undefined
}

/** One row of a grid: its number, which opens it, and its visible cells. Renders again only when its own props change. */
export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { gridId, row, placed, rowNumberPx, tabStop, selectedFrom, selectedTo } = props
  const isSelected = (column: number) => column >= selectedFrom && column <= selectedTo
  const isActive = (column: number) => (props.isChosen && tabStop === column) || undefined
  const mark = props.rowMark?.(row)
  const rowNumber = (row + 1).toLocaleString('en-US')
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-selected={props.isOpen || undefined}
      className={classes.row}
      data-open={props.isOpen || undefined}
      data-mark={mark?.kind}
      data-active={(props.isChosen && tabStop !== null) || undefined}
      style={{ transform: `translateY(${props.offsetPx}px)`, height: ROW_HEIGHT_PX }}
    >
      <div
        id={cellId(gridId, { row, column: 0 })}
        role="rowheader"
        aria-colindex={1}
        tabIndex={tabStop === 0 ? 0 : -1}
        className={classes.number}
        style={{ width: rowNumberPx }}
        title={mark ? `Row ${rowNumber}. ${mark.reason}` : props.openLabel}
        data-opens={props.openLabel !== undefined || undefined}
        data-active={isActive(0)}
        data-selected={isSelected(0) || undefined}
        data-row={row}
        data-column={0}
      >
        {mark ? (
          <>
            <IconFileMinus size={14} stroke={1.6} aria-hidden />
            <span className="sr-only">
              {rowNumber}, deleted row. {mark.reason}
            </span>
          </>
        ) : (
          rowNumber
        )}
      </div>
      {props.drawnColumns.map((index) => {
        const column = placed[index]
        if (column === undefined) return null
        const value = props.cell(row, column.key)
        const position = { row, column: index + 1 }
        return (
          <div
            key={column.key}
            id={cellId(gridId, position)}
            role="gridcell"
            aria-colindex={index + 2}
            aria-selected={isSelected(index + 1)}
            aria-busy={value === undefined || undefined}
            tabIndex={tabStop === index + 1 ? 0 : -1}
            className={classes.cell}
            data-align={column.align}
            data-kind={value?.kind}
            data-tone={value?.tone}
            data-mono={column.mono || undefined}
            data-pinned={column.isPinned || undefined}
            data-sticky={index < props.stickyCount || undefined}
            data-active={isActive(index + 1)}
            data-selected={isSelected(index + 1) || undefined}
            style={{ left: rowNumberPx + column.leftPx, width: column.width }}
            title={value?.title ?? (value?.kind === 'value' ? value.text : undefined)}
            data-row={row}
            data-column={index + 1}
          >
            {value === undefined ? <span className={classes.skeleton} /> : <CellText cell={value} />}
          </div>
        )
      })}
    </div>
  )
})

function CellText({ cell: { text, parts } }: { cell: Cell }) {
  if (parts === undefined) return text
  // Parts have no identity but their position.
  return parts.map(({ text: partText, isQuiet, mark }, i) => {
    if (mark === 'old') return <del key={`${i}:old`}>{partText}</del>
    if (mark === 'new') return <ins key={`${i}:new`}>{partText}</ins>
    return isQuiet ? <i key={`${i}:quiet`}>{partText}</i> : partText
  })
}
