import { formatDate, formatDay, formatTimeOfDay, startOfDay } from '@/lib/format/time'

/** Older days are shown with their year. */
const MAX_AGE_WITHOUT_YEAR_MS = 300 * 24 * 60 * 60_000

type Span = { fromMs: number; toMs: number }

/** `'1 to 21 Nov, 15:00'`, `'29 Oct to 21 Nov'`, `'20 Nov 16:00 to 21 Nov 16:00'`; a period that has not ended: `'1 Nov to now'`. */
export function periodLabel({ fromMs, toMs }: Span, { nowMs, timeZone }: { nowMs: number; timeZone: string }): string {
  const dayOf = (atMs: number) => (nowMs - atMs > MAX_AGE_WITHOUT_YEAR_MS ? formatDate : formatDay)(atMs, timeZone)
  const isMidnight = (atMs: number) => startOfDay(atMs, timeZone) === atMs
  const from = isMidnight(fromMs) ? dayOf(fromMs) : `${dayOf(fromMs)} ${formatTimeOfDay(fromMs, timeZone)}`
  if (toMs > nowMs) return `${from} to now`
  const lastDay = dayOf(toMs - 1)
  if (!isMidnight(toMs)) {
    const time = formatTimeOfDay(toMs, timeZone)
    if (isMidnight(fromMs)) return `${sharedMonth(from, lastDay)}, ${time}`
    return `${from} to ${lastDay === dayOf(fromMs) ? time : `${lastDay} ${time}`}`
  }
  return from === lastDay ? from : sharedMonth(from, lastDay)
}

/** `'1 to 21 Nov'` of `'1 Nov'` and `'21 Nov'`. */
function sharedMonth(from: string, to: string): string {
  if (from === to) return from
  const [day, ...month] = from.split(' ')
  return to.endsWith(` ${month.join(' ')}`) && !from.includes(':') ? `${day} to ${to}` : `${from} to ${to}`
}
