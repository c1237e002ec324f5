/** A cell of a grid. Rows count from 0, and row -1 is the header; column 0 is the row number, and columns follow in order from 1. */
export type CellPosition = { row: number; column: number }

/** The rectangle between an anchor and the active cell, ends included. */
export type CellRange = { firstRow: number; lastRow: number; firstColumn: number; lastColumn: number }

export function rangeBetween(anchor: CellPosition, active: CellPosition): CellRange {
  return {
    firstRow: Math.min(anchor.row, active.row),
    lastRow: Math.max(anchor.row, active.row),
    firstColumn: Math.min(anchor.column, active.column),
    lastColumn: Math.max(anchor.column, active.column),
  }
}

/**
 * The cell that a key of the ARIA grid pattern moves to; null for other keys.
 */
export function cellAfterKey(
  key: string,
  ctrl: boolean,
  position: CellPosition,
  { rowCount, columnCount, pageRows }: { rowCount: number; columnCount: number; pageRows: number },
): CellPosition | null {
  const last = { row: rowCount - 1, column: columnCount - 1 }
  const isHeader = position.row < 0
  const rowAt = (row: number) => ({ ...position, row: Math.min(Math.max(0, row), last.row) })
  const columnAt = (column: number) => ({ ...position, column: Math.min(Math.max(0, column), last.column) })
  switch (key) {
    case 'ArrowDown':
      return rowAt(ctrl ? last.row : position.row + 1)
    case 'ArrowUp':
      if (isHeader) return position
      return position.row === 0 || (ctrl && last.row < 0)
        ? { ...position, row: -1 }
        : rowAt(ctrl ? 0 : position.row - 1)
    case 'PageDown':
      return rowAt(position.row + pageRows)
    case 'PageUp':
      return rowAt(position.row - pageRows)
    case 'ArrowRight':
      return columnAt(ctrl ? last.column : position.column + 1)
    case 'ArrowLeft':
      return columnAt(ctrl ? 0 : position.column - 1)
    case 'Home':
      return ctrl ? { row: 0, column: 0 } : columnAt(0)
    case 'End':
      return ctrl ? last : columnAt(last.column)
    default:
      return null
  }
}
