/**
 * Comma-separated values that a spreadsheet opens as data. Text that a spreadsheet would run as a formula is quoted
 * with an apostrophe (OWASP ASVS 1.2.10); numbers are written as they are.
 *
 * Spec: RFC 4180.
 */
export function toCsv(header: readonly string[], rows: readonly (readonly (string | number | null)[])[]): string {
  return [header, ...rows].map((row) => `${row.map(formatCell).join(',')}\r\n`).join('')
}

function formatCell(value: string | number | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  const escaped = /^[=+\-@\t\r\0]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(escaped) ? `"${escaped.replaceAll('"', '""')}"` : escaped
}
