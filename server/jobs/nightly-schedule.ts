import 'server-only'
import type { SchedulableRunKind } from '@/lib/contract/run-kinds'
import type { ConsoleSchedule } from '@/server/db/jobs/schedules'
import { CONSOLE } from '@/server/auth/console'
import { nextTime } from './cron-times'

export type NightlySchedule = ConsoleSchedule

/**
 * A schedule for every night in the server's time zone. The minute is random, so that many consoles on one machine do
 * not all run at once.
 *
 * @param kind of the runs, which is also the id of the schedule
 * @param random in [0, 1)
 */
export function nightlySchedule(
  { kind, title }: { kind: SchedulableRunKind; title: string },
  nowMs: number,
  random: number,
): NightlySchedule {
  const times = {
    cron: `${Math.floor(random * 60)} 3 * * *`,
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
  return {
    id: kind,
    kind,
    title,
    spec: {},
    actor: CONSOLE,
    table: null,
    ...times,
    isEnabled: true,
    nextAtMs: nextTime(times, nowMs),
  }
}
