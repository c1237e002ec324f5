import 'server-only'
import { monotonicFactory } from 'ulid'
import type { ErrorCode } from '@/lib/errors'
import type { TableRef } from '@/lib/iceberg/identifiers'
import type { JsonObject } from '@/lib/iceberg/types'
import type { RunState } from '@/lib/contract/jobs'
import { type SqlValue, type Statement, UnexpectedChanges } from './database'
import { openDatabase } from './open-database'
import { type NewTask, TASK_COLUMNS, type Task, type TaskRow, tableParams, taskOfRow, taskParams } from './task-columns'

/**
 * Runs: everything long that somebody asked for, from the moment it was asked. Here they are asked for, read and
 * asked to end; what a worker does with them is in `run-leases`.
 */

export type RunProgress = {
  phase: string
  bytesRead: number
  bytesTotal: number
  rowsRead: number
  filesWritten: number
}
export type RunError = { code: ErrorCode; detail: string; facts: Readonly<Record<string, string | number | null>> }

export type Run = Task & {
  /** A ULID: sorts by time. */
  id: string
  state: RunState
  scheduleId: string | null
  createdAtMs: number
  /** When it was first begun, and when this try was. */
  startedAtMs: number | null
  triedAtMs: number | null
  finishedAtMs: number | null
  /** 1 in its first try, 0 before. */
  attempt: number
  /** Tries that failed and were worth another one. */
  retries: number
  /** A queued one waits until then; null: it does not wait. */
  nextTryAtMs: number | null
  leaseOwner: string | null
  leaseUntilMs: number | null
  isCancelRequested: boolean
  progress: RunProgress | null
  /** What has to be put right when the run does not come to its end; null when nothing has. */
  journal: JsonObject | null
  outcome: JsonObject | null
  /** Why it ended without success; of one that waits for another try, why the last one failed. */
  error: RunError | null
}

export type NewRun = NewTask & { scheduleId?: string | null }

/** In order also within a millisecond, so that runs begin in the order in which they were asked for. */
const runId = monotonicFactory()

export async function queueRun(run: NewRun): Promise<string> {
  const { id, statement } = queueStatement(run)
  await openDatabase().transact([statement])
  return id
}

/** A run as a statement, for the transaction of what asks for it. */
export function queueStatement(run: NewRun): { id: string; statement: Statement } {
  const nowMs = Date.now()
  const id = runId(nowMs)
  const sql = `INSERT INTO runs (id, ${TASK_COLUMNS}, state, schedule_id, created_at_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'queued', ?, ?)`
  const params = [id, ...taskParams(run), run.scheduleId ?? null, nowMs]
  return { id, statement: { sql, params, expectedChanges: 1 } }
}

/** Null where there is no such run. */
export function readRun(id: string): Run | null {
  return selectRuns('WHERE id = ?', [id])[0] ?? null
}

const MOST_RUNS = 500

export type RunFilter = {
  states?: readonly RunState[]
  kind?: string
  table?: TableRef
  /** The id of a run: only older ones. */
  before?: string
}

/** Newest first; at most 500. */
export function listRuns({ limit, ...filter }: RunFilter & { limit: number }): Run[] {
  const { states, kind, table, before } = filter
  const asked: [string, SqlValue[]][] = []
  if (states) asked.push([`state IN (${states.map(() => '?').join(', ')})`, [...states]])
  if (kind !== undefined) asked.push(['kind = ?', [kind]])
  if (table) asked.push(['catalog = ? AND namespace = ? AND table_name = ?', tableParams(table)])
  if (before !== undefined) asked.push(['id < ?', [before]])
  const where = ['true', ...asked.map(([condition]) => condition)].join(' AND ')
  const params = [...asked.flatMap(([, values]) => values), Math.min(limit, MOST_RUNS)]
  return selectRuns(`WHERE ${where} ORDER BY id DESC LIMIT ?`, params)
}

/** Kinds that there are runs of. */
export function kindsOfRuns(): string[] {
  return openDatabase()
    .read<{ kind: string }>('SELECT DISTINCT kind FROM runs')
    .map(({ kind }) => kind)
}

/**
 * A waiting run ends at once; a running one is asked to. Nothing happens to one that has ended.
 *
 * @param alongside written only where something happens
 */
export async function requestCancel(id: string, alongside: readonly Statement[] = []): Promise<void> {
  const error: RunError = { code: 'cancelled', detail: 'The run was cancelled while it waited.', facts: {} }
  const waits = `CASE state WHEN 'queued' THEN`
  const request: Statement = {
    sql: `UPDATE runs SET cancel_requested = 1, error = ${waits} ? ELSE error END, next_try_at_ms = NULL,
        finished_at_ms = ${waits} ? END, state = ${waits} 'cancelled' ELSE state END
      WHERE id = ? AND state IN ('queued', 'running')`,
    params: [JSON.stringify(error), Date.now(), id],
    expectedChanges: 1,
  }
  try {
    await openDatabase().transact([request, ...alongside])
  } catch (problem) {
    if (!(problem instanceof UnexpectedChanges)) throw problem
  }
}

type RunRow = TaskRow & {
  id: string
  state: RunState
  schedule_id: string | null
  created_at_ms: number
  started_at_ms: number | null
  tried_at_ms: number | null
  finished_at_ms: number | null
  attempt: number
  retries: number
  next_try_at_ms: number | null
  lease_owner: string | null
  lease_until_ms: number | null
  cancel_requested: number
  progress: string | null
  journal: string | null
  outcome: string | null
  error: string | null
}

/** Runs by what stands after `FROM runs`. */
export function selectRuns(where: string, params: readonly SqlValue[]): Run[] {
  return openDatabase().read<RunRow>(`SELECT * FROM runs ${where}`, params).map(toRun)
}

/** JSON in a row was written by this file, so its shape is known. */
function toRun(row: RunRow): Run {
  return {
    id: row.id,
    ...taskOfRow(row),
    state: row.state,
    scheduleId: row.schedule_id,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    triedAtMs: row.tried_at_ms,
    finishedAtMs: row.finished_at_ms,
    attempt: row.attempt,
    retries: row.retries,
    nextTryAtMs: row.next_try_at_ms,
    leaseOwner: row.lease_owner,
    leaseUntilMs: row.lease_until_ms,
    isCancelRequested: row.cancel_requested === 1,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    journal: row.journal === null ? null : JSON.parse(row.journal),
    outcome: row.outcome === null ? null : JSON.parse(row.outcome),
    error: row.error === null ? null : JSON.parse(row.error),
  }
}
