import 'server-only'
import pMap from 'p-map'
import { AppError, isTransientDatabaseError } from '@/lib/errors'
import {
  type PendingObject,
  postponePendingObject,
  removePendingObject,
  takePendingObjects,
} from '@/server/db/search/pending-objects'
import { tryCommit } from '@/server/db/try-commit'
import { clock } from '@/server/timing/clock'
import { Outage } from '@/server/jobs/outage'
import type { Services } from '@/server/services'
import { queueDueCrawls } from './crawl-queue'
import { indexObject } from './index-object'

/** Keeps the index up to date with reindex requests. Any number of workers may run it at once. */

const POLL_INTERVAL_MS = 500
const CRAWL_CHECK_INTERVAL_MS = 10_000
const MAX_TAKEN = 40
const CONCURRENCY = 4
const FIRST_PAUSE_MS = 5_000
const MAX_PAUSE_MS = 10 * 60_000
/** After that, the next crawl indexes it. */
const MAX_ATTEMPTS = 8

type LoopServices = Pick<Services, 'catalogs' | 'config' | 'database' | 'log'>

/** Indexes until the signal is aborted. */
export async function runIndexLoop(services: LoopServices, { signal }: { signal: AbortSignal }): Promise<void> {
  const outage = new Outage(services.log, 'keeping the search index up to date')
  let crawlsCheckedAtMs = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    try {
      if (clock.elapsedMs() - crawlsCheckedAtMs > CRAWL_CHECK_INTERVAL_MS) {
        await queueDueCrawls(services)
        crawlsCheckedAtMs = clock.elapsedMs()
      }
      const count = await indexPending(services, signal)
      outage.recordSuccess()
      // It has caught up. A table that changes all the time is read again only at this pace.
      if (count < MAX_TAKEN) await clock.pause(POLL_INTERVAL_MS, signal)
    } catch (error) {
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
}

/** Indexes some of the objects that are marked. @returns how many were due */
export async function indexPending(
  services: Pick<LoopServices, 'catalogs' | 'database' | 'log'>,
  signal: AbortSignal,
): Promise<number> {
  const taken = await takePendingObjects(services.database, MAX_TAKEN)
  await pMap(taken, (pending) => indexOrPostpone(services, pending, signal), { concurrency: CONCURRENCY })
  return taken.length
}

async function indexOrPostpone(
  services: Pick<LoopServices, 'catalogs' | 'database' | 'log'>,
  pending: PendingObject,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return
  try {
    await indexObject(services, pending, signal)
  } catch (error) {
    if (signal.aborted) return
    if (isTransientDatabaseError(error)) throw error
    const facts = { catalog: pending.catalog, attempt: pending.attempts + 1 }
    if (error instanceof AppError)
      services.log.warning('an object could not be indexed for search', { ...facts, reason: error.message })
    else services.log.error(error, { doing: 'indexing an object for search', ...facts })
    await giveUpOrPostpone(services, pending)
  }
}

async function giveUpOrPostpone({ database }: Pick<LoopServices, 'database'>, pending: PendingObject): Promise<void> {
  await tryCommit(database, [
    pending.attempts + 1 >= MAX_ATTEMPTS
      ? removePendingObject(pending)
      : postponePendingObject(pending, Math.min(FIRST_PAUSE_MS * 2 ** pending.attempts, MAX_PAUSE_MS)),
  ])
}
