import 'server-only'
import type { JsonObject } from '@/lib/iceberg/types'
import { type Statement, UnexpectedChanges } from './database'
import { type Run, type RunError, type RunProgress, readRun, selectRuns } from './jobs'
import { openDatabase } from './open-database'

/**
 * Runs in the hands of workers. A worker holds a running one by a lease that it renews; every change of a run by its
 * worker says whose lease it believes in, so that a worker that was thought dead changes nothing when it wakes.
 */

/** A worker that has not been seen for so long is taken for dead, and its runs are somebody else's. */
export const LEASE_MS = 15_000

/** The longest pause before another try: one that shall wait longer was written by a clock that has been set back. */
export const LONGEST_PAUSE_MS = 15 * 60_000

/** Of all workers together. */
export type RunLimits = {
  /** Runs at the same time. */
  overall: number
  /** Of one kind at the same time; kinds that are not named have no limit of their own. */
  byKind: Readonly<Record<string, number>>
}

/** What may begin now; ?1 is the time, ?2 and ?3 are the limits. */
const MAY_BEGIN = `state = 'queued'
  AND (next_try_at_ms IS NULL OR next_try_at_ms NOT BETWEEN ?1 + 1 AND ?1 + ${LONGEST_PAUSE_MS})
  AND (SELECT count(*) FROM runs AS other WHERE other.state = 'running') < ?2
  AND (SELECT count(*) FROM runs AS other WHERE other.state = 'running' AND other.kind = runs.kind)
    < coalesce((SELECT value FROM json_each(?3) WHERE key = runs.kind), ?2)
  AND NOT EXISTS (SELECT 1 FROM runs AS other WHERE other.state = 'running' AND other.exclusive_key = runs.exclusive_key)`

/** ?2 is a list of runs, as JSON, that are not. */
const IS_ABANDONED = `state = 'running' AND lease_until_ms < ?1 AND id NOT IN (SELECT value FROM json_each(?2))`

/**
 * Takes one whose worker is gone, or the oldest run that waits and may begin: of several workers that ask at once, one
 * gets it.
 *
 * @param inHand runs that this worker is doing. After the machine slept, or while the database was locked, their leases
 *   have ended though nobody is gone; taken again, a run would be put right and done beside itself under one lease
 * @returns null when there is none; `isAbandoned` when a worker had begun it
 */
export async function claimRun(
  owner: string,
  limits: RunLimits,
  inHand: Iterable<string> = [],
): Promise<{ run: Run; isAbandoned: boolean } | null> {
  const ours = JSON.stringify([...inHand])
  for (;;) {
    const nowMs = Date.now()
    const begin = [nowMs, limits.overall, JSON.stringify(limits.byKind)]
    const [abandoned] = selectRuns(`WHERE ${IS_ABANDONED} ORDER BY id LIMIT 1`, [nowMs, ours])
    const candidate = abandoned ?? selectRuns(`WHERE ${MAY_BEGIN} ORDER BY id LIMIT 1`, begin)[0]
    if (!candidate) return null
    const given = abandoned ? [nowMs, ours] : begin
    const place = (i: number) => `?${given.length + i}`
    const isOurs = await changesOne({
      sql: `UPDATE runs SET state = 'running', lease_owner = ${place(1)}, lease_until_ms = ${place(2)},
          attempt = attempt + 1, started_at_ms = coalesce(started_at_ms, ?1), tried_at_ms = ?1, next_try_at_ms = NULL,
          error = NULL WHERE id = ${place(3)} AND ${abandoned ? IS_ABANDONED : MAY_BEGIN}`,
      params: [...given, owner, nowMs + LEASE_MS, candidate.id],
      expectedChanges: 1,
    })
    if (!isOurs) continue
    const run = readRun(candidate.id)
    if (run) return { run, isAbandoned: abandoned !== undefined }
  }
}

/**
 * Renews the lease and tells how far the run is.
 *
 * @returns whether the run is still this worker's, and whether somebody wants it to end
 */
