import 'server-only'
import { openDatabase } from '@/server/db/open-database'
import { ensureSchedule } from '@/server/db/schedules'
import { scheduleLoop } from '@/server/jobs/schedule-loop'
import { tidySchedule } from '@/server/jobs/tidy-runs'
import { workLoop } from '@/server/jobs/worker-loop'
import { logError, logInfo } from '@/server/log'
import { tidyWarehouseSchedule } from '@/server/maintenance/tidy-warehouse'
import { hasLeftovers } from '@/server/storage/warehouse-leftovers'
import { RUN_KINDS } from './run-kinds'

/** Entry of the worker (bundled as `build/worker.mjs`): does what is queued until SIGTERM or Ctrl-C. */

/** Kinds that keep a machine busy have limits of their own; what is small does not wait for them. */
const CONCURRENCY = 4

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    logInfo('worker stops', { signal })
    stop.abort()
  })
}

try {
  logInfo('worker starts')
  const database = openDatabase()
  await ensureSchedule(database, tidySchedule(database.nowMs(), Math.random()))
  if (hasLeftovers()) await ensureSchedule(database, tidyWarehouseSchedule(database.nowMs(), Math.random()))
  const { signal } = stop
  const loops = [workLoop({ kinds: RUN_KINDS, concurrency: CONCURRENCY, signal }), scheduleLoop({ signal })]
  try {
    await Promise.all(loops)
  } finally {
    // Where one of them ends with an error the other has to end as well, so that the process does.
    stop.abort()
    await Promise.allSettled(loops)
  }
  await database.close()
} catch (error) {
  logError(error)
  process.exitCode = 1
}
