import 'server-only'
import { TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { LakeServices } from '@/server/catalog/lake-services'
import { removeOldFacts } from '@/server/db/facts/old-facts'
import { tidyDatabase } from '@/server/db/tidy'
import { tidyUploads } from '@/server/uploads/tidy-uploads'
import { nightlySchedule, type NightlySchedule } from './nightly-schedule'
import type { RunKind } from './run-kind'
import { tidyRejects } from './tidy-rejects'

/** Removes old runs, expired sessions and uploads, and stored responses that are no longer needed. */

export const TIDY_RUNS = 'tidy-runs'

export function tidyRuns(services: Pick<LakeServices, 'config' | 'database' | 'stores'>): RunKind<'tidy-runs'> {
  return {
    maxConcurrent: 1,
    retryOn: TRANSIENT_DATABASE_CODES,
    async work(_run, { signal, log }) {
      const { runs, sessions, answers } = await tidyDatabase(services.database, { signal })
      log(
        `${formatQuantity(runs, 'run')}, ${formatQuantity(sessions, 'session')} and ${formatQuantity(answers, 'stored response')} removed.`,
      )
      const facts = await removeOldFacts(services.database, services.config.factRetention, { signal })
      if (facts > 0) log(`${formatQuantity(facts, 'commit')} removed from the history of tables; their sums stay.`)
      const { expired, files, isComplete } = await tidyUploads(services, { nowMs: services.database.nowMs(), signal })
      log(`${formatQuantity(expired, 'expired upload')} and ${formatQuantity(files, 'file')} of uploads removed.`)
      if (!isComplete) log('There are more files of uploads than one run removes. The next run continues.', 'warning')
      const lists = await tidyRejects(services, signal)
      log(`${formatQuantity(lists, 'list')} of rejected rows removed.`)
      return { runs, sessions, answers, uploads: expired }
    },
    settle: async () => null,
    tidy: async () => {},
  }
}

export function tidySchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: TIDY_RUNS, title: 'Clean up old runs and sessions' }, nowMs, random)
}
