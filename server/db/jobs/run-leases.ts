import 'server-only'
import type { ExpressionBuilder, UpdateObject } from 'kysely'
import type { Change, Database } from '../database'
import { RUN_LANES, type RunLane } from '@/lib/contract/loads/load-lanes'
import type { RunProgress } from '@/lib/contract/run-kinds'
import { type Run, type RunError, readRun, toRun } from './runs'
import { change, type Dialect, query } from '../statement'
import type { Tables } from '../tables'
import { tryCommit } from '../try-commit'
import type { JsonObject } from '@/lib/iceberg/json/json'

/**
 * Runs that workers are executing. A worker holds a run by a lease that it renews. Every change of a run by its worker
 * names the owner of the lease, so a worker that was considered dead changes nothing when it wakes up. Leases and
 * pauses are measured only by the database's clock, because the clocks of the workers' machines may differ.
 */

/** A worker that has not renewed its lease for this long is considered dead, and its runs go to another worker. */
export const LEASE_MS = 15_000

/** The longest pause before a retry: a longer one was written by a clock that has been set back since. */
export const MAX_RETRY_PAUSE_MS = 15 * 60_000

/** Limits over all workers together. */
export type RunLimits = {
  /** How many runs may be executed at the same time. */
  overall: number
  /** How many runs of one kind and lane may be executed at the same time; other kinds have no limit of their own. */
  byKind: Readonly<Record<string, number>>
}

type Runs = ExpressionBuilder<Tables, 'runs'>

/** Whether a run waits neither for a retry, nor for its time, nor for uploads. */
export function isDue(eb: Runs, { nowMs }: Dialect) {
  return eb.and([
    eb('runs.awaited_uploads', '=', 0),
    eb.or([
      eb('runs.next_attempt_at_ms', 'is', null),
      eb('runs.next_attempt_at_ms', '<=', nowMs),
      eb('runs.next_attempt_at_ms', '>', eb(nowMs, '+', eb.val(MAX_RETRY_PAUSE_MS))),
    ]),
    eb.or([eb('runs.starts_at_ms', 'is', null), eb('runs.starts_at_ms', '<=', nowMs)]),
  ])
}

/** Whether a run may start now. It depends on the other runs, so a change that uses it needs the `runs` guard. */
function canStart(eb: Runs, dialect: Dialect, { overall, byKind }: RunLimits) {
  const running = () => eb.selectFrom('runs as other').where('other.state', '=', 'running')
  const countRunning = () => running().select(({ fn }) => fn.countAll<number>().as('count'))
  // Each count is of the whole table, not of the run, so that the database counts once for all runs that wait.
  const hasPlace = (kind: string, lane: RunLane, limit: number) =>
    eb.or([
      eb('runs.kind', '!=', kind),
      eb('runs.lane', '!=', lane),
      eb(countRunning().where('other.kind', '=', kind).where('other.lane', '=', lane), '<', limit),
    ])
  return eb.and([
    eb('runs.state', '=', 'queued'),
    isDue(eb, dialect),
    eb(countRunning(), '<', overall),
    ...Object.entries(byKind).flatMap(([kind, limit]) => RUN_LANES.map((lane) => hasPlace(kind, lane, limit))),
    eb.not(eb.exists(running().select('other.id').whereRef('other.exclusive_key', '=', eb.ref('runs.exclusive_key')))),
  ])
}

/** Whether the worker of a run is lost. `ownRunIds` belong to this worker, whatever their leases say. */
function isAbandonedRun(eb: Runs, { nowMs }: Dialect, ownRunIds: readonly string[]) {
  return eb.and([
    eb('runs.state', '=', 'running'),
    eb('runs.lease_until_ms', '<', nowMs),
    ...(ownRunIds.length > 0 ? [eb('runs.id', 'not in', ownRunIds)] : []),
  ])
}

export type ClaimedRun = { run: Run; isAbandoned: boolean; isReleased: boolean }

/**
 * Claims a run whose worker is lost, or otherwise the oldest queued run that may start. If several workers try at once,
 * only one of them gets it.
 *
 * @param ownRunIds runs that this worker is executing. After the machine slept, or while the database was locked, their
 * leases have expired although the worker is alive; claimed again, such a run would be settled and executed twice under
 * one lease
 * @returns null without such a run; `isAbandoned` if another worker had started it, and `isReleased` if that worker
 * left it on purpose
 */
