import 'server-only'
import { AppError } from '@/lib/errors'
import { type Run, readRun, requestCancel } from '@/server/db/jobs'
import { isWorkerAlive } from '@/server/db/workers'
import type { RunKind } from './run-kind'
import { workLoop } from './worker-loop'

const LOOK_EVERY_MS = 100
const WATCH_EVERY_MS = 1_000

/**
 * Waits for a run to end, telling how far it is. When the signal is aborted the run is cancelled, and waited for.
 *
 * @returns the run as it ended
 */
export async function followRun(
  id: string,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (run: Run) => void },
): Promise<Run> {
  let isCancelling = false
  for (;;) {
    const run = readRun(id)
    if (!run) throw new AppError('not-found', `There is no run ${id}.`)
    if (run.finishedAtMs !== null) return run
    onProgress(run)
    if (signal.aborted && !isCancelling) {
      isCancelling = true
      await requestCancel(id)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
  }
}

/**
 * Does something with a worker at hand: the one that is running, else one in this process for as long as it takes. Also
 * where the other one is gone in the middle.
 */
export async function withWorker<Result>(
  kinds: Readonly<Record<string, RunKind>>,
  work: () => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const failure = Promise.withResolvers<never>()
  const loops: Promise<void>[] = []
  const ensureWorker = () => {
    if (loops.length > 0 || isWorkerAlive()) return
    const loop = workLoop({ kinds, concurrency: 1, signal: stop.signal, pollMs: LOOK_EVERY_MS })
    loop.catch(failure.reject)
    loops.push(loop)
  }
  ensureWorker()
  const watch = setInterval(ensureWorker, WATCH_EVERY_MS)
  try {
    return await Promise.race([work(), failure.promise])
  } finally {
    clearInterval(watch)
    stop.abort()
    await Promise.allSettled(loops)
  }
}
