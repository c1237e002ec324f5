/** `2026-11-23T00:35:00Z`, which `parseInstantMs` reads; milliseconds since 1970 beyond the years of four digits. */
export function instantText(atMs: number): string {
  const text = Number.isFinite(new Date(atMs).getTime()) ? new Date(atMs).toISOString() : ''
  return /^\d{4}-/.test(text) ? text.replace('.000Z', 'Z') : String(atMs)
}
