import type { ReactNode, Ref } from 'react'
import type { ColumnLayout, GridSort } from './column-layout'
import type { Cell, GridColumn } from './grid-cell'
import type { GridRange } from './use-grid-window'

export type GridHandle = {
  /** Scrolls a row (from 0) into the middle, makes it active and focuses it. */
  goToRow(row: number): void
  /** Keeps rows in place on screen after this many rows above them were removed. */
  moveUp(rowCount: number): void
  /** Focuses the active cell again, for example after details of its row were closed. */
  focus(): void
}

/** A mark of a whole row: it is deleted, and why. */
export type RowMark = { kind: 'deleted'; reason: string }

/** Reads cells that are not visible; `lastRow` is exclusive. Returns whether the rows still have the same numbers. */
export type ReadCells = (range: {
  firstRow: number
  lastRow: number
  columnKeys: readonly string[]
}) => Promise<boolean>

/** A page about a row, found by a cell of it, or a panel about the cell. */
export type CellLink = {
  isOffered: (row: number, columnKey: string) => boolean
  open: (row: number, columnKey: string) => void
}

export type CellFilter = {
  /** Whether there is a value to compare with. */
  isOffered: (row: number, columnKey: string) => boolean
  /** Shows the rows with the value of a cell, or those without it. */
  apply: (row: number, columnKey: string, isExcluded: boolean) => void
}

export type DataGridProps = {
  /** Accessible name, for example `Rows`. */
  label: string
  rowCount: number
  /** Whether `rowCount` is exact. By default, yes; otherwise there may be fewer rows. */
  isRowCountExact?: boolean
  columns: readonly GridColumn[]
  /**
   * Returns a cell, or undefined while it is being read. Rows are drawn again only when they come into view or when
   * this function changes, so it has to change when values change, and only then.
   */
  cell: (row: number, columnKey: string) => Cell | undefined
  /** Reads cells before they are copied. Without it only cells that `cell` returns can be copied. */
  readCells?: ReadCells
  /** Returns the mark of a row. Like `cell`, the function changes when a mark changes. */
  rowMark?: (row: number) => RowMark | undefined
  /** Order, widths, pins and hidden columns; the grid remembers its own without it. */
  layout?: ColumnLayout
  onLayoutChange?: (layout: ColumnLayout) => void
  /** The order of the rows, which the caller sorts. Without `onSortChange` the grid offers no sorting. */
  sort?: GridSort
  onSortChange?: (sort: GridSort) => void
  /** Why a column cannot be sorted; undefined if it can. */
  sortProblem?: (columnKey: string) => string | undefined
  /** Called by the menu of a column. Without it the menu offers no profile. */
  onColumnProfile?: (columnKey: string) => void
  /** Filters the rows by a column. Without it the menu of a column offers no filter. */
  onColumnFilter?: (columnKey: string) => void
  /** Drawn below the header of a column, in a line of its own. */
  columnFilter?: ((columnKey: string) => ReactNode) | undefined
  /** Filters the rows by the value of a cell. Without it the menu of a cell offers only copies. */
  cellFilter?: CellFilter
  /** Opens a value with members next to the grid, by the menu of the cell or `Ctrl+Enter`. */
  valuePanel?: CellLink
  /** Opens the history of a row. Without it the menu of a cell does not offer it. */
  rowHistory?: CellLink
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
