/** An instant in an address or a query string: a time with its offset, or milliseconds since 1970-01-01T00:00Z. */
export const INSTANT_PATTERN =
  /^(?:-?\d{1,16}|\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+ -]\d{2}:\d{2}))$/

/**
 * Reads an instant of an address. A `+` that a query string has decoded to a space is read as one. Digits below a
 * millisecond are left out: snapshots have milliseconds.
 *
 * @returns milliseconds since 1970; null for another text, a time without an offset, and a day that no month has
 */
export function parseInstantMs(text: string): number | null {
  if (!INSTANT_PATTERN.test(text)) return null
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(Number(text)) ? Number(text) : null
  const [, day = '', time = '', offset = ''] = /^(.{10}).(.*?)(Z|.\d{2}:\d{2})$/.exec(text) ?? []
  const atMs = Date.parse(`${day}T${time}${offset.replace(' ', '+')}`)
  // `Date` lets 30 February roll over.
  const isDay = new Date(Date.parse(`${day}T00:00:00Z`)).toJSON()?.startsWith(day) ?? false
  return isDay && Number.isFinite(atMs) ? atMs : null
}
