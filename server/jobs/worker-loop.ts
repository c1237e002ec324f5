import 'server-only'
import { randomUUID } from 'node:crypto'
import { isDatabaseFailure } from '@/lib/errors'
import { openDatabase } from '@/server/db/open-database'
import { claimRun, LEASE_MS, type RunLimits } from '@/server/db/run-leases'
import { forgetWorker, seeWorker } from '@/server/db/workers'
import { logError } from '@/server/log'
import { LeaseWatch } from './lease-watch'
import { pause } from './pause'
import type { RunKind } from './run-kind'
import { RunTask } from './run-task'

const POLL_MS = 250
const RENEW_MS = 1_000
/** Over all workers of a home. */
const MAX_AT_ONCE = 8

export type WorkerOptions = {
  kinds: Readonly<Record<string, RunKind>>
  /** Runs of this worker at the same time. */
  concurrency: number
  /** Ends the worker: what runs is taken back and put into the queue again. */
  signal: AbortSignal
  /** How often the queue is looked at, and how often a lease is renewed, in milliseconds. */
  pollMs?: number
  renewMs?: number
}

/**
 * Takes runs from the queue and does them, until the signal; resolves when nothing of its own runs any more.
 */
export async function workLoop({
  kinds,
  concurrency,
  signal,
  pollMs = POLL_MS,
  renewMs = RENEW_MS,
}: WorkerOptions): Promise<void> {
  const database = openDatabase()
  const owner = randomUUID()
  const limits = limitsOf(kinds)
  const leases = new LeaseWatch()
  const running = new Map<string, Promise<void>>()
  // Not by the clock of the day, which may be set back.
  let seenAt = Number.NEGATIVE_INFINITY
  for (const kind of Object.values(kinds)) await kind.tidy()
  /** Null also while the database is busy or out of reach. */
  const nextRun = async () => {
    try {
      if (performance.now() - seenAt > LEASE_MS / 3) {
        await seeWorker(database, owner)
        seenAt = performance.now()
      }
      await leases.look(performance.now())
      return running.size < concurrency ? await claimRun(database, owner, limits, running.keys()) : null
    } catch (error) {
      if (!isDatabaseFailure(error)) throw error
      logError(error, { doing: 'looking for work' })
      return null
    }
  }
  while (!signal.aborted) {
    const claimed = await nextRun()
    if (claimed) {
      const { id } = claimed.run
      const task = new RunTask(claimed.run, { owner, kinds, signal, renewMs })
      const done = task.run(claimed.isAbandoned).catch((error: unknown) => logError(error, { runId: id }))
      running.set(id, done)
      void done.finally(() => running.delete(id))
    } else await Promise.race([pause(pollMs, signal), ...running.values()])
  }
  await Promise.all(running.values())
  await forgetWorker(database, owner)
}

function limitsOf(kinds: WorkerOptions['kinds']): RunLimits {
  const limited = Object.entries(kinds).flatMap(([kind, { mostAtOnce }]) => (mostAtOnce ? [[kind, mostAtOnce]] : []))
  return { overall: MAX_AT_ONCE, byKind: Object.fromEntries(limited) }
}
