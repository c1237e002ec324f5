import 'server-only'
import { TRANSIENT_DATABASE_CODES } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'
import { entryLabel } from '@/lib/names/identifiers'
import { type NightlySchedule, nightlySchedule } from '@/server/jobs/nightly-schedule'
import type { RunKind } from '@/server/jobs/run-kind'
import { type OwnCatalogServices, ownCatalogSource } from '../own-catalog'
import { checkTables, isEqual } from './check-tables'

/** Compares the history of tables with the lake every night. */

export const CHECK_HISTORY = 'check-history'

const MAX_LOGGED = 50

export function checkHistoryRuns(services: OwnCatalogServices): RunKind<'check-history'> {
  return {
    maxConcurrent: 1,
    retryOn: TRANSIENT_DATABASE_CODES,
    async work(_run, { signal, log }) {
      const own = ownCatalogSource(services, signal)
      const sourceOf = (catalog: string) => (catalog === services.config.catalogName ? own : null)
      const counts = { tables: 0, compared: 0, different: 0 }
      for await (const checked of checkTables(services.database, sourceOf, signal)) {
        for (const { table, check } of checked) {
          const { difference, comparedWith } = check
          counts.tables += 1
          if (comparedWith === 'files') counts.compared += 1
          if (difference === null || isEqual(difference)) continue
          counts.different += 1
          if (counts.different > MAX_LOGGED) continue
          const than = comparedWith === 'files' ? 'its files' : 'its rows'
          const { rows, files, bytes } = difference
          log(
            `${entryLabel(table)} has more in its history than ${than}: ${formatCount(rows)} rows, ${formatCount(files)} files, ${formatCount(bytes)} bytes.`,
            'warning',
          )
        }
      }
      return counts
    },
    settle: async () => null,
    tidy: async () => {},
  }
}

export function checkHistorySchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: CHECK_HISTORY, title: 'Compare the history of tables with the lake' }, nowMs, random)
}