export async function renewLease(
  id: string,
  owner: string,
  progress: RunProgress | null,
): Promise<{ isOurs: boolean; isCancelRequested: boolean }> {
  const isOurs = await changesOne({
    sql: `UPDATE runs SET lease_until_ms = ?, progress = coalesce(?, progress)
      WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [Date.now() + LEASE_MS, progress && JSON.stringify(progress), id, owner],
    expectedChanges: 1,
  })
  return { isOurs, isCancelRequested: readRun(id)?.isCancelRequested ?? false }
}

/** Leases that end later than any that is given now: the clock was ahead when they were, or its worker lives. */
export function leasesBeyondReach(): { id: string; leaseUntilMs: number }[] {
  return openDatabase()
    .read<{ id: string; lease_until_ms: number }>(
      `SELECT id, lease_until_ms FROM runs WHERE state = 'running' AND lease_until_ms > ?`,
      [Date.now() + LEASE_MS],
    )
    .map((row) => ({ id: row.id, leaseUntilMs: row.lease_until_ms }))
}

/** Ends a lease that nobody has renewed since it was seen so. */
export async function endLease(id: string, leaseUntilMs: number): Promise<void> {
  await openDatabase().transact([
    {
      sql: `UPDATE runs SET lease_until_ms = 0 WHERE id = ? AND state = 'running' AND lease_until_ms = ?`,
      params: [id, leaseUntilMs],
    },
  ])
}

/** Writes down what has to be put right, before it is done. Nothing is changed where the lease is gone. */
export function journalStatement(id: string, owner: string, journal: JsonObject | null): Statement {
  return {
    sql: `UPDATE runs SET journal = ? WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [journal && JSON.stringify(journal), id, owner],
    expectedChanges: 1,
  }
}

/** The run's good end, for the transaction of what it did. */
export function succeededStatement(id: string, owner: string, outcome: JsonObject, progress: RunProgress): Statement {
  return {
    sql: `UPDATE runs SET state = 'succeeded', outcome = ?, progress = ?, journal = NULL, finished_at_ms = ?,
        lease_owner = NULL, lease_until_ms = NULL
      WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [JSON.stringify(outcome), JSON.stringify(progress), Date.now(), id, owner],
    expectedChanges: 1,
  }
}

/** Ends a run without success, once nothing of it is left to put right. */
export async function endRun(
  id: string,
  owner: string,
  state: 'failed' | 'cancelled',
  error: RunError,
): Promise<boolean> {
  return changesOne({
    sql: `UPDATE runs SET state = ?, error = ?, journal = NULL, finished_at_ms = ?, lease_owner = NULL,
        lease_until_ms = NULL
      WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [state, JSON.stringify(error), Date.now(), id, owner],
    expectedChanges: 1,
  })
}

/** Puts a run back that was only interrupted, once nothing of this try is left; the try is not counted. */
export async function requeueRun(id: string, owner: string): Promise<boolean> {
  return changesOne({
    sql: `UPDATE runs SET state = 'queued', journal = NULL, progress = NULL, lease_owner = NULL, lease_until_ms = NULL,
        attempt = attempt - 1 WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [id, owner],
    expectedChanges: 1,
  })
}

/**
 * Puts a run back that failed, to be tried again later, once nothing of this try is left.
 *
 * @returns whether it was: not when somebody wants it to end
 */
export async function retryLater(
  id: string,
  owner: string,
  { nextTryAtMs, error }: { nextTryAtMs: number; error: RunError },
): Promise<boolean> {
  return changesOne({
    sql: `UPDATE runs SET state = 'queued', journal = NULL, progress = NULL, lease_owner = NULL, lease_until_ms = NULL,
        retries = retries + 1, next_try_at_ms = ?, error = ?
      WHERE id = ? AND lease_owner = ? AND state = 'running' AND cancel_requested = 0`,
    params: [nextTryAtMs, JSON.stringify(error), id, owner],
    expectedChanges: 1,
  })
}

/**
 * Lets the lease end, so that the next worker puts right what the journal says.
 *
 * @param pauseMs how long it leaves it alone
 */
export async function abandonRun(id: string, owner: string, pauseMs: number): Promise<boolean> {
  return changesOne({
    sql: `UPDATE runs SET lease_owner = NULL, lease_until_ms = ? WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [pauseMs === 0 ? 0 : Date.now() + pauseMs, id, owner],
    expectedChanges: 1,
  })
}

async function changesOne(statement: Statement): Promise<boolean> {
  try {
    await openDatabase().transact([statement])
    return true
  } catch (error) {
    if (error instanceof UnexpectedChanges) return false
    throw error
  }
}
