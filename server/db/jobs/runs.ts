import 'server-only'
import type { Selectable } from 'kysely'
import { monotonicFactory } from 'ulid'
import type { RunState } from '@/lib/contract/jobs'
import type { RunLane } from '@/lib/contract/loads/load-lanes'
import type { RunProgress } from '@/lib/contract/run-kinds'
import { ENDED_STATES } from '@/lib/contract/shapes/plain-values'
import type { ErrorCode } from '@/lib/errors'
import { joinNamespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Change, Database } from '../database'
import { change, preparedQuery, query } from '../statement'
import type { Tables } from '../tables'
import { tryCommit } from '../try-commit'
import { type NewTask, type Task, taskColumns, toTask } from './task-columns'
import type { JsonObject } from '@/lib/iceberg/json/json'

/**
 * Runs: every long-running task that a user or a schedule starts, from the moment it is queued. This file queues, reads
 * and cancels them; `run-leases` has the operations of workers.
 */

export type RunError = { code: ErrorCode; detail: string; facts: Readonly<Record<string, string | number | null>> }

export type Run = Task & {
  /** A ULID by the database's clock: it sorts by time, whichever machine queued the run. */
  id: string
  state: RunState
  /** Chosen when it is queued; it stays the same. */
  lane: RunLane
  /** How many uploads it waits for: it starts when all of their bytes are here. 0: it waits for none. */
  awaitedUploads: number
  scheduleId: string | null
  createdAtMs: number
  /** When the run was first started, and when this attempt was. */
  startedAtMs: number | null
  attemptStartedAtMs: number | null
  finishedAtMs: number | null
  /** 1 in the first attempt, 0 before. */
  attempt: number
  /** How many attempts failed and were followed by a retry. */
  retries: number
  /** A queued run waits until then; null: it does not wait. */
  nextAttemptAtMs: number | null
  /** It was queued for this time, and does not start before; null: it starts when a worker is free. */
  scheduledForMs: number | null
  leaseOwner: string | null
  leaseUntilMs: number | null
  isCancelRequested: boolean
  progress: RunProgress | null
  /** The work to clean up if the run does not finish, or null. */
  journal: JsonObject | null
  outcome: JsonObject | null
  /** Why it ended without success; while it waits for a retry, why the last attempt failed. */
  error: RunError | null
}

/** @property lane the common one if absent */
export type NewRun = NewTask & {
  lane?: RunLane
  /** Queued with the changes that have it wait (`awaiting-runs`). */
  awaitedUploads?: number
  scheduleId?: string | null
  scheduledForMs?: number | null
}

/** Monotonic within a millisecond too, so that runs start in the order in which this process queued them. */
const newRunId = monotonicFactory()

/** @param alongside further changes, from the id of the run */
export async function queueRun(
  database: Database,
  run: NewRun,
  alongside: (id: string) => readonly Change[] = () => [],
): Promise<string> {
  const queued = queueRunChange(database, run)
  await database.commit([queued.change, ...alongside(queued.id)])
  return queued.id
}

/** Queues a run in the transaction of the change that needs it. */
export function queueRunChange(database: Pick<Database, 'nowMs'>, run: NewRun): { id: string; change: Change } {
  const id = newRunId(database.nowMs())
  return { id, change: newRunChange(id, run) }
}

/** @param id from {@link planRunId}, for callers that record it first */
export function newRunChange(id: string, run: NewRun): Change {
  const row = {
    id,
    ...taskColumns(run),
    state: 'queued',
    lane: run.lane ?? 'common',
    awaited_uploads: run.awaitedUploads ?? 0,
    schedule_id: run.scheduleId ?? null,
    starts_at_ms: run.scheduledForMs ?? null,
  } as const
  return change((d) => d.db.insertInto('runs').values({ ...row, created_at_ms: d.nowMs }), { expectedRows: 1 })
}

/** The id of a run that is queued later. */
export function planRunId(database: Pick<Database, 'nowMs'>): string {
  return newRunId(database.nowMs())
}

