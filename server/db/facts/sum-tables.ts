import 'server-only'

/** The tables of sums, and their periods. */

export const HOUR_MS = 60 * 60_000
export const DAY_MS = 24 * HOUR_MS
const MONTHS_PER_YEAR = 12

export const toHour = (atMs: number): number => Math.floor(atMs / HOUR_MS)
export const toDay = (atMs: number): number => Math.floor(atMs / DAY_MS)

/** The calendar month, counted from January 1970, in UTC. */
export function toMonth(atMs: number): number {
  const date = new Date(atMs)
  return (date.getUTCFullYear() - 1970) * MONTHS_PER_YEAR + date.getUTCMonth()
}

export function monthStartMs(month: number): number {
  return Date.UTC(1970, month)
}
