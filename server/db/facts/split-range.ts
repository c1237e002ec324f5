import 'server-only'
import { DAY_MS, HOUR_MS, monthStartMs, toMonth } from './sum-tables'

/** Which stored sums make up a range of time. */

export type SumKey = 'period' | 'table' | 'operation' | 'writer'
export type Grain = 'hour' | 'day'

/** The periods `from` to `to` of one table. `to` is not among them; null: to the newest. */
export type SumPart = {
  name: 'fact_hours' | 'fact_days' | 'fact_months' | 'fact_lake_hours' | 'fact_lake_days'
  from: number
  to: number | null
  /** Whether its amounts are taken from the others, which have these periods, too. */
  isTaken: boolean
}

/** Hours since 1970. `toHour` is not in the range; null: to the newest. */
type HourRange = { fromHour: number; toHour: number | null }

const HOURS_PER_DAY = DAY_MS / HOUR_MS

/**
 * Whole days and months are read from their own sums, and the hours before and after them from those by hour. Where a
 * month is not whole, its days are added, or the others are taken from its sum, whichever are fewer.
 *
 * @param sums those of catalogs, or those of tables, whose whole days are summed by day or by month
 */
export function splitRange(
  { fromHour, toHour }: HourRange,
  { grain, sums }: { grain: Grain; sums: 'lake' | 'days' | 'months' },
): SumPart[] {
  const hours = (from: number, to: number | null) =>
    toPart(sums === 'lake' ? 'fact_lake_hours' : 'fact_hours', from, to)
  if (grain === 'hour' && sums !== 'months') return hours(fromHour, toHour)
  const firstDay = Math.ceil(fromHour / HOURS_PER_DAY)
  const endDay = toHour === null ? null : Math.floor(toHour / HOURS_PER_DAY)
  if (endDay !== null && endDay <= firstDay) return hours(fromHour, toHour)
  return [
    ...hours(fromHour, firstDay * HOURS_PER_DAY),
    ...(sums === 'months'
      ? splitDays(firstDay, endDay)
      : toPart(sums === 'lake' ? 'fact_lake_days' : 'fact_days', firstDay, endDay)),
    ...(endDay === null ? [] : hours(endDay * HOURS_PER_DAY, toHour)),
  ]
}

function splitDays(firstDay: number, endDay: number | null): SumPart[] {
  const firstMonth = toMonth(firstDay * DAY_MS)
  const endMonth = endDay === null ? null : toMonth(endDay * DAY_MS)
  const start = edgeOfMonth(firstMonth, firstDay)
  if (firstMonth === endMonth && endDay !== null)
    return splitDaysOfMonth(firstMonth, { ...start, from: firstDay, to: endDay })
  // Days before the range are taken from its first month, or the rest of that month is added.
  const before: { from: number; parts: SumPart[] } =
    start.before < start.after
      ? { from: firstMonth, parts: toPart('fact_days', start.firstDay, firstDay, true) }
      : { from: firstMonth + 1, parts: toPart('fact_days', firstDay, start.endDay) }
  if (endDay === null || endMonth === null) return [...before.parts, ...toPart('fact_months', before.from, null)]
  const end = edgeOfMonth(endMonth, endDay)
  const after: { to: number; parts: SumPart[] } =
    end.after < end.before
      ? { to: endMonth + 1, parts: toPart('fact_days', endDay, end.endDay, true) }
      : { to: endMonth, parts: toPart('fact_days', end.firstDay, endDay) }
  return [...before.parts, ...toPart('fact_months', before.from, after.to), ...after.parts]
}

/** The days themselves, or their month less its other days, whichever are fewer. */
function splitDaysOfMonth(
  month: number,
  { firstDay, endDay, from, to }: { firstDay: number; endDay: number; from: number; to: number },
): SumPart[] {
  if (endDay - firstDay >= 2 * (to - from)) return toPart('fact_days', from, to)
  return [
    ...toPart('fact_days', firstDay, from, true),
    ...toPart('fact_months', month, month + 1),
    ...toPart('fact_days', to, endDay, true),
  ]
}

/** How many days of the month are before and after the beginning of a day. */
function edgeOfMonth(month: number, day: number) {
  const firstDay = monthStartMs(month) / DAY_MS
  const endDay = monthStartMs(month + 1) / DAY_MS
  return { firstDay, endDay, before: day - firstDay, after: endDay - day }
}

function toPart(name: SumPart['name'], from: number, to: number | null, isTaken = false): SumPart[] {
  return to !== null && to <= from ? [] : [{ name, from, to, isTaken }]
}
