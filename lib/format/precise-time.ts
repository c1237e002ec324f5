import { formatClock, formatDate } from './time'

/**
 * `'19 Nov 2026, 14:02:11.517 Europe/Berlin'`: an instant to the millisecond, as `FOR TIMESTAMP AS OF` reads it.
 *
 * @param timeZone IANA name
 */
export function formatPreciseTime(atMs: number, timeZone: string): string {
  const millis = String(((atMs % 1000) + 1000) % 1000).padStart(3, '0')
  return `${formatDate(atMs, timeZone)}, ${formatClock(atMs, timeZone)}.${millis} ${timeZone}`
}
