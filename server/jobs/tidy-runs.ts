import 'server-only'
import { DATABASE_FAILURES } from '@/lib/errors'
import { counted } from '@/lib/format/count'
import { openDatabase } from '@/server/db/open-database'
import type { Schedule } from '@/server/db/schedules'
import type { RunActor } from '@/server/db/task-columns'
import { tidyDatabase } from '@/server/db/tidy'
import { nextTime } from './cron-times'
import type { RunKind } from './run-kind'

/** Takes away old runs, sessions that are over, and what else nobody needs any more. */

export const TIDY_RUNS = 'tidy-runs'

export const tidyRuns: RunKind = {
  mostAtOnce: 1,
  retryOn: DATABASE_FAILURES,
  async work(_run, { signal, log }) {
    const { runs, sessions, answers } = await tidyDatabase(openDatabase(), { signal })
    log(`${counted(runs, 'run')}, ${counted(sessions, 'session')} and ${counted(answers, 'kept answer')} removed.`)
    return { runs, sessions, answers }
  },
  settle: async () => null,
  tidy: async () => {},
}

/** Who queues what the console does by itself. */
const CONSOLE: RunActor = { userId: 'lakeshore', username: 'Lakeshore', role: 'admin' }

/**
 * Every night of the server's time zone, at a minute of its own, so that many consoles on one machine do not all do it
 * at once.
 *
 * @param random in [0, 1)
 */
export function tidySchedule(nowMs: number, random: number): Omit<Schedule, 'lastRunId' | 'skippedAtMs'> {
  const times = {
    cron: `${Math.floor(random * 60)} 3 * * *`,
    timeZone: new Intl.DateTimeFormat().resolvedOptions().timeZone,
  }
  return {
    id: TIDY_RUNS,
    kind: TIDY_RUNS,
    title: 'Tidy up old runs and sessions',
    spec: {},
    actor: CONSOLE,
    table: null,
    ...times,
    isEnabled: true,
    nextAtMs: nextTime(times, nowMs),
  }
}