export async function claimRun(
  database: Database,
  owner: string,
  limits: RunLimits,
  ownRunIds: Iterable<string> = [],
): Promise<ClaimedRun | null> {
  const ownIds = [...ownRunIds]
  const abandonedCondition = (eb: Runs, dialect: Dialect) => isAbandonedRun(eb, dialect, ownIds)
  const startableCondition = (eb: Runs, dialect: Dialect) => canStart(eb, dialect, limits)
  for (;;) {
    const abandonedRun = await findOldest(database, abandonedCondition)
    const candidate = abandonedRun ?? (await findOldest(database, startableCondition))
    if (!candidate) return null
    // Another worker may have claimed it since, or a run that excludes it may have started: the change checks again.
    const isClaimed = await tryCommit(database, [
      abandonedRun
        ? claimChange(candidate.id, owner, abandonedCondition, { keepsError: true })
        : claimChange(candidate.id, owner, startableCondition),
    ])
    if (!isClaimed) continue
    const run = await readRun(database, candidate.id)
    if (run) return { run, isAbandoned: abandonedRun !== null, isReleased: abandonedRun?.leaseOwner === null }
  }
}

type Condition = (eb: Runs, dialect: Dialect) => ReturnType<Runs['and']>

async function findOldest(database: Database, condition: Condition): Promise<Run | null> {
  const [row] = await database.read(
    query((dialect) =>
      dialect.db
        .selectFrom('runs')
        .selectAll()
        .where((eb) => condition(eb, dialect))
        .orderBy('runs.id')
        .limit(1),
    ),
  )
  return row ? toRun(row) : null
}

/** @param options.keepsError until the attempt knows more than the one before */
function claimChange(id: string, owner: string, condition: Condition, { keepsError = false } = {}): Change {
  return change(
    (dialect) =>
      dialect.db
        .updateTable('runs')
        .set((eb) => ({
          state: 'running',
          lease_owner: owner,
          lease_until_ms: eb(dialect.nowMs, '+', eb.val(LEASE_MS)),
          attempt: eb('attempt', '+', 1),
          started_at_ms: eb.fn.coalesce('started_at_ms', dialect.nowMs),
          attempt_started_at_ms: dialect.nowMs,
          next_attempt_at_ms: null,
          ...(!keepsError && { error: null }),
        }))
        .where('id', '=', id)
        .where((eb) => condition(eb, dialect)),
    { expectedRows: 1, guards: ['runs'] },
  )
}

/**
 * Renews the lease and records the progress of the run.
 *
 * @returns whether the run still belongs to this worker, and whether its cancellation was requested
 */
export async function renewLease(
  database: Database,
  id: string,
  owner: string,
  progress: RunProgress | null,
): Promise<{ isOurs: boolean; isCancelRequested: boolean }> {
  const isOurs = await tryCommit(database, [
    updateHeldRun(id, owner, (eb, { nowMs }) => ({
      lease_until_ms: eb(nowMs, '+', eb.val(LEASE_MS)),
      ...(progress && { progress: JSON.stringify(progress) }),
    })),
  ])
  return { isOurs, isCancelRequested: (await readRun(database, id))?.isCancelRequested ?? false }
}

const OVERLONG_LEASES = query(({ db, nowMs }) =>
  db
    .selectFrom('runs')
    .select(['id', 'lease_until_ms as leaseUntilMs'])
    .where('state', '=', 'running')
    .where('lease_until_ms', '>', (eb) => eb(nowMs, '+', eb.val(LEASE_MS)))
    .$narrowType<{ leaseUntilMs: number }>(),
)

/** Leases that end later than any lease granted now: they were granted before the database's clock was set back. */
export function readOverlongLeases(database: Database): Promise<{ id: string; leaseUntilMs: number }[]> {
  return database.read(OVERLONG_LEASES)
}

/** Ends a lease that was not renewed since it was read. */
export async function endLease(database: Database, id: string, leaseUntilMs: number): Promise<void> {
  await database.commit([
    change(({ db }) =>
      db
        .updateTable('runs')
        .set({ lease_until_ms: 0 })
        .where('id', '=', id)
        .where('state', '=', 'running')
        .where('lease_until_ms', '=', leaseUntilMs),
    ),
  ])
}

/** Records the cleanup of a step before the step begins. The transaction fails if the lease is lost. */
export function journalChange(id: string, owner: string, journal: JsonObject | null): Change {
  return updateHeldRun(id, owner, () => ({ journal: journal && JSON.stringify(journal) }))
}

