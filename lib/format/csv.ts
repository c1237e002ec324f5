/**
 * Comma-separated values that a spreadsheet opens as data. Text that a spreadsheet would run as a formula is quoted
 * with an apostrophe (OWASP ASVS 1.2.10); numbers are written as they are.
 *
 * Spec: RFC 4180.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return toCsvLines([header, ...rows])
}

/** Rows of {@link toCsv}, for a file that is written in parts. */
export function toCsvLines(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}

/** `exactNumber` is the text of a number that a double may not hold. */
export type CsvCell = string | number | null | { exactNumber: string }

function formatCell(value: CsvCell): string {
  if (value === null) return ''
  // Anything else would be text, whatever its column is called.
  if (typeof value === 'object') {
    return /^-?[0-9.]+(e[+-]?[0-9]+)?$/i.test(value.exactNumber) ? value.exactNumber : formatCell(value.exactNumber)
  }
  if (typeof value === 'number') return String(value)
  const escaped = /^[=+\-@\t\r\0]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(escaped) ? `"${escaped.replaceAll('"', '""')}"` : escaped
}
