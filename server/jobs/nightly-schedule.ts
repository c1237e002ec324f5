import 'server-only'
import type { Schedule } from '@/server/db/jobs/schedules'
import type { RunActor } from '@/server/db/jobs/task-columns'
import { nextTime } from './cron-times'

export type NightlySchedule = Omit<Schedule, 'lastRunId' | 'skippedAtMs'>

/** Who runs what the console does of its own accord. */
const CONSOLE_ACTOR: RunActor = { userId: 'lakeshore', username: 'Lakeshore', role: 'admin' }

/**
 * Every night of the server's time zone, at a minute of its own, so that many consoles on one machine do not all do it
 * at once.
 *
 * @param kind of the runs, which is the schedule's id too
 * @param random in [0, 1)
 */
export function nightlySchedule(
  { kind, title }: { kind: string; title: string },
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
    actor: CONSOLE_ACTOR,
    table: null,
    ...times,
    isEnabled: true,
    nextAtMs: nextTime(times, nowMs),
  }
}
