import { zonedTimestampText } from './zoned-time'

/** An instant as the server writes it. Other years than these stay in UTC. */
const INSTANT = /^([1-9]\d{3})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:\+00:00|Z)$/

/**
 * The text of a bound as the grid shows the value: instants by clocks of the user's zone, exact to the digit. A text
 * that is not an instant stays as it is, such as the bytes of a damaged bound. It needs none of the code that reads what
 * people write, which pages that show bounds do not load.
 *
 * @param type a type of the schema, also as text; null when no schema has the column
 */
export function shownBound(text: string, type: object | string | null, timeZone: string): string {
  if (type !== 'timestamptz' && type !== 'timestamptz_ns') return text
  const [, year, month, day, hour, minute, second, fraction = ''] = INSTANT.exec(text) ?? []
  const digits = type === 'timestamptz' ? 6 : 9
  if (year === undefined || fraction.length > digits) return text
  const seconds = BigInt(Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute))) / 1000n
  const unitsPerSecond = 10n ** BigInt(digits)
  const units = (seconds + BigInt(second ?? 0)) * unitsPerSecond + BigInt(fraction.padEnd(digits, '0'))
  return zonedTimestampText(units, timeZone, unitsPerSecond)
}
