'use client'
import { type Cell, cellId, type GridColumn, ROW_HEIGHT_PX } from './grid-cell'
import classes from './data-grid.module.css'
import { type CellPosition, type CellRange, isInRange } from './grid-selection'

type GridRowProps = {
  gridId: string
  row: number
  /** Distance from the top of the visible rows, in pixels. */
  offsetPx: number
  columns: readonly GridColumn[]
  /** Indices of the visible columns. */
  visibleColumns: readonly number[]
  lefts: readonly number[]
  rowNumberPx: number
  cell: (row: number, columnKey: string) => Cell | undefined
  active: CellPosition
  selection: CellRange | null
  isOpen: boolean
}

/** One row of a grid: its number, which opens it, and its visible cells. */
export function GridRow(props: GridRowProps) {
  const { gridId, row, columns, visibleColumns, lefts, rowNumberPx, active, selection } = props
  const isActive = (column: number) => active.row === row && active.column === column
  const isSelected = (column: number) => selection !== null && isInRange(selection, { row, column })
  const number = { row, column: 0 }
  return (
    <div
      role="row"
      aria-rowindex={row + 2}
      aria-selected={props.isOpen || undefined}
      className={classes.row}
      data-open={props.isOpen || undefined}
      style={{ transform: `translateY(${props.offsetPx}px)`, height: ROW_HEIGHT_PX }}
    >
      <div
        id={cellId(gridId, number)}
        role="rowheader"
        aria-colindex={1}
        tabIndex={isActive(0) ? 0 : -1}
        className={classes.number}
        style={{ width: rowNumberPx }}
        data-selected={isSelected(0) || undefined}
        data-row={row}
        data-column={0}
      >
        {(row + 1).toLocaleString('en-US')}
      </div>
      {visibleColumns.map((index) => {
        const column = columns[index]
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
            tabIndex={isActive(index + 1) ? 0 : -1}
            className={classes.cell}
            data-align={column.align}
            data-kind={value?.kind}
            data-mono={column.mono || undefined}
            data-selected={isSelected(index + 1) || undefined}
            style={{ left: lefts[index], width: column.width }}
            title={value?.title ?? (value?.kind === 'value' ? value.text : undefined)}
            data-row={row}
            data-column={index + 1}
          >
            {value === undefined ? <span className={classes.skeleton} /> : value.text}
          </div>
        )
      })}
    </div>
  )
}
