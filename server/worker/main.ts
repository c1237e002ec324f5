import 'server-only'
import { closeDatabases, openDatabase } from '@/server/db/open-database'
import { ensureSchedule } from '@/server/db/schedules'
import { doWhenPossible } from '@/server/jobs/outage'
import { scheduleLoop } from '@/server/jobs/schedule-loop'
import { tidySchedule } from '@/server/jobs/tidy-runs'
import { workLoop } from '@/server/jobs/worker-loop'
import { explainEnd, STOP_SIGNALS, stopWhenLeft } from '@/server/lifecycle'
import { logInfo } from '@/server/log'
import { tidyWarehouseSchedule } from '@/server/maintenance/tidy-warehouse'
import { requireSharedName } from '@/server/shared-name'
import { guardStart } from '@/server/start-guard'
import { hasLeftovers } from '@/server/storage/warehouse-leftovers'
import { RUN_KINDS } from './run-kinds'

/** Entry of the worker (bundled as `build/worker.mjs`): does what is queued until SIGTERM or Ctrl-C. */

/** Kinds that keep a machine busy have limits of their own; what is small does not wait for them. */
const CONCURRENCY = 4

const stop = new AbortController()
for (const signal of STOP_SIGNALS) {
  process.once(signal, () => {
    logInfo('worker stops', { signal })
    stop.abort()
  })
}

try {
  logInfo('worker starts')
  await guardStart()
  const database = openDatabase()
  stopWhenLeft()
  const { signal } = stop
  const setSchedule = async () => {
    await requireSharedName()
    await ensureSchedule(database, tidySchedule(database.nowMs(), Math.random()))
    if (hasLeftovers()) await ensureSchedule(database, tidyWarehouseSchedule(database.nowMs(), Math.random()))
  }
  await doWhenPossible(setSchedule, { doing: 'setting the schedule that tidies up', signal })
  const loops = [workLoop({ kinds: RUN_KINDS, concurrency: CONCURRENCY, signal }), scheduleLoop({ signal })]
  try {
    await Promise.all(loops)
  } finally {
    // Where one of them ends with an error the other has to end as well, so that the process does.
    stop.abort()
    await Promise.allSettled(loops)
  }
} catch (error) {
  explainEnd(error)
  process.exitCode = 1
}
await closeDatabases()
// Node would close what is open as it ends by itself, and with it a database that is left as it is, since it was replaced.
process.exit()
