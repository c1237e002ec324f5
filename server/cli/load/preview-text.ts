import 'server-only'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { visibleText } from '@/lib/format/visible-text'
import type { FilePreview } from './file-preview'

const MAX_ROWS = 10
const MAX_VALUE_CHARS = 40
const MAX_REASON_CHARS = 200
const NULL_CELL = '–'

/** A preview for a terminal: how the file is read, its first rows, and its first rejects. */
export function previewLines(preview: FilePreview): string[] {
  const { file, columns, rows, rejects, rowsRead, rowsRejected, isTruncated, delimiter } = preview
  const read = isTruncated ? `the first ${formatQuantity(rowsRead, 'row')}` : formatQuantity(rowsRead, 'row')
  return [
    `${visibleText(file)}: ${read} read, ${formatCount(rowsRejected)} of them rejected.`,
    ...(delimiter === null ? [] : [`Fields are separated by ${JSON.stringify(delimiter)}.`]),
    ...table(
      [numberTitle(rows), ...columns.map(({ name, type }) => `${name} (${type})`)],
      rows.map(({ line, record, values }) => [String(record ?? line), ...values]),
    ),
    ...(rejects.length === 0 ? [] : ['Rejected values:']),
    ...table(
      [numberTitle(rejects), 'column', 'value', 'reason'],
      rejects.map(({ line, record, column, value, reason }) => [String(record ?? line), column, value, reason]),
      MAX_REASON_CHARS,
    ),
  ]
}

function numberTitle(rows: readonly { record?: number }[]): string {
  return rows.some(({ record }) => record !== undefined) ? 'record' : 'line'
}

/** @returns without rows, not even the header */
function table(
  header: readonly string[],
  rows: readonly (readonly (string | null)[])[],
  maxLastChars = MAX_VALUE_CHARS,
): string[] {
  if (rows.length === 0) return []
  const lines = [header, ...rows.slice(0, MAX_ROWS)].map((row) =>
    row.map((cell, i) => cellText(cell, i === header.length - 1 ? maxLastChars : MAX_VALUE_CHARS)),
  )
  const widths = header.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)))
  const more = rows.length - MAX_ROWS
  return [
    ...lines.map((line) => `  ${line.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd()),
    ...(more > 0 ? [`  … ${formatCount(more)} more, which --json has`] : []),
  ]
}

/** On one line, without the control characters that a terminal obeys: the text comes from a file. */
function cellText(text: string | null, maxChars = MAX_VALUE_CHARS): string {
  if (text === null) return NULL_CELL
  const short = text.length > maxChars ? `${text.slice(0, maxChars)}…` : text
  return visibleText(short.toWellFormed()).replaceAll(/[\t\r\n]/g, ' ')
}
