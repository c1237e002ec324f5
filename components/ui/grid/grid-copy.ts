import type { Cell, GridColumn } from './grid-cell'
import type { CellRange } from './grid-selection'

/** A larger selection is not copied. */
const MAX_COPIED_CELLS = 200_000

/**
 * What a copy of the selection puts on the clipboard, null for nothing, and what is announced.
 *
 * @param options.hasHeader whether the names of the columns come first; by default for more than one cell
 */
export function copyCells(
  columns: readonly GridColumn[],
  { firstRow, lastRow, firstColumn, lastColumn }: CellRange,
  cell: (row: number, columnKey: string) => Cell | undefined,
  { hasHeader = firstRow !== lastRow || firstColumn !== lastColumn || firstColumn === 0 }: { hasHeader?: boolean } = {},
): { text: string | null; announcement: string } {
  const from = Math.max(1, firstColumn)
  const to = firstColumn === 0 ? columns.length : lastColumn
  const lines = lastRow - firstRow + 1
  if (lines * (to - from + 1) > MAX_COPIED_CELLS) {
    const announcement = `Not copied: ${lines.toLocaleString('en-US')} rows are too many to copy at once. Select fewer rows.`
    return { text: null, announcement }
  }
  const copied = columns.slice(from - 1, to)
  const text = toTsv(copied, firstRow, lastRow, cell, hasHeader && (copied.length > 1 || lines > 1))
  const announcement =
    text === null
      ? 'Not copied: some of the selected rows have not been read yet. Scroll through them first.'
      : `${lines.toLocaleString('en-US')} ${lines === 1 ? 'row' : 'rows'} copied.`
  return { text, announcement }
}

/** Tab-separated text. Null when a cell has not been read yet. */
function toTsv(
  columns: readonly GridColumn[],
  firstRow: number,
  lastRow: number,
  cell: (row: number, columnKey: string) => Cell | undefined,
  hasHeader: boolean,
): string | null {
  const lines: string[] = []
  if (hasHeader) lines.push(columns.map((column) => toTsvField(column.name)).join('\t'))
  for (let row = firstRow; row <= lastRow; row++) {
    const fields: string[] = []
    for (const column of columns) {
      const value = cell(row, column.key)
      if (value === undefined) return null
      fields.push(value.kind === 'null' || value.kind === 'empty' ? '' : toTsvField(value.copyText ?? value.text))
    }
    lines.push(fields.join('\t'))
  }
  return lines.join('\n')
}

function toTsvField(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