/** The run's success, for the transaction of its effect. @param progress as the run reported it last, if it did */
export function successChange(id: string, owner: string, outcome: JsonObject, progress: RunProgress | null): Change {
  return updateHeldRun(id, owner, (_eb, { nowMs }) => ({
    ...NO_LEASE,
    state: 'succeeded',
    outcome: JSON.stringify(outcome),
    progress: progress && JSON.stringify(progress),
    error: null,
    journal: null,
    finished_at_ms: nowMs,
  }))
}

/** Ends a run without success, once everything it left is cleaned up. */
export function endRun(
  database: Database,
  id: string,
  owner: string,
  state: 'failed' | 'cancelled',
  error: RunError,
): Promise<boolean> {
  return tryCommit(database, [
    updateHeldRun(id, owner, (_eb, { nowMs }) => ({
      ...NO_LEASE,
      state,
      error: JSON.stringify(error),
      journal: null,
      finished_at_ms: nowMs,
    })),
  ])
}

/**
 * Puts a run that was only interrupted back into the queue, once this attempt is cleaned up. The attempt is not
 * counted.
 */
export function requeueRun(
  database: Database,
  id: string,
  owner: string,
  { keepsJournal = false }: { keepsJournal?: boolean } = {},
): Promise<boolean> {
  return tryCommit(database, [
    updateHeldRun(id, owner, (eb) => ({
      ...NO_LEASE,
      state: 'queued',
      ...(!keepsJournal && { journal: null }),
      progress: null,
      error: null,
      attempt: eb('attempt', '-', 1),
    })),
  ])
}

/**
 * Puts a failed run back into the queue for a retry after a pause, once this attempt is cleaned up.
 *
 * @returns whether it was requeued: false when its cancellation was requested
 */
export function retryLater(
  database: Database,
  id: string,
  owner: string,
  { pauseMs, error, keepsJournal = false }: { pauseMs: number; error: RunError; keepsJournal?: boolean },
): Promise<boolean> {
  return tryCommit(database, [
    updateHeldRun(
      id,
      owner,
      (eb, { nowMs }) => ({
        ...NO_LEASE,
        state: 'queued',
        ...(!keepsJournal && { journal: null }),
        progress: null,
        retries: eb('retries', '+', 1),
        next_attempt_at_ms: eb(nowMs, '+', eb.val(pauseMs)),
        error: JSON.stringify(error),
      }),
      { unlessCancelled: true },
    ),
  ])
}

/**
 * Ends the lease, so that the next worker cleans up what the journal names.
 *
 * @param options.pauseMs how long no worker may claim the run
 * @param options.error what keeps the run from its end
 */
export function abandonRun(
  database: Database,
  id: string,
  owner: string,
  { pauseMs, error }: { pauseMs: number; error: RunError },
): Promise<boolean> {
  return tryCommit(database, [
    updateHeldRun(id, owner, (eb, { nowMs }) => ({
      lease_owner: null,
      lease_until_ms: pauseMs === 0 ? 0 : eb(nowMs, '+', eb.val(pauseMs)),
      error: JSON.stringify(error),
    })),
  ])
}

/**
 * Ends the lease of a run that could not be cleaned up because a service does not answer. After a pause, the next worker
 * does it. The attempt counts as a retry, not as a lost worker: an outage may last longer than any number of attempts.
 */
export function settleLater(database: Database, id: string, owner: string, error: RunError): Promise<boolean> {
  return tryCommit(database, [
    updateHeldRun(id, owner, (eb, { nowMs }) => ({
      lease_owner: null,
      lease_until_ms: eb(nowMs, '+', eb.val(LEASE_MS)),
      retries: eb('retries', '+', 1),
      error: JSON.stringify(error),
    })),
  ])
}

/** Forgets why an earlier attempt had no end, once this attempt knows more. */
export function forgetError(database: Database, id: string, owner: string): Promise<boolean> {
  return tryCommit(database, [updateHeldRun(id, owner, () => ({ error: null }))])
}

const NO_LEASE = { lease_owner: null, lease_until_ms: null } as const

/** A change of a run that its worker still holds: the transaction is rolled back when another worker has the lease. */
function updateHeldRun(
  id: string,
  owner: string,
  values: (eb: Runs, dialect: Dialect) => UpdateObject<Tables, 'runs', 'runs'>,
  { unlessCancelled = false }: { unlessCancelled?: boolean } = {},
): Change {
  return change(
    (dialect) =>
      dialect.db
        .updateTable('runs')
        .set((eb) => values(eb, dialect))
        .where('id', '=', id)
        .where('lease_owner', '=', owner)
        .where('state', '=', 'running')
        .$if(unlessCancelled, (update) => update.where('cancel_requested', '=', 0)),
    { expectedRows: 1 },
  )
}
