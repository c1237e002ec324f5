import 'server-only'
import { runForwardLoop } from '@/server/audit/forward/forward-audit'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import { readConfig } from '@/server/config/config'
import { ensureSchedule } from '@/server/db/jobs/schedules'
import { retryUntilDone } from '@/server/jobs/outage'
import { runScheduleLoop } from '@/server/jobs/schedule-loop'
import { checkHistorySchedule } from '@/server/facts/check/check-history'
import { tidySchedule } from '@/server/jobs/tidy-runs'
import { runWorkerLoop } from '@/server/jobs/worker-loop'
import { reportFatalError, STOP_SIGNALS, stopWhenOrphaned } from '@/server/startup/lifecycle'
import { runWaitLoop } from '@/server/ingest/run/waiting/wait-loop'
import { runSettleLoop } from '@/server/maintenance/settle-writes'
import { tidyWarehouseSchedule } from '@/server/maintenance/tidy-warehouse'
import { runFactsLoop } from '@/server/facts/facts-loop'
import { indexLakeSchedule } from '@/server/search/crawl-queue'
import { runIndexLoop } from '@/server/search/index-loop'
import { createServices } from '@/server/program/create-services'
import type { Services } from '@/server/services'
import { requireSharedSettings } from '@/server/startup/shared-settings'
import { requireMatchingWarehouse } from '@/server/startup/matching-warehouse'
import { mightHaveLeftovers } from '@/server/storage/warehouse-leftovers'
import { waitForDatabase, createLogListener } from '@/server/startup/wait-for-database'
import { runKinds } from './run-kinds'

/** Entry point of the worker (bundled as `build/worker.mjs`): executes queued runs until SIGTERM or Ctrl-C. */

/** Kinds that keep a machine busy have their own limits; small runs do not wait for them. */
const CONCURRENCY = 4

const stop = new AbortController()
let services: Services | null = null

try {
  services = createServices(readConfig(), { stopping: stop.signal })
  await runWorker(services)
} catch (error) {
  reportFatalError(error, services?.log)
  process.exitCode = 1
}
await services?.database.close()
// Exits explicitly: when Node exits by itself, it closes open files, and a database that was replaced must be left as
// it is.
process.exit()

async function runWorker(services: Services): Promise<void> {
  const { config, database, log } = services
  const { signal } = stop
  for (const name of STOP_SIGNALS) {
    process.once(name, () => {
      log.info('worker stops', { signal: name })
      stop.abort()
    })
  }
  log.info('worker starts')
  stopWhenOrphaned(log)
  if (!(await waitForDatabase(services, { listener: createLogListener(log), signal }))) return
  await requireMatchingWarehouse(services)
  const setUpSchedules = async () => {
    await requireSharedSettings(services)
    await ensureSchedule(database, tidySchedule(database.nowMs(), Math.random()))
    await ensureSchedule(database, checkHistorySchedule(database.nowMs(), Math.random()))
    await ensureSchedule(database, indexLakeSchedule(database.nowMs(), Math.random()))
    if (mightHaveLeftovers(config))
      await ensureSchedule(database, tidyWarehouseSchedule(database.nowMs(), Math.random()))
  }
  await retryUntilDone(log, setUpSchedules, { doing: 'creating the schedule for cleaning up', signal })
  const loops = [
    runWorkerLoop(services, { kinds: runKinds(services), concurrency: CONCURRENCY, signal }),
    runScheduleLoop(services, { kinds: SCHEDULED_KINDS, signal }),
    runWaitLoop(services, { signal }),
    runSettleLoop(services, { signal }),
    runIndexLoop(services, { signal }),
    runFactsLoop(services, { signal }),
    runForwardLoop(services, { signal }),
  ]
  try {
    await Promise.all(loops)
  } finally {
    // When one of them fails, the others have to end too, so that the process exits.
    stop.abort()
    await Promise.allSettled(loops)
  }
}
