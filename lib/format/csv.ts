/**
 * Comma-separated values that a spreadsheet opens as data, see {@link escapeFormula}; numbers are written as they are.
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

export type CsvCell = string | number | null

function formatCell(value: CsvCell): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  return value === '' ? '' : csvField(escapeFormula(value))
}

/** Marks text that a spreadsheet would run as a formula with an apostrophe (OWASP ASVS 1.2.10). */
export function escapeFormula(text: string): string {
  return /^[=+\-@\t\r\0]/.test(text) ? `'${text}` : text
}

/**
 * A text as a field. An empty text has quotes, which distinguishes it from no value. Separators of spreadsheets in other
 * languages are quoted too: without quotes they would begin a cell that escapeFormula has not seen.
 */
export function csvField(text: string): string {
  return text === '' || /[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
