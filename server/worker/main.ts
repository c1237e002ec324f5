import 'server-only'
import { openDatabase } from '@/server/db/open-database'
import { workLoop } from '@/server/jobs/worker-loop'
import { logError, logInfo } from '@/server/log'
import { RUN_KINDS } from './run-kinds'

/** Entry of the worker (bundled as `build/worker.mjs`): does what is queued until SIGTERM or Ctrl-C. */

/** One run keeps a machine of two cores busy. */
const CONCURRENCY = 1

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    logInfo('worker stops', { signal })
    stop.abort()
  })
}

try {
  logInfo('worker starts')
  await workLoop({ kinds: RUN_KINDS, concurrency: CONCURRENCY, signal: stop.signal })
  await openDatabase().close()
} catch (error) {
  logError(error)
  process.exitCode = 1
}
