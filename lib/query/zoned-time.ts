const HOUR_MS = 3_600_000

/** Whether this is a time zone that the runtime knows: `Europe/Berlin`, `UTC`. */
export function isTimeZone(name: string): boolean {
  try {
    formatterOf(name)
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/**
 * The instants at which clocks of a zone show a time: usually one, none for a time that the clocks skip, two for a time
 * that they repeat, earliest first.
 *
 * @param localMs the shown time as if it were in UTC, in milliseconds since 1970
 * @param timeZone IANA name
 */
export function toInstants(localMs: number, timeZone: string): number[] {
  // Offsets differ from UTC by at most 14 hours, so a change of the clocks near this time is between these two instants.
  const offsets = new Set([localMs - 26 * HOUR_MS, localMs + 26 * HOUR_MS].map((atMs) => offsetMs(atMs, timeZone)))
  return [...offsets]
    .map((offset) => localMs - offset)
    .filter((atMs) => atMs + offsetMs(atMs, timeZone) === localMs)
    .toSorted((a, b) => a - b)
}

/** How far clocks of the zone are ahead of UTC at an instant. */
function offsetMs(atMs: number, timeZone: string): number {
  const parts = new Map(
    formatterOf(timeZone)
      .formatToParts(atMs)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = (
    ['year', 'month', 'day', 'hour', 'minute', 'second'] as const
  ).map((type) => parts.get(type))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return date.getTime() - Math.floor(atMs / 1000) * 1000
}

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  const known = formatters.get(timeZone)
  if (known) return known
  const formatter = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'iso8601',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    hourCycle: 'h23',
  })
  formatters.set(timeZone, formatter)
  return formatter
}
