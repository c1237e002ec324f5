import type { Cell, GridColumn } from './grid-cell'
import type { CellRange } from './grid-selection'

/** A larger selection is not copied. */
const MAX_COPIED_CELLS = 200_000
/** More rows are not read for a copy. */
const MAX_READ_ROWS = 20_000

/** The cells of a copy; `lastRow` is included. */
export type CopiedCells = {
  columns: readonly GridColumn[]
  firstRow: number
  lastRow: number
  /** Whether the names of the columns come first. */
  hasHeader: boolean
}

/** The text for the clipboard, or why there is none. Cells that are `unread` may be read for it. */
export type CopiedText = { kind: 'text'; text: string } | { kind: 'unread' | 'refused'; announcement: string }

/** @param options.hasHeader by default for more than one cell */
export function cellsToCopy(
  columns: readonly GridColumn[],
  { firstRow, lastRow, firstColumn, lastColumn }: CellRange,
  { hasHeader = firstRow !== lastRow || firstColumn !== lastColumn || firstColumn === 0 }: { hasHeader?: boolean } = {},
): CopiedCells {
  const from = Math.max(1, firstColumn)
  const to = firstColumn === 0 ? columns.length : lastColumn
  const copied = columns.slice(from - 1, to)
  return { columns: copied, firstRow, lastRow, hasHeader: hasHeader && (copied.length > 1 || firstRow !== lastRow) }
}

/**
 * The cells as tab-separated text, a single cell unchanged. Nulls are empty fields, and an empty text is a pair of
 * quotes, so that a reader of CSV can tell them apart.
 */
export function copyCells(
  { columns, firstRow, lastRow, hasHeader }: CopiedCells,
  cell: (row: number, columnKey: string) => Cell | undefined,
): CopiedText {
  const rowCount = lastRow - firstRow + 1
  if (rowCount * columns.length > MAX_COPIED_CELLS) return tooManyRows(rowCount)
  const isOneCell = rowCount === 1 && columns.length === 1 && !hasHeader
  const lines: string[] = []
  if (hasHeader) lines.push(columns.map(({ name }) => toTsvField(name)).join('\t'))
  for (let row = firstRow; row <= lastRow; row++) {
    const fields: string[] = []
    for (const column of columns) {
      const value = cell(row, column.key)
      if (value === undefined) return rowCount > MAX_READ_ROWS ? tooManyRows(rowCount) : UNREAD
      if (value.kind === 'failed') {
        const announcement = `Not copied: ${column.name} of row ${(row + 1).toLocaleString('en-US')} could not be read.`
        return { kind: 'refused', announcement }
      }
      fields.push(isOneCell ? plainText(value) : tsvText(value))
    }
    lines.push(fields.join('\t'))
  }
  return { kind: 'text', text: lines.join('\n') }
}

const UNREAD: CopiedText = {
  kind: 'unread',
  announcement: 'Not copied: some of the selected cells have not been read yet. Scroll to them first.',
}

export function copiedAnnouncement({ firstRow, lastRow }: CopiedCells): string {
  const rowCount = lastRow - firstRow + 1
  return `${rowCount.toLocaleString('en-US')} ${rowCount === 1 ? 'row' : 'rows'} copied.`
}

function tooManyRows(rowCount: number): CopiedText {
  const announcement = `Not copied: ${rowCount.toLocaleString('en-US')} rows are too many to copy at once. Select fewer rows.`
  return { kind: 'refused', announcement }
}

function plainText(cell: Cell): string {
  return cell.kind === 'null' || cell.kind === 'empty' ? '' : (cell.copyText ?? cell.text)
}

function tsvText(cell: Cell): string {
  return cell.kind === 'empty' ? '""' : toTsvField(plainText(cell))
}

function toTsvField(text: string): string {
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
