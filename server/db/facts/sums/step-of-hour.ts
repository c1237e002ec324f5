import 'server-only'
import { type RawBuilder, sql } from 'kysely'

/** Steps of a chart, such as days of a time zone, in SQL. */

/**
 * The index of the step that has an hour. Steps of one length are counted by a division, so a year with two changes of
 * the clock is a few cases.
 *
 * @param hour of which none is before the first step
 * @param startHours at least one, ascending; the last step has no end
 */
export function stepOfHour(hour: RawBuilder<unknown>, startHours: readonly number[]): RawBuilder<number> {
  const last = startHours.length - 1
  const cases = toRuns(startHours).map(
    ({ first, startHour, hours, endHour }) =>
      sql`when ${hour} < ${sql.lit(endHour)} then ${sql.lit(first)} + (${hour} - ${sql.lit(startHour)}) / ${sql.lit(hours)}`,
  )
  if (cases.length === 0) return sql<number>`${sql.lit(last)}`
  return sql<number>`case ${sql.join(cases, sql` `)} else ${sql.lit(last)} end`
}

type Run = { first: number; startHour: number; hours: number; endHour: number }

/** Neighboring steps of one length, without the last step. */
function toRuns(startHours: readonly number[]): Run[] {
  const runs: Run[] = []
  for (const [index, endHour] of startHours.slice(1).entries()) {
    const startHour = startHours[index] ?? endHour
    const run = runs.at(-1)
    if (run?.hours === endHour - startHour) run.endHour = endHour
    else runs.push({ first: index, startHour, hours: endHour - startHour, endHour })
  }
  return runs
}
