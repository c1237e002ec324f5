import 'server-only'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import type { Database } from '@/server/db/database'
import { type Run, readRun, requestCancel } from '@/server/db/jobs/runs'
import { isWorkerAlive } from '@/server/db/jobs/workers'
import type { LakeServices } from '@/server/catalog/lake-services'
import { clock } from '@/server/timing/clock'
import type { RunKind } from './run-kind'
import { runWorkerLoop } from './worker-loop'

const WORKER_CHECK_INTERVAL_MS = 1_000

/**
 * Waits for a run to end and reports its progress. When the signal is aborted, it cancels the run and waits for it to
 * end.
 *
 * @param pollMs how often the run is read, in milliseconds; by default as often as the database permits
 * @returns the run as it ended
 */
export async function followRun(
  database: Database,
  id: string,
  {
    signal,
    onProgress,
    pollMs = database.pollMs,
  }: { signal: AbortSignal; onProgress: (run: Run) => void; pollMs?: number },
): Promise<Run> {
  let isCancelling = false
  for (;;) {
    const run = await readRun(database, id)
    if (!run) throw new AppError('not-found', `There is no run ${id}.`)
    if (run.finishedAtMs !== null) return run
    onProgress(run)
    if (signal.aborted && !isCancelling) {
      isCancelling = true
      await requestCancel(database, id)
    }
    await clock.pause(pollMs)
  }
}

/**
 * Does something while a worker is available: a running one, otherwise one in this process for as long as needed, even
 * if the other worker stops halfway.
 */
export async function withWorker<Result>(
  services: Pick<LakeServices, 'database' | 'log'>,
  kinds: Readonly<Record<string, RunKind>>,
  work: () => Promise<Result>,
): Promise<Result> {
  const stop = new AbortController()
  const fallbackWorker = runFallbackWorker(services, kinds, stop.signal)
  const workerFailure = fallbackWorker.then(() => new Promise<never>(() => {}))
  try {
    return await Promise.race([work(), workerFailure])
  } finally {
    stop.abort()
    await Promise.allSettled([fallbackWorker])
  }
}

/** Works in this process, until the signal is aborted, as soon as no other worker is alive. */
async function runFallbackWorker(
  services: Pick<LakeServices, 'database' | 'log'>,
  kinds: Readonly<Record<string, RunKind>>,
  signal: AbortSignal,
): Promise<void> {
  while (await mightHaveWorker(services)) {
    await clock.pause(WORKER_CHECK_INTERVAL_MS, signal)
    if (signal.aborted) return
  }
  await runWorkerLoop(services, { kinds, concurrency: 1, signal })
}

/** True while the database cannot be read: the next check may know better. */
async function mightHaveWorker(services: Pick<LakeServices, 'database' | 'log'>): Promise<boolean> {
  try {
    return await isWorkerAlive(services.database)
  } catch (error) {
    if (!isTransientDatabaseError(error)) throw error
    services.log.error(error, { doing: 'looking for a worker' })
    return true
  }
}
