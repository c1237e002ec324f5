import 'server-only'
import { formatQuantity } from '@/lib/format/count'
import type { Config } from '@/server/config/config'
import { nightlySchedule, type NightlySchedule } from '@/server/jobs/nightly-schedule'
import type { RunKind } from '@/server/jobs/run-kind'
import { mightHaveLeftovers, removeWarehouseLeftovers } from '@/server/storage/warehouse-leftovers'
import { clock } from '@/server/timing/clock'

/** Removes leftovers of killed writes from a warehouse of folders: drafts of files and empty folders. */

export const TIDY_WAREHOUSE = 'tidy-warehouse'

export function tidyWarehouseRuns(config: Config): RunKind<'tidy-warehouse'> {
  return {
    maxConcurrent: 1,
    async work(_run, { signal, log }) {
      if (!mightHaveLeftovers(config)) {
        log('The warehouse is an object store, in which interrupted writes leave nothing.')
        return { drafts: 0, folders: 0 }
      }
      const { drafts, folders, entriesSeen, isComplete } = await removeWarehouseLeftovers(config, {
        nowMs: clock.nowMs(),
        signal,
      })
      log(
        `${formatQuantity(drafts, 'unfinished file')} and ${formatQuantity(folders, 'empty folder')} removed; ${formatQuantity(entriesSeen, 'name')} read.`,
      )
      if (!isComplete) log('The run reached its limit. The next run reads other folders.', 'warning')
      return { drafts, folders }
    },
    settle: async () => null,
    tidy: async () => {},
  }
}

export function tidyWarehouseSchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: TIDY_WAREHOUSE, title: 'Remove leftovers of interrupted writes' }, nowMs, random)
}
