import 'server-only'
import { TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { Database } from '@/server/db/database'
import { tidyDatabase } from '@/server/db/tidy'
import { nightlySchedule, type NightlySchedule } from './nightly-schedule'
import type { RunKind } from './run-kind'

/** Removes old runs, expired sessions, and stored responses that are no longer needed. */

export const TIDY_RUNS = 'tidy-runs'

export function tidyRuns(database: Database): RunKind<'tidy-runs'> {
  return {
    maxConcurrent: 1,
    retryOn: TRANSIENT_DATABASE_CODES,
    async work(_run, { signal, log }) {
      const { runs, sessions, answers } = await tidyDatabase(database, { signal })
      log(
        `${formatQuantity(runs, 'run')}, ${formatQuantity(sessions, 'session')} and ${formatQuantity(answers, 'stored response')} removed.`,
      )
      return { runs, sessions, answers }
    },
    settle: async () => null,
    tidy: async () => {},
  }
}

export function tidySchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: TIDY_RUNS, title: 'Clean up old runs and sessions' }, nowMs, random)
}
