import 'server-only'
import { DATABASE_FAILURES } from '@/lib/errors'
import { counted } from '@/lib/format/count'
import type { Database } from '@/server/db/database'
import { tidyDatabase } from '@/server/db/tidy'
import { nightlySchedule, type NightlySchedule } from './nightly-schedule'
import type { RunKind } from './run-kind'

/** Takes away old runs, sessions that are over, and what else nobody needs any more. */

export const TIDY_RUNS = 'tidy-runs'

export function tidyRuns(database: Database): RunKind {
  return {
    mostAtOnce: 1,
    retryOn: DATABASE_FAILURES,
    async work(_run, { signal, log }) {
      const { runs, sessions, answers } = await tidyDatabase(database, { signal })
      log(`${counted(runs, 'run')}, ${counted(sessions, 'session')} and ${counted(answers, 'kept answer')} removed.`)
      return { runs, sessions, answers }
    },
    settle: async () => null,
    tidy: async () => {},
  }
}

export function tidySchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: TIDY_RUNS, title: 'Tidy up old runs and sessions' }, nowMs, random)
}
