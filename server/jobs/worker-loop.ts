import 'server-only'
import { randomUUID } from 'node:crypto'
import { AppError } from '@/lib/errors'
import type { Database } from '@/server/db/database'
import { claimRun, LEASE_MS, type RunLimits } from '@/server/db/jobs/run-leases'
import { removeWorker, recordHeartbeat } from '@/server/db/jobs/workers'
import type { Log } from '@/server/log'
import type { LakeServices } from '@/server/catalog/lake-services'
import { LeaseWatch } from './lease-watch'
import { clock } from '@/server/timing/clock'
import { retryUntilDone, Outage } from './outage'
import { retryPauseMs } from './retry-pause'
import type { RunKind } from './run-kind'
import { RunTask } from './run-task'

const RENEW_INTERVAL_MS = 1_000
/** Over all workers of a home. */
const MAX_CONCURRENT_RUNS = 8

export type WorkerOptions = {
  kinds: Readonly<Record<string, RunKind>>
  /** How many runs this worker executes at the same time. */
  concurrency: number
  /** Stops the worker: its running runs go back to the queue. */
  signal: AbortSignal
  /** How often the queue is polled, by default as often as the database permits, and a lease is renewed, in milliseconds. */
  pollMs?: number
  renewMs?: number
  /** How long a run that failed waits. */
  pauseMsBeforeRetry?: typeof retryPauseMs
}

/**
 * Takes runs from the queue and executes them until the signal is aborted; resolves when none of its runs is active.
 * While the database is locked or the disk is full, it keeps polling.
 */
export async function runWorkerLoop(
  services: Pick<LakeServices, 'database' | 'log'>,
  {
    kinds,
    concurrency,
    signal,
    pollMs = services.database.pollMs,
    renewMs = RENEW_INTERVAL_MS,
    pauseMsBeforeRetry = retryPauseMs,
  }: WorkerOptions,
): Promise<void> {
  const database = services.database
  const owner = randomUUID()
  const limits = toRunLimits(kinds)
  const leaseWatch = new LeaseWatch(services.database)
  const running = new Map<string, Promise<void>>()
  // Measured by a monotonic clock, because the system clock may be set back.
  let heartbeatAtMs = Number.NEGATIVE_INFINITY
  const outage = new Outage(services.log, 'looking for work')
  for (const kind of Object.values(kinds)) {
    await retryUntilDone(services.log, () => kind.tidy(), { doing: 'cleaning up after earlier runs', signal })
  }
  const claimNextRun = async () => {
    if (clock.elapsedMs() - heartbeatAtMs > LEASE_MS / 3) {
      await recordHeartbeat(database, owner)
      heartbeatAtMs = clock.elapsedMs()
    }
    await leaseWatch.check(clock.elapsedMs())
    return running.size < concurrency ? await claimRun(database, owner, limits, running.keys()) : null
  }
  while (!signal.aborted) {
    let claimed: Awaited<ReturnType<typeof claimNextRun>>
    try {
      claimed = await claimNextRun()
      outage.recordSuccess()
    } catch (error) {
      await clock.pause(outage.recordFailure(error), signal)
      continue
    }
    if (claimed) {
      const { id } = claimed.run
      const task = new RunTask(services, claimed, { owner, kinds, signal, renewMs, pauseMsBeforeRetry })
      const done = task.run().catch((error: unknown) => services.log.error(error, { runId: id }))
      running.set(id, done)
      void done.finally(() => running.delete(id))
    } else await Promise.race([clock.pause(pollMs, signal), ...running.values()])
  }
  await Promise.all(running.values())
  await unregisterWorker(services.log, database, owner)
}

/** A worker that cannot unregister is considered dead a little later, by the age of its last heartbeat. */
async function unregisterWorker(log: Log, database: Database, owner: string): Promise<void> {
  try {
    await removeWorker(database, owner)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    log.warning('the worker could not unregister', { reason: error.message, code: error.code })
  }
}

function toRunLimits(kinds: WorkerOptions['kinds']): RunLimits {
  const limitsByKind = Object.entries(kinds).flatMap(([kind, { maxConcurrent }]) =>
    maxConcurrent ? [[kind, maxConcurrent]] : [],
  )
  return { overall: MAX_CONCURRENT_RUNS, byKind: Object.fromEntries(limitsByKind) }
}
