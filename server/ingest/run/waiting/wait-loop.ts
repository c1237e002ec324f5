import 'server-only'
import { AppError } from '@/lib/errors'
import type { LakeServices } from '@/server/catalog/lake-services'
import type { Database } from '@/server/db/database'
import type { Run, RunError } from '@/server/db/jobs/runs'
import {
  type AwaitedUpload,
  endWaitChanges,
  extendAwaitedUploads,
  failAwaitingRun,
  listAwaitedUploads,
  listAwaitingRuns,
} from '@/server/db/uploads/awaiting-runs'
import { Outage } from '@/server/jobs/outage'
import { runActor } from '@/server/jobs/run-actor'
import { clock } from '@/server/timing/clock'
import { parseIngestSpec } from '../ingest-spec'

/** Loads that wait for the bytes of uploads, as workers look after them. Any number of workers may do so at once. */

const CHECK_INTERVAL_MS = 15_000
const RUNS_PER_PAGE = 200
/** How much longer the newest upload of a run has to live than the oldest one before that is extended. */
const MIN_EXTENSION_MS = 60_000

type WaitServices = Pick<LakeServices, 'database' | 'log'>

/** Looks after the loads that wait until the signal is aborted. */
export async function runWaitLoop(services: WaitServices, { signal }: { signal: AbortSignal }): Promise<void> {
  const outage = new Outage(services.log, 'looking at loads that wait for uploads')
  while (!signal.aborted) {
    try {
      await checkWaits(services.database)
      outage.recordSuccess()
      await clock.pause(CHECK_INTERVAL_MS, signal)
    } catch (error) {
      await clock.pause(outage.recordFailure(error), signal)
    }
  }
}

/**
 * Fails the loads whose wait is in vain, because an upload has expired or was removed, or their user may no longer load;
 * and ends the wait of those whose uploads are complete. While bytes of one upload come, the others of its load do not
 * expire.
 */
export async function checkWaits(database: Database): Promise<void> {
  let after = ''
  for (;;) {
    const runs = await listAwaitingRuns(database, after, RUNS_PER_PAGE)
    for (const run of runs) await checkWait(database, run)
    after = runs.at(-1)?.id ?? ''
    if (runs.length < RUNS_PER_PAGE) return
  }
}

async function checkWait(database: Database, run: Run): Promise<void> {
  const uploads = await listAwaitedUploads(database, run.id)
  const failure = uploads.length < run.awaitedUploads ? missingError(run, uploads) : await findRefusal(database, run)
  if (failure !== null) {
    await failAwaitingRun(database, run.id, failure)
    return
  }
  if (uploads.every(({ sizeBytes, receivedBytes }) => receivedBytes === sizeBytes)) {
    await database.commit(endWaitChanges(run.id))
    return
  }
  const lives = uploads.map(({ expiresAtMs }) => expiresAtMs)
  const newestMs = Math.max(...lives)
  if (newestMs - Math.min(...lives) >= MIN_EXTENSION_MS) await extendAwaitedUploads(database, run.id, newestMs)
}

function missingError({ spec }: Run, uploads: readonly AwaitedUpload[]): RunError {
  const found = new Set(uploads.map(({ uploadId }) => uploadId))
  const missing = parseIngestSpec(spec).input.find((source) => 'uploadId' in source && !found.has(source.uploadId))
  const file = missing !== undefined && 'uploadId' in missing ? missing.name : 'A file'
  return {
    code: 'not-found',
    detail: `${file} has expired or was removed before all bytes of the load were here. Nothing was loaded. Upload it again.`,
    facts: { file },
  }
}

/** Why the user of a load may no longer load; null if that is not so. */
async function findRefusal(database: Database, run: Run): Promise<RunError | null> {
  const needs = run.table === null ? [] : [{ permission: 'table:write' as const, resource: run.table }]
  try {
    await runActor(database, run, needs)
    return null
  } catch (error) {
    if (error instanceof AppError && error.code === 'forbidden')
      return { code: error.code, detail: error.message, facts: {} }
    throw error
  }
}
