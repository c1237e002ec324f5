import 'server-only'
import { counted } from '@/lib/format/count'
import { tidyDatabase } from '@/server/db/tidy'
import { nightlySchedule, type NightlySchedule } from './nightly-schedule'
import type { RunKind } from './run-kind'

/** Takes away old runs, sessions that are over, and what else nobody asks for any more. */

export const TIDY_RUNS = 'tidy-runs'

export const tidyRuns: RunKind = {
  mostAtOnce: 1,
  retryOn: ['catalog-unavailable'],
  async work(_run, { signal, log }) {
    const { runs, sessions, answers } = await tidyDatabase({ nowMs: Date.now(), signal })
    log(`${counted(runs, 'run')}, ${counted(sessions, 'session')} and ${counted(answers, 'kept answer')} removed.`)
    return { runs, sessions, answers }
  },
  settle: async () => null,
  tidy: async () => {},
}

export function tidySchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: TIDY_RUNS, title: 'Tidy up old runs and sessions' }, nowMs, random)
}
