import type { Cell, GridColumn } from './grid-cell'

/** Tab-separated text, with a header line for more than one cell. Null when a cell has not been read yet. */
export function toTsv(
  columns: readonly GridColumn[],
  firstRow: number,
  lastRow: number,
  cell: (row: number, columnKey: string) => Cell | undefined,
): string | null {
  const lines: string[] = []
  if (columns.length > 1 || lastRow > firstRow) lines.push(columns.map((column) => toTsvField(column.name)).join('\t'))
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