const runById = preparedQuery(({ db }, { id }: { id: string }) =>
  db.selectFrom('runs').selectAll().where('id', '=', id),
)

/** Null when the run does not exist. */
export async function readRun(database: Database, id: string): Promise<Run | null> {
  const [row] = await database.read(runById({ id }))
  return row ? toRun(row) : null
}

/** Runs by their ids; ids without a run are omitted. */
export async function readRuns(database: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Run>> {
  if (ids.length === 0) return new Map()
  const rows = await database.read(query(({ db }) => db.selectFrom('runs').selectAll().where('id', 'in', ids)))
  return new Map(rows.map((row) => [row.id, toRun(row)]))
}

const MAX_RUNS = 500

export type RunFilter = {
  states?: readonly RunState[]
  kind?: string
  table?: TableIdentifier
  exclusiveKey?: string
  scheduleId?: string
  /** The id of a run: only older ones. */
  before?: string
}

/** Newest first; at most 500. */
export async function listRuns(
  database: Database,
  { limit, states, kind, table, exclusiveKey, scheduleId, before }: RunFilter & { limit: number },
): Promise<Run[]> {
  if (states?.length === 0) return []
  const rows = await database.read(
    query(({ db }) => {
      let runs = db.selectFrom('runs').selectAll()
      if (states) runs = runs.where('state', 'in', states)
      if (kind !== undefined) runs = runs.where('kind', '=', kind)
      if (table) {
        runs = runs
          .where('catalog', '=', table.catalog)
          .where('namespace', '=', joinNamespace(table.namespace))
          .where('table_name', '=', table.table)
      }
      if (exclusiveKey !== undefined) runs = runs.where('exclusive_key', '=', exclusiveKey)
      if (scheduleId !== undefined) runs = runs.where('schedule_id', '=', scheduleId)
      if (before !== undefined) runs = runs.where('id', '<', before)
      return runs.orderBy('id', 'desc').limit(Math.min(limit, MAX_RUNS))
    }),
  )
  return rows.map(toRun)
}

/**
 * Loads of a table that name an earlier run as the one that they correct, newest first; at most 500.
 *
 * @param options.runId of the corrected run, in which only letters and digits are possible
 */
export async function listCorrectingRuns(
  database: Database,
  { runId, kind, table }: { runId: string; kind: string; table: TableIdentifier },
): Promise<Run[]> {
  const rows = await database.read(
    query(({ db }) =>
      db
        .selectFrom('runs')
        .selectAll()
        .where('id', '>', runId)
        .where('kind', '=', kind)
        .where('catalog', '=', table.catalog)
        .where('namespace', '=', joinNamespace(table.namespace))
        .where('table_name', '=', table.table)
        .where('state', 'in', ['queued', 'running', 'succeeded'])
        // Quotes within a value are escaped in JSON, so no value contains this text.
        .where('spec', 'like', `%"correctsRunId":"${runId}"%`)
        .orderBy('id', 'desc')
        .limit(MAX_RUNS),
    ),
  )
  return rows.map(toRun)
}

/**
 * Ended runs: those with these ids, and all that are newer than a run.
 *
 * @param after the id of a run
 */
export async function listEndedRuns(
  database: Database,
  { ids, after, limit }: { ids: readonly string[]; after: string; limit: number },
): Promise<Run[]> {
  const rows = await database.read(
    query(({ db }) => {
      const ended = db.selectFrom('runs').where('state', 'in', ENDED_STATES)
      const newer = ended.where('id', '>', after).orderBy('id', 'desc').limit(limit)
      if (ids.length === 0) return newer.selectAll()
      // Two separate queries: with one combined condition, the database might read every older run.
      const named = ended.select('id').where('id', 'in', ids)
      return db
        .selectFrom('runs')
        .selectAll()
        .where('id', 'in', ({ selectFrom }) =>
          selectFrom(newer.select('id').as('newer')).select('newer.id').unionAll(named),
        )
        .orderBy('id', 'desc')
        .limit(limit)
    }),
  )
  return rows.map(toRun)
}

/** Seeks from kind to kind, so that not every run is read. */
const RUN_KINDS = query(({ db }) =>
  db
    .withRecursive('kinds(kind)', (cte) =>
      cte
        .selectFrom('runs')
        .select(({ fn }) => fn.min<string | null>('kind').as('kind'))
        .unionAll(
          cte
            .selectFrom('kinds')
            .select(({ selectFrom }) =>
              selectFrom('runs')
                .select(({ fn }) => fn.min<string | null>('runs.kind').as('kind'))
                .whereRef('runs.kind', '>', 'kinds.kind')
                .as('kind'),
            )
            .where('kinds.kind', 'is not', null),
        ),
    )
    .selectFrom('kinds')
    .select('kinds.kind')
    .where('kinds.kind', 'is not', null)
    .$narrowType<{ kind: string }>(),
)

/** The kinds that runs have, in order. */
export async function listRunKinds(database: Database): Promise<string[]> {
  return (await database.read(RUN_KINDS)).map(({ kind }) => kind)
}

/**
 * Cancels a run: a queued run ends at once, a running one ends when its worker reads the request. A run that has ended
 * stays as it is. Uploads that it waits for stay as long as others.
 *
 * @param alongside written only if the run changes
 */
export async function requestCancel(database: Database, id: string, alongside: readonly Change[] = []): Promise<void> {
  const error: RunError = { code: 'cancelled', detail: 'The run was cancelled while it was queued.', facts: {} }
  const request = change(
    ({ db, nowMs }) =>
      db
        .updateTable('runs')
        .set((eb) => {
          // A worker cleans up what a waiting run has left, as after a worker that died.
          const isQueued = eb.and([eb('state', '=', 'queued'), eb('journal', 'is', null)])
          const leavesFiles = eb.and([eb('state', '=', 'queued'), eb('journal', 'is not', null)])
          return {
            cancel_requested: 1,
            error: eb.case().when(isQueued).then(JSON.stringify(error)).else(eb.ref('error')).end(),
            next_attempt_at_ms: null,
            awaited_uploads: 0,
            finished_at_ms: eb.case().when(isQueued).then(nowMs).else(eb.ref('finished_at_ms')).end(),
            lease_until_ms: eb.case().when(leavesFiles).then(0).else(eb.ref('lease_until_ms')).end(),
            state: eb
              .case()
              .when(isQueued)
              .then<RunState>('cancelled')
              .when(leavesFiles)
              .then<RunState>('running')
              .else(eb.ref('state'))
              .end(),
          }
        })
        .where('id', '=', id)
        .where('state', 'in', ['queued', 'running']),
    { expectedRows: 1 },
  )
  const release = change(({ db }) => db.updateTable('uploads').set({ run_id: null }).where('run_id', '=', id))
  await tryCommit(database, [release, request, ...alongside])
}

/** The JSON in a row was written by `server/db`, so its shape is known. */
export function toRun(row: Selectable<Tables['runs']>): Run {
  return {
    id: row.id,
    ...toTask(row),
    state: row.state,
    lane: row.lane,
    awaitedUploads: row.awaited_uploads,
    scheduleId: row.schedule_id,
    createdAtMs: row.created_at_ms,
    startedAtMs: row.started_at_ms,
    attemptStartedAtMs: row.attempt_started_at_ms,
    finishedAtMs: row.finished_at_ms,
    attempt: row.attempt,
    retries: row.retries,
    nextAttemptAtMs: row.next_attempt_at_ms,
    scheduledForMs: row.starts_at_ms,
    leaseOwner: row.lease_owner,
    leaseUntilMs: row.lease_until_ms,
    isCancelRequested: row.cancel_requested === 1,
    progress: row.progress === null ? null : JSON.parse(row.progress),
    journal: row.journal === null ? null : JSON.parse(row.journal),
    outcome: row.outcome === null ? null : JSON.parse(row.outcome),
    error: row.error === null ? null : JSON.parse(row.error),
  }
}
