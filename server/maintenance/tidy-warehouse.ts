import 'server-only'
import { formatQuantity } from '@/lib/format/count'
import type { Config } from '@/server/config/config'
import type { LogLevel } from '@/lib/contract/jobs'
import { nightlySchedule, type NightlySchedule } from '@/server/jobs/nightly-schedule'
import type { RunKind } from '@/server/jobs/run-kind'
import {
  type AbortedUploads,
  abortWarehouseUploads,
  mightHaveLeftovers,
  removeWarehouseLeftovers,
} from '@/server/storage/warehouse-leftovers'
import { clock } from '@/server/timing/clock'

/**
 * Removes leftovers of killed writes from a warehouse: drafts of files and empty folders; of one in S3, uploads in parts
 * that were not completed.
 */

export const TIDY_WAREHOUSE = 'tidy-warehouse'

export function tidyWarehouseRuns(config: Config): RunKind<'tidy-warehouse'> {
  return {
    maxConcurrent: 1,
    async work(_run, { signal, log }) {
      const uploads = await abortWarehouseUploads(config, { nowMs: clock.nowMs(), signal })
      if (uploads !== null) return reportUploads(uploads, log)
      if (!mightHaveLeftovers(config)) {
        log('The warehouse is an object store, which removes the parts of interrupted writes by itself.')
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

function reportUploads(
  { aborted, seen, isListed, isComplete }: AbortedUploads,
  log: (text: string, level?: LogLevel) => void,
): { drafts: number; folders: number } {
  if (isListed) log(`${formatQuantity(aborted, 'interrupted upload')} removed; ${formatQuantity(seen, 'upload')} read.`)
  else
    log(
      'The bucket does not list interrupted uploads. Let a rule of the bucket remove them after some days.',
      'warning',
    )
  if (!isComplete) log('The run reached its limit. The next run reads the other uploads.', 'warning')
  return { drafts: aborted, folders: 0 }
}

export function tidyWarehouseSchedule(nowMs: number, random: number): NightlySchedule {
  return nightlySchedule({ kind: TIDY_WAREHOUSE, title: 'Remove leftovers of interrupted writes' }, nowMs, random)
}
