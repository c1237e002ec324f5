import 'server-only'
import { monotonicFactory } from 'ulid'
import type { ErrorCode } from '@/lib/errors'
import { joinNamespace, splitNamespace, type TableRef } from '@/lib/iceberg/identifiers'
import type { JsonObject } from '@/lib/iceberg/types'
import type { Role } from '@/lib/permissions'
import { type SqlValue, type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'

/**
 * Runs: everything long that somebody asked for, from the moment it was asked. A worker holds a running one by a
 * lease that it renews; every change of a run by its worker says whose lease it believes in, so that a worker that
 * was thought dead changes nothing when it wakes.
 */

export const RUN_STATES = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const
export type RunState = (typeof RUN_STATES)[number]

export type RunProgress = {
  phase: string
  bytesRead: number
  bytesTotal: number
  rowsRead: number
  filesWritten: number
}
export type RunError = { code: ErrorCode; detail: string; facts: Readonly<Record<string, string | number | null>> }

export type Run = {
  /** A ULID: sorts by time. */
  id: string
  kind: string
  state: RunState
  spec: JsonObject
  actor: RunActor
  table: TableRef
  createdAtMs: number
  startedAtMs: number | null
  finishedAtMs: number | null
  /** 1 in its first try, 0 before. */
  attempt: number
  leaseOwner: string | null
  leaseUntilMs: number | null
  isCancelRequested: boolean
  progress: RunProgress | null
  /** What has to be put right when the run does not come to its end; null when nothing has. */
  journal: JsonObject | null
  outcome: JsonObject | null
  error: RunError | null
}
export type RunActor = { userId: string; username: string; role: Role }

/** In order also within a millisecond, so that runs begin in the order in which they were asked for. */
const runId = monotonicFactory()

/** A worker that has not been seen for so long is taken for dead, and its runs are somebody else's. */
export const LEASE_MS = 15_000

export async function queueRun(run: {
  kind: string
  spec: JsonObject
  actor: RunActor
  table: TableRef
}): Promise<string> {
  const nowMs = Date.now()
  const id = runId(nowMs)
  const { catalog, namespace, table } = run.table
  await openDatabase().transact([
    {
      sql: `INSERT INTO runs (id, kind, state, spec, actor, catalog, namespace, table_name, created_at_ms)
        VALUES (?, ?, 'queued', ?, ?, ?, ?, ?, ?)`,
      params: [
        id,
        run.kind,
        JSON.stringify(run.spec),
        JSON.stringify(run.actor),
        catalog,
        joinNamespace(namespace),
        table,
        nowMs,
      ],
      expectedChanges: 1,
    },
  ])
  return id
}

/** Null where there is no such run. */
export function readRun(id: string): Run | null {
  return select('WHERE id = ?', [id])[0] ?? null
}

const MOST_RUNS = 500

/** Newest first; at most 500. */
export function listRuns({ table, limit }: { table?: TableRef; limit: number }): Run[] {
  const of = table ? 'WHERE catalog = ? AND namespace = ? AND table_name = ?' : ''
  const params = table ? [table.catalog, joinNamespace(table.namespace), table.table] : []
  return select(`${of} ORDER BY id DESC LIMIT ?`, [...params, Math.min(limit, MOST_RUNS)])
}

/**
 * Takes the oldest run that waits, or one whose worker is gone: of several workers that ask at once, one gets it.
 *
 * @returns null when there is none; `isAbandoned` when another worker had begun it
 */
export async function claimRun(owner: string): Promise<{ run: Run; isAbandoned: boolean } | null> {
  for (;;) {
    const nowMs = Date.now()
    const [candidate] = select(
      `WHERE state = 'queued' OR (state = 'running' AND lease_until_ms < ?) ORDER BY state = 'queued', id LIMIT 1`,
      [nowMs],
    )
    if (!candidate) return null
    const isAbandoned = candidate.state === 'running'
    const isAsSeen = isAbandoned ? `state = 'running' AND lease_until_ms < ?4` : `state = 'queued' AND ?4 > 0`
    const isOurs = await changesOne({
      sql: `UPDATE runs SET state = 'running', lease_owner = ?1, lease_until_ms = ?2, attempt = attempt + 1,
          started_at_ms = coalesce(started_at_ms, ?4) WHERE id = ?3 AND ${isAsSeen}`,
      params: [owner, nowMs + LEASE_MS, candidate.id, nowMs],
      expectedChanges: 1,
    })
    if (!isOurs) continue
    const run = readRun(candidate.id)
    if (run) return { run, isAbandoned }
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

/** Puts a run back, once nothing of this try is left; a try that was only interrupted is not counted. */
export async function requeueRun(id: string, owner: string, { isCounted }: { isCounted: boolean }): Promise<boolean> {
  return changesOne({
    sql: `UPDATE runs SET state = 'queued', journal = NULL, progress = NULL, lease_owner = NULL, lease_until_ms = NULL,
        attempt = attempt - ? WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [isCounted ? 0 : 1, id, owner],
    expectedChanges: 1,
  })
}

/** Lets the lease end now, so that the next worker puts right what the journal says. */
export async function abandonRun(id: string, owner: string): Promise<boolean> {
  return changesOne({
    sql: `UPDATE runs SET lease_owner = NULL, lease_until_ms = 0 WHERE id = ? AND lease_owner = ? AND state = 'running'`,
    params: [id, owner],
    expectedChanges: 1,
  })
}

/** A waiting run ends at once; a running one is asked to. Nothing happens to one that has ended. */
export async function requestCancel(id: string): Promise<void> {
  const error: RunError = { code: 'cancelled', detail: 'The run was cancelled before it began.', facts: {} }
  await openDatabase().transact([
    {
      sql: `UPDATE runs SET state = 'cancelled', error = ?, finished_at_ms = ? WHERE id = ? AND state = 'queued'`,
      params: [JSON.stringify(error), Date.now(), id],
    },
    { sql: `UPDATE runs SET cancel_requested = 1 WHERE id = ? AND state = 'running'`, params: [id] },
  ])
}

/** Says that a worker is alive. */
export async function seeWorker(owner: string): Promise<void> {
  const nowMs = Date.now()
  await openDatabase().transact([
    {
      sql: 'INSERT INTO workers (id, seen_at_ms) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET seen_at_ms = ?2',
      params: [owner, nowMs],
    },
    { sql: 'DELETE FROM workers WHERE seen_at_ms < ?', params: [nowMs - LEASE_MS * 100] },
  ])
}

export async function forgetWorker(owner: string): Promise<void> {
  await openDatabase().transact([{ sql: 'DELETE FROM workers WHERE id = ?', params: [owner] }])
}

export function isWorkerAlive(): boolean {
  return openDatabase().read('SELECT 1 AS alive FROM workers WHERE seen_at_ms > ?', [Date.now() - LEASE_MS]).length > 0
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

type RunRow = {
  id: string
  kind: string
  state: RunState
  spec: string
  actor: string
  catalog: string
  namespace: string
  table_name: string
  created_at_ms: number
  started_at_ms: number | null
  finished_at_ms: number | null
  attempt: number
  lease_owner: string | null
  lease_until_ms: number | null
  cancel_requested: number
  progress: string | null
  journal: string | null
  outcome: string | null
  error: string | null
}

function select(where: string, params: readonly SqlValue[]): Run[] {
  return openDatabase().read<RunRow>(`SELECT * FROM runs ${where}`, params).map(toRun)
}

/** JSON in a row was written by this file, so its shape is known. */
function toRun(row: RunRow): Run {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    spec: JSON.parse(row.spec),
    actor: JSON.parse(row.actor),
    table: { catalog: row.catalog, namespace: splitNamespace(row.namespace), table: row.table_name },
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
    attempt: row.attempt,
    leaseOwner: row.lease_owner,
    leaseUntilMs: row.lease_until_ms,
    isCancelRequested: row.cancel_requested === 1,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    journal: row.journal === null ? null : JSON.parse(row.journal),
    outcome: row.outcome === null ? null : JSON.parse(row.outcome),
    error: row.error === null ? null : JSON.parse(row.error),
  }
}
